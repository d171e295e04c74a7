"""Versions of orders as rows: built, compared and written in bulk."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from brands.core.content import add_hashes, line_hashes
from brands.models import LineKind, Order, OrderLine, OrderStatus, SalesTouch
from brands.services.pushed import AcceptedOrder, PushedLine
from config.common import bulk
from config.common.periods import period_of

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Version:
    """One version of an order; ``lines`` are empty for a stored one and for a cancelled one."""

    order_no: str
    revision: int
    cancelled: bool
    retailer_id: int
    ordered_on: dt.date
    content_hash: int
    line_count: int
    lines: tuple[PushedLine, ...] = field(default=(), repr=False)
    product_ids: tuple[int, ...] = field(default=(), repr=False)

    @property
    def rank(self) -> tuple[int, bool]:
        """Which of two versions counts; at the same revision a cancellation does."""
        return self.revision, self.cancelled

    def same_content(self, other: "Version") -> bool:
        """True when nothing but the time of arrival differs."""
        mine = (self.retailer_id, self.ordered_on, self.content_hash, self.line_count)
        return mine == (other.retailer_id, other.ordered_on, other.content_hash, other.line_count)

    @property
    def status(self) -> str:
        """What the order becomes by it."""
        return OrderStatus.CANCELLED if self.cancelled else OrderStatus.ACTIVE


def version_of(row: Order) -> Version:
    """The version that is stored."""
    return Version(
        order_no=row.order_no,
        revision=row.revision,
        cancelled=row.status == OrderStatus.CANCELLED,
        retailer_id=row.retailer_id,
        ordered_on=row.ordered_on,
        content_hash=row.content_hash,
        line_count=row.line_count,
    )


def build_versions(accepted: Sequence[AcceptedOrder]) -> list[Version]:
    """Versions with the hashes of their content, in the given sequence."""
    hashes = _hashes(accepted)
    versions, start = [], 0
    for item in accepted:
        order, size = item.order, len(item.product_ids)
        total = 0
        for value in hashes[start : start + size]:
            total = add_hashes(total, value)
        start += size
        versions.append(
            Version(
                order_no=order.order_no,
                revision=order.revision,
                cancelled=order.cancelled,
                retailer_id=item.retailer_id,
                ordered_on=order.ordered_on,
                content_hash=total,
                line_count=size,
                lines=() if order.cancelled else order.lines,
                product_ids=item.product_ids,
            )
        )
    return versions


def _hashes(accepted: Sequence[AcceptedOrder]) -> list[int]:
    rows = [
        (
            line.line_no,
            item.retailer_id,
            product_id,
            item.order.ordered_on.toordinal(),
            line.kind,
            line.ordered_cartons,
            -1 if line.needed_cartons is None else line.needed_cartons,
            -1 if line.quota_cartons is None else line.quota_cartons,
            -1 if line.unit_price_cents is None else line.unit_price_cents,
            line.total_cents or 0,
        )
        for item in accepted
        for line, product_id in zip(item.order.lines, item.product_ids, strict=False)
    ]
    if not rows:
        return []
    columns = np.array(rows, dtype=np.int64).T
    found: list[int] = line_hashes(*(np.ascontiguousarray(column) for column in columns)).tolist()
    return found


def new_row(company_id: int, source: str, batch_id: int, version: Version | None) -> Order:
    """An order that nobody has stored yet."""
    assert version is not None  # noqa: S101 - the first version of a history always counts
    row = Order(company_id=company_id, source=source, order_no=version.order_no)
    apply(row, version, batch_id)
    return row


def apply(row: Order, version: Version, batch_id: int) -> None:
    """Make the row tell this version. Does not save."""
    row.retailer_id = version.retailer_id
    row.ordered_on = version.ordered_on
    row.period = period_of(version.ordered_on)
    row.status = version.status
    row.revision = version.revision
    row.line_count = version.line_count
    counted = [line for line in version.lines if line.kind != LineKind.CANCELLED]
    row.cartons = sum(line.ordered_cartons for line in counted)
    row.amount_cents = sum(line.total_cents or 0 for line in counted)
    row.content_hash = version.content_hash
    row.batch_id = batch_id


def update_rows(rows: list[Order]) -> None:
    """Write rows that are locked already, in one statement."""
    if rows:
        Order.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["company", "source", "order_no"],
            update_fields=[
                "retailer",
                "ordered_on",
                "period",
                "status",
                "revision",
                "line_count",
                "cartons",
                "amount_cents",
                "content_hash",
                "batch",
            ],
        )


def delete_lines(rows: Sequence[Order]) -> None:
    """Remove the lines of these orders."""
    by_period: dict[int, list[int]] = {}
    for row in rows:
        if row.line_count:
            by_period.setdefault(row.period, []).append(row.pk)
    for period, ids in sorted(by_period.items()):
        OrderLine.objects.filter(period=period, order_id__in=ids).delete()


def insert_lines(company_id: int, kept: Sequence[tuple[int, Version]]) -> None:
    """Insert the lines of versions, given with the ids of their orders."""
    rows = [
        (
            period_of(version.ordered_on),
            order_id,
            line.line_no,
            company_id,
            version.retailer_id,
            product_id,
            line.kind,
            line.ordered_cartons,
            -1 if line.needed_cartons is None else line.needed_cartons,
            -1 if line.quota_cartons is None else line.quota_cartons,
            -1 if line.unit_price_cents is None else line.unit_price_cents,
            line.total_cents or 0,
            version.ordered_on.toordinal(),
        )
        for order_id, version in kept
        for line, product_id in zip(version.lines, version.product_ids, strict=True)
    ]
    if not rows:
        return
    columns: list[Ints] = list(np.array(rows, dtype=np.int64).T)
    days = (columns[12] - dt.date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    bulk.insert_columns(
        OrderLine,
        {
            "period": columns[0],
            "order_id": columns[1],
            "line_no": columns[2],
            "company_id": columns[3],
            "retailer_id": columns[4],
            "product_id": columns[5],
            "ordered_on": days,
            "kind": columns[6],
            "ordered_cartons": columns[7],
            "needed_cartons": np.ma.masked_less(columns[8], 0),
            "quota_cartons": np.ma.masked_less(columns[9], 0),
            "unit_price_cents": np.ma.masked_less(columns[10], 0),
            "amount_cents": columns[11],
        },
    )


def insert_touches(company_id: int, touched: set[tuple[int, int]]) -> None:
    """Say which retailers and months have changed."""
    pairs = np.array(sorted(touched), dtype=np.int64).reshape(-1, 2)
    bulk.insert_columns(
        SalesTouch,
        {
            "company_id": np.full(len(pairs), company_id),
            "period": np.ascontiguousarray(pairs[:, 1]),
            "retailer_id": np.ascontiguousarray(pairs[:, 0]),
        },
    )
