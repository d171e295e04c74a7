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
        orders: Distinct orders with at least one line.
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
    retailers, row = np.unique(retailer_id, return_inverse=True)
    products, column = np.unique(product_id, return_inverse=True)
    width = max(1, len(products))
    key = row.astype(np.int64) * width + column
    if len(retailers) * width <= DENSE_CELLS:
        size = len(retailers) * width
        keys = np.arange(size)
        position = key
    else:
        keys, position = np.unique(key, return_inverse=True)
        size = len(keys)
    sums = np.bincount(position, weights=cartons, minlength=size).astype(np.int64)
    amounts = np.bincount(position, weights=amount_cents, minlength=size).astype(np.int64)
    kept = np.flatnonzero((sums != 0) | (amounts != 0))
    pair = keys[kept]
    return Cells(retailers[pair // width], products[pair % width], sums[kept], amounts[kept])


def sum_retailers(cells: Cells, line_retailer_id: Ints, line_order_id: Ints) -> RetailerTotals:
    """Cells summed by retailer, with the number of distinct orders.

    Args:
        cells: Of ``sum_cells``.
        line_retailer_id: Retailer of each line, shape (n,).
        line_order_id: Order of each line, shape (n,).

    Returns:
        One entry per retailer with a line.
    """
    retailers = np.unique(line_retailer_id)
    # An order belongs to one retailer, so distinct orders can be counted by their first line.
    _orders, first = np.unique(line_order_id, return_index=True)
    orders = np.bincount(
        np.searchsorted(retailers, line_retailer_id[first]), minlength=len(retailers)
    )
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
