"""Where imported orders meet the tables: look-ups and bulk writes of one import."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts.models import Company
from brands.models import Order, OrderBatch, OrderLine, OrderStatus, SalesTouch
from config.common import bulk
from customers.importers.chunks import objects

Ints = NDArray[np.int64]
_SEEN = "import_orders_seen"
_SEEN_TYPES = {
    "order_id": "bigint",
    "content_hash": "bigint",
    "line_count": "integer",
    "differs": "smallint",
}
_TOTALS = {
    "id": "bigint",
    "line_count": "integer",
    "cartons": "bigint",
    "amount_cents": "bigint",
    "content_hash": "bigint",
}
SOURCE = "main"
_FEW = 50


@dataclass(frozen=True)
class StoredOrder:
    """An order that is in the table already, made by this import or before it."""

    id: int
    retailer_id: int
    ordered_on: np.datetime64
    period: int
    batch_id: int
    line_count: int
    cartons: int
    amount_cents: int
    content_hash: int


@dataclass(frozen=True)
class Totals:
    """Sums of lines by order: arrays of equal length."""

    line_count: Ints
    cartons: Ints
    amount_cents: Ints
    content_hash: Ints


class OrderStore:
    """The orders of one company as one import sees them."""

    def __init__(self, company: Company, *, label: str) -> None:
        self.orders = self.lines = 0
        self._company = company
        self._label = label
        self._batch: OrderBatch | None = None
        self._touched: Ints = np.empty(0, dtype=np.int64)
        described = ", ".join(f"{name} {kind}" for name, kind in _SEEN_TYPES.items())
        described = described.replace("order_id bigint", "order_id bigint PRIMARY KEY", 1)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE {_SEEN} ({described})")

    @property
    def batch_id(self) -> int:
        """Names the orders made by this import; 0 as long as there is none."""
        return 0 if self._batch is None else self._batch.pk

    def find(self, numbers: Sequence[str]) -> dict[str, StoredOrder]:
        """Orders of these numbers that are in the table."""
        columns = (
            "order_no, id, retailer_id, ordered_on, period, batch_id, line_count, cartons,"
            " amount_cents, content_hash"
        )
        wanted = "= ANY(%s)" if bulk.is_postgres() else "IN (SELECT value FROM json_each(%s))"
        given = list(numbers) if bulk.is_postgres() else json.dumps(list(numbers))
        table = connection.ops.quote_name(Order._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM {table}"  # noqa: S608 - our own names
                f" WHERE company_id = %s AND source = %s AND order_no {wanted}",
                [self._company.pk, SOURCE, given],
            )
            rows = cursor.fetchall()
        return {
            row[0]: StoredOrder(row[1], row[2], np.datetime64(str(row[3]), "D"), *row[4:])
            for row in rows
        }

    def line_numbers(self, orders: Sequence[StoredOrder]) -> tuple[Ints, Ints]:
        """Order ids and line numbers of the lines these orders have."""
        ids = np.array([order.id for order in orders], dtype=np.int64)
        periods = np.array([order.period for order in orders], dtype=np.int64)
        types = {"period": "integer", "id": "bigint"}
        table = connection.ops.quote_name(OrderLine._meta.db_table)
        if len(orders) <= _FEW:
            # A sorted file has one order on each edge of a block: not worth a temporary table.
            few = OrderLine.objects.filter(
                period__in=set(periods.tolist()), order_id__in=ids.tolist()
            )
            found_few = np.array(list(few.values_list("order_id", "line_no")), dtype=np.int64)
            return tuple(found_few.reshape(-1, 2).T)  # type: ignore[return-value]
        with bulk.staged("import_orders_ours", {"period": periods, "id": ids}, types) as staged:
            found = bulk.read_columns(
                f"SELECT l.order_id AS order_id, l.line_no AS line_no"  # noqa: S608 - our own names
                f" FROM {staged} AS k JOIN {table} AS l"
                f" ON l.period = k.period AND l.order_id = k.id",
                [],
                {"order_id": "i8", "line_no": "i8"},
            )
        return found["order_id"], found["line_no"]

    def insert_orders(
        self,
        numbers: Sequence[str],
        retailers: Ints,
        days: NDArray[np.datetime64],
        periods: Ints,
        totals: Totals,
    ) -> Ints:
        """New orders; returns their ids."""
        count = len(numbers)
        ids = bulk.reserve_ids(Order, count)
        bulk.insert_columns(
            Order,
            {
                "id": ids,
                "company_id": np.full(count, self._company.pk),
                "source": _same(SOURCE, count),
                "order_no": objects(numbers),
                "retailer_id": retailers,
                "ordered_on": days,
                "period": periods,
                "status": _same(OrderStatus.ACTIVE.value, count),
                "revision": np.zeros(count, dtype=np.int64),
                "line_count": totals.line_count,
                "cartons": totals.cartons,
                "amount_cents": totals.amount_cents,
                "content_hash": totals.content_hash,
                "batch_id": np.full(count, self._open_batch()),
            },
        )
        self.orders += count
        return ids

    def update_orders(self, ids: Ints, totals: Totals) -> None:
        """Set the sums of orders of this import that got more lines."""
        columns = {
            "id": ids,
            "line_count": totals.line_count,
            "cartons": totals.cartons,
            "amount_cents": totals.amount_cents,
            "content_hash": totals.content_hash,
        }
        if len(ids) <= _FEW:
            for row in zip(*(column.tolist() for column in columns.values()), strict=True):
                values = dict(zip(columns, row, strict=True))
                Order.objects.filter(pk=values.pop("id")).update(**values)
            return
        table = connection.ops.quote_name(Order._meta.db_table)
        assignments = ", ".join(f"{name} = s.{name}" for name in _TOTALS if name != "id")
        with (
            bulk.staged("import_orders_more", columns, _TOTALS) as staged,
            connection.cursor() as cursor,
        ):
            cursor.execute(
                f"UPDATE {table} SET {assignments}"  # noqa: S608 - our own names
                f" FROM {staged} AS s WHERE {table}.id = s.id"
            )

    def insert_lines(self, columns: dict[str, NDArray[Any]]) -> None:
        """New lines, sorted as they are stored, and a note that these sales have changed."""
        count = len(columns["period"])
        columns["company_id"] = np.full(count, self._company.pk)
        bulk.insert_columns(OrderLine, columns)
        self.lines += count
        packed = columns["retailer_id"].astype(np.int64) * 1_000_000 + columns["period"]
        self._touched = np.union1d(self._touched, packed)

    def seen(self, ids: Ints) -> dict[int, tuple[int, int, int]]:
        """What the file has said so far about orders older than it: hash, lines, differs."""
        if not len(ids):
            return {}
        with (
            bulk.staged("import_orders_asked", {"id": ids}, {"id": "bigint"}) as staged,
            connection.cursor() as cursor,
        ):
            cursor.execute(
                f"SELECT s.order_id, s.content_hash, s.line_count, s.differs"  # noqa: S608
                f" FROM {_SEEN} AS s JOIN {staged} AS k ON k.id = s.order_id"
            )
            return {row[0]: row[1:] for row in cursor.fetchall()}

    def note_seen(self, ids: Ints, hashes: Ints, lines: Ints, differs: Ints, again: Ints) -> None:
        """Store what the file has said about orders older than it.

        Args:
            ids: Of the orders.
            hashes: Sum of the hashes of their lines so far.
            lines: Lines so far.
            differs: 1 where retailer or day is another already.
            again: 1 where there is an entry that this one replaces.
        """
        if again.any():
            marks = ", ".join(str(int(number)) for number in ids[again == 1])
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {_SEEN} WHERE order_id IN ({marks})")  # noqa: S608
        bulk.insert_into(
            _SEEN,
            {"order_id": ids, "content_hash": hashes, "line_count": lines, "differs": differs},
            _SEEN_TYPES,
        )

    def compare(self) -> tuple[int, set[str]]:
        """Lines of older orders that the file repeats exactly, and numbers of those it contradicts."""
        table = connection.ops.quote_name(Order._meta.db_table)
        same = "s.differs = 0 AND s.content_hash = o.content_hash AND s.line_count = o.line_count"
        joined = f"FROM {_SEEN} AS s JOIN {table} AS o ON o.id = s.order_id"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COALESCE(SUM(s.line_count), 0) {joined} WHERE {same}")
            (lines,) = cursor.fetchone()
            cursor.execute(f"SELECT o.order_no {joined} WHERE NOT ({same})")
            return int(lines), {number for (number,) in cursor.fetchall()}

    def close(self) -> OrderBatch | None:
        """Write the batch's sums and the touched sales; the batch, when anything was new."""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {_SEEN}")
        if self._batch is None:
            return None
        self._batch.orders, self._batch.lines = self.orders, self.lines
        self._batch.save(update_fields=["orders", "lines"])
        count = len(self._touched)
        bulk.insert_columns(
            SalesTouch,
            {
                "company_id": np.full(count, self._company.pk),
                "period": self._touched % 1_000_000,
                "retailer_id": self._touched // 1_000_000,
            },
        )
        return self._batch

    def _open_batch(self) -> int:
        if self._batch is None:
            self._batch = OrderBatch.objects.create(
                company=self._company, channel="file", label=self._label[:200]
            )
        return self._batch.pk


def _same(text: str, count: int) -> NDArray[np.object_]:
    return np.full(count, text, dtype=object)
