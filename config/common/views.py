"""Pages that belong to no app: health and errors."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from config.common import jobs, maintenance
from config.common.middleware import problem


def public(view: Any) -> Any:
    """Mark a view that needs no log-in."""
    view.public = True
    return view


@public
@require_GET
@never_cache
def health_live(request: HttpRequest) -> JsonResponse:
    """The process answers. Says nothing about what it depends on."""
    return JsonResponse({"status": "ok", "version": settings.VERSION})


@public
@require_GET
@never_cache
def health_ready(request: HttpRequest) -> JsonResponse:
    """Can it work? 503 when the database cannot be used; "degraded" when jobs would wait.

    "maintenance" while it is maintained on purpose; then nothing else is looked at.
    """
    if maintenance.is_on():
        # Not 503: a proxy would then answer by itself, and nobody would read until when and why.
        return JsonResponse({"status": "maintenance", "checks": {}})
    checks: dict[str, str] = {}
    try:
        pending = MigrationExecutor(connection)
        behind = pending.migration_plan(pending.loader.graph.leaf_nodes())
        checks["database"] = "ok" if not behind else "migrations missing"
    except DatabaseError:
        checks["database"] = "unreachable"
    if checks["database"] == "ok":
        checks["worker"] = _worker_state()
    checks["cache"] = _cache_state()
    failed = checks["database"] != "ok"
    degraded = any(value != "ok" for value in checks.values())
    word = "failed" if failed else "degraded" if degraded else "ok"
    return JsonResponse({"status": word, "checks": checks}, status=503 if failed else 200)


def _worker_state() -> str:
    seen_at = jobs.last_beat()
    now = timezone.now()
    if seen_at is not None and now - seen_at < dt.timedelta(minutes=3):
        return "ok"
    waiting = jobs.due(now).filter(created_at__lt=now - dt.timedelta(minutes=5)).exists()
    return "jobs wait and no worker is alive" if waiting else "no worker seen"


def _cache_state() -> str:
    try:
        cache.set("health", "1", 10)
        return "ok" if cache.get("health") == "1" else "lost"
    except Exception:  # noqa: BLE001 - any client library may raise its own errors here
        return "unreachable"


def _api_error(status: int) -> HttpResponse:
    words = {400: "bad_request", 403: "forbidden", 404: "not_found", 413: "too_large"}
    detail = _("This did not work. The request number helps us to find out why.")
    return problem(status, words.get(status, "server_error"), detail)


def _error(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _api_error(status)
    number = getattr(request, "request_id", "")
    return render(request, f"errors/{status}.html", {"request_id": number}, status=status)


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    too_large = getattr(request, "upload_refused", False) or isinstance(
        exception, RequestDataTooBig
    )
    status = 413 if too_large else 400
    return _error(request, status)


@public
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 403)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 404)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _api_error(500)
    # Without the request: the context processors may be what has just failed.
    context = {"request_id": getattr(request, "request_id", "")}
    return HttpResponse(render_to_string("errors/500.html", context), status=500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _error(request, 403)
