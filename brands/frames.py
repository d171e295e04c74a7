"""The only door between order and sales rows and arrays."""

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from brands.models import (
    LineKind,
    MonthlySales,
    Order,
    OrderLine,
    ProductMonth,
    SalesDay,
    SalesTouch,
)
from config.common import bulk, periods

Ints = NDArray[np.int64]

_LINES = OrderLine._meta.db_table
_ORDERS = Order._meta.db_table
_TOUCHES = SalesTouch._meta.db_table
_MONTHLY = MonthlySales._meta.db_table

LINE_TYPES = {
    "retailer_id": "i8",
    "product_id": "i8",
    "order_id": "i8",
    "cartons": "i8",
    "amount_cents": "i8",
    "kind": "i2",
}


@dataclass(frozen=True)
class Lines:
    """Order lines of one month; arrays of shape (n,).

    Attributes:
        retailer_id: Whose.
        product_id: Of what.
        order_id: In which order.
        cartons: 条; negative for returns.
        amount_cents: 分; negative for returns.
        kind: A ``LineKind``; cancelled lines are not here.
    """

    retailer_id: Ints
    product_id: Ints
    order_id: Ints
    cartons: Ints
    amount_cents: Ints
    kind: NDArray[np.int16]


def load_touches(company_id: int) -> dict[str, NDArray[np.int64]]:
    """What changed since sales were last refreshed: arrays ``id``, ``period``, ``retailer_id``."""
    return bulk.read_columns(
        f"SELECT id, period, retailer_id FROM {_TOUCHES} WHERE company_id = %s",  # noqa: S608
        [company_id],
        {"id": "i8", "period": "i8", "retailer_id": "i8"},
    )


def load_month_lines(company_id: int, period: int) -> Lines:
    """All lines of a month that count for sales."""
    found = bulk.read_columns(
        f"""SELECT retailer_id, product_id, order_id, ordered_cartons AS cartons, amount_cents, kind
            FROM {_LINES} WHERE period = %s AND company_id = %s AND kind <> %s""",  # noqa: S608
        [period, company_id, LineKind.CANCELLED.value],
        LINE_TYPES,
    )
    return Lines(**found)


def load_retailers_lines(period: int, staged_retailers: str) -> Lines:
    """Lines of a month of the retailers in a staged table (column ``retailer_id``)."""
    found = bulk.read_columns(
        f"""SELECT l.retailer_id, l.product_id, l.order_id, l.ordered_cartons AS cartons,
                   l.amount_cents, l.kind
            FROM {staged_retailers} t
            JOIN {_ORDERS} o ON o.retailer_id = t.retailer_id AND o.ordered_on BETWEEN %s AND %s
            JOIN {_LINES} l ON l.period = %s AND l.order_id = o.id
            WHERE l.kind <> %s""",  # noqa: S608
        [
            periods.first_day(period),
            periods.last_day(period),
            period,
            LineKind.CANCELLED.value,
        ],
        LINE_TYPES,
    )
    return Lines(**found)


def load_purchases(company_id: int, first: int, last: int) -> dict[str, Ints]:
    """Monthly sales: ``retailer_id``, ``product_id``, ``cartons``; a row per pair and month."""
    return bulk.read_columns(
        f"""SELECT retailer_id, product_id, cartons FROM {_MONTHLY}
            WHERE company_id = %s AND period BETWEEN %s AND %s""",  # noqa: S608
        [company_id, first, last],
        {"retailer_id": "i8", "product_id": "i8", "cartons": "i8"},
    )


def load_retailer_months(company_id: int, first: int, last: int) -> dict[str, Ints]:
    """Purchases per retailer and month: ``retailer_id``, ``period``, ``cartons``, ``amount_cents``."""
    return bulk.read_columns(
        """SELECT retailer_id, period, cartons, amount_cents FROM brands_retailermonth
           WHERE company_id = %s AND period BETWEEN %s AND %s""",
        [company_id, first, last],
        {"retailer_id": "i8", "period": "i8", "cartons": "i8", "amount_cents": "i8"},
    )


def load_first_months(company_id: int, before: int) -> dict[str, Ints]:
    """Month of the first purchase of who bought before a month: ``retailer_id``, ``period``."""
    return bulk.read_columns(
        """SELECT retailer_id, MIN(period) AS period FROM brands_retailermonth
           WHERE company_id = %s AND period < %s AND cartons > 0 GROUP BY retailer_id""",
        [company_id, before],
        {"retailer_id": "i8", "period": "i8"},
    )


def load_product_months(company_id: int, first: int, last: int) -> dict[int, dict[int, int]]:
    """Net cartons by product id and month, for the months where the product was sold."""
    rows = ProductMonth.objects.filter(
        company_id=company_id, period__range=(first, last)
    ).values_list("product_id", "period", "cartons")
    found: dict[int, dict[int, int]] = {}
    for product_id, period, cartons in rows:
        found.setdefault(product_id, {})[period] = cartons
    return found


def load_weekday_shares(company_id: int, since: dt.date, until: dt.date) -> list[Fraction]:
    """Share of the order volume per weekday, Monday first; even over Monday to Friday when unknown."""
    cartons = [0] * 7
    days = SalesDay.objects.filter(
        company_id=company_id, ordered_on__range=(since, until)
    ).values_list("ordered_on", "cartons")
    for day, volume in days:
        cartons[day.weekday()] += max(0, volume)
    total = sum(cartons)
    if total == 0:
        return [Fraction(1, 5)] * 5 + [Fraction(0)] * 2
    return [Fraction(volume, total) for volume in cartons]
