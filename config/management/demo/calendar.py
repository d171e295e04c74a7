"""Days on which the trade differs, from the lunar calendar."""

import datetime as dt
from dataclasses import dataclass

from allocation.services.rules import festival_dates


@dataclass(frozen=True)
class TradeCalendar:
    """First days of the festivals that move cigarettes, and days without order service."""

    spring: tuple[dt.date, ...]
    mid_autumn: tuple[dt.date, ...]
    closed: frozenset[dt.date]


def trade_calendar(first: dt.date, last: dt.date) -> TradeCalendar:
    """The festivals around a span of days; no orders are taken in the week of the Spring Festival."""
    dates = festival_dates(range(first.year - 1, last.year + 2))
    spring = dates["spring_festival"]
    closed = frozenset(day + dt.timedelta(days=step) for day in spring for step in range(-1, 6))
    return TradeCalendar(tuple(spring), tuple(dates["mid_autumn"]), closed)
