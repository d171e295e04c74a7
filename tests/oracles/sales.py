"""Slow oracle of monthly sales: plain loops over all order lines there are."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

SALE, RETURN, CANCELLED = 1, 2, 3


@dataclass
class Books:
    """What must be stored; keys and values are plain tuples and integers."""

    monthly: dict[tuple[int, int, int], tuple[int, int]] = field(default_factory=dict)
    retailer_months: dict[tuple[int, int], tuple[int, int, int, int]] = field(default_factory=dict)
    product_months: dict[tuple[int, int], tuple[int, int, int]] = field(default_factory=dict)
    days: dict[dt.date, tuple[int, int, int]] = field(default_factory=dict)


def books_of(
    lines: list[tuple[int, int, int, int, int, int, int]],
    orders: list[tuple[dt.date, str, int, int]],
) -> Books:
    """Sales from scratch.

    Args:
        lines: period, retailer, product, order, cartons, cents, kind.
        orders: day, status, cartons, cents.
    """
    cells: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0])
    seen: set[tuple[int, int]] = set()
    order_ids: dict[tuple[int, int], set[int]] = defaultdict(set)
    for period, retailer, product, order, cartons, cents, kind in lines:
        if kind == CANCELLED:
            continue
        cells[period, retailer, product][0] += cartons
        cells[period, retailer, product][1] += cents
        seen.add((period, retailer))
        if kind == SALE:
            order_ids[period, retailer].add(order)
    books = Books()
    books.monthly = {key: (c, a) for key, (c, a) in cells.items() if c or a}
    for period, retailer in seen:
        own = [v for (p, r, _), v in books.monthly.items() if (p, r) == (period, retailer)]
        books.retailer_months[period, retailer] = (
            len(order_ids[period, retailer]),
            sum(1 for cartons, _ in own if cartons > 0),
            sum(cartons for cartons, _ in own),
            sum(cents for _, cents in own),
        )
    for period, product in {(p, product) for p, _, product in books.monthly}:
        sold = [v for (p, _, k), v in books.monthly.items() if (p, k) == (period, product)]
        books.product_months[period, product] = (
            sum(1 for cartons, _ in sold if cartons > 0),
            sum(cartons for cartons, _ in sold),
            sum(cents for _, cents in sold),
        )
    for day in {day for day, status, _, _ in orders if status == "active"}:
        on = [(c, a) for d, status, c, a in orders if d == day and status == "active"]
        books.days[day] = (len(on), sum(c for c, _ in on), sum(a for _, a in on))
    return books
