"""Weights, limits and the level agree with slow integer oracles."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.core.apportionment import apportion
from allocation.core.shares import WEIGHT_UNIT, blend_weights, fill_level, upper_limits
from tests.oracles.quotas import quotas_oracle, uppers_oracle, weights_oracle
from tests.oracles.worked_tables import whole, wholes, worked_rows

shares = st.decimals(0, 1, places=3)
factors = st.decimals(0, 5, places=2)
purchases = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 10**7)), min_size=1, max_size=30
)


def ints(values) -> np.ndarray:
    return np.array(list(values), dtype=np.int64)


@given(found=purchases, own_share=shares)
def test_weights_equal_the_oracle(found, own_share):
    own, everything = zip(*found, strict=True)

    blend = blend_weights(ints(own), ints(everything), own_share)

    assert blend.weights.tolist() == weights_oracle(own, everything, own_share)
    assert (blend.own_sum, blend.all_sum) == (sum(own), sum(everything))
    assert blend.weights.sum() <= WEIGHT_UNIT


def test_a_product_that_nobody_bought_is_shared_by_all_purchases():
    blend = blend_weights(ints([0, 0, 0]), ints([1, 3, 0]), Decimal("0.9"))

    assert blend.basis == "all"
    assert blend.weights.tolist() == [WEIGHT_UNIT // 4, 3 * WEIGHT_UNIT // 4, 0]


def test_nobody_bought_anything_gives_no_weights():
    assert blend_weights(ints([0, 0]), ints([0, 0]), Decimal("0.9")).weights.tolist() == [0, 0]


@pytest.mark.parametrize("own_share", [Decimal("-0.1"), Decimal("1.1")])
def test_a_share_outside_0_to_1_is_refused(own_share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        blend_weights(ints([1]), ints([1]), own_share)


def test_different_shapes_are_refused():
    with pytest.raises(ValueError, match="shapes must agree"):
        blend_weights(ints([1]), ints([1, 2]), Decimal("0.5"))


@given(
    found=purchases.map(lambda rows: [(a % 5000, b % 5000) for a, b in rows]),
    months=st.integers(1, 24),
    tier_factor=factors,
    habit_factor=factors,
)
def test_limits_equal_the_oracle(found, months, tier_factor, habit_factor):
    quotas, own = zip(*found, strict=True)

    upper = upper_limits(
        ints(quotas), ints(own), months, tier_factor=tier_factor, habit_factor=habit_factor
    )

    assert upper.tolist() == uppers_oracle(quotas, own, months, tier_factor, habit_factor)


@given(
    vessels=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 200)), min_size=1, max_size=40
    ),
    total=st.integers(0, 3000),
)
def test_the_level_reproduces_each_quota_within_one_carton(vessels, total):
    weights, uppers = zip(*vessels, strict=True)
    room = sum(upper for weight, upper in vessels if weight)
    released = min(total, room)
    weight, upper = ints(weights), ints(uppers)
    cartons = apportion(released, weight, upper=np.where(weight > 0, upper, 0))

    level = fill_level(cartons, weight, upper)

    shown = np.where(weight > 0, np.minimum(level * weight, upper), 0)
    assert (np.abs(shown - cartons) < 1 + 1e-6).all()
    assert shown.sum() == pytest.approx(released)


@pytest.mark.parametrize("row", worked_rows("retailer-quotas.md", "retailer quotas"))
def test_the_worked_table_of_the_page(row):
    own, everything = ints(wholes(row["own"])), ints(wholes(row["all"]))
    half_more = Decimal("1.5")

    weights = blend_weights(own, everything, Decimal("0.9")).weights
    upper = upper_limits(
        ints(wholes(row["tier quotas"])), own, 3, tier_factor=half_more, habit_factor=half_more
    )
    released = min(whole(row["total"]), int(upper[weights > 0].sum()))
    quotas = apportion(released, weights, upper=np.where(weights > 0, upper, 0))

    assert upper.tolist() == wholes(row["limits"])
    assert released == whole(row["released"])
    assert quotas.tolist() == wholes(row["quotas"])
    assert quotas_oracle(whole(row["total"]), weights.tolist(), upper.tolist()) == (
        released,
        quotas.tolist(),
    )


def test_the_level_when_all_are_full_and_when_nothing_is_split():
    assert fill_level(ints([4, 6]), ints([1, 3]), ints([4, 6])) * 1 >= 4 - 1e-9
    assert fill_level(ints([0, 0]), ints([1, 3]), ints([4, 6])) == 0.0
    assert fill_level(ints([]), ints([]), ints([])) == 0.0
