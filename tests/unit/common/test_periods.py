"""Months as yyyymm."""

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.common import periods

months = st.builds(
    lambda year, month: year * 100 + month, st.integers(1990, 2099), st.integers(1, 12)
)
days = st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31))


@given(months, st.integers(-600, 600))
def test_shift_there_and_back_is_the_same_month(period, steps):
    moved = periods.shift(period, steps)

    assert 1 <= moved % 100 <= 12
    assert periods.shift(moved, -steps) == period
    assert periods.months_between(period, moved) == steps


@given(days)
def test_a_day_lies_between_the_first_and_last_day_of_its_month(day):
    period = periods.period_of(day)

    assert periods.first_day(period) <= day <= periods.last_day(period)
    assert periods.last_day(period).day == calendar.monthrange(day.year, day.month)[1]


@given(days)
def test_the_last_closed_month_ends_today_or_before_and_the_next_one_does_not(day):
    closed = periods.last_closed(day)

    assert periods.last_day(closed) <= day < periods.last_day(periods.shift(closed, 1))


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (dt.date(2026, 11, 21), 202610),
        (dt.date(2026, 11, 30), 202611),
        (dt.date(2026, 1, 1), 202512),
        (dt.date(2028, 2, 28), 202801),
        (dt.date(2028, 2, 29), 202802),
    ],
)
def test_last_closed_by_hand(day, closed):
    assert periods.last_closed(day) == closed


def test_period_range_goes_over_the_turn_of_the_year():
    assert periods.period_range(202611, 202702) == [202611, 202612, 202701, 202702]
    assert periods.period_range(202611, 202611) == [202611]
    assert periods.period_range(202611, 202610) == []


@given(months)
def test_text_and_month_are_each_others_inverse(period):
    assert periods.parse_period(periods.period_text(period)) == period


@pytest.mark.parametrize(
    "text",
    [
        "",
        "202611",
        "2026-1",
        "2026-13",
        "2026-00",
        "1989-12",
        "2100-01",
        "２０２６-１１",
        "2026-11 ",
    ],
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError, match="2026-11"):
        periods.parse_period(text)


def test_the_business_day_begins_at_midnight_in_shanghai(monkeypatch):
    utc = dt.datetime(2026, 11, 20, 16, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(periods.timezone, "now", lambda: utc)

    assert periods.business_today() == dt.date(2026, 11, 21)
