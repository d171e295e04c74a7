from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.core.abc import abc_classes, abc_figures
from tests.oracles.classes import abc_oracle
from tests.oracles.worked_tables import whole, worked_rows

ROWS = worked_rows("abc.md", "abc")
CONTRIBUTION = np.array([whole(row["contribution"]) for row in ROWS])


def test_abc_classes_agree_with_the_page_under_both_rules():
    assert abc_classes(CONTRIBUTION).tolist() == [row["higher"] for row in ROWS]
    assert abc_classes(CONTRIBUTION, crossing="lower").tolist() == [row["lower"] for row in ROWS]


def test_abc_figures_agree_with_the_page():
    figures = abc_figures(CONTRIBUTION)

    assert figures.rank.tolist() == [whole(row["rank"]) for row in ROWS]
    assert figures.before.tolist() == [whole(row["before"]) for row in ROWS]
    assert figures.through.tolist() == [whole(row["through"]) for row in ROWS]
    assert figures.total == 15_000
    assert figures.share_before[4] == pytest.approx(0.8133, abs=1e-4)


def test_abc_zero_and_negative_are_always_c():
    assert abc_classes([10, 0, -5]).tolist() == ["A", "C", "C"]
    assert abc_classes([0, -1], cuts=(1, 1)).tolist() == ["C", "C"]


def test_abc_share_of_exactly_the_cut_is_decided_without_drift():
    # Exactly 0.80 and 0.95 before the next: not below, so B and C; through: at most, so A and B.
    for scale in (1, 3, 7, 10**15 + 1):
        values = [80 * scale, 15 * scale, 5 * scale]

        assert abc_classes(values).tolist() == ["A", "B", "C"]
        assert abc_classes(values, crossing="lower").tolist() == ["A", "B", "C"]


def test_abc_equal_values_get_the_same_class():
    assert abc_classes([7] * 10).tolist() == ["A"] * 10
    assert abc_classes([7] * 10, crossing="lower").tolist() == ["C"] * 10
    assert abc_figures([7, 7, 3]).rank.tolist() == [1, 1, 3]


@settings(max_examples=200, deadline=None)
@given(
    values=st.lists(st.integers(-20, 60) | st.integers(0, 10**12), max_size=25),
    cuts=st.tuples(st.integers(1, 100), st.integers(1, 100)).map(sorted),
    crossing=st.sampled_from(["higher", "lower"]),
)
def test_abc_classes_agree_with_the_oracle(values, cuts, crossing):
    classes = abc_classes(values, cuts=[cut / 100 for cut in cuts], crossing=crossing)

    exact = (Fraction(cuts[0], 100), Fraction(cuts[1], 100))
    assert classes.tolist() == abc_oracle(values, exact, crossing)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-5, 50), min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_abc_depends_neither_on_order_nor_on_scale(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    classes = abc_classes(values)

    assert abc_classes([values[i] for i in order]).tolist() == classes[order].tolist()
    assert abc_classes([1000 * value for value in values]).tolist() == classes.tolist()
    assert ("A" in classes.tolist()) == (max(values) > 0)


def test_abc_figures_without_any_contribution_have_no_share():
    figures = abc_figures([0, -3])

    assert figures.total == 0
    assert np.isnan(figures.share_before).all()


@pytest.mark.parametrize(
    ("values", "keywords", "match"),
    [
        ([1.5], {}, "whole numbers, got dtype float64"),
        ([[1]], {}, "1-D"),
        ([2**62, 2**62], {}, "exceed"),
        ([1], {"cuts": (0.9, 0.8)}, "cuts.*0.9, 0.8"),
        ([1], {"cuts": (0.8,)}, "two shares"),
        ([1], {"cuts": (0.8, 95)}, "95"),
        ([1], {"crossing": "up"}, "crossing.*up"),
    ],
)
def test_abc_outside_its_range_says_value_and_expectation(values, keywords, match):
    with pytest.raises(ValueError, match=match):
        abc_classes(values, **keywords)
