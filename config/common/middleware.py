"""What happens to every request, whatever it asks for."""

import re
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from config.common.errors import DomainError
from config.common.logs import request_id

BIGGEST_KEY = 2**63 - 1
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestIdMiddleware:
    """Numbers requests, so that an error page and a log line can be matched."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-Id", "")
        number = given if re.fullmatch(r"[A-Za-z0-9-]{8,40}", given) else uuid.uuid4().hex[:12]
        request.request_id = number  # type: ignore[attr-defined]
        token = request_id.set(number)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-Id"] = number
        return response


class HostileInputMiddleware:
    """Refuses what no honest client sends and what databases choke on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        raw = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path or "%00" in raw or "\x00" in raw or len(raw) > 8000:
            return problem(
                400, "invalid_characters", _("The address holds characters that are not allowed.")
            )
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> None:
        """A key that no row can have is not found; SQLite would raise instead."""
        if any(isinstance(key, int) and key > BIGGEST_KEY for key in kwargs.values()):
            raise Http404


class CookieLocaleMiddleware:
    """Chinese unless the person has switched: a browser's own language decides nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class LoginRequiredMiddleware:
    """Default deny: a page is for people who are logged in unless its view says otherwise.

    API paths answer for themselves (401 with a body, never a redirect). Answers to people who are
    logged in are not stored by caches.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            add_never_cache_headers(response)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if getattr(view, "public", False) or getattr(view, "login_required", True) is False:
            return None  # first, so that these pages ask no database who it is
        if request.path.startswith("/api/") or request.user.is_authenticated:
            return None
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=401)
            response["HX-Redirect"] = _login_url(request)
            return response
        return redirect(_login_url(request))


def _login_url(request: HttpRequest) -> str:
    """The log-in page, which leads back to the page a person was on: also from a form, or a fragment."""
    back = request.get_full_path()
    if request.method != "GET" or request.headers.get("HX-Request"):
        back = _own_path(request, request.headers.get("Referer", "")) or "/"
    return f"/login/?{urlencode({'next': back})}"


def _own_path(request: HttpRequest, address: str) -> str:
    parts = urlsplit(address)
    own = parts.netloc == request.get_host() and parts.path.startswith("/")
    return urlunsplit(("", "", parts.path, parts.query, "")) if own else ""


class DomainErrorMiddleware:
    """Turns an expected failure into a page (or, for the API, problem+json) that helps."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if not isinstance(error, DomainError):
            return None
        if request.path.startswith("/api/"):
            return problem(error.status, error.code, error.message, error.extra)
        return render(
            request,
            "errors/domain.html",
            {
                "error": error,
                "was_faster": error.code in LOST_RACES,
                "back_url": _back(request),
                "request_id": getattr(request, "request_id", ""),
            },
            status=error.status,
        )


# Conflicts in which somebody else did something meanwhile; others are about the state of the thing.
LOST_RACES = frozenset({"changed", "recomputed", "publishing", "draft_open"})


def _back(request: HttpRequest) -> str:
    """The page of ours that the person came from, to go back to."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host() or not came_from.path.startswith("/"):
        return ""
    return came_from._replace(scheme="", netloc="", fragment="").geturl()


def problem(
    status: int, code: str, detail: str, extra: dict[str, Any] | None = None
) -> JsonResponse:
    """An RFC 9457 problem document; clients switch on ``code``."""
    return JsonResponse(
        {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "code": code,
            "detail": detail,
            "extra": extra or {},
            "request_id": request_id.get(),
        },
        status=status,
        content_type="application/problem+json",
    )
