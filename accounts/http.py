"""Who may open a page at all (403); which rows they see is asked of the selectors (404)."""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from config.common.middleware import problem

View = Callable[..., HttpResponseBase]


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in; ``LoginRequiredMiddleware`` has seen to that."""

    user: Any


def requires(permission: str) -> Callable[[View], View]:
    """Let only those in who have this permission, a value of ``Permission``."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if permission not in request.user.permissions:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return checked

    return decorate


class OwnPasswordMiddleware:
    """Leads whoever has a one-time password, or one that is too old, to choosing their own first."""

    OPEN = frozenset({"password_change", "logout", "set_language"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Let pass what needs no log-in, and the page where the password is changed."""
        match = request.resolver_match
        if getattr(view, "public", False) or (match is not None and match.url_name in self.OPEN):
            return None
        if not request.user.is_authenticated or not needs_own_password(request.user):
            return None
        if request.path.startswith("/api/"):
            return problem(
                403, "password_change_required", _("Choose a password of your own first.")
            )
        address = reverse("password_change")
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=204)
            response["HX-Redirect"] = address
            return response
        if request.method == "GET" and request.path != "/":
            address += f"?{urlencode({'next': request.get_full_path()})}"
        return redirect(address)


def needs_own_password(user: Any) -> bool:
    """True for a one-time password, and for one that is older than ``PASSWORD_MAX_AGE_DAYS`` (0: never)."""
    if user.must_change_password:
        return True
    if not settings.PASSWORD_MAX_AGE_DAYS:
        return False
    since: dt.datetime = user.password_changed_at or user.created_at
    return timezone.now() - since > dt.timedelta(days=settings.PASSWORD_MAX_AGE_DAYS)
