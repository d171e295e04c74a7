"""One machine, SQLite, no broker: what `make demo` runs. Not for real data."""

import os
import secrets
from typing import Any

from config.settings.base import *

DEMO = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]


def _own_secret() -> str:
    """A secret of this machine, made at the first start, so that no two demos share one."""
    path = VAR_DIR / "demo-secret"
    if not path.exists():
        VAR_DIR.mkdir(exist_ok=True)
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text()


SECRET_KEY = os.environ.get("SECRET_KEY") or _own_secret()
DATABASES: dict[str, dict[str, Any]] = {
    "default": {**SQLITE, "NAME": os.environ.get("SQLITE_PATH") or str(VAR_DIR / "demo.sqlite3")}
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(VAR_DIR / "cache"),
    }
}
if os.environ.get("POSTGRES_DB"):  # the same demo on a real engine, for comparison
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["POSTGRES_DB"],
            "USER": os.environ.get("POSTGRES_USER", "root"),
            "PASSWORD": os.environ.get("POSTGRES_PASSWORD", ""),
            "HOST": os.environ.get("POSTGRES_HOST", "127.0.0.1"),
            "PORT": os.environ.get("POSTGRES_PORT", "5432"),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": POSTGRES_OPTIONS,
        }
    }
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "")
