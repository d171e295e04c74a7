"""Base of the REST API: strict JSON in, JSON and problem+json (RFC 9457) out.

This module is named in the settings of REST framework, so it must not import ``rest_framework.views``.
"""

import json
import logging
import re
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from config.common.errors import DomainError
from config.common.logs import request_id
from config.common.retry import busy_error, is_busy

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 10 * 1024 * 1024
PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "2"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


# --- in -----------------------------------------------------------------------------------


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 means it: UTF-8, no duplicate keys, no NaN, nothing a database cannot store.

    Numbers with a fraction become ``Decimal``, so that no cent is lost in a float.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The parsed body.

        Raises:
            ParseError: Not acceptable; the message says why.
            UnsupportedMediaType: The header names another charset than UTF-8.
            TooLarge: More than ``MAX_BODY_BYTES``.
        """
        _refuse_other_charset(media_type or "")
        try:
            body = stream.read(MAX_BODY_BYTES + 1)
        except UnreadablePostError as error:
            raise exceptions.ParseError(_("The body is not complete.")) from error
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise exceptions.ParseError(_("The body is not UTF-8.")) from error
        return parse_json(text)


def parse_json(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        ParseError: Not acceptable; the message says why.
    """
    try:
        parsed = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_constant=_refuse_constant,
            parse_float=_decimal,
        )
    except RecursionError as error:
        raise exceptions.ParseError(_("The JSON is nested too deeply.")) from error
    except ValueError as error:
        raise exceptions.ParseError(
            _("The body is not valid JSON: %(why)s") % {"why": str(error)[:200]}
        ) from error
    if "\\u" in text:  # only an escape can bring them in
        _refuse_unstorable(parsed)
    return parsed


class TooLarge(exceptions.APIException):
    """The body is larger than we read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("The body is larger than 10 MB; send fewer orders at once.")


def _refuse_other_charset(media_type: str) -> None:
    match = re.search(r"charset\s*=\s*\"?([^\";\s]*)", media_type, re.IGNORECASE)
    if match and match[1].lower() not in {"utf-8", "utf8"}:
        raise exceptions.UnsupportedMediaType(media_type[:100])


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _value in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:50]!r} stands twice")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("a number is out of range") from error
    # 1e400 or 0.000…1: an honest client sends cents; later arithmetic must not meet huge exponents.
    if not -30 <= number.adjusted() <= 30 or len(text) > 60:
        raise ValueError("a number is out of range")
    return number


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
    return _UNSTORABLE.search(text) is None


# --- out ----------------------------------------------------------------------------------


class OnlyJSON(BaseContentNegotiation):
    """We speak JSON whatever the Accept header asks; bodies must be what a parser of ours reads."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """The parser for the declared type, or None (415)."""
        declared = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == declared), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        """The first renderer of the view."""
        return renderers[0], renderers[0].media_type


class OrjsonRenderer(BaseRenderer):
    """JSON, quickly; Decimal as text, so that no cent is lost in a float."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """The body of an answer."""
        return b"" if data is None else to_json(data)


def to_json(data: Any) -> bytes:
    """JSON of plain values, lazy translations, decimals and dates."""
    return orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return force_str(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list | tuple):
        return list(value)
    return str(value)


def problem_body(
    code: int, word: str, detail: str, extra: dict[str, Any] | None = None
) -> dict[str, Any]:
    """An RFC 9457 problem document; for ``about:blank`` the title is the phrase of the status."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(code).phrase,
        "status": code,
        "code": word,
        "detail": detail,
        "extra": extra or {},
        "request_id": request_id.get(),
    }


def plain_problem(
    code: int, word: str, detail: str, headers: dict[str, str] | None = None
) -> HttpResponse:
    """A problem document from a view that REST framework does not know."""
    return HttpResponse(
        to_json(problem_body(code, word, detail)),
        status=code,
        content_type=PROBLEM_TYPE,
        headers=headers or {},
    )


def busy_answer(error: OperationalError) -> HttpResponse:
    """503 from such a view.

    Raises:
        OperationalError: The database is not busy; something is wrong with the question.
    """
    if not is_busy(error):
        raise error
    logger.warning("database busy: %s", error)
    found = busy_error()
    return plain_problem(503, found.code, found.message, {"Retry-After": RETRY_AFTER_SECONDS})


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every expected error of the API as problem+json with a stable code; None for a bug of ours."""
    if isinstance(error, OperationalError) and is_busy(error):
        logger.warning("database busy: %s", error)
        error = busy_error()
    if isinstance(error, DomainError):
        body = problem_body(error.status, error.code, error.message, error.extra)
        return _answer(body, {"Retry-After": RETRY_AFTER_SECONDS} if error.status == 503 else {})
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    return _answer(_body_of(error), _headers_of(error))


def _answer(body: dict[str, Any], headers: dict[str, str]) -> Response:
    return Response(body, status=body["status"], headers=headers, content_type=PROBLEM_TYPE)


def _body_of(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return problem_body(
            error.status_code,
            "invalid",
            _("The input is not valid; extra.fields says which field and why."),
            {"fields": flat_errors(error.detail)},
        )
    detail = error.detail if isinstance(error.detail, str) else str(error.detail)
    code = getattr(error.detail, "code", None) or error.default_code
    return problem_body(error.status_code, str(code), str(detail))


def _headers_of(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    challenge, seconds = getattr(error, "auth_header", None), getattr(error, "wait", None)
    if challenge:
        headers["WWW-Authenticate"] = str(challenge)
    if seconds:
        headers["Retry-After"] = str(int(seconds))
    return headers


def flat_errors(detail: Any, limit: int = 100) -> dict[str, list[str]]:
    """Nested errors as ``orders[3].lines[0].amount``: messages, the first ``limit`` of them."""
    found: dict[str, list[str]] = {}
    waiting: list[tuple[str, Any]] = [("", detail)]
    while waiting and len(found) < limit:
        path, item = waiting.pop()
        if isinstance(item, dict):
            inner = [(_step(path, key), value) for key, value in item.items()]
            waiting.extend(reversed(inner))
        elif isinstance(item, list) and all(isinstance(text, str) for text in item):
            if item:
                found[path.removesuffix(".non_field_errors")] = [str(text) for text in item]
        elif isinstance(item, list):
            rows = [(f"{path}[{index}]", value) for index, value in enumerate(item)]
            waiting.extend(reversed(rows))
        else:
            found[path] = [str(item)]
    return found


def _step(path: str, key: str | int) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key
