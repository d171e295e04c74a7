"""Good lines of an order file as arrays: their sums by order, and their database columns."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from brands.core.content import line_hashes, sum_hashes
from brands.importers.order_columns import Checked
from brands.importers.order_store import Totals

Ints = NDArray[np.int64]
_DAY_ZERO = 719_163  # 1970-01-01 as an ordinal


class Lines:
    """Good lines of a chunk with their orders."""

    def __init__(self, checked: Checked, rows: Ints, member: Ints, line_no: Ints) -> None:
        self.member = member
        self._checked = checked
        self._rows = rows
        self._line_no = line_no

    def totals(self, count: int) -> Totals:
        """Sums by order."""
        it, rows = self._checked, self._rows
        hashes = line_hashes(
            self._line_no,
            it.retailer[rows],
            it.product[rows],
            it.day[rows].astype(np.int64) + _DAY_ZERO,
            it.kind[rows],
            it.cartons[rows],
            it.needed[rows],
            it.quota[rows],
            it.price[rows],
            it.amount[rows],
        )
        order = np.argsort(self.member, kind="stable")
        sorted_member = self.member[order]
        starts = np.flatnonzero(np.diff(sorted_member, prepend=-1))
        present = sorted_member[starts]
        sums = [np.zeros(count, dtype=np.int64) for _column in range(4)]
        sums[0][present] = np.diff(np.append(starts, len(order)))
        sums[1][present] = np.add.reduceat(it.cartons[rows][order], starts)
        sums[2][present] = np.add.reduceat(it.amount[rows][order], starts)
        sums[3][present] = sum_hashes(hashes[order], starts)
        return Totals(*sums)

    def columns(self, kept: NDArray[np.bool_], order_ids: Ints) -> dict[str, NDArray[Any]]:
        """Database columns, sorted by the primary key."""
        it = self._checked
        order_id, line_no = order_ids[self.member[kept]], self._line_no[kept]
        rows = self._rows[kept]
        period = periods_of(it.day[rows])
        order = np.lexsort((line_no, order_id, period))
        rows = rows[order]
        return {
            "period": period[order],
            "order_id": order_id[order],
            "line_no": line_no[order],
            "retailer_id": it.retailer[rows],
            "product_id": it.product[rows],
            "ordered_on": it.day[rows],
            "kind": it.kind[rows],
            "ordered_cartons": it.cartons[rows],
            "needed_cartons": np.ma.masked_less(it.needed[rows], 0),
            "quota_cartons": np.ma.masked_less(it.quota[rows], 0),
            "unit_price_cents": np.ma.masked_less(it.price[rows], 0),
            "amount_cents": it.amount[rows],
        }


def periods_of(days: NDArray[np.datetime64]) -> Ints:
    """Months as ``yyyymm``."""
    months = days.astype("datetime64[M]").astype(np.int64)
    return (1970 + months // 12) * 100 + months % 12 + 1
