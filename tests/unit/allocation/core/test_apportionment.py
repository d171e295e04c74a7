from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.core.apportionment import _multiply_divide, apportion, apportion_groups
from tests.oracles.apportionment import apportion_oracle, water_filled_shares
from tests.oracles.worked_tables import number, whole, wholes, worked_rows

LARGE = 2**40


def optional_wholes(cell):
    return None if cell == "none" else np.array(wholes(cell))


@st.composite
def problems(draw, largest_weight=20, largest_bound=12):
    """(total, weights, lower, upper) that can be met."""
    n = draw(st.integers(1, 7))
    weights = draw(st.lists(st.integers(0, largest_weight), min_size=n, max_size=n))
    lower = draw(st.lists(st.integers(0, largest_bound // 2), min_size=n, max_size=n))
    room = draw(st.lists(st.integers(0, largest_bound), min_size=n, max_size=n))
    upper = [low + more for low, more in zip(lower, room, strict=True)]
    most = sum(u if w else low for w, low, u in zip(weights, lower, upper, strict=True))
    return draw(st.integers(sum(lower), most)), weights, lower, upper


@pytest.mark.parametrize("row", worked_rows("apportionment.md", "apportion"))
def test_apportion_agrees_with_the_page(row):
    parts = apportion(
        whole(row["total"]),
        np.array(wholes(row["weights"])),
        lower=optional_wholes(row["lower"]),
        upper=optional_wholes(row["upper"]),
    )

    assert parts.tolist() == wholes(row["parts"])
    assert parts.dtype == np.int64


@pytest.mark.parametrize("row", worked_rows("apportionment.md", "groups"))
def test_apportion_groups_agrees_with_the_page(row):
    weights = [number(word) for word in row["weights"].split()]

    parts = apportion_groups(whole(row["total"]), weights)

    assert parts.tolist() == wholes(row["parts"])


def test_apportion_gives_ties_to_the_lower_index():
    assert apportion(2, [1, 1, 1]).tolist() == [1, 1, 0]
    assert apportion(3, [1, 1, 7]).tolist() == [1, 0, 2]


@settings(max_examples=300, deadline=None)
@given(problems())
def test_apportion_agrees_with_the_oracle(problem):
    total, weights, lower, upper = problem

    parts = apportion(total, weights, lower=lower, upper=upper)

    assert parts.tolist() == apportion_oracle(total, weights, lower, upper)


@settings(max_examples=150, deadline=None)
@given(problems(largest_weight=LARGE, largest_bound=LARGE // 16))
def test_apportion_of_huge_numbers_agrees_with_the_oracle(problem):
    total, weights, lower, upper = problem

    parts = apportion(total, weights, lower=lower, upper=upper)

    assert parts.tolist() == apportion_oracle(total, weights, lower, upper)


@settings(max_examples=300, deadline=None)
@given(
    numerator=st.integers(0, LARGE),
    denominator=st.integers(1, 2**60),
    weight=st.integers(0, LARGE),
    quotient=st.integers(1, LARGE),
    off=st.integers(-2, 2),
)
def test_division_of_80_bit_products_is_exact_next_to_whole_quotients(
    numerator, denominator, weight, quotient, off
):
    # The private function, as the largest remainder would make good for many a wrong estimate.
    near_whole = min(max(quotient * denominator // max(numerator, 1) + off, 0), LARGE)
    weights = [weight, near_whole]

    whole_part, rest = _multiply_divide(np.array(weights), numerator, denominator, 2 * LARGE + 2)

    for w, q, r in zip(weights, whole_part.tolist(), rest.tolist(), strict=True):
        if w * numerator // denominator <= 2 * LARGE:
            assert (q, r) == divmod(w * numerator, denominator)
        else:
            assert q > 2 * LARGE


@pytest.mark.parametrize(("numerator", "denominator"), [(10, 3), (1, 49), (LARGE, 3 * 2**58 + 1)])
def test_division_corrects_estimates_on_both_sides(numerator, denominator):
    weights = [k * denominator // numerator + off for k in range(1, 400) for off in (0, 1)]
    weights = [w for w in weights if w <= LARGE]

    whole_part, rest = _multiply_divide(np.array(weights), numerator, denominator, 2 * LARGE + 2)

    expected = [divmod(w * numerator, denominator) for w in weights]
    assert list(zip(whole_part.tolist(), rest.tolist(), strict=True)) == expected


@settings(max_examples=100, deadline=None)
@given(
    weights=st.lists(st.sampled_from([1, 2, 3, 7, LARGE - 1, LARGE]), min_size=1, max_size=9),
    total=st.integers(LARGE - 20, LARGE) | st.integers(0, 30),
)
def test_apportion_keeps_total_and_quota_rule_at_the_ends_of_the_range(weights, total):
    parts = apportion(total, weights)

    exact = [Fraction(w * total, sum(weights)) for w in weights]
    assert int(parts.sum()) == total
    assert all(abs(int(u) - q) < 1 for u, q in zip(parts, exact, strict=True))
    assert parts.tolist() == apportion_groups(total, weights).tolist()


@settings(max_examples=100, deadline=None)
@given(problems())
def test_apportion_stays_in_bounds_and_next_to_the_exact_share(problem):
    total, weights, lower, upper = problem

    parts = apportion(total, weights, lower=lower, upper=upper)

    exact = water_filled_shares(total, weights, lower, upper)
    assert parts.sum() == total
    assert (parts >= lower).all()
    assert (parts <= upper).all()
    assert all(abs(int(p) - share) < 1 for p, share in zip(parts, exact, strict=True))
    assert apportion(total, [3 * w for w in weights], lower=lower, upper=upper).tolist() == (
        parts.tolist()
    )


def test_apportion_of_many_bounded_retailers_adds_up_and_keeps_equal_ones_within_one_carton():
    rng = np.random.default_rng(20261121)
    weights = rng.integers(0, 300, 60_000)
    upper = np.full(60_000, 25)

    parts = apportion(600_000, weights, upper=upper)

    assert parts.sum() == 600_000
    assert (parts[weights == 0] == 0).all()
    for weight in (1, 50, 299):
        assert np.ptp(parts[weights == weight]) <= 1


@pytest.mark.parametrize(
    ("total", "weights", "bounds", "match"),
    [
        (5, [1, 1], {"lower": [3, 3]}, "lower bounds add up to 6.*total 5"),
        (5, [1, 1], {"upper": [2, 2]}, "upper bounds add up to 4.*total 5"),
        (5, [0, 1], {"upper": [9, 2]}, "can take 2 of the 5.*weight zero"),
        (5, [0, 0], {}, "weight zero"),
        (5, [], {}, "upper bounds add up to 0"),
        (5, [1, -1], {}, "weights.*-1"),
        (5, [1, 2**41], {}, "weights.*at most"),
        (5, [1.0, 2.0], {}, "weights.*float64"),
        (5, [[1]], {}, "weights.*shape"),
        (5, [1, 1], {"lower": [1]}, "lower.*shape"),
        (5, [1, 1], {"lower": [4, 0], "upper": [3, 9]}, "4 above 3 at index 0"),
        (-1, [1], {}, "total.*-1"),
        (2.0, [1], {}, "total.*2.0"),
        (2**41, [1], {}, "total"),
    ],
)
def test_apportion_outside_its_range_says_value_and_expectation(total, weights, bounds, match):
    with pytest.raises(ValueError, match=match):
        apportion(total, weights, **bounds)


def test_apportion_of_nothing_among_nobody_is_empty():
    assert apportion(0, []).tolist() == []
    assert apportion_groups(0, [0, 0]).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("weights", "match"),
    [([0, 0], "all zero.*7"), ([0.4, 0.6], "got 0.4"), ([Decimal(-1), 2], "-1")],
)
def test_apportion_groups_outside_its_range_says_value_and_expectation(weights, match):
    with pytest.raises(ValueError, match=match):
        apportion_groups(7, weights)
