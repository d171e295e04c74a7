"""Child processes of tests/faults only: own servers, armed fault points, short leases."""

import datetime
import os
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *

if os.environ.get("LIANGZHUN_FAULT_TESTS") != "1":
    raise ImproperlyConfigured("config.settings.faults is for tests/faults; it kills processes.")

DEMO = False
SECRET_KEY = "only-for-fault-tests"
ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
FAULTS_FROM_ENV = True

DATABASES: dict[str, dict[str, object]]
if os.environ.get("FAULTS_SQLITE"):
    DATABASES = {"default": {**SQLITE, "NAME": os.environ["FAULTS_SQLITE"]}}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ.get("FAULTS_DATABASE", ""),
            "USER": "liangzhun",
            "HOST": "127.0.0.1",
            "PORT": os.environ.get("FAULTS_POSTGRES_PORT", ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": POSTGRES_OPTIONS,
        }
    }
CELERY_BROKER_URL = os.environ.get("FAULTS_REDIS_URL", "")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MEDIA_ROOT = Path(tempfile.gettempdir()) / "liangzhun-fault-media"
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
}

# The waits are shorter than in production, their order is the same: a heart beats several times
# per lease, and a message is redelivered later than a lease ends.
JOB_LEASE_SECONDS = 4
JOB_HEARTBEAT_SECONDS = 0 if os.environ.get("FAULTS_NO_HEART") == "1" else 1
JOB_SWEEP_SECONDS = 1
BROKER_REST_SECONDS = 1
# The clock must not start a night of its own while a test runs.
NIGHT_HOUR = (datetime.datetime.now(datetime.UTC).hour + 20) % 24
_VISIBILITY = 30
CELERY_VISIBILITY_TIMEOUT = _VISIBILITY
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **CELERY_BROKER_TRANSPORT_OPTIONS,
    "visibility_timeout": _VISIBILITY,
}
CELERY_TASK_SOFT_TIME_LIMIT = 20
CELERY_TASK_TIME_LIMIT = 25
LOGGING = {**LOGGING, "root": {"handlers": ["console"], "level": "INFO"}}
