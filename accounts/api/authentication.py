"""Who calls: a machine with a bearer token."""

import re
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.api import selectors
from accounts.models import User
from accounts.services.clients import note_use

CHALLENGE = 'Bearer realm="api"'
INVALID = f'{CHALLENGE}, error="invalid_token"'
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,255}", re.ASCII)


class InvalidTokenError(exceptions.AuthenticationFailed):
    """A token was sent, and it does not count."""

    default_detail = _("The access token is unknown, expired or revoked; get a new one.")
    default_code = "invalid_token"


def bearer_token(request: HttpRequest | Request) -> str | None:
    """The token of the Authorization header; None when no such header was sent.

    Raises:
        InvalidTokenError: The header is something else than one bearer token.
    """
    header: str | None = request.META.get("HTTP_AUTHORIZATION")
    if header is None:
        return None
    kind, _space, token = header.partition(" ")
    if kind.lower() != "bearer" or _TOKEN.fullmatch(token) is None:
        raise InvalidTokenError
    return token


class TokenAuthentication(BaseAuthentication):
    """Checked at every request against the database, so that revoking works at once.

    Unlike the class of django-oauth-toolkit it never reads the body of somebody it does not know yet,
    and a bad token is refused even when a session cookie comes with it.
    """

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        """The stand-in user of the machine and its token."""
        raw = bearer_token(request)
        if raw is None:
            return None
        token = selectors.find_token(raw)
        if token is None:
            raise InvalidTokenError
        note_use(token.application)
        return selectors.machine_user(token.application), token

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return INVALID if request.META.get("HTTP_AUTHORIZATION") else CHALLENGE
