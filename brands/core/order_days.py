"""Which days an order can have; the same for files and for REST."""

import datetime as dt

FIRST_DAY = dt.date(2000, 1, 1)
DAYS_AHEAD = 31


def order_days(today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day that an order can have.

    Args:
        today: Business date.

    Returns:
        Both are included; orders may be placed up to a month ahead.
    """
    return FIRST_DAY, today + dt.timedelta(days=DAYS_AHEAD)
