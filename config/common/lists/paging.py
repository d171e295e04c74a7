"""Pages of long lists, found by the row they begin after: no COUNT, no OFFSET.

A page is found by the sort value and key of the row it begins after, so that page 1,000 costs what
page 1 costs, and rows that come or go meanwhile move nothing.
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
        code: Stands in the address; with a minus before it, the order is turned round.
        field: Column or annotation, never null.
        label: Head of the column.
        kind: ``str`` or ``int``: what the column holds.
        descending: True when people first want the largest.
        prepare: Makes the annotation, where ``field`` is one.
    """

    code: str
    field: str
    label: Promise | str
    kind: type
    descending: bool = False
    prepare: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None


@dataclass(frozen=True)
class Order:
    """A sort and its direction."""

    sort: Sort
    descending: bool

    @property
    def code(self) -> str:
        """As it stands in the address: ``recent`` or ``-recent``."""
        return f"-{self.sort.code}" if self.descending else self.sort.code

    @classmethod
    def usual(cls, sort: Sort) -> "Order":
        """The direction people want first."""
        return cls(sort, sort.descending)


@dataclass(frozen=True)
class Page:
    """Some rows of a list and how to go on."""

    rows: list[Any]
    previous: str
    next: str


def read_page(
    queryset: QuerySet[Any], sort: Sort | Order, *, cursor: str = "", size: int = PAGE_SIZE
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
    order = sort if isinstance(sort, Order) else Order.usual(sort)
    backwards, position = _decode(cursor, order.sort.kind) if cursor else (False, None)
    up = order.descending == backwards
    ordered = _ordered(queryset, order, up=up, position=position)
    if order.sort.prepare:
        found = _wide(queryset, ordered, order.sort, size + 1)
    else:
        found = list(ordered[: size + 1])
    more, rows = len(found) > size, found[:size]
    if backwards:
        rows.reverse()
    has_previous = more if backwards else position is not None
    has_next = True if backwards else more
    return Page(
        rows=rows,
        previous=_encode(rows[0], order.sort, backwards=True) if rows and has_previous else "",
        next=_encode(rows[-1], order.sort, backwards=False) if rows and has_next else "",
    )


def in_order(queryset: QuerySet[Any], order: Order) -> QuerySet[Any]:
    """All rows in the order of the pages, for what reads a list from beginning to end."""
    return _ordered(queryset, order, up=not order.descending, position=None)


def neighbours(queryset: QuerySet[Any], order: Order, key: int) -> tuple[int | None, int | None]:
    """Keys of the rows before and after a row of a list; None at its ends.

    A row that no longer passes the filters has the neighbours of its place, as long as it exists.
    """
    place = _prepared(queryset.model._default_manager.filter(pk=key), order)
    value = place.values_list(order.sort.field, flat=True).first()
    if value is None:
        return None, None

    def beyond(*, up: bool) -> int | None:
        found = _ordered(queryset, order, up=up, position=(value, key)).select_related(None)
        return found.values_list("pk", flat=True).first()

    upwards = not order.descending
    return beyond(up=not upwards), beyond(up=upwards)


def _prepared(queryset: QuerySet[Any], order: Order) -> QuerySet[Any]:
    return order.sort.prepare(queryset) if order.sort.prepare else queryset


def _ordered(
    queryset: QuerySet[Any], order: Order, *, up: bool, position: tuple[Any, int] | None
) -> QuerySet[Any]:
    rows = _prepared(queryset, order)
    if position is not None:
        rows = rows.filter(_beyond(order.sort.field, *position, up=up))
    sign = "" if up else "-"
    return rows.order_by(f"{sign}{order.sort.field}", f"{sign}pk")


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
