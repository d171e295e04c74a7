"""Who may call an endpoint: people by permission, machines by scope. Default deny."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from accounts.roles import Permission


class Denied(BasePermission):
    """The default: a view that forgets to say who may call it can be called by nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Nobody."""
        return False


class ScopedPermission(BasePermission):
    """The view says ``people`` (a Permission) and ``machines`` (a scope); None means none of them."""

    message = _("You may not do this.")
    code = "forbidden"

    def has_permission(self, request: Request, view: Any) -> bool:
        """May this caller use the endpoint at all?"""
        if is_machine(request):
            self.code, self.message = (
                "insufficient_scope",
                _("The access token lacks the scope for this."),
            )
            token: Any = request.auth
            scope: str | None = view.machines
            return scope is not None and scope in token.scope.split()
        return may_read(request.user, view.people)


def is_machine(request: Request) -> bool:
    """True when a token, not a session, says who calls."""
    return hasattr(request.auth, "token_checksum")


def may_read(user: Any, permission: Permission | None) -> bool:
    """May this person use the API for what the permission covers?"""
    return (
        permission is not None
        and isinstance(user, User)
        and user.has(Permission.READ_API)
        and user.has(permission)
    )
