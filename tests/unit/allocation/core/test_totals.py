from decimal import Decimal
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.core.totals import monthly_total
from tests.oracles.worked_tables import number, optional_whole, whole, worked_rows


@pytest.mark.parametrize("row", worked_rows("monthly-total.md", "totals"))
def test_monthly_total_agrees_with_the_page(row):
    total = monthly_total(
        optional_whole(row["last year"]),
        whole(row["forecast"]),
        number(row["node"]),
        history_weight=number(row["weight"]),
        supply_cap=optional_whole(row["supply"]),
    )

    assert total == whole(row["total"])


def test_monthly_total_takes_the_forecast_as_a_volume_not_as_the_increase():
    wrong_reading = monthly_total(4_200, 210, Decimal(1))

    assert wrong_reading == 2_205
    assert monthly_total(4_200, 4_410, Decimal(1)) == 4_305 != wrong_reading


def test_monthly_total_is_exact_where_floats_are_not():
    # 0.1 + 0.2 style drift: 1.15 * 100 is 114.99999999999999 in floats.
    assert monthly_total(100, 100, Decimal("1.15")) == 115
    assert monthly_total(10**15 + 1, 10**15 + 1, Decimal(1)) == 10**15 + 1


def test_monthly_total_of_numpy_integers_does_not_overflow():
    large = np.int64(2**62)

    assert monthly_total(large, large, Decimal("1.25")) == 5 * 2**60


@pytest.mark.parametrize(
    ("arguments", "keywords", "match"),
    [
        ((-1, 10, Decimal(1)), {}, "last_year_cartons.*-1"),
        ((1, -10, Decimal(1)), {}, "forecast_cartons.*-10"),
        ((1, 10, Decimal(0)), {}, "node_factor.*got 0"),
        ((1, 10, Decimal(25)), {}, "node_factor.*1.25.*got 25"),
        ((1, 10, 1.25), {}, "node_factor.*got 1.25"),
        ((1, 10, Decimal("NaN")), {}, "node_factor.*NaN"),
        ((1.5, 10, Decimal(1)), {}, "last_year_cartons.*1.5"),
        ((1, 10, Decimal(1)), {"history_weight": Decimal("1.1")}, "history_weight.*1.1"),
        ((1, 10, Decimal(1)), {"supply_cap": -5}, "supply_cap.*-5"),
    ],
)
def test_monthly_total_outside_its_range_says_value_and_expectation(arguments, keywords, match):
    with pytest.raises(ValueError, match=match):
        monthly_total(*arguments, **keywords)


@settings(max_examples=100, deadline=None)
@given(
    last_year=st.none() | st.integers(0, 10**9),
    forecast=st.integers(0, 10**9),
    node_cents=st.integers(1, 1000),
    weight_cents=st.integers(0, 100),
    cap=st.none() | st.integers(0, 10**9),
)
def test_monthly_total_is_the_floor_of_the_exact_value(
    last_year, forecast, node_cents, weight_cents, cap
):
    total = monthly_total(
        last_year,
        forecast,
        Decimal(node_cents) / 100,
        history_weight=Decimal(weight_cents) / 100,
        supply_cap=cap,
    )

    w = Fraction(weight_cents, 100) if last_year is not None else 0
    exact = (w * (last_year or 0) + (1 - w) * forecast) * Fraction(node_cents, 100)
    assert total == min(floor(exact), cap if cap is not None else floor(exact))
