"""A form that was sent and taken takes its draft along; whose table that is, an app says."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

FIELD = "_draft"
COOKIE = "lz-draft-sent"
HEADER = "X-Draft-Sent"

_forget: Callable[[Any, str], None] | None = None


def on_sent(forget: Callable[[Any, str], None]) -> None:
    """Say who forgets a person's draft. Called from ``AppConfig.ready``."""
    global _forget
    _forget = forget


class DraftMiddleware:
    """Forgets the draft of a form (hidden field ``_draft``) once its page has taken what was sent.

    Taken is any answer below 400: a form that comes back with its errors is a 422. The page hears of it
    by a header, and the page after a redirect by a short-lived cookie, so that the copy in the
    browser's tab goes too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code >= 400:
            return response
        if request.path.startswith("/api/") or not request.user.is_authenticated:
            return response
        key = request.POST.get(FIELD, "")
        if key and _forget is not None:
            _forget(request.user, key)
            self._tell(response, quote(key[:200], safe=""))
        return response

    def _tell(self, response: HttpResponseBase, key: str) -> None:
        response[HEADER] = key
        if response.status_code in (302, 303):
            response.set_cookie(
                COOKIE, key, max_age=60, samesite="Lax", secure=settings.CSRF_COOKIE_SECURE
            )
