"""Reads settings from the environment and explains what is missing."""

import os

from django.core.exceptions import ImproperlyConfigured


def required(name: str) -> str:
    """The value of a variable without which production must not start."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(
            f"The environment variable {name} is missing. Put it into .env "
            f"(see .env.example, which describes every variable) and start again."
        )
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """True or False; anything else is refused, so that a typing error cannot switch something on."""
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    if value not in {"True", "False"}:
        raise ImproperlyConfigured(f"{name} must be True or False, got {value!r}.")
    return value == "True"


def number(name: str, default: int) -> int:
    """A whole number."""
    value = os.environ.get(name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, got {value!r}.")
    return int(value)


def words(name: str) -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def redis(name: str) -> str:
    """The address of a Redis database."""
    value = required(name)
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(
            f"{name} must be an address like redis://:password@host:6379/0."  # not shown: a secret
        )
    return value
