"""Normal-growth forecast of one product and month, with every ingredient kept."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Literal

Share = int | float | Decimal | Fraction
GrowthFlag = Literal["ok", "no_base", "at_floor", "at_cap"]
Method = Literal["last_year", "recent", "none"]

DAYS_PER_WEEK = 7
SHARE_TOLERANCE = Fraction(1, 10**9)
DEFAULT_GROWTH_FLOOR = Decimal("-0.30")
DEFAULT_GROWTH_CAP = Decimal("0.30")


@dataclass(frozen=True)
class Growth:
    """Growth per order week against the same months of last year.

    Attributes:
        rate: What the forecast uses; 0.05 is 5 %.
        raw: Before the limits; None without a base.
        flag: "ok", "no_base" (rate is 0), "at_floor" or "at_cap" (raw was beyond).
    """

    rate: Fraction
    raw: Fraction | None
    flag: GrowthFlag


@dataclass(frozen=True)
class Forecast:
    """A forecast and all it was made from.

    ``cartons`` is ``per_week * weeks * (1 + growth)`` rounded half up; with method "last_year",
    ``per_week`` is ``last_year_cartons / last_year_weeks``; with "recent" it is
    ``recent_cartons / recent_weeks`` and the growth is not used; with "none" it is 0.
    """

    cartons: int
    exact: Fraction
    method: Method
    per_week: Fraction
    weeks: Fraction
    growth: Growth | None
    last_year_cartons: int | None
    last_year_weeks: Fraction
    recent_cartons: int
    recent_weeks: Fraction


def order_weeks(
    period: int, weekday_shares: Sequence[Share], closed_days: Iterable[date] = ()
) -> Fraction:
    """Order weeks of a month: every open day counts with the share of its weekday.

    A month in which all orders fall on Sundays has 4 or 5 order weeks; with orders spread evenly
    over Monday to Friday it has a fifth of its working days.

    Args:
        period: Month as yyyymm.
        weekday_shares: Share of the volume per weekday, Monday first, seven values >= 0 that add
            up to 1 (within 1e-9; they are then scaled to add up exactly).
        closed_days: Days without orders; days of other months are ignored.

    Returns:
        Weeks, exact, >= 0.

    Raises:
        ValueError: ``period`` is no month, or the shares are not as said.

    Source:
        docs/algorithms/forecast.md.
    """
    year, month = _year_month(period)
    shares = [Fraction(str(share)) for share in weekday_shares]
    if len(shares) != DAYS_PER_WEEK or min(shares) < 0:
        raise ValueError(f"weekday_shares must be 7 shares >= 0, got {tuple(weekday_shares)}")
    share_sum = sum(shares, start=Fraction(0))
    if abs(share_sum - 1) > SHARE_TOLERANCE:
        raise ValueError(f"weekday_shares must add up to 1, got {float(share_sum)}")
    closed = set(closed_days)
    days = (date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1))
    weeks = sum(
        (shares[day.weekday()] for day in days if day not in closed),
        start=Fraction(0),
    )
    return weeks / share_sum


def growth(
    recent: int,
    same_last_year: int | None,
    recent_weeks: Fraction,
    last_weeks: Fraction,
    *,
    floor: Decimal | Fraction = DEFAULT_GROWTH_FLOOR,
    cap: Decimal | Fraction = DEFAULT_GROWTH_CAP,
) -> Growth:
    """Growth per order week of recent months against the same months of last year, limited.

    Args:
        recent: Sales of the recent closed months, cartons.
        same_last_year: Sales of the same months last year, cartons; None when unknown.
        recent_weeks: Order weeks of the recent months.
        last_weeks: Order weeks of the same months last year.
        floor: Least growth, > -1; -0.30 is minus 30 %.
        cap: Most growth, >= ``floor``.

    Returns:
        The growth. Without a base (missing, zero or negative sales, or no order weeks on either
        side) the rate is 0 within the limits, and flagged.

    Raises:
        ValueError: ``floor`` and ``cap`` are not as said.

    Source:
        docs/algorithms/forecast.md.
    """
    low, high = Fraction(floor), Fraction(cap)
    if not -1 < low <= high:
        raise ValueError(f"limits must satisfy -1 < floor <= cap, got {floor} and {cap}")
    if same_last_year is None or same_last_year <= 0 or recent_weeks <= 0 or last_weeks <= 0:
        return Growth(min(max(Fraction(0), low), high), None, "no_base")
    raw = (int(recent) / Fraction(recent_weeks)) / (int(same_last_year) / Fraction(last_weeks)) - 1
    if raw < low:
        return Growth(low, raw, "at_floor")
    if raw > high:
        return Growth(high, raw, "at_cap")
    return Growth(raw, raw, "ok")


def forecast_cartons(
    *,
    weeks: Fraction,
    last_year_cartons: int | None,
    last_year_weeks: Fraction,
    growth: Growth,
    recent_cartons: Sequence[int],
    recent_weeks: Sequence[Fraction],
) -> Forecast:
    """Forecast of a month: last year's month per order week, grown; else the recent weekly mean.

    Args:
        weeks: Order weeks of the month to forecast, >= 0.
        last_year_cartons: Sales of the same month last year, cartons; None, zero or negative
            when there is nothing to go by.
        last_year_weeks: Order weeks of that month.
        growth: Of ``growth``.
        recent_cartons: Sales of the recent closed months, cartons, one per month.
        recent_weeks: Order weeks of the same recent months.

    Returns:
        The forecast with its ingredients; 0 cartons, method "none", when nothing is known.

    Raises:
        ValueError: ``weeks`` is negative, or the recent months differ in number.

    Source:
        docs/algorithms/forecast.md.
    """
    if weeks < 0:
        raise ValueError(f"weeks must be >= 0, got {weeks}")
    if len(recent_cartons) != len(recent_weeks):
        raise ValueError(
            "recent_cartons and recent_weeks must be of one length, "
            f"got {len(recent_cartons)} and {len(recent_weeks)}"
        )
    recent_sum = int(sum(recent_cartons))
    week_sum = sum(recent_weeks, start=Fraction(0))
    method: Method = "none"
    per_week = Fraction(0)
    factor = Fraction(1)
    if last_year_cartons is not None and last_year_cartons > 0 and last_year_weeks > 0:
        method, per_week = "last_year", int(last_year_cartons) / Fraction(last_year_weeks)
        factor = 1 + growth.rate
    elif recent_sum > 0 and week_sum > 0:
        method, per_week = "recent", Fraction(recent_sum) / week_sum
    exact = per_week * weeks * factor
    return Forecast(
        cartons=floor(exact + Fraction(1, 2)),
        exact=exact,
        method=method,
        per_week=per_week,
        weeks=Fraction(weeks),
        growth=growth if method == "last_year" else None,
        last_year_cartons=last_year_cartons,
        last_year_weeks=Fraction(last_year_weeks),
        recent_cartons=recent_sum,
        recent_weeks=week_sum,
    )


def _year_month(period: int) -> tuple[int, int]:
    year, month = divmod(period, 100)
    if not (1900 <= year <= 9998 and 1 <= month <= 12):
        raise ValueError(f"period must be a month as yyyymm, got {period}")
    return year, month
