"""Reads of brands for pages: the catalogue, and sales by month and day."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Permission
from accounts.selectors import last_night, working_company
from brands.models import (
    Manufacturer,
    MarketObservation,
    MonthlySales,
    PriceClass,
    Product,
    ProductMonth,
    RetailerMonth,
    SalesDay,
)
from config.common import periods
from customers.models import Retailer

MONTHS = 24


@dataclass(frozen=True)
class MonthFigures:
    """Net sales of one month; zero where nothing was sold."""

    period: int
    cartons: int = 0
    amount_cents: int = 0
    count: int = 0


@dataclass(frozen=True)
class Comparison:
    """Sales of some days or a month, beside the same a month and a year before.

    Each sum is (cartons, cents); a change is None where there was nothing to compare with.
    """

    title: Any
    now: tuple[int, int]
    month_before: tuple[int, int]
    year_before: tuple[int, int]

    @property
    def on_month(self) -> float | None:
        """Change of cartons against the month before, as a fraction."""
        return _change(self.now[0], self.month_before[0])

    @property
    def on_year(self) -> float | None:
        """Change of cartons against the year before, as a fraction."""
        return _change(self.now[0], self.year_before[0])


def _change(now: int, before: int) -> float | None:
    return now / before - 1 if before > 0 else None


# --- products -----------------------------------------------------------------------------


def list_products(user: User) -> QuerySet[Product]:
    """Products this person sees, with manufacturer and price class."""
    return Product.objects.visible_to(user).select_related("manufacturer", "price_class")


def filter_products(products: QuerySet[Product], wanted: dict[str, Any]) -> QuerySet[Product]:
    """Products by ``q`` (words), ``manufacturer``, ``price_class`` and ``status``."""
    if wanted.get("manufacturer"):
        products = products.filter(manufacturer=wanted["manufacturer"])
    if wanted.get("price_class"):
        products = products.filter(price_class=wanted["price_class"])
    if wanted.get("status"):
        products = products.filter(is_active=wanted["status"] == "active")
    for word in (wanted.get("q") or "").lower().split():
        products = products.filter(search_key__contains=word)
    return products


def product_choices(user: User) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Manufacturers and price classes that occur in this person's catalogue, as choices."""
    seen = Product.objects.visible_to(user)
    makers = Manufacturer.objects.filter(pk__in=seen.values("manufacturer")).order_by("name")
    classes = PriceClass.objects.order_by("position")
    return list(makers.values_list("pk", "name")), list(classes.values_list("pk", "name"))


def may_see_sales(user: User) -> bool:
    """Staff by permission; an industry partner sees the sums of their own brands."""
    return Permission.VIEW_SALES in user.permissions or bool(user.scope.partner)


def product_sales(user: User, products: list[Product], period: int) -> dict[int, ProductMonth]:
    """Sales of one month by product id, for one page of the list."""
    company = working_company(user)
    if company is None or not may_see_sales(user):
        return {}
    rows = ProductMonth.objects.filter(company=company, period=period, product__in=products)
    return {row.product_id: row for row in rows}


def product_months(user: User, product: Product, last: int) -> list[MonthFigures]:
    """24 months of one product in the whole company, up to and with ``last``."""
    company = working_company(user)
    wanted = periods.period_range(periods.shift(last, 1 - MONTHS), last)
    rows = ProductMonth.objects.filter(company=company, period__in=wanted, product=product)
    found = {
        row.period: MonthFigures(row.period, row.cartons, row.amount_cents, row.retailers)
        for row in rows
    }
    return [found.get(period, MonthFigures(period)) for period in wanted]


# --- sales --------------------------------------------------------------------------------


def figures_day(user: User) -> dt.date:
    """As of which day figures are shown: the last night's, else the last day with an order."""
    night = last_night(user)
    if night is not None and night.business_date is not None:
        return night.business_date
    company = working_company(user)
    newest = SalesDay.objects.filter(company=company).aggregate(day=Max("ordered_on"))["day"]
    return newest or periods.business_today()


def company_months(user: User, last: int) -> list[MonthFigures]:
    """24 months of what this person sees: the company, or the retailers of their scope."""
    company = working_company(user)
    first = periods.shift(last, 1 - MONTHS)
    rows: Any
    if user.scope.whole_company:
        rows = SalesDay.objects.filter(company=company, period__range=(first, last))
    else:
        rows = _scoped_months(user).filter(company=company, period__range=(first, last))
    sums = rows.values("period").annotate(
        all_cartons=Sum("cartons"), all_cents=Sum("amount_cents"), all_orders=Sum("orders")
    )
    found = {
        row["period"]: MonthFigures(
            row["period"], row["all_cartons"], row["all_cents"], row["all_orders"]
        )
        for row in sums.order_by("period")
    }
    return [found.get(period, MonthFigures(period)) for period in periods.period_range(first, last)]


