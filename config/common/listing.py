"""Long lists: keyset paging without COUNT, and what other apps add to a list.

A page is found by the sort value and key of the row it begins after, so that page 1,000 costs what
page 1 costs, and rows that come or go meanwhile move nothing.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django import forms
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from config.common.api import is_storable
from config.common.errors import DomainError

PAGE_SIZE = 50
BIGGEST = 2**63 - 1


@dataclass(frozen=True)
class Sort:
    """An order of a list.

    Args:
        code: Stands in the address.
        field: Column or annotation, never null.
        label: Head of the column.
        kind: ``str`` or ``int``: what the column holds.
        descending: True when the largest come first.
        prepare: Makes the annotation, where ``field`` is one.
    """

    code: str
    field: str
    label: Promise | str
    kind: type
    descending: bool = False
    prepare: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None


@dataclass(frozen=True)
class Page:
    """Some rows of a list and how to go on."""

    rows: list[Any]
    previous: str
    next: str


def read_page(
    queryset: QuerySet[Any], sort: Sort, *, cursor: str = "", size: int = PAGE_SIZE
) -> Page:
    """One page of a list.

    Args:
        queryset: Filtered, not ordered.
        sort: The order; equal values are ordered by primary key.
        cursor: From an earlier page; empty for the first.
        size: Rows per page.

    Raises:
        DomainError: The cursor is not one of ours.
    """
    backwards, position = _decode(cursor, sort.kind) if cursor else (False, None)
    up = sort.descending == backwards
    ordered = sort.prepare(queryset) if sort.prepare else queryset
    if position is not None:
        ordered = ordered.filter(_beyond(sort.field, *position, up=up))
    sign = "" if up else "-"
    ordered = ordered.order_by(f"{sign}{sort.field}", f"{sign}pk")
    found = _wide(queryset, ordered, sort, size + 1) if sort.prepare else list(ordered[: size + 1])
    more, rows = len(found) > size, found[:size]
    if backwards:
        rows.reverse()
    has_previous = more if backwards else position is not None
    has_next = True if backwards else more
    return Page(
        rows=rows,
        previous=_encode(rows[0], sort, backwards=True) if rows and has_previous else "",
        next=_encode(rows[-1], sort, backwards=False) if rows and has_next else "",
    )


def _wide(queryset: QuerySet[Any], ordered: QuerySet[Any], sort: Sort, number: int) -> list[Any]:
    """Rows with their relations, for an order that no index gives: only keys are sorted, not rows."""
    keys = list(ordered.select_related(None).values_list(sort.field, "pk")[:number])
    rows = queryset.in_bulk([key for _value, key in keys])
    for value, key in keys:
        setattr(rows[key], sort.field, value)
    return [rows[key] for _value, key in keys]


def _beyond(field: str, value: Any, key: int, *, up: bool) -> Q:
    # The first condition says nothing new, but lets the database start inside its index.
    way = "gt" if up else "lt"
    return Q(**{f"{field}__{way}e": value}) & (
        Q(**{f"{field}__{way}": value}) | Q(**{f"pk__{way}": key})
    )


def _encode(row: Model, sort: Sort, *, backwards: bool) -> str:
    value = getattr(row, "pk" if sort.field in ("pk", "id") else sort.field)
    plain = json.dumps([backwards, value, row.pk], separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _decode(cursor: str, kind: type) -> tuple[bool, tuple[Any, int]]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        backwards, value, key = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _unknown_cursor() from error
    known = isinstance(backwards, bool) and type(value) is kind and type(key) is int
    if not known or not 0 <= key <= BIGGEST:
        raise _unknown_cursor()
    if isinstance(value, str) and not is_storable(value):
        raise _unknown_cursor()
    if isinstance(value, int) and abs(value) > BIGGEST:
        raise _unknown_cursor()
    return backwards, (value, key)


def _unknown_cursor() -> DomainError:
    return DomainError(
        _("This page of the list cannot be found; begin again with its first page."),
        code="unknown_cursor",
    )


# --- what other apps add to a list ----------------------------------------------------------


@dataclass(frozen=True)
class Badge:
    """A word with a colour; see ``components/_status_badge.html`` for the tones."""

    label: str
    tone: str = "neutral"
    icon: str = ""
    title: str = ""


@dataclass(frozen=True)
class Column:
    """A column that another app adds: badges per primary key of the row."""

    label: Promise | str
    cells: dict[int, Badge]
    sort: str = ""


class Extension(Protocol):
    """What an app adds to a list: filters, orders and columns."""

    def fields(self, user: Any) -> dict[str, forms.Field]:
        """Filters by name."""
        ...

    def apply(self, queryset: QuerySet[Any], wanted: dict[str, Any], user: Any) -> QuerySet[Any]:
        """The rows that pass these filters."""
        ...

    def sorts(self, user: Any) -> list[Sort]:
        """Orders."""
        ...

    def columns(self, rows: Sequence[Any], user: Any) -> list[Column]:
        """Columns for the rows of one page, without a query per row."""
        ...


_extensions: dict[str, list[Extension]] = {}


def extend(name: str, extension: Extension) -> None:
    """Add to a list. Called from ``AppConfig.ready``."""
    _extensions.setdefault(name, []).append(extension)


def extensions_of(name: str) -> list[Extension]:
    """What was added to a list."""
    return list(_extensions.get(name, []))
