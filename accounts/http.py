"""Who may open a page at all (403); which rows they see is asked of the selectors (404)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

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
