"""Five figures of many, against numpy on the values written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.core.spread import five_numbers


@pytest.mark.parametrize(
    ("values", "counts", "wanted"),
    [
        ([7], [1], (7, 7, 7, 7, 7)),
        ([1, 2], [1, 1], (1, 1.25, 1.5, 1.75, 2)),
        # QUARTILE.INC of a spreadsheet over 1, 2, 4, 7, 8, 9, 10, 12.
        ([1, 2, 4, 7, 8, 9, 10, 12], [1] * 8, (1, 3.5, 7.5, 9.25, 12)),
        ([10, 0], [3, 1], (0, 7.5, 10, 10, 10)),
        ([5, 9], [4, 0], (5, 5, 5, 5, 5)),
    ],
)
def test_the_five_figures_are_those_of_a_spreadsheet(values, counts, wanted):
    assert five_numbers(values, counts) == wanted


def test_nothing_has_no_figures():
    assert five_numbers([], []) is None
    assert five_numbers([3, 4], [0, 0]) is None


@pytest.mark.parametrize(("values", "counts"), [([1, 2], [1]), ([[1]], [[1]]), ([1], [-1])])
def test_unfit_arrays_are_refused(values, counts):
    with pytest.raises(ValueError, match=r"must"):
        five_numbers(values, counts)


@given(
    st.dictionaries(st.integers(0, 10_000), st.integers(0, 50), min_size=1).filter(
        lambda found: sum(found.values()) > 0
    )
)
def test_counted_values_give_what_the_values_written_out_give(found):
    values, counts = list(found), list(found.values())
    whole = np.repeat(values, counts)

    five = five_numbers(values, counts)

    assert five == pytest.approx(np.percentile(whole, [0, 25, 50, 75, 100]).tolist())
