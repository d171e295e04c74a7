from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.core.festivals import festival_factor
from tests.oracles.worked_tables import number, whole, worked_rows

SPRING = [date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6)]
NATIONAL_DAY = [date(year, 10, 1) for year in (2024, 2025, 2026, 2027)]
FESTIVALS = {"Spring Festival": SPRING, "National Day": NATIONAL_DAY}
UPLIFT = Decimal("0.25")


def factor_of(period, festivals=None, uplift=UPLIFT, window_days=20):
    return festival_factor(period, festivals or FESTIVALS, uplift=uplift, window_days=window_days)


@pytest.mark.parametrize("row", worked_rows("festival-factors.md", "factors"))
def test_festival_factor_agrees_with_the_page(row):
    found = factor_of(int(row["period"]))

    days = [
        sum(r.days_in_month for r in found.reasons if r.is_last_year is side)
        for side in (False, True)
    ]
    assert days == [whole(row["days this year"]), whole(row["days last year"])]
    assert found.factor == number(row["factor"])


def test_festival_factor_can_be_recomputed_from_its_reasons():
    found = factor_of(202_601)

    this_year = 1 + sum(r.addition for r in found.reasons if not r.is_last_year)
    last_year = 1 + sum(r.addition for r in found.reasons if r.is_last_year)
    assert (this_year, last_year) == (found.this_year, found.last_year)
    assert abs(Fraction(found.factor) - this_year / last_year) <= Fraction(1, 200)
    assert [(r.name, r.day) for r in found.reasons] == [
        ("Spring Festival", date(2026, 2, 17)),
        ("Spring Festival", date(2025, 1, 29)),
    ]


def test_festival_factor_takes_an_uplift_per_festival():
    uplift = {"Spring Festival": Decimal("0.50"), "National Day": Decimal("0.10")}

    assert factor_of(202_602, uplift=uplift).factor == Decimal("1.40")
    assert factor_of(202_609, uplift=uplift).this_year == Fraction(11, 10)


def test_festival_factor_counts_a_window_across_the_turn_of_the_year():
    festivals = {"New Year": [date(year, 1, 1) for year in (2025, 2026, 2027)]}

    assert factor_of(202_612, festivals).reasons[0].days_in_month == 20
    assert factor_of(202_601, festivals).reasons == ()


def test_festival_factor_rounds_half_up():
    festivals = {"Fair": [date(2025, 5, 8), date(2026, 5, 30)]}

    # 1 + 0.25 * 20/20 against 1 + 0.25 * 7/20 is 1.25 / 1.0875 = 1.1494...
    assert factor_of(202_605, festivals).factor == Decimal("1.15")
    half = factor_of(202_605, {"Fair": [date(2025, 4, 1), date(2026, 5, 30)]}, Decimal("0.125"))
    assert half.this_year == Fraction(9, 8)
    assert half.factor == Decimal("1.13")


@settings(max_examples=60, deadline=None)
@given(
    year=st.integers(2000, 2050),
    # No window of up to 60 days before these holds a 29 February.
    day=st.tuples(st.sampled_from([1, 2, 5, 6, 7, 8, 9, 10, 11, 12]), st.integers(1, 28)),
    month=st.integers(1, 12),
    uplift=st.decimals(0, 1, places=2),
    window=st.integers(1, 60),
)
def test_festival_on_a_fixed_date_never_changes_a_month(year, day, month, uplift, window):
    days = [date(year + offset, *day) for offset in range(-2, 3)]

    found = factor_of(year * 100 + month, {"Fair": days}, uplift, window)

    assert found.factor == Decimal("1.00")


@pytest.mark.parametrize(
    ("keywords", "match"),
    [
        ({"period": 202_613}, "yyyymm, got 202613"),
        ({"window_days": 0}, "window_days must be 1 to 60, got 0"),
        ({"uplift": Decimal(-1)}, "uplift.*-1"),
        ({"uplift": Decimal(25)}, "0.25.*got 25"),
        ({"uplift": {"National Day": Decimal(0)}}, "none for Spring Festival"),
        ({"festivals": {"Spring Festival": [date(2026, 2, 17)]}}, "no date of the year before"),
        ({"festivals": {"Spring Festival": [date(2025, 2, 17)]}}, "no date of the year after"),
    ],
)
def test_festival_factor_outside_its_range_says_value_and_expectation(keywords, match):
    with pytest.raises(ValueError, match=match):
        factor_of(**{"period": 202_602, **keywords})
