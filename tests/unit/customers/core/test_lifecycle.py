from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.core.lifecycle import STAGES, LifeCycleRules, life_cycle_stages
from tests.oracles.lifecycle import stage_oracle
from tests.oracles.worked_tables import whole, wholes, worked_rows


@pytest.mark.parametrize("row", worked_rows("life-cycle.md", "stages"))
def test_life_cycle_stage_agrees_with_the_page(row):
    stages = life_cycle_stages([wholes(row["months"])], [whole(row["age"])])

    assert stages.tolist() == [row["stage"]]


@settings(max_examples=150, deadline=None)
@given(data=st.data(), months=st.integers(6, 20), n=st.integers(1, 6))
def test_life_cycle_stages_agree_with_the_oracle(data, months, n):
    month = st.sampled_from([0, 0, 1, 9, 10, 11, 100, -3])
    cartons = data.draw(
        st.lists(st.lists(month, min_size=months, max_size=months), min_size=n, max_size=n)
    )
    ages = data.draw(st.lists(st.integers(-1, 24), min_size=n, max_size=n))
    rules = LifeCycleRules(
        development_months=data.draw(st.integers(1, 8)),
        end_months=data.draw(st.integers(1, 4)),
        window_months=data.draw(st.integers(1, 3)),
    )

    stages = life_cycle_stages(cartons, ages, rules=rules)

    assert stages.tolist() == [
        stage_oracle(
            row,
            age,
            development=rules.development_months,
            end=rules.end_months,
            window=rules.window_months,
            up=Fraction("0.1"),
            down=Fraction("-0.1"),
        )
        for row, age in zip(cartons, ages, strict=True)
    ]
    assert set(stages.tolist()) <= set(STAGES)


def test_newcomer_whose_first_order_is_in_an_open_month_is_in_development():
    assert life_cycle_stages([[0] * 6], [0]).tolist() == ["development"]


def test_life_cycle_of_nobody_is_empty():
    assert life_cycle_stages(np.zeros((0, 6), dtype=int), np.zeros(0, dtype=int)).tolist() == []


@pytest.mark.parametrize(
    ("cartons", "ages", "match"),
    [
        ([[1] * 5], [3], "at least 6 months, got 5"),
        ([1] * 6, [3], r"\(n, m\)"),
        ([[1] * 6], [3, 4], "shapes"),
        ([[1.0] * 6], [3], "cartons_by_month must be integers"),
        ([[1] * 6], [0.5], "months_since_first_order must be integers"),
        ([[2**31] * 6], [3], "2147483648"),
        ([[1] * 6], [-2], "got -2"),
    ],
)
def test_life_cycle_outside_its_range_says_value_and_expectation(cartons, ages, match):
    with pytest.raises(ValueError, match=match):
        life_cycle_stages(cartons, ages)


@pytest.mark.parametrize(
    "rules",
    [{"end_months": 0}, {"window_months": 0}, {"decline_at_most": Decimal("0.2")}],
)
def test_contradictory_rules_are_refused(rules):
    with pytest.raises(ValueError, match="must be"):
        LifeCycleRules(**rules)
