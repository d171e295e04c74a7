"""Forecasts per product and month, with the error they would have had."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection, transaction

from allocation.core.forecast import Forecast, forecast_cartons, growth, order_weeks
from allocation.models import DemandForecast, Plan, PlanStatus
from allocation.services.rules import newest_supply_caps, params_as_of
from brands import frames as brand_frames
from brands.models import Product
from config.common import periods

HISTORY_MONTHS = 27
BACKTEST_MONTHS = 3


@dataclass(frozen=True)
class History:
    """What forecasts are made from.

    Attributes:
        cartons: Product id to month to net cartons.
        weeks: Month to its order weeks.
        first: First month for which sales are known.
        recent_months: How many months growth is measured over.
        growth_floor: Least growth.
        growth_cap: Most growth.
    """

    cartons: dict[int, dict[int, int]]
    weeks: Callable[[int], Fraction]
    first: int
    recent_months: int
    growth_floor: Decimal
    growth_cap: Decimal


def open_periods(*, company_id: int, business_date: dt.date) -> list[int]:
    """Months whose draft the night works on: this one and the next, unless approved or published."""
    month = periods.period_of(business_date)
    closed = Plan.objects.filter(
        company_id=company_id,
        period__in=[month, periods.shift(month, 1)],
        status__in=[PlanStatus.APPROVED, PlanStatus.PUBLISHED],
    ).values_list("period", flat=True)
    drafts = set(
        Plan.objects.filter(company_id=company_id, status=PlanStatus.DRAFT).values_list(
            "period", flat=True
        )
    )
    wanted = {month, periods.shift(month, 1)} - (set(closed) - drafts)
    return sorted(wanted)


def compute_forecasts(
    *,
    company_id: int,
    business_date: dt.date,
    wanted: Sequence[int],
    progress: Callable[[int, int, str], None],
    assert_owner: Callable[[], None],
) -> list[DemandForecast]:
    """Forecast every product for some months and replace what was stored for them.

    Args:
        company_id: Whose demand.
        business_date: Only months closed by then are looked at.
        wanted: Months, yyyymm.
        progress: Told (done, total, text).
        assert_owner: First call of the transaction.

    Returns:
        The stored forecasts, by month and product code.
    """
    last = periods.last_closed(business_date)
    history = load_history(company_id, business_date, last)
    rows: list[DemandForecast] = []
    for number, period in enumerate(wanted):
        progress(number, len(wanted), periods.period_text(period))
        for product in _products(company_id, period, history):
            rows.append(_forecast_row(company_id, business_date, period, last, product, history))
    with transaction.atomic():
        assert_owner()
        with connection.cursor() as cursor:
            for period in wanted:
                cursor.execute(
                    f"DELETE FROM {DemandForecast._meta.db_table} "  # noqa: S608
                    "WHERE company_id = %s AND period = %s",
                    [company_id, period],
                )
        DemandForecast.objects.bulk_create(rows, batch_size=500)
    progress(len(wanted), len(wanted), "")
    return rows


def load_history(company_id: int, business_date: dt.date, last: int) -> History:
    """Sales of the last months and the order weeks of any month."""
    params, _version = params_as_of(company_id, "demand.forecast", business_date)
    first = periods.shift(last, 1 - HISTORY_MONTHS)
    cartons = brand_frames.load_product_months(company_id, first, last)
    known = [period for months in cartons.values() for period in months]
    shares = brand_frames.load_weekday_shares(
        company_id, periods.first_day(periods.shift(last, -11)), periods.last_day(last)
    )
    weeks: dict[int, Fraction] = {}

    def weeks_of(period: int) -> Fraction:
        if period not in weeks:
            weeks[period] = order_weeks(period, shares)
        return weeks[period]

    return History(
        cartons=cartons,
        weeks=weeks_of,
        first=min(known, default=last),
        recent_months=int(params["recent_months"]),
        growth_floor=Decimal(params["growth_floor"]),
        growth_cap=Decimal(params["growth_cap"]),
    )


def _products(company_id: int, period: int, history: History) -> list[Product]:
    """Active products that were sold lately or have an agreed supply, by code."""
    supplied = newest_supply_caps(company_id, period)
    return [
        product
        for product in Product.objects.filter(is_active=True).order_by("code")
        if product.pk in history.cartons or product.pk in supplied
    ]


def recent_periods(last: int, history: History) -> list[int]:
    """The closed months that growth is measured over, as far as sales are known."""
    wanted = periods.period_range(periods.shift(last, 1 - history.recent_months), last)
    return [month for month in wanted if month >= history.first]


def forecast_product(months: dict[int, int], period: int, last: int, history: History) -> Forecast:
    """Forecast of one product for ``period`` from its sales up to month ``last``."""
    recent = recent_periods(last, history)
    before = [periods.shift(month, -12) for month in recent]
    base_known = bool(before) and before[0] >= history.first
    grown = growth(
        sum(months.get(month, 0) for month in recent),
        sum(months.get(month, 0) for month in before) if base_known else None,
        sum((history.weeks(month) for month in recent), Fraction(0)),
        sum((history.weeks(month) for month in before), Fraction(0)),
        floor=history.growth_floor,
        cap=history.growth_cap,
    )
    last_year = periods.shift(period, -12)
    return forecast_cartons(
        weeks=history.weeks(period),
        last_year_cartons=months.get(last_year),
        last_year_weeks=history.weeks(last_year),
        growth=grown,
        recent_cartons=[max(0, months.get(month, 0)) for month in recent],
        recent_weeks=[history.weeks(month) for month in recent],
    )


def backtest(months: dict[int, int], last: int, history: History) -> float | None:
    """Mean relative error of the forecasts that would have been made for the last closed months."""
    errors = []
    for back in range(BACKTEST_MONTHS):
        actual_month = periods.shift(last, -back)
        actual = months.get(actual_month, 0)
        if actual <= 0 or periods.shift(actual_month, -1) < history.first:
            continue
        # Made one month ahead, as the plan of the next month is.
        made = forecast_product(months, actual_month, periods.shift(actual_month, -1), history)
        errors.append(abs(made.cartons - actual) / actual)
    return sum(errors) / len(errors) if errors else None


def _forecast_row(
    company_id: int,
    business_date: dt.date,
    period: int,
    last: int,
    product: Product,
    history: History,
) -> DemandForecast:
    months = history.cartons.get(product.pk, {})
    made = forecast_product(months, period, last, history)
    normalised = None
    if made.method == "last_year":
        normalised = _half_up(made.per_week * made.weeks)
    return DemandForecast(
        company_id=company_id,
        period=period,
        product=product,
        business_date=business_date,
        last_year_cartons=normalised,
        forecast_cartons=max(0, made.cartons),
        backtest_error=backtest(months, last, history),
        figures=_figures(made, months, period, last, history),
    )


def _figures(
    made: Forecast, months: dict[int, int], period: int, last: int, history: History
) -> dict[str, Any]:
    recent = recent_periods(last, history)
    before = [periods.shift(month, -12) for month in recent]
    grown = made.growth
    return {
        "method": made.method,
        "plan_weeks": _number(made.weeks),
        "last_year_raw_cartons": months.get(periods.shift(period, -12)),
        "last_year_weeks": _number(history.weeks(periods.shift(period, -12))),
        "recent_months": [recent[0], recent[-1]] if recent else [],
        "recent_cartons": sum(months.get(month, 0) for month in recent),
        "recent_weeks": _number(sum((history.weeks(month) for month in recent), Fraction(0))),
        "recent_last_year_cartons": sum(months.get(month, 0) for month in before),
        "recent_last_year_weeks": _number(
            sum((history.weeks(month) for month in before), Fraction(0))
        ),
        "growth": _number(grown.rate) if grown else 0.0,
        "growth_raw": _number(grown.raw) if grown and grown.raw is not None else None,
        "growth_flag": grown.flag if grown else "no_base",
    }


def _number(value: Fraction) -> float:
    return round(float(value), 6)


def _half_up(value: Fraction) -> int:
    return int((value + Fraction(1, 2)) // 1)
