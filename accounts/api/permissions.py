"""Who may call an endpoint: people by permission, machines by scope. Default deny."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class Denied(BasePermission):
    """The default: a view that forgets to say who may call it can be called by nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False
