"""What tests ask of the machine."""

import os
import shutil
import socket
from pathlib import Path

import pytest

_PORTS = {"postgres": ("POSTGRES_PORT", 5432), "redis": ("REDIS_PORT", 6379)}
_MUST = {
    "postgres": "REQUIRE_SERVICES",
    "redis": "REQUIRE_SERVICES",
    "docker-compose": "REQUIRE_SERVICES",
    "chromium": "REQUIRE_BROWSER",
}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def require(service: str) -> str:
    """Skip the test when a service is missing; fail instead where REQUIRE_… says that it must be there.

    Args:
        service: ``postgres`` or ``redis`` (answering on this machine), ``chromium``, or the name of any
            other program.

    Returns:
        ``host:port`` of the service, or the path of the program.
    """
    found = _server(service) if service in _PORTS else _program(service)
    if found:
        return found
    reason = f"{service} is not reachable on this machine"
    if os.environ.get(_MUST.get(service, "")) == "1":
        pytest.fail(f"{_MUST[service]}=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def _server(service: str) -> str:
    variable, default = _PORTS[service]
    host = os.environ.get(f"{service.upper()}_HOST", "127.0.0.1")
    port = int(os.environ.get(variable) or default)
    try:
        with socket.create_connection((host, port), timeout=2):
            return f"{host}:{port}"
    except OSError:
        return ""


def _program(name: str) -> str:
    if name != "chromium":
        return shutil.which(name) or ""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return named if Path(named).is_file() else ""
    return next((path for choice in _BROWSERS if (path := shutil.which(choice))), "")
