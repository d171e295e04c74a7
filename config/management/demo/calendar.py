"""Days on which the trade differs, from the lunar calendar."""

import datetime as dt
from dataclasses import dataclass

import holidays

SPRING = "Chinese New Year (Spring Festival)"
MID_AUTUMN = "Mid-Autumn Festival"


@dataclass(frozen=True)
class TradeCalendar:
    """First days of the festivals that move cigarettes, and days without order service."""

    spring: tuple[dt.date, ...]
    mid_autumn: tuple[dt.date, ...]
    closed: frozenset[dt.date]


def trade_calendar(first: dt.date, last: dt.date) -> TradeCalendar:
    """The festivals around a span of days; no orders are taken in the week of the Spring Festival."""
    named: dict[str, dict[int, dt.date]] = {SPRING: {}, MID_AUTUMN: {}}
    years = range(first.year - 1, last.year + 2)
    days = holidays.country_holidays("CN", years=years, language="en_US")
    for day, text in sorted(days.items()):
        for name in text.split("; "):
            if name in named:
                named[name].setdefault(day.year, day)
    spring = tuple(named[SPRING].values())
    closed = frozenset(day + dt.timedelta(days=step) for day in spring for step in range(-1, 6))
    return TradeCalendar(spring, tuple(named[MID_AUTUMN].values()), closed)
