"""Takes back a file of orders: its orders and lines go, and the night computes their months anew.

An order that was sent again since, by a push or a later file, belongs to another batch and stays. A published
plan stays as it is: its figures are what was agreed.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from brands.importers.order_store import SOURCE
from brands.models import Order, OrderBatch, OrderLine, OrderStatus, SalesTouch
from config.common import bulk, locks
from config.common.errors import DomainError
from customers.importers.reverting import DELETED, LEFT, Reverting, who_needs
from customers.importers.rowlog import new_keys

Ints = NDArray[np.int64]
_TYPES = {"id": "bigint", "period": "integer"}


def revert_orders(reverting: Reverting) -> None:
    """Delete the orders of the file that still are as it brought them.

    Raises:
        DomainError: It is not known which orders the file brought.
    """
    file = reverting.file
    batch = OrderBatch.objects.filter(pk=file.undo.get("batch"), company=file.company).first()
    if batch is None:
        raise DomainError(
            _("It is not known which orders this file brought; it cannot be reverted."),
            code="no_batch",
        )
    locks.hold("import orders", file.company_id or 0)
    orders = _lock(batch)
    needed = who_needs(Order, [it[0] for it in orders], (OrderLine,))
    gone = [it for it in orders if it[0] not in needed]
    kept = [it for it in orders if it[0] in needed]
    reverting.total = batch.orders
    _delete(reverting, gone, company_id=batch.company_id)
    reverting.note(DELETED, [it[1] for it in gone])
    why = _("is needed by: %(names)s")
    reverting.note(LEFT, [it[1] for it in kept], [why % {"names": needed[it[0]]} for it in kept])
    _note_replaced(reverting, batch, {it[1] for it in orders})
    _close(batch)


# Primary key, number, month, retailer.
_Row = tuple[int, str, int, int]


def _lock(batch: OrderBatch) -> list[_Row]:
    """The orders that are still as the file brought them; a push has to wait for us, as we for it."""
    rows = (
        Order.objects.filter(
            batch_id=batch.pk, source=SOURCE, revision=0, status=OrderStatus.ACTIVE
        )
        .order_by("order_no")
        .select_for_update(of=("self",))
    )
    return list(rows.values_list("pk", "order_no", "period", "retailer_id"))


def _delete(reverting: Reverting, orders: Sequence[_Row], *, company_id: int) -> None:
    if not orders:
        return
    columns = {
        "id": np.array([it[0] for it in orders], dtype=np.int64),
        "period": np.array([it[2] for it in orders], dtype=np.int64),
    }
    quote = connection.ops.quote_name
    lines, table = quote(OrderLine._meta.db_table), quote(Order._meta.db_table)
    with (
        bulk.staged("revert_orders", columns, _TYPES) as staged,
        connection.cursor() as cursor,
    ):
        for period in np.unique(columns["period"]).tolist():
            cursor.execute(
                f"DELETE FROM {lines} WHERE period = %s"  # noqa: S608 - our own names
                f" AND order_id IN (SELECT id FROM {staged} WHERE period = %s)",
                [period, period],
            )
        cursor.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {staged})"  # noqa: S608
        )
    _touch(company_id, columns["period"], np.array([it[3] for it in orders], dtype=np.int64))


def _touch(company_id: int, periods: Ints, retailers: Ints) -> None:
    """The night must compute these months of these retailers again."""
    packed = np.unique(retailers * 1_000_000 + periods)
    bulk.insert_columns(
        SalesTouch,
        {
            "company_id": np.full(len(packed), company_id),
            "period": packed % 1_000_000,
            "retailer_id": packed // 1_000_000,
        },
    )


def _note_replaced(reverting: Reverting, batch: OrderBatch, ours: set[str]) -> None:
    """Orders of the file that are another batch's now, named by the file's own result."""
    missing = batch.orders - len(ours)
    if missing <= 0:
        return
    why = _("was sent again since with other content")
    brought = _brought(reverting)
    numbers = sorted(brought - ours)[:missing] if brought else []
    numbers += [""] * (missing - len(numbers))
    reverting.note(LEFT, numbers, [why] * missing)


def _brought(reverting: Reverting) -> set[str]:
    """Numbers of the orders that the file brought, from its result file."""
    path = Path(settings.MEDIA_ROOT) / reverting.file.result_path
    return new_keys(path) if reverting.file.result_path and path.is_file() else set()


def _close(batch: OrderBatch) -> None:
    left = Order.objects.filter(batch_id=batch.pk)
    sums = left.aggregate(orders=Count("pk"), lines=Sum("line_count"))
    if sums["orders"]:
        OrderBatch.objects.filter(pk=batch.pk).update(**sums)
    else:
        OrderBatch.objects.filter(pk=batch.pk)._raw_delete(left.db)
