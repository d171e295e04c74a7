from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.core.tiers import DEFAULT_TIER_SHARES, assign_tiers, tier_score, tier_sizes
from tests.oracles.classes import percentile_oracle, tier_sizes_oracle, tiers_oracle
from tests.oracles.worked_tables import whole, wholes, worked_rows

SCORE_ROWS = worked_rows("tiers.md", "score")


@pytest.mark.parametrize("row", worked_rows("tiers.md", "sizes"))
def test_tier_sizes_agree_with_the_page(row):
    shares = DEFAULT_TIER_SHARES if row["shares"] == "default" else wholes(row["shares"])

    sizes = tier_sizes(whole(row["n"]), shares)

    assert sizes.tolist() == wholes(row["sizes"])
    assert sizes.dtype == np.int64


def test_tier_score_and_tiers_agree_with_the_page():
    cartons = [whole(row["cartons"]) for row in SCORE_ROWS]
    amount = [whole(row["amount (cents)"]) for row in SCORE_ROWS]

    score = tier_score(cartons, amount)
    tiers = assign_tiers(score.score, [1, 2, 3, 4], [25, 25, 50])

    assert score.quantity_percentile.tolist() == [float(r["quantity pct"]) for r in SCORE_ROWS]
    assert score.amount_percentile.tolist() == [float(r["amount pct"]) for r in SCORE_ROWS]
    assert score.price_percentile.tolist() == [float(r["price pct"]) for r in SCORE_ROWS]
    assert score.score.tolist() == [float(r["score"]) for r in SCORE_ROWS]
    assert tiers.tolist() == [whole(r["tier"]) for r in SCORE_ROWS]


def test_percentile_of_rank_3_of_20_is_87_5():
    score = tier_score(np.arange(20, 0, -1), np.zeros(20, dtype=np.int64))

    assert score.quantity_percentile[2] == 87.5
    assert (score.amount_percentile == 50).all()


def test_assign_tiers_breaks_ties_by_the_given_order():
    assert assign_tiers([5, 5, 5, 5], [40, 10, 30, 20], [25, 25, 50]).tolist() == [1, 3, 1, 2]
    assert assign_tiers([5, 5], [1, 1], [50, 50]).tolist() == [2, 1]


def test_assign_tiers_gives_the_best_of_30_tiers_number_30():
    tiers = assign_tiers(np.arange(1000), np.arange(1000))

    assert tiers[-1] == 30
    assert tiers[0] == 1
    assert np.bincount(tiers)[:0:-1].tolist() == tier_sizes(1000).tolist()


@settings(max_examples=100, deadline=None)
@given(n=st.integers(0, 100_000), cuts=st.lists(st.integers(0, 1000), max_size=30))
def test_tier_sizes_agree_with_the_oracle_and_add_up(n, cuts):
    ends = [0, *sorted(cuts), 1000]
    shares = [Fraction(b - a, 10) for a, b in pairwise(ends)]

    sizes = tier_sizes(n, [float(share) for share in shares])

    assert sizes.tolist() == tier_sizes_oracle(n, shares)
    assert sizes.sum() == n
    exact = [n * share / 100 for share in shares]
    assert all(abs(int(size) - e) < 1 for size, e in zip(sizes, exact, strict=True))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 3000), st.integers(0, 5)),
        min_size=1,
        max_size=25,
    )
)
def test_tier_score_and_tiers_agree_with_the_oracle(rows):
    cartons, amount, ties = ([row[i] for row in rows] for i in range(3))

    score = tier_score(cartons, amount)
    tiers = assign_tiers(score.score, ties, [10, 20, 30, 40])

    price = [Fraction(a, c) if c else Fraction(0) for c, a in zip(cartons, amount, strict=True)]
    parts = [percentile_oracle([Fraction(v) for v in vs]) for vs in (cartons, amount, price)]
    exact = [(5 * q + 3 * a + 2 * p) / 10 for q, a, p in zip(*parts, strict=True)]
    assert score.score == pytest.approx([float(value) for value in exact])
    sizes = tier_sizes_oracle(len(rows), [Fraction(s) for s in (10, 20, 30, 40)])
    assert tiers.tolist() == tiers_oracle(exact, ties, sizes)
    assert score.quantity_percentile.mean() == pytest.approx(50)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: tier_sizes(-1), "n must be >= 0, got -1"),
        (lambda: tier_sizes(5, [50, 49]), "add up to 100 per cent, got 99"),
        (lambda: tier_sizes(5, [150, -50]), "shares must be >= 0"),
        (lambda: assign_tiers([1.0], [1, 2]), "one length"),
        (lambda: assign_tiers([np.nan], [1]), "finite, got nan"),
        (lambda: assign_tiers(["a"], [1]), "score must be numbers"),
        (lambda: assign_tiers([1.0], [0.5]), "tie_break must be integers"),
        (lambda: tier_score([1], [1, 2]), "one shape"),
        (lambda: tier_score([-1], [1]), "cartons.*-1"),
        (lambda: tier_score([1.0], [1]), "cartons.*float64"),
        (lambda: tier_score([1], [[1]]), "amount_cents must be 1-D"),
        (lambda: tier_score([1], [1], weights=(0.5, 0.3, 0.3)), "sum 1"),
    ],
)
def test_tiers_outside_their_range_say_value_and_expectation(call, match):
    with pytest.raises(ValueError, match=match):
        call()


def test_tiers_of_nobody_are_empty():
    assert assign_tiers([], []).tolist() == []
    assert tier_score([], []).score.tolist() == []
