"""Order lines to monthly sales, as arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
# Above this many cells a dense table costs more memory than sorting costs time.
DENSE_CELLS = 1 << 22


@dataclass(frozen=True)
class Cells:
    """Net sales of the retailer-product pairs that have any; all arrays of shape (m,).

    Attributes:
        retailer_id: Ascending; within a retailer, ``product_id`` ascends.
        product_id: Product.
        cartons: Net cartons; may be negative when returns exceed sales.
        amount_cents: Net amount.
    """

    retailer_id: Ints
    product_id: Ints
    cartons: Ints
    amount_cents: Ints


@dataclass(frozen=True)
class RetailerTotals:
    """Net sales per retailer; all arrays of shape (r,).

    Attributes:
        retailer_id: Ascending.
        orders: Distinct orders with at least one sale line.
        products: Products with net cartons above zero.
        cartons: Net cartons.
        amount_cents: Net amount.
    """

    retailer_id: Ints
    orders: Ints
    products: Ints
    cartons: Ints
    amount_cents: Ints


def sum_cells(retailer_id: Ints, product_id: Ints, cartons: Ints, amount_cents: Ints) -> Cells:
    """Lines summed by retailer and product.

    Args:
        retailer_id: Shape (n,), any order.
        product_id: Shape (n,).
        cartons: Shape (n,), negative for returns.
        amount_cents: Shape (n,), |sum| below 2**53 per cell, so that sums in float64 are exact.

    Returns:
        One entry per pair that occurs and whose cartons or amount is not zero.
    """
    retailers, products, (sums, amounts) = sum_pairs(
        retailer_id, product_id, (cartons, amount_cents)
    )
    kept = np.flatnonzero((sums != 0) | (amounts != 0))
    return Cells(retailers[kept], products[kept], sums[kept], amounts[kept])


def sum_pairs(
    first: Ints, second: Ints, weights: tuple[Ints, ...]
) -> tuple[Ints, Ints, list[Ints]]:
    """Sums over rows with the same pair of keys.

    Args:
        first: Shape (n,), any order.
        second: Shape (n,).
        weights: Arrays of shape (n,); each sum stays below 2**53.

    Returns:
        First keys (ascending), second keys (ascending within a first key), and the sums, all of shape
        (m,). Pairs that do not occur may be there with sums of zero.
    """
    firsts, row = index_of(first)
    seconds, column = index_of(second)
    width = max(1, len(seconds))
    key = row * width + column
    size = len(firsts) * width
    if size <= max(DENSE_CELLS, 2 * len(first)):
        keys, position = np.arange(size), key
    else:
        keys, position = np.unique(key, return_inverse=True)
    sums = [
        np.bincount(position, weights=weight, minlength=len(keys)).astype(np.int64)
        for weight in weights
    ]
    return firsts[keys // width], seconds[keys % width], sums


def index_of(values: Ints) -> tuple[Ints, Ints]:
    """The distinct values, ascending, and where each value stands among them.

    As ``np.unique`` with its inverse; ids lie close together, so that a table replaces the sorting.

    Args:
        values: Integers, shape (n,).

    Returns:
        Distinct values, shape (m,), and positions, shape (n,).
    """
    lowest = int(values.min()) if len(values) else 0
    reach = int(values.max()) - lowest + 1 if len(values) else 0
    if reach > max(DENSE_CELLS, 2 * len(values)):
        distinct, position = np.unique(values, return_inverse=True)
        return distinct, position.astype(np.int64)
    offset = values - lowest
    seen = np.zeros(reach, dtype=bool)
    seen[offset] = True
    place = np.cumsum(seen) - 1
    return np.flatnonzero(seen) + lowest, place[offset]


def sum_retailers(
    cells: Cells, line_retailer_id: Ints, line_order_id: Ints, is_sale: NDArray[np.bool_]
) -> RetailerTotals:
    """Cells summed by retailer, with the number of distinct orders.

    Args:
        cells: Of ``sum_cells``.
        line_retailer_id: Retailer of each line, shape (n,).
        line_order_id: Order of each line, shape (n,).
        is_sale: Whether the line is a sale; an order of returns alone is no order.

    Returns:
        One entry per retailer with a line.
    """
    retailers, line_row = index_of(line_retailer_id)
    # An order belongs to one retailer, so distinct orders can be counted by any of their lines.
    order_ids, line_order = index_of(line_order_id[is_sale])
    row_of_order = np.zeros(len(order_ids), dtype=np.int64)
    row_of_order[line_order] = line_row[is_sale]
    orders = np.bincount(row_of_order, minlength=len(retailers))
    row = np.searchsorted(retailers, cells.retailer_id)

    def total(weights: Ints) -> Ints:
        return np.bincount(row, weights=weights, minlength=len(retailers)).astype(np.int64)

    return RetailerTotals(
        retailers,
        orders.astype(np.int64),
        total((cells.cartons > 0).astype(np.int64)),
        total(cells.cartons),
        total(cells.amount_cents),
    )
