"""On which day a retailer orders next: its weekday, every week or in odd or even weeks."""

import datetime as dt

# Week 53 of a year is odd, and so is the week after it: an even week can be three weeks away.
_FARTHEST = 21


def next_order_day(weekday: int, weeks: str, today: dt.date) -> dt.date:
    """The next order day, today included.

    Args:
        weekday: ISO: Monday is 1.
        weeks: ``odd`` or ``even`` by the ISO number of the week, or empty for every week.
        today: Business date.
    """
    days = [today + dt.timedelta(days=ahead) for ahead in range(_FARTHEST + 7)]
    wanted = {"odd": (1,), "even": (0,)}.get(weeks, (0, 1))
    return next(
        day for day in days if day.isoweekday() == weekday and day.isocalendar().week % 2 in wanted
    )