def _scoped_months(user: User) -> QuerySet[RetailerMonth]:
    wanted = user.scope.retailer_filter("retailer__")
    return RetailerMonth.objects.none() if wanted is None else RetailerMonth.objects.filter(wanted)


def sales_so_far(user: User, day: dt.date) -> Comparison:
    """This month up to ``day`` beside the same days of last month and of the year before."""
    company = working_company(user)
    spans = [_days(day, 0), _days(day, -1), _days(day, -12)]
    wanted: dict[str, Any] = {}
    for name, span in zip("abc", spans, strict=True):
        inside = Q(ordered_on__range=span)
        wanted[f"{name}_cartons"] = Sum("cartons", filter=inside, default=0)
        wanted[f"{name}_cents"] = Sum("amount_cents", filter=inside, default=0)
    rows = SalesDay.objects.filter(
        company=company, ordered_on__range=(spans[2][0], spans[0][1])
    ).aggregate(**wanted)
    now, month, year = ((rows[f"{name}_cartons"], rows[f"{name}_cents"]) for name in "abc")
    return Comparison(_("This month so far"), now, month, year)


def _days(day: dt.date, months: int) -> tuple[dt.date, dt.date]:
    period = periods.shift(periods.period_of(day), months)
    first, last = periods.first_day(period), periods.last_day(period)
    return first, min(last, first + dt.timedelta(days=day.day - 1))


def closed_month(months: list[MonthFigures], day: dt.date) -> Comparison:
    """The last month that has ended, from 24 months that end with the month of ``day``."""
    by_period = {row.period: row for row in months}
    closed = periods.last_closed(day)

    def figures(period: int) -> tuple[int, int]:
        row = by_period.get(period, MonthFigures(period))
        return row.cartons, row.amount_cents

    return Comparison(
        periods.period_text(closed),
        figures(closed),
        figures(periods.shift(closed, -1)),
        figures(periods.shift(closed, -12)),
    )


# --- one retailer -------------------------------------------------------------------------


def retailer_months(retailer: Retailer, last: int) -> list[MonthFigures]:
    """24 months of one retailer, up to and with ``last``."""
    wanted = periods.period_range(periods.shift(last, 1 - MONTHS), last)
    rows = RetailerMonth.objects.filter(
        company_id=retailer.company_id, period__in=wanted, retailer=retailer
    )
    found = {
        row.period: MonthFigures(row.period, row.cartons, row.amount_cents, row.orders)
        for row in rows
    }
    return [found.get(period, MonthFigures(period)) for period in wanted]


def top_products(retailer: Retailer, last: int, *, months: int = 3) -> list[dict[str, Any]]:
    """What a retailer bought most in the last closed months, with its share and each month's cartons."""
    wanted = periods.period_range(periods.shift(last, 1 - months), last)
    by_month = {
        f"cartons_{place}": Sum("cartons", filter=Q(period=period), default=0)
        for place, period in enumerate(wanted)
    }
    rows: list[Any] = list(
        MonthlySales.objects.filter(
            company_id=retailer.company_id, period__in=wanted, retailer=retailer
        )
        .values("product_id", "product__code", "product__name")
        .annotate(all_cartons=Sum("cartons"), all_cents=Sum("amount_cents"), **by_month)
        .order_by("-all_cartons", "product__code")
    )
    whole = sum(row["all_cartons"] for row in rows)
    return [
        {
            **row,
            "by_month": [row[name] for name in by_month],
            "share": row["all_cartons"] / whole if whole > 0 else None,
        }
        for row in rows[:10]
    ]


def latest_observations(user: User, retailer: Retailer) -> list[MarketObservation]:
    """The latest observation of each product in one shop, newest first."""
    place = Window(
        RowNumber(),
        partition_by=F("product_id"),
        order_by=[F("observed_on").desc(), F("pk").desc()],
    )
    return list(
        MarketObservation.objects.visible_to(user)
        .filter(company_id=retailer.company_id, retailer=retailer)
        .select_related("product")
        .annotate(place=place)
        .filter(place=1)
        .order_by("-observed_on", "product__code")
    )
