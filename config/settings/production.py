"""Production: PostgreSQL, Redis, HTTPS. Refuses to start when something is missing or unsafe."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.settings import env
from config.settings.base import *

DEMO = False
DEBUG = env.flag("DEBUG")
if DEBUG:
    raise ImproperlyConfigured(
        "DEBUG must not be True in production: it shows secrets to everyone."
    )

SECRET_KEY = env.required("SECRET_KEY")
if len(SECRET_KEY) < 40 or SECRET_KEY.startswith("change"):
    raise ImproperlyConfigured(
        "SECRET_KEY must be a random text of at least 40 characters. Make one with: "
        "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must list the names of this site, without '*'.")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
for _origin in CSRF_TRUSTED_ORIGINS:
    if not _origin.startswith("https://") or "*" in _origin:
        raise ImproperlyConfigured(
            f"CSRF_TRUSTED_ORIGINS must list addresses like https://crm.example.org, got {_origin!r}."
        )

if os.environ.get("SQLITE_PATH"):
    raise ImproperlyConfigured(
        "SQLITE_PATH is set, but production needs PostgreSQL; SQLite is for the demo."
    )
# docker-compose.yml gives the web server 15 s; a night and an import need more.
_statement_timeout = env.number("STATEMENT_TIMEOUT_SECONDS", 600)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": env.required("POSTGRES_DB"),
        "USER": env.required("POSTGRES_USER"),
        "PASSWORD": env.required("POSTGRES_PASSWORD"),
        "HOST": env.required("POSTGRES_HOST"),
        "PORT": env.number("POSTGRES_PORT", 5432),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **POSTGRES_OPTIONS,
            "options": f"{POSTGRES_OPTIONS['options']} -c statement_timeout={_statement_timeout}s",
        },
    }
}
REDIS_URL = env.redis("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        # Never the broker's database: cache.clear() is FLUSHDB.
        "LOCATION": env.redis("CACHE_URL"),
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
if CACHES["default"]["LOCATION"] == REDIS_URL:
    raise ImproperlyConfigured("CACHE_URL and REDIS_URL must be different Redis databases.")

MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT") or VAR_DIR / "media")
MAINTENANCE_FILE = Path(os.environ.get("MAINTENANCE_FILE") or VAR_DIR / "maintenance")
# A killed worker costs at most lease + sweep: under a minute. PostgreSQL lets the heart beat beside any
# transaction; SQLite does not, which is why the base settings wait longer.
JOB_LEASE_SECONDS = 40
JOB_SWEEP_SECONDS = 15
PASSWORD_MAX_AGE_DAYS = env.number("PASSWORD_MAX_AGE_DAYS", 0)
AXES_IPWARE_PROXY_COUNT = env.number("PROXY_COUNT", 1)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
