from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.core.forecast import Growth, forecast_cartons, growth, order_weeks
from tests.oracles.worked_tables import number, optional_whole, whole, wholes, worked_rows

SUNDAYS = [0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("row", worked_rows("forecast.md", "weeks"))
def test_order_weeks_agrees_with_the_page(row):
    period = int(row["period"])
    closed = [date(period // 100, period % 100, day) for day in wholes(row["closed days"])]
    shares = [number(word) for word in row["weekday shares"].split()]

    assert order_weeks(period, shares, closed) == Fraction(row["order weeks"])


@pytest.mark.parametrize("row", worked_rows("forecast.md", "growth"))
def test_growth_agrees_with_the_page(row):
    found = growth(
        whole(row["recent"]),
        optional_whole(row["last year"]),
        Fraction(row["recent weeks"]),
        Fraction(row["last weeks"]),
        floor=Decimal("-0.30"),
        cap=Decimal("0.30"),
    )

    assert (found.rate, found.flag) == (Fraction(row["rate"]), row["flag"])


@pytest.mark.parametrize("row", worked_rows("forecast.md", "forecast"))
def test_forecast_agrees_with_the_page(row):
    rate = Fraction(row["growth"])

    forecast = forecast_cartons(
        weeks=Fraction(row["weeks"]),
        last_year_cartons=optional_whole(row["last year"]),
        last_year_weeks=Fraction(row["last weeks"]),
        growth=Growth(rate, rate, "ok"),
        recent_cartons=wholes(row["recent"]),
        recent_weeks=[Fraction(word) for word in row["recent weeks"].split()],
    )

    assert (forecast.method, forecast.cartons) == (row["method"], whole(row["cartons"]))


def test_forecast_can_be_recomputed_from_its_ingredients():
    forecast = forecast_cartons(
        weeks=Fraction(21, 5),
        last_year_cartons=4_321,
        last_year_weeks=Fraction(19, 5),
        growth=growth(1_234, 1_111, Fraction(13), Fraction(12)),
        recent_cartons=[400, 434, 400],
        recent_weeks=[Fraction(4), Fraction(4), Fraction(5)],
    )

    per_week = Fraction(forecast.last_year_cartons) / forecast.last_year_weeks
    exact = per_week * forecast.weeks * (1 + forecast.growth.rate)
    assert forecast.per_week == per_week
    assert forecast.exact == exact
    assert abs(forecast.cartons - exact) <= Fraction(1, 2)


def test_order_weeks_of_a_sunday_trade_are_4_or_5_and_52_a_year():
    weeks = [order_weeks(202_600 + month, SUNDAYS) for month in range(1, 13)]

    assert set(weeks) == {4, 5}
    assert sum(weeks) == 52


def test_order_weeks_with_float_shares_is_exact():
    assert order_weeks(202_611, [0.1, 0.2, 0.3, 0.1, 0.3, 0.0, 0.0]) == Fraction("4.1")


def test_order_weeks_ignores_closed_days_of_other_months():
    assert order_weeks(202_611, SUNDAYS, [date(2026, 10, 4)]) == 5


@settings(max_examples=60, deadline=None)
@given(
    period=st.builds(lambda y, m: y * 100 + m, st.integers(1990, 2060), st.integers(1, 12)),
    parts=st.lists(st.integers(0, 9), min_size=7, max_size=7).filter(any),
)
def test_order_weeks_are_between_4_and_5(period, parts):
    weeks = order_weeks(period, [Fraction(part, sum(parts)) for part in parts])

    assert 4 <= weeks <= 5


@settings(max_examples=80, deadline=None)
@given(
    recent=st.integers(-100, 10_000),
    last=st.none() | st.integers(-100, 10_000),
    weeks=st.integers(0, 14),
    last_weeks=st.integers(0, 14),
)
def test_growth_stays_within_its_limits_and_never_divides_by_nothing(
    recent, last, weeks, last_weeks
):
    found = growth(recent, last, Fraction(weeks), Fraction(last_weeks))

    assert Fraction("-0.3") <= found.rate <= Fraction("0.3")
    assert (found.flag == "no_base") == (found.raw is None)
    assert (found.flag == "ok") == (found.raw == found.rate)


@pytest.mark.parametrize("period", [2026, 202_613, 202_600, 0])
def test_order_weeks_of_no_month_is_refused(period):
    with pytest.raises(ValueError, match=f"yyyymm, got {period}"):
        order_weeks(period, SUNDAYS)


@pytest.mark.parametrize("shares", [[1], [1] * 7, [2, -1, 0, 0, 0, 0, 0]])
def test_order_weeks_with_wrong_shares_is_refused(shares):
    with pytest.raises(ValueError, match="weekday_shares"):
        order_weeks(202_611, shares)


def test_growth_and_forecast_refuse_what_makes_no_sense():
    with pytest.raises(ValueError, match="floor <= cap"):
        growth(1, 1, Fraction(1), Fraction(1), floor=Decimal("0.5"), cap=Decimal("0.1"))
    arguments = {
        "last_year_cartons": 1,
        "last_year_weeks": Fraction(4),
        "growth": Growth(Fraction(0), None, "no_base"),
        "recent_cartons": [1],
    }
    with pytest.raises(ValueError, match="weeks must be >= 0"):
        forecast_cartons(weeks=Fraction(-1), recent_weeks=[Fraction(4)], **arguments)
    with pytest.raises(ValueError, match="one length, got 1 and 0"):
        forecast_cartons(weeks=Fraction(4), recent_weeks=[], **arguments)
