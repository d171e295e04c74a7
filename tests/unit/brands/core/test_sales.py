"""Order lines summed as arrays agree with plain loops."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brands.core import sales
from brands.core.sales import index_of, sum_cells, sum_pairs, sum_retailers

ids = st.sampled_from([1, 2, 3, 7, 500, 10**9, 2**40])
rows = st.lists(
    st.tuples(ids, ids, st.integers(-50, 50), st.integers(-(2**40), 2**40)), max_size=40
)


def arrays(found: list[tuple[int, ...]], width: int) -> list[np.ndarray]:
    return [np.array([row[at] for row in found], dtype=np.int64) for at in range(width)]


@given(st.lists(st.integers(-(2**62), 2**62) | st.integers(0, 50), max_size=60))
def test_index_of_gives_what_np_unique_gives(values):
    array = np.array(values, dtype=np.int64)

    distinct, position = index_of(array)

    expected, inverse = np.unique(array, return_inverse=True)
    assert distinct.tolist() == expected.tolist()
    assert position.tolist() == inverse.tolist()


@pytest.mark.parametrize("dense_cells", [0, 1 << 22])
@given(found=rows)
def test_sum_cells_equals_a_dictionary_loop(dense_cells, found):
    expected = defaultdict(lambda: [0, 0])
    for retailer, product, cartons, cents in found:
        expected[retailer, product][0] += cartons
        expected[retailer, product][1] += cents

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sales, "DENSE_CELLS", dense_cells)
        cells = sum_cells(*arrays(found, 4))

    stored = zip(
        cells.retailer_id.tolist(),
        cells.product_id.tolist(),
        cells.cartons.tolist(),
        cells.amount_cents.tolist(),
        strict=True,
    )
    assert list(stored) == [
        (*key, cartons, cents)
        for key, (cartons, cents) in sorted(expected.items())
        if cartons or cents
    ]


def test_sums_are_exact_up_to_two_to_the_53():
    one = np.array([1, 1], dtype=np.int64)

    _first, _second, (sums,) = sum_pairs(one, one, (np.array([2**53 - 2, 1]),))

    assert sums.tolist() == [2**53 - 1]


def test_sum_retailers_counts_orders_with_a_sale_line_only():
    retailer = np.array([5, 5, 5, 9], dtype=np.int64)
    product = np.array([1, 2, 1, 1], dtype=np.int64)
    order = np.array([70, 70, 71, 72], dtype=np.int64)
    cartons = np.array([3, 4, -3, -2], dtype=np.int64)
    is_sale = cartons > 0

    totals = sum_retailers(
        sum_cells(retailer, product, cartons, cartons * 100), retailer, order, is_sale
    )

    assert totals.retailer_id.tolist() == [5, 9]
    assert totals.orders.tolist() == [1, 0]
    assert totals.products.tolist() == [1, 0]
    assert totals.cartons.tolist() == [4, -2]
    assert totals.amount_cents.tolist() == [400, -200]


def test_no_lines_give_no_cells_and_no_retailers():
    none = np.empty(0, dtype=np.int64)

    cells = sum_cells(none, none, none, none)

    assert len(cells.cartons) == 0
    assert len(sum_retailers(cells, none, none, none.astype(bool)).retailer_id) == 0
