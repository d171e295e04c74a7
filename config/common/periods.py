"""Months as integers ``yyyymm`` (202611): sortable, readable in SQL, four bytes."""

import calendar
import datetime as dt
import re
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def period_of(day: dt.date) -> int:
    """The month that a day lies in, as ``yyyymm``."""
    return day.year * 100 + day.month


def shift(period: int, months: int) -> int:
    """The month that lies ``months`` after (or, negative, before) ``period``."""
    index = (period // 100) * 12 + period % 100 - 1 + months
    return index // 12 * 100 + index % 12 + 1


def months_between(earlier: int, later: int) -> int:
    """How many months ``later`` lies after ``earlier``; negative when before."""
    return (later // 100 - earlier // 100) * 12 + later % 100 - earlier % 100


def period_range(first: int, last: int) -> list[int]:
    """Every month from ``first`` to ``last``, both included."""
    return [shift(first, step) for step in range(months_between(first, last) + 1)]


def first_day(period: int) -> dt.date:
    """The first day of a month."""
    return dt.date(period // 100, period % 100, 1)


def last_day(period: int) -> dt.date:
    """The last day of a month."""
    year, month = divmod(period, 100)
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def last_closed(day: dt.date) -> int:
    """The latest month that has ended by the close of ``day``."""
    period = period_of(day)
    return period if day == last_day(period) else shift(period, -1)


def parse_period(text: str) -> int:
    """``2026-11`` as 202611.

    Raises:
        ValueError: The text is not a month between 1990-01 and 2099-12.
    """
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
    if match and 1990 <= int(match[1]) <= 2099 and 1 <= int(match[2]) <= 12:
        return int(match[1]) * 100 + int(match[2])
    raise ValueError(f"a month is written like 2026-11, got {text!r}")


def period_text(period: int) -> str:
    """202611 as ``2026-11``."""
    return f"{period // 100:04d}-{period % 100:02d}"


def business_today() -> dt.date:
    """Today in Asia/Shanghai. Only edges call this; everything below gets the date as an argument."""
    return timezone.now().astimezone(SHANGHAI).date()
