"""Five figures of many: least, lower quartile, median, upper quartile, most."""

import numpy as np
from numpy.typing import ArrayLike

Five = tuple[float, float, float, float, float]


def five_numbers(values: ArrayLike, counts: ArrayLike) -> Five | None:
    """The five-number summary of values that occur so many times each.

    Args:
        values: Different values, shape (n,), any order.
        counts: How often each occurs, shape (n,), whole, zero or more.

    Returns:
        Least, lower quartile, median, upper quartile and most; None where nothing occurs. Quartiles are
        interpolated between neighbours, as spreadsheets do (QUARTILE.INC).

    Raises:
        ValueError: The shapes differ or a count is negative.

    Source:
        Hyndman and Fan (1996), type 7; Tukey's five figures with these quartiles.
    """
    value = np.asarray(values, dtype=np.float64)
    count = np.asarray(counts, dtype=np.int64)
    if value.shape != count.shape or value.ndim != 1:
        raise ValueError(
            f"values and counts must have one shape (n,), got {value.shape}, {count.shape}"
        )
    if (count < 0).any():
        raise ValueError("counts must be zero or more")
    total = int(count.sum())
    if total == 0:
        return None
    order = np.argsort(value)
    value, ends = value[order], np.cumsum(count[order])
    place = np.array([0.0, 0.25, 0.5, 0.75, 1.0]) * (total - 1)
    low, high = np.floor(place), np.ceil(place)
    below = value[np.searchsorted(ends, low, side="right")]
    above = value[np.searchsorted(ends, high, side="right")]
    least, lower, middle, upper, most = (below + (above - below) * (place - low)).tolist()
    return least, lower, middle, upper, most
