"""The ladder that follows purchases, against exact fractions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.core.ladders import purchase_shape, reference_ladder, whole_part
from tests.oracles import ladders as oracle

tiers = st.lists(
    st.tuples(st.integers(1, 40), st.integers(-5, 400)), min_size=1, max_size=6
)  # retailers, cartons


@given(tiers)
def test_the_shape_is_the_exact_isotonic_regression(rows):
    counts, bought = (np.array(column) for column in zip(*rows, strict=True))

    shape = purchase_shape(counts, bought)

    exact = oracle.smooth_means(counts.tolist(), [max(0, int(one)) for one in bought])
    assert shape == pytest.approx([float(one) for one in exact], abs=1e-9)
    assert (np.diff(shape) <= 1e-12).all()


def test_a_tier_without_retailers_has_the_shape_of_the_one_above():
    shape = purchase_shape(np.array([0, 10, 0, 20, 0]), np.array([7, 40, 9, 40, 3]))

    assert shape.tolist() == [4, 4, 4, 2, 2]
    assert purchase_shape(np.array([0, 0]), np.array([3, 1])).tolist() == [0, 0]


@given(tiers, st.integers(0, 3000), st.integers(1, 60), st.data())
def test_the_reference_is_the_exact_one(rows, total, top, data):
    counts, bought = (np.array(column) for column in zip(*rows, strict=True))
    affordable = int(np.searchsorted(np.cumsum(counts), total, side="right"))
    width = data.draw(st.integers(0, affordable))
    shape = oracle.smooth_means(counts.tolist(), [max(0, int(one)) for one in bought])

    ladder = reference_ladder(
        counts, np.array([float(one) for one in shape]), total, width=width, top=top
    )

    exact = oracle.reference(counts.tolist(), shape, total, width, top)
    assert ladder == pytest.approx([float(one) for one in exact], abs=1e-6)
    assert (np.diff(ladder) <= 1e-9).all()
    assert float(counts @ ladder) == pytest.approx(min(total, top * int(counts.sum())))


def test_a_whole_number_that_floats_miss_by_a_hair_stays_whole():
    assert whole_part(np.array([3 - 1e-12, 2.999, 0.0])).tolist() == [3, 2, 0]
