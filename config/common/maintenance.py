"""Maintenance: while a file is there, every page answers 503 and says until when and why.

The file is looked for at every request (one ``stat``, no database, no cache), so that it works while the
database is away and reaches every process of a machine at once. ``manage.py maintenance`` writes it.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from config.common.middleware import problem

RETRY_AFTER_SECONDS = 300
# What machines that watch us ask, and what the page itself is made of.
OPEN_PATHS = ("/health/", settings.STATIC_URL)


@dataclass(frozen=True)
class Maintenance:
    """What the page says: until when, and why; both as they were typed."""

    until: str = ""
    reason: str = ""


def switch_on(*, until: str = "", reason: str = "") -> None:
    """Every page answers 503 from now on; said again, the new words count."""
    path = Path(settings.MAINTENANCE_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.new")
    words = asdict(Maintenance(until, reason))
    half.write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    half.replace(path)


def switch_off() -> bool:
    """Pages are back. False if they were never away."""
    path = Path(settings.MAINTENANCE_FILE)
    was_on = path.exists()
    path.unlink(missing_ok=True)
    return was_on


def is_on() -> bool:
    """Whether the file is there."""
    try:
        Path(settings.MAINTENANCE_FILE).stat()
    except OSError:
        return False
    return True


def current() -> Maintenance | None:
    """What is being said now; None in ordinary times.

    An empty file, as ``touch`` makes it, or one that is no JSON means maintenance without words.
    """
    if not is_on():
        return None
    try:
        found = json.loads(Path(settings.MAINTENANCE_FILE).read_text(encoding="utf-8"))
        return Maintenance(str(found.get("until", "")), str(found.get("reason", "")))
    except (OSError, ValueError, AttributeError):
        return Maintenance()


class MaintenanceMiddleware:
    """Answers instead of every page, for administrators too, before session and database are asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_on() or request.path.startswith(OPEN_PATHS):
            return self.get_response(request)
        said = current() or Maintenance()
        response = _api_answer(said) if request.path.startswith("/api/") else _page(request, said)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        response["Cache-Control"] = "no-store"
        return response


def _api_answer(said: Maintenance) -> HttpResponse:
    detail = _("The system is being maintained; nothing was changed. Try again later.")
    return problem(503, "maintenance", detail, asdict(said))


def _page(request: HttpRequest, said: Maintenance) -> HttpResponse:
    # Without the request: context processors would ask the database.
    again = request.get_full_path() if request.method == "GET" else "/"
    context = {"said": said, "again": again, "request_id": getattr(request, "request_id", "")}
    return HttpResponse(render_to_string("errors/maintenance.html", context), status=503)
