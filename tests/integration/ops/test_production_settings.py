"""F-65: production refuses to start, with a line that helps, rather than fall back to something unsafe."""

import importlib
import os
import secrets
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).parents[3]
GOOD = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "crm.example.org, www.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://crm.example.org",
    "POSTGRES_DB": "liangzhun",
    "POSTGRES_USER": "liangzhun",
    "POSTGRES_PASSWORD": "not-a-secret",
    "POSTGRES_HOST": "127.0.0.1",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "CACHE_URL": "redis://127.0.0.1:6379/1",
}
OTHERS = (
    "DEBUG",
    "SQLITE_PATH",
    "POSTGRES_PORT",
    "PROXY_COUNT",
    "HSTS_SECONDS",
    "SECURE_SSL_REDIRECT",
    "STATEMENT_TIMEOUT_SECONDS",
    "MEDIA_ROOT",
    "MAINTENANCE_FILE",
)


def load(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> ModuleType:
    for name in (*GOOD, *OTHERS):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**GOOD, **changes}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "config.settings.production", raising=False)
    return importlib.import_module("config.settings.production")


def test_with_every_variable_right_production_starts_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)

    assert settings.DEBUG is False
    assert settings.DEMO is False
    assert settings.FAULTS == {}
    assert settings.ALLOWED_HOSTS == ["crm.example.org", "www.example.org"]
    assert settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert settings.SESSION_COOKIE_SECURE
    assert settings.CSRF_COOKIE_SECURE
    assert settings.SESSION_COOKIE_NAME.startswith("__Host-")
    assert settings.SECURE_SSL_REDIRECT
    assert settings.SECURE_HSTS_SECONDS == 31536000
    assert not getattr(settings, "FAULTS_FROM_ENV", False)
    assert settings.JOB_LEASE_SECONDS + settings.JOB_SWEEP_SECONDS <= 60


@pytest.mark.parametrize("name", [name for name in GOOD if name != "CSRF_TRUSTED_ORIGINS"])
@pytest.mark.parametrize("value", [None, "", "   "], ids=["unset", "empty", "blank"])
def test_a_missing_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        load(monkeypatch, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "True"),
        ("DEBUG", "true"),
        ("DEBUG", "1"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "change-me-" + "x" * 50),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "crm.example.org,*"),
        ("CSRF_TRUSTED_ORIGINS", "crm.example.org"),
        ("CSRF_TRUSTED_ORIGINS", "http://crm.example.org"),
        ("CSRF_TRUSTED_ORIGINS", "https://*.example.org"),
        ("SQLITE_PATH", "/tmp/x.sqlite3"),
        ("POSTGRES_PORT", "five"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("CACHE_URL", "locmem://"),
        ("CACHE_URL", GOOD["REDIS_URL"]),
        ("PROXY_COUNT", "-1"),
        ("HSTS_SECONDS", "a year"),
        ("SECURE_SSL_REDIRECT", "no"),
        ("STATEMENT_TIMEOUT_SECONDS", "15s"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        load(monkeypatch, **{name: value})


def test_a_message_never_shows_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        load(monkeypatch, REDIS_URL="amqp://user:s3cret@host/0")

    assert "s3cret" not in str(caught.value)


def test_statements_of_the_database_end_after_the_time_that_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = load(monkeypatch, STATEMENT_TIMEOUT_SECONDS="15")

    options = settings.DATABASES["default"]["OPTIONS"]["options"]
    assert "-c statement_timeout=15s" in options
    assert "-c lock_timeout=3s" in options


@pytest.mark.slow
def test_the_deployment_check_of_django_finds_nothing_to_warn_of() -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**kept, **GOOD, "DJANGO_SETTINGS_MODULE": "config.settings.production"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
