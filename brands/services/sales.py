"""Keeps monthly sales up to date from the orders that changed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from brands import frames
from brands.core.sales import Cells, RetailerTotals, sum_cells, sum_retailers
from brands.models import (
    LineKind,
    MonthlySales,
    Order,
    OrderStatus,
    ProductMonth,
    RetailerMonth,
    SalesDay,
    SalesTouch,
)
from config.common import bulk, faults

Ints = NDArray[np.int64]
Progress = Callable[[int, int, str], None]

# From this share of a month's retailers on, reading the whole month costs less than looking up.
WHOLE_MONTH_SHARE = 0.2


@dataclass(frozen=True)
class SalesRefresh:
    """What a refresh did: months and retailer-months looked at, order lines read, rows written."""

    periods: int = 0
    retailer_months: int = 0
    lines: int = 0
    rows: int = 0


def refresh_sales(
    *, company_id: int, progress: Progress, assert_owner: Callable[[], None]
) -> SalesRefresh:
    """Recompute the sales of every retailer and month that orders have touched.

    Each month is one transaction, which also removes exactly the touches that it has dealt with:
    orders that arrive meanwhile keep theirs. Repeating it changes nothing.

    Args:
        company_id: Whose sales.
        progress: Told (months done, months, text).
        assert_owner: First call of each transaction; raises when the job was taken over.

    Returns:
        What was done.
    """
    touches = frames.load_touches(company_id)
    months = np.unique(touches["period"]).tolist()
    known = np.unique(touches["retailer_id"]).size
    done = SalesRefresh()
    for number, period in enumerate(months):
        progress(number, len(months), f"{period // 100}-{period % 100:02d}")
        chosen = touches["period"] == period
        refreshed = _refresh_month(
            company_id, period, touches["retailer_id"][chosen], touches["id"][chosen], assert_owner
        )
        done = SalesRefresh(
            periods=number + 1,
            retailer_months=done.retailer_months + refreshed.retailer_months,
            lines=done.lines + refreshed.lines,
            rows=done.rows + refreshed.rows,
        )
        faults.point("sales-month")
    progress(len(months), len(months), f"{known}")
    return done


def _refresh_month(
    company_id: int,
    period: int,
    touched: Ints,
    touch_ids: Ints,
    assert_owner: Callable[[], None],
) -> SalesRefresh:
    retailers = np.unique(touched)
    known = RetailerMonth.objects.filter(company_id=company_id, period=period).count()
    with transaction.atomic():
        assert_owner()
        staged = {"retailer_id": retailers}
        with bulk.staged("touched_retailers", staged, {"retailer_id": "bigint"}) as table:
            if len(retailers) >= WHOLE_MONTH_SHARE * known:
                lines = frames.load_month_lines(company_id, period)
                if known or not np.isin(lines.retailer_id, retailers).all():
                    lines = _only(lines, retailers)
            else:
                lines = frames.load_retailers_lines(period, table)
            cells = sum_cells(
                lines.retailer_id, lines.product_id, lines.cartons, lines.amount_cents
            )
            is_sale = lines.kind == LineKind.SALE.value
            totals = sum_retailers(cells, lines.retailer_id, lines.order_id, is_sale)
            if known:
                _delete_retailers(company_id, period, table)
        _insert(company_id, period, cells, totals)
        _refresh_products(company_id, period)
        _refresh_days(company_id, period)
        _delete_touches(touch_ids)
        faults.point("sales-inside-month")
    return SalesRefresh(1, len(retailers), len(lines.retailer_id), len(cells.retailer_id))


def _only(lines: frames.Lines, retailers: Ints) -> frames.Lines:
    kept = np.isin(lines.retailer_id, retailers)
    if kept.all():
        return lines
    return frames.Lines(
        lines.retailer_id[kept],
        lines.product_id[kept],
        lines.order_id[kept],
        lines.cartons[kept],
        lines.amount_cents[kept],
        lines.kind[kept],
    )


def _delete_retailers(company_id: int, period: int, table: str) -> None:
    with connection.cursor() as cursor:
        for model in (MonthlySales, RetailerMonth):
            cursor.execute(
                f"""DELETE FROM {model._meta.db_table} WHERE company_id = %s AND period = %s
                    AND retailer_id IN (SELECT retailer_id FROM {table})""",  # noqa: S608
                [company_id, period],
            )


def _insert(company_id: int, period: int, cells: Cells, totals: RetailerTotals) -> None:
    def constant(value: int, like: Ints) -> Ints:
        return np.full(len(like), value, dtype=np.int64)

    bulk.insert_columns(
        MonthlySales,
        {
            "company_id": constant(company_id, cells.cartons),
            "period": constant(period, cells.cartons),
            "retailer_id": cells.retailer_id,
            "product_id": cells.product_id,
            "cartons": cells.cartons,
            "amount_cents": cells.amount_cents,
        },
    )
    bulk.insert_columns(
        RetailerMonth,
        {
            "company_id": constant(company_id, totals.cartons),
            "period": constant(period, totals.cartons),
            "retailer_id": totals.retailer_id,
            "orders": totals.orders,
            "products": totals.products,
            "cartons": totals.cartons,
            "amount_cents": totals.amount_cents,
        },
    )


def _refresh_products(company_id: int, period: int) -> None:
    ProductMonth.objects.filter(company_id=company_id, period=period).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {ProductMonth._meta.db_table}
                    (company_id, period, product_id, retailers, cartons, amount_cents)
                SELECT company_id, period, product_id,
                       SUM(CASE WHEN cartons > 0 THEN 1 ELSE 0 END), SUM(cartons), SUM(amount_cents)
                FROM {MonthlySales._meta.db_table} WHERE company_id = %s AND period = %s
                GROUP BY company_id, period, product_id""",  # noqa: S608
            [company_id, period],
        )


def _refresh_days(company_id: int, period: int) -> None:
    SalesDay.objects.filter(company_id=company_id, period=period).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {SalesDay._meta.db_table}
                    (company_id, ordered_on, period, orders, cartons, amount_cents)
                SELECT company_id, ordered_on, period, COUNT(*), SUM(cartons), SUM(amount_cents)
                FROM {Order._meta.db_table}
                WHERE company_id = %s AND period = %s AND status = %s
                GROUP BY company_id, ordered_on, period""",  # noqa: S608
            [company_id, period, OrderStatus.ACTIVE.value],
        )


def _delete_touches(ids: Ints) -> None:
    staged: dict[str, NDArray[Any]] = {"id": ids}
    with (
        bulk.staged("touches_done", staged, {"id": "bigint"}) as table,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"DELETE FROM {SalesTouch._meta.db_table} WHERE id IN (SELECT id FROM {table})"  # noqa: S608
        )
