"""Strict input of the API: bodies, query parameters, pages. What is not understood is refused."""

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from config.common.api import is_storable
from config.common.periods import parse_period

MAX_PAGE_SIZE = 1000
PAGE_SIZE = 100
_WHOLE = re.compile(r"(0|[1-9][0-9]{0,17})", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


# --- plain texts to values ----------------------------------------------------------------


def whole_number(text: str) -> int:
    """``"12"`` as 12; no sign, space, underscore or full-width digit.

    Raises:
        ValueError: Something else, or more than 18 digits.
    """
    if _WHOLE.fullmatch(text) is None:
        raise ValueError(f"not a whole number: {text[:40]!r}")
    return int(text)


def iso_day(text: str) -> dt.date:
    """``"2026-11-21"`` as a date between 1990 and 2099.

    Raises:
        ValueError: Something else.
    """
    day = dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    if day is None or not 1990 <= day.year <= 2099:
        raise ValueError(f"not a day: {text[:40]!r}")
    return day


def iso_moment(text: str) -> dt.datetime:
    """``"2026-11-21T08:00:00+08:00"`` as a point in time between 1990 and 2099.

    Raises:
        ValueError: Something else, or without offset.
    """
    moment = dt.datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    if moment is None or not 1990 <= moment.year <= 2099:
        raise ValueError(f"not a point in time: {text[:40]!r}")
    return moment


# --- bodies -------------------------------------------------------------------------------


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a spelling mistake must not be ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values."""
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
        """The number."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(data)


class StrictBooleanField(serializers.BooleanField):
    """true or false; not "yes", 1 or null."""

    def to_internal_value(self, data: Any) -> bool:
        """The value."""
        if not isinstance(data, bool):
            self.fail("invalid", input=str(data)[:40])
        return bool(data)


class StrictCharField(serializers.CharField):
    """A JSON text; numbers are refused, and so are control characters and space at the ends."""

    default_error_messages = {
        "characters": gettext_lazy("Holds control characters, or begins or ends with space.")
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The text."""
        if not isinstance(data, str):
            self.fail("invalid")
        if data != data.strip() or not data.isprintable() or not is_storable(data):
            self.fail("characters")
        return super().to_internal_value(data)


class StrictDateField(serializers.DateField):
    """``YYYY-MM-DD`` and nothing else."""

    default_error_messages = {"day": gettext_lazy("A day is written like 2026-11-21.")}

    def to_internal_value(self, value: Any) -> dt.date:
        """The day."""
        try:
            return iso_day(value if isinstance(value, str) else "")
        except ValueError:
            self.fail("day")


class CentsField(serializers.DecimalField):
    """Yuan with at most two decimal places, as a JSON number or text; the value is whole cents."""

    default_error_messages = {
        "money": gettext_lazy("An amount in yuan with at most two decimal places is expected.")
    }
    max_digits: int
    _money = re.compile(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?", re.ASCII)

    def __init__(self, *, max_digits: int = 13, **kwargs: Any) -> None:
        super().__init__(max_digits=max_digits, decimal_places=2, **kwargs)

    def to_internal_value(self, data: Any) -> int:  # type: ignore[override]
        """Cents."""
        is_text = isinstance(data, str) and self._money.fullmatch(data) is not None
        is_number = isinstance(data, int | Decimal) and not isinstance(data, bool)
        if not is_text and not is_number:
            self.fail("money")
        yuan = Decimal(data)
        if abs(yuan) >= 10 ** (self.max_digits - 2) or yuan * 100 != int(yuan * 100):
            self.fail("money")
        return int(yuan * 100)


# --- query parameters ---------------------------------------------------------------------


def check_parameters(request: Request, known: Iterable[str]) -> None:
    """Refuse parameters that are unknown or given twice, so that a spelling mistake is noticed.

    Raises:
        ValidationError: With the parameter as its field.
    """
    allowed = set(known)
    wrong: dict[str, list[str]] = {}
    for name, values in request.query_params.lists():
        if name not in allowed:
            wrong[name[:50]] = [_("Unknown parameter.")]
        elif len(values) > 1:
            wrong[name] = [_("Given more than once.")]
    if wrong:
        raise serializers.ValidationError(dict(list(wrong.items())[:20]))


class _StrictFormField(forms.CharField):
    """A query parameter that one of the functions above reads."""

    read: Any = str
    hint: Any = ""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.read(text)
        except ValueError as error:
            raise forms.ValidationError(self.hint) from error


class _DayFormField(_StrictFormField):
    read = staticmethod(iso_day)
    hint = gettext_lazy("A day is written like 2026-11-21.")


class _MomentFormField(_StrictFormField):
    read = staticmethod(iso_moment)
    hint = gettext_lazy("A point in time is written like 2026-11-21T08:00:00+08:00.")


class _MonthFormField(_StrictFormField):
    read = staticmethod(parse_period)
    hint = gettext_lazy("A month is written like 2026-11.")


class _FlagFormField(_StrictFormField):
    hint = gettext_lazy("true or false is expected.")

    @staticmethod
    def read(text: str) -> bool:
        """``"true"`` as True."""
        if text not in {"true", "false"}:
            raise ValueError(text)
        return text == "true"


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentFilter(django_filters.Filter):  # type: ignore[misc]
    """``2026-11-21T08:00:00+08:00``."""

    field_class = _MomentFormField


@extend_schema_field({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"})
class MonthFilter(django_filters.Filter):  # type: ignore[misc]
    """``2026-11`` as 202611."""

    field_class = _MonthFormField


@extend_schema_field(OpenApiTypes.BOOL)
class FlagFilter(django_filters.Filter):  # type: ignore[misc]
    """``true`` or ``false``."""

    field_class = _FlagFormField


class QuerySerializer(serializers.Serializer[Any]):
    """Query parameters of a view that filters by itself; describes them in the schema too."""


class DayParameter(serializers.DateField):
    """A day as a query parameter."""

    def to_internal_value(self, value: Any) -> dt.date:
        """The day."""
        try:
            return iso_day(str(value))
        except ValueError as error:
            raise serializers.ValidationError(str(_DayFormField.hint)) from error


@extend_schema_field({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"})
class MonthParameter(serializers.CharField):
    """A month as a query parameter; the value is yyyymm."""

    def to_internal_value(self, data: Any) -> int:  # type: ignore[override]
        """The month."""
        try:
            return parse_period(str(data))
        except ValueError as error:
            raise serializers.ValidationError(str(_MonthFormField.hint)) from error


# --- pages --------------------------------------------------------------------------------


def page_size(request: Request) -> int:
    """The wanted number of rows, 1 to ``MAX_PAGE_SIZE``.

    Raises:
        ValidationError: Not such a number.
    """
    text = request.query_params.get("page_size")
    if text is None:
        return PAGE_SIZE
    try:
        size = whole_number(text)
    except ValueError:
        size = 0
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise serializers.ValidationError(
            {
                "page_size": [
                    _("A whole number from 1 to %(most)s is expected.") % {"most": MAX_PAGE_SIZE}
                ]
            }
        )
    return size


def bad_cursor() -> exceptions.APIException:
    """The error for a cursor that we never gave."""
    return serializers.ValidationError(
        {"cursor": [_("This cursor is not one of ours; begin again without it.")]}
    )


PAGE_PARAMETERS = [
    OpenApiParameter(
        "cursor", OpenApiTypes.STR, description="next_cursor of the page before; opaque."
    ),
    OpenApiParameter(
        "page_size",
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE},
        description="Rows per page.",
    ),
]


class KeysetPagination(BasePagination):
    """Pages by key: the thousandth costs what the first does, and new rows never shift old ones."""

    key = "pk"

    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        """The rows of the wanted page."""
        size = page_size(request)
        self.key = getattr(view, "page_key", self.key)
        rows = queryset.order_by(self.key)
        cursor = request.query_params.get("cursor")
        if cursor is not None:
            try:
                rows = rows.filter(**{f"{self.key}__gt": whole_number(cursor)})
            except ValueError as error:
                raise bad_cursor() from error
        found = list(rows[: size + 1])
        self.has_more = len(found) > size
        self.last = found[size - 1] if self.has_more else None
        return found[:size]

    def get_paginated_response(self, data: Any) -> Response:
        """The page with the cursor of the next one."""
        cursor = None if self.last is None else str(getattr(self.last, self.key))
        return Response({"results": data, "next_cursor": cursor, "has_more": self.has_more})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """How the page looks, for the schema."""
        return {
            "type": "object",
            "required": ["results", "next_cursor", "has_more"],
            "properties": {
                "results": schema,
                "next_cursor": {"type": "string", "nullable": True},
                "has_more": {"type": "boolean"},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Its parameters, for the schema."""
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "schema": {"type": "string"},
                "description": "next_cursor of the page before; opaque.",
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE},
                "description": f"Rows per page; {PAGE_SIZE} when absent.",
            },
        ]
