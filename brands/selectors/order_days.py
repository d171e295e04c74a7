"""Orders of one retailer by day: for the stream of what happened, and for what to do next."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from accounts.models import User
from accounts.selectors import working_company
from brands.models import Order, OrderStatus, SalesDay
from customers.models import Retailer


@dataclass(frozen=True)
class OrderDay:
    """What a retailer ordered on a day.

    Attributes:
        day: When.
        orders: Orders that stand.
        cancelled: Orders that were cancelled.
        cartons: Net of returns.
        amount_cents: Net of returns.
        number: The number of the order, if it is the only one.
    """

    day: date
    orders: int
    cancelled: int
    cartons: int
    amount_cents: int
    number: str


def last_order_day(user: User) -> date | None:
    """The last day with an order of this person's company; None before the first."""
    days = SalesDay.objects.filter(company=working_company(user))
    day: date | None = days.aggregate(day=Max("ordered_on"))["day"]
    return day


def order_days(retailer: Retailer, last: date, limit: int) -> list[OrderDay]:
    """The latest days with orders, up to a day; the latest first."""
    stands = Q(status=OrderStatus.ACTIVE)
    rows: Any = (
        Order.objects.filter(retailer=retailer, ordered_on__lte=last)
        .values("ordered_on")
        .annotate(
            standing=Count("pk", filter=stands),
            number=Count("pk"),
            all_cartons=Sum("cartons", filter=stands, default=0),
            all_cents=Sum("amount_cents", filter=stands, default=0),
            first=Min("order_no"),
        )
        .order_by("-ordered_on")[:limit]
    )
    return [
        OrderDay(
            day=row["ordered_on"],
            orders=row["standing"],
            cancelled=row["number"] - row["standing"],
            cartons=row["all_cartons"],
            amount_cents=row["all_cents"],
            number=row["first"] if row["number"] == 1 else "",
        )
        for row in rows
    ]
