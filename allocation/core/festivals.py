"""Node factor of a month: festival trade in it, relative to the same month of last year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

MONTHS_PER_YEAR = 12
LAST_YEAR_DAYS = (300, 430)
"""A festival's date of the year before lies so many days earlier; lunar dates move by a month."""


@dataclass(frozen=True)
class FestivalReason:
    """Part of one festival's window that lies in the month.

    ``uplift * days_in_month / window_days`` is what it adds to that year's side.
    """

    name: str
    day: date
    is_last_year: bool
    days_in_month: int
    window_days: int
    uplift: Decimal

    @property
    def addition(self) -> Fraction:
        """What the festival adds to the 1 of its year."""
        return Fraction(self.uplift) * self.days_in_month / self.window_days


@dataclass(frozen=True)
class FestivalFactor:
    """The factor, rounded half up to two places, and what it follows from.

    ``factor`` is ``this_year / last_year``; each side is 1 plus the additions of its reasons.
    """

    factor: Decimal
    this_year: Fraction
    last_year: Fraction
    reasons: tuple[FestivalReason, ...]


def festival_factor(
    period: int,
    festivals: Mapping[str, Sequence[date]],
    *,
    uplift: Decimal | Mapping[str, Decimal],
    window_days: int,
) -> FestivalFactor:
    """Node factor of a month, relative to the same month of last year.

    The window of a festival is the ``window_days`` days before its date (the date itself is not
    in it). Last year's sales, which the factor multiplies, already hold last year's festivals;
    hence (1 + uplift * share of the windows in this month) / (the same for last year's month).
    A festival on a fixed date gives 1.00; the Spring Festival moves trade between January and
    February, so that one month gets more than 1 and the other less.

    Args:
        period: Month as yyyymm.
        festivals: Dates by festival, of this year, last year, and the years around; others are
            ignored. A window may begin in the month before the festival.
        uplift: Extra trade over a whole window, >= 0; ``Decimal("0.25")`` is 25 % of a month.
            One for all, or one per festival name.
        window_days: Length of the window, 1 to 60.

    Returns:
        Factor, both sides, and the reasons in order of year, date and name.

    Raises:
        ValueError: An argument is outside its range, a festival has no uplift, or a festival
            that counts in one of the two months has no date in the other year.

    Source:
        docs/algorithms/festival-factors.md.
    """
    year, month = divmod(period, 100)
    if not (1901 <= year <= 9998 and 1 <= month <= MONTHS_PER_YEAR):
        raise ValueError(f"period must be a month as yyyymm, got {period}")
    if not 1 <= window_days <= 60:
        raise ValueError(f"window_days must be 1 to 60, got {window_days}")
    reasons: list[FestivalReason] = []
    for name, days in festivals.items():
        rise = _uplift_of(name, uplift)
        for is_last_year in (False, True):
            for day in sorted(set(days)):
                inside = _days_in_month(day, window_days, year - is_last_year, month)
                if inside:
                    _check_counterpart(name, day, days, is_last_year=is_last_year)
                    reasons.append(
                        FestivalReason(name, day, is_last_year, inside, window_days, rise)
                    )
    reasons.sort(key=lambda reason: (reason.is_last_year, reason.day, reason.name))
    this_year = 1 + sum((r.addition for r in reasons if not r.is_last_year), start=Fraction(0))
    last_year = 1 + sum((r.addition for r in reasons if r.is_last_year), start=Fraction(0))
    return FestivalFactor(_two_places(this_year / last_year), this_year, last_year, tuple(reasons))


def _days_in_month(day: date, window_days: int, year: int, month: int) -> int:
    return sum(
        (earlier.year, earlier.month) == (year, month)
        for earlier in (day - timedelta(days=back) for back in range(1, window_days + 1))
    )


def _check_counterpart(name: str, day: date, days: Sequence[date], *, is_last_year: bool) -> None:
    least, most = LAST_YEAR_DAYS
    sign = -1 if is_last_year else 1
    if not any(least <= sign * (day - other).days <= most for other in days):
        raise ValueError(
            f"festivals must hold {name} of both years, got {day} but no date of the year "
            f"{'after' if is_last_year else 'before'}"
        )


def _uplift_of(name: str, uplift: Decimal | Mapping[str, Decimal]) -> Decimal:
    if isinstance(uplift, Mapping):
        if name not in uplift:
            raise ValueError(f"uplift must name every festival, got none for {name}")
        value = uplift[name]
    else:
        value = uplift
    if not 0 <= value <= 10:
        raise ValueError(f"uplift must be 0 to 10 (25 % is 0.25), got {value} for {name}")
    return Decimal(str(value))


def _two_places(value: Fraction) -> Decimal:
    hundredths = (value * 200 + 1) // 2  # half up, exact
    return (Decimal(hundredths) / 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
