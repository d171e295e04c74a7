"""Identifies the content of order lines, so that a repeated order is told from a changed one."""

import numpy as np
from numpy.typing import NDArray

_MASK = np.uint64(0x7FFFFFFFFFFFFFFF)


def line_hashes(*columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """A 63-bit hash per line; the hash of an order is the sum of its lines' hashes modulo 2^63.

    The columns are mixed one after another by the finaliser of SplitMix64 (Steele, Lea and Flood,
    2014), so that equal values in different columns give different hashes. The sum makes the order in
    which lines arrive irrelevant.

    Args:
        columns: int64 arrays of shape (n,), always in the order: line number, retailer id, product
            id, day as an ordinal, kind, cartons, needed (-1 when absent), quota (-1 when absent),
            unit price in cents (-1 when absent), amount in cents.

    Returns:
        int64 array of shape (n,), 0 <= hash < 2^63.
    """
    state = np.full(len(columns[0]), 0x9E3779B97F4A7C15, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in columns:
            state ^= column.astype(np.int64).view(np.uint64)
            state += np.uint64(0x9E3779B97F4A7C15)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state ^= state >> np.uint64(31)
    return (state & _MASK).view(np.int64)


def add_hashes(first: int, second: int) -> int:
    """Sum modulo 2^63."""
    return (first + second) & 0x7FFFFFFFFFFFFFFF


def sum_hashes(hashes: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Hashes of orders from the hashes of their lines.

    Args:
        hashes: Of lines, those of one order next to each other, shape (n,).
        starts: Index of the first line of each order, increasing, shape (k,).

    Returns:
        Sums modulo 2^63, shape (k,).
    """
    if not len(starts):
        return np.empty(0, dtype=np.int64)
    # uint64 wraps modulo 2^64, of which 2^63 is a divisor.
    sums = np.add.reduceat(hashes.view(np.uint64), starts)
    return (sums & _MASK).view(np.int64)
