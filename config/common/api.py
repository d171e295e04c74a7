"""Base of the REST API: strict input, problem+json out (RFC 9457)."""

import json
import logging
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.common.errors import DomainError
from config.common.logs import request_id

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 10 * 1024 * 1024
PROBLEM_TYPE = "application/problem+json"


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 means it: UTF-8, no duplicate keys, no NaN, nothing a database cannot store."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The parsed body.

        Raises:
            ParseError: Not acceptable; the message says why.
        """
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise exceptions.ParseError(_("The body is not UTF-8.")) from error
        try:
            parsed = json.loads(
                text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant
            )
        except RecursionError as error:
            raise exceptions.ParseError(_("The JSON is nested too deeply.")) from error
        except ValueError as error:
            raise exceptions.ParseError(
                _("The body is not valid JSON: %(why)s") % {"why": str(error)[:200]}
            ) from error
        _refuse_unstorable(parsed)
        return parsed


class TooLarge(exceptions.APIException):
    """The body is larger than we read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = "The body is larger than 10 MB; send fewer orders at once."


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _value in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:50]!r} stands twice")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _refuse_unstorable(value: Any) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str) and not is_storable(item):
            raise exceptions.ParseError(_("A text holds characters that cannot be stored."))


def is_storable(text: str) -> bool:
    """False for NUL and lone surrogates, which PostgreSQL refuses."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


class OrjsonRenderer(BaseRenderer):
    """JSON, quickly; Decimal as text, so that no cent is lost in a float."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """The body of an answer; problems get their own media type."""
        if data is None:
            return b""
        response = (renderer_context or {}).get("response")
        if response is not None and response.status_code >= 400:
            response.content_type = PROBLEM_TYPE
            response.headers["Content-Type"] = PROBLEM_TYPE
        return orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return force_str(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list | tuple):
        return list(value)
    return str(value)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a spelling mistake must not be ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(map(str, data)) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(
                    {name[:50]: [_("Unknown field.")] for name in unknown[:20]}
                )
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """A JSON number without a fraction; texts, booleans and full-width digits are refused."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictCharField(serializers.CharField):
    """A JSON text; numbers are refused."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


def problem_body(
    code: int, title: str, detail: str, extra: dict[str, Any] | None = None
) -> dict[str, Any]:
    """An RFC 9457 problem document."""
    return {
        "type": "about:blank",
        "title": title,
        "status": code,
        "code": title,
        "detail": detail,
        "extra": extra or {},
        "request_id": request_id.get(),
    }


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error of the API as problem+json with a stable code."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, DomainError):
        set_rollback()
        return Response(
            problem_body(error.status, error.code, error.message, error.extra), status=error.status
        )
    if isinstance(error, DatabaseError) and "timeout" in str(error).lower():
        set_rollback()
        logger.warning("database busy: %s", error)
        body = problem_body(503, "busy", _("The database is busy; try again in a moment."))
        return Response(body, status=503, headers={"Retry-After": "2"})
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if isinstance(error, exceptions.ValidationError):
        body = problem_body(
            error.status_code,
            "invalid",
            _("The input is not valid; extra.fields says which field and why."),
            {"fields": error.detail},
        )
    else:
        detail = error.detail if isinstance(error.detail, str) else str(error.detail)
        code = getattr(error.detail, "code", None) or error.default_code
        body = problem_body(error.status_code, str(code), str(detail))
    return Response(body, status=error.status_code, headers=headers)
