"""The suite: SQLite by default, PostgreSQL with TEST_DATABASE=postgres."""

import os

from config.settings.base import *

DEMO = False
SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Two checkouts or two runs side by side must not share a database.
_RUN = os.environ.get("TEST_RUN_ID", str(os.getpid()))
if os.environ.get("TEST_DATABASE") == "postgres":
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ.get("POSTGRES_DB", "test"),
            "USER": os.environ.get("POSTGRES_USER", "root"),
            "PASSWORD": os.environ.get("POSTGRES_PASSWORD", ""),
            "HOST": os.environ.get("POSTGRES_HOST", "127.0.0.1"),
            "PORT": os.environ.get("POSTGRES_PORT", "5432"),
            # A test database need not survive the machine; commits that wait for the disk take minutes.
            "OPTIONS": POSTGRES_OPTIONS
            | {"options": f"{POSTGRES_OPTIONS['options']} -c synchronous_commit=off"},
            "TEST": {"NAME": f"liangzhun_test_{_RUN}"},
        }
    }
else:
    VAR_DIR.mkdir(exist_ok=True)
    DATABASES = {
        "default": {
            **SQLITE,
            "NAME": str(VAR_DIR / "test-unused.sqlite3"),
            "TEST": {"NAME": str(VAR_DIR / f"test-{_RUN}.sqlite3")},
        }
    }
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MEDIA_ROOT = VAR_DIR / "test-media"
# Threads of their own would not see the test's open transaction.
JOB_HEARTBEAT_SECONDS = 0
LOGGING = {**LOGGING, "root": {"handlers": ["console"], "level": "WARNING"}}
AXES_ENABLED = False
# Hashed names need a build, which a fresh checkout has not; browser tests make one of their own.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MAINTENANCE_FILE = VAR_DIR / f"test-maintenance-{_RUN}"
STATIC_ROOT = VAR_DIR / "test-static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
