"""The next order day of a retailer, by weekday and odd or even weeks."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.core.order_days import next_order_day

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31))


@pytest.mark.parametrize(
    ("weekday", "weeks", "today", "expected"),
    [
        (3, "", "2026-11-22", "2026-11-25"),  # a Sunday; Wednesday comes
        (3, "", "2026-11-25", "2026-11-25"),
        (1, "", "2026-11-24", "2026-11-30"),
        (3, "odd", "2026-11-22", "2026-12-02"),  # week 48 is even
        (3, "even", "2026-11-22", "2026-11-25"),
        (5, "even", "2026-12-26", "2027-01-15"),  # weeks 53 and 1 are odd
        (5, "odd", "2027-01-02", "2027-01-08"),
    ],
)
def test_known_days(weekday, weeks, today, expected):
    found = next_order_day(weekday, weeks, dt.date.fromisoformat(today))

    assert found == dt.date.fromisoformat(expected)


@given(weekday=st.integers(1, 7), weeks=st.sampled_from(["", "odd", "even"]), today=DAYS)
def test_it_is_the_first_that_fits(weekday, weeks, today):
    found = next_order_day(weekday, weeks, today)
    between = [today + dt.timedelta(days=n) for n in range((found - today).days)]

    def fits(day):
        parity = {"odd": 1, "even": 0}.get(weeks, day.isocalendar().week % 2)
        return day.isoweekday() == weekday and day.isocalendar().week % 2 == parity

    assert fits(found)
    assert not any(map(fits, between))
