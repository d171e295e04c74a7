"""Splitting whole cartons in proportion to weights, in exact integers."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import ArrayLike, NDArray

IntArray = NDArray[np.int64]

MAX_VALUE = 1 << 40
MAX_ELEMENTS = 1 << 20
MAX_BOUND = 1 << 62


def apportion(
    total: int,
    weights: ArrayLike,
    *,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
) -> IntArray:
    """Whole cartons per element: the water-filled share between bounds, by largest remainder.

    The exact share is ``clip(level * weight, lower, upper)`` with the one level at which the
    shares add up to ``total``. Each element gets the whole part; the cartons left over go to the
    largest fractions, ties to the lower index. No bound is ever left and nothing is rounded in
    floating point: the result is exact for every permitted input.

    An element of weight zero gets its lower bound and never more.

    Args:
        total: Cartons to split, 0 to 2**40.
        weights: Integer weights, shape (n,), 0 to 2**40, n <= 2**20.
        lower: Least cartons per element, shape (n,), >= 0; None for 0.
        upper: Most cartons per element, shape (n,), >= ``lower``; None for no bound.

    Returns:
        Cartons, shape (n,), int64, adding up to ``total``.

    Raises:
        ValueError: An argument has the wrong shape, kind or range; the lower bounds add up to
            more than ``total``; the upper bounds to less; or only elements of weight zero could
            take what is left.

    Source:
        docs/algorithms/apportionment.md (Hamilton's method; Bitran and Hax 1981 for the level).
    """
    weight = _int64("weights", weights, MAX_VALUE)
    total = _checked_total(total)
    low, high = _bounds(total, weight, lower, upper)
    cartons = low.copy()
    free = np.flatnonzero(weight)
    rest = total - int(low.sum()) + int(low[free].sum())
    _check_room(total, rest, weight, high)

    # Each round either ends or settles at least one element: when the clipped shares of the level
    # rest / sum(weights) add up to too little, the true level is higher, so that whoever is at
    # the upper bound already stays there; and the other way round.
    # (Positions instead of masks: gathering by a random mask costs three times as much.)
    w, lo, hi = weight[free], low[free], high[free]
    while free.size:
        weight_sum = int(w.sum())
        whole, part = _multiply_divide(w, rest, weight_sum, 2 * total + 2)
        is_above = whole >= hi
        is_below = ((whole < lo) | ((whole == lo) & (part == 0))) & ~is_above
        above, below = np.flatnonzero(is_above), np.flatnonzero(is_below)
        pegged_cartons = int(hi[above].sum()) + int(lo[below].sum())
        pegged_weight = int(w[above].sum()) + int(w[below].sum())
        surplus = weight_sum * pegged_cartons - rest * pegged_weight  # Python integers: exact
        if surplus <= 0:
            cartons[free[above]] = hi[above]
            rest -= int(hi[above].sum())
        if surplus >= 0:
            cartons[free[below]] = lo[below]
            rest -= int(lo[below].sum())
        if surplus == 0:
            inner = np.flatnonzero(~(is_above | is_below))
            cartons[free[inner]] = _round_up_largest(whole[inner], part[inner], rest)
            break
        kept = np.flatnonzero(~(is_above if surplus < 0 else is_below))
        free, w, lo, hi = free[kept], w[kept], lo[kept], hi[kept]
    return cartons


def apportion_groups(
    total: int, weights: Sequence[int | Decimal | Fraction] | IntArray
) -> IntArray:
    """Whole cartons per group in proportion to its weight, by largest remainder.

    For a handful of groups (city and country, counties, mutual-aid groups), so that the weights
    may be fractions: 4 : 6, ``Decimal("0.4")`` : ``Decimal("0.6")`` or counts of retailers.

    Args:
        total: Cartons to split, 0 to 2**40.
        weights: One non-negative weight per group, int, Decimal or Fraction; not a float.

    Returns:
        Cartons per group, int64, adding up to ``total``; ties go to the earlier group.

    Raises:
        ValueError: A weight is negative or a float, or all are zero while ``total`` is not.

    Source:
        docs/algorithms/apportionment.md (group split, W5).
    """
    total = _checked_total(total)
    exact = [_exact_weight(weight) for weight in weights]
    scale = lcm(*(weight.denominator for weight in exact))
    scaled = [int(weight * scale) for weight in exact]
    weight_sum = sum(scaled)
    if weight_sum == 0:
        if total:
            raise ValueError(f"weights are all zero, so {total} cartons cannot be split")
        return np.zeros(len(scaled), dtype=np.int64)
    cartons, parts = zip(*(divmod(w * total, weight_sum) for w in scaled), strict=True)
    by_part = sorted(range(len(scaled)), key=lambda group: -parts[group])
    result = np.array(cartons, dtype=np.int64)
    result[by_part[: total - sum(cartons)]] += 1
    return result


def _multiply_divide(
    weight: IntArray, numerator: int, denominator: int, ceiling: int
) -> tuple[IntArray, IntArray]:
    """Whole part and remainder of ``weight * numerator / denominator``.

    The product may need 80 bits. The whole part is estimated in floating point (off by at most
    one, as it is far below 2**50), and the remainder follows exactly from arithmetic modulo
    2**64, because it is known to lie within two denominators (at most 2**60 each).
    Whole parts above ``ceiling`` are cut down to about it, with a meaningless remainder.
    """
    estimate = np.minimum(weight * (numerator / denominator), float(ceiling))
    whole = estimate.astype(np.int64)
    part = weight * np.int64(numerator) - whole * np.int64(denominator)  # wraps on purpose
    low = np.flatnonzero(part < 0)
    whole[low] -= 1
    part[low] += denominator
    high = np.flatnonzero(part >= denominator)
    whole[high] += 1
    part[high] -= denominator
    return whole, part


def _round_up_largest(whole: IntArray, part: IntArray, total: int) -> IntArray:
    units_left = total - int(whole.sum())
    if units_left:
        at = part.size - units_left
        threshold = np.partition(part, at)[at]
        larger = part > threshold
        whole[larger] += 1
        whole[np.flatnonzero(part == threshold)[: units_left - np.count_nonzero(larger)]] += 1
    return whole


def _bounds(
    total: int, weight: IntArray, lower: ArrayLike | None, upper: ArrayLike | None
) -> tuple[IntArray, IntArray]:
    low = np.zeros_like(weight) if lower is None else _int64("lower", lower)
    high = np.full_like(weight, total) if upper is None else _int64("upper", upper)
    for name, bound in (("lower", low), ("upper", high)):
        if bound.shape != weight.shape:
            raise ValueError(f"{name} must have shape {weight.shape}, got {bound.shape}")
    if upper is not None and (low > high).any():
        at = int(np.argmax(low > high))
        raise ValueError(
            f"lower must not exceed upper, got {low[at]} above {high[at]} at index {at}"
        )
    if (low > total).any() or int(low.sum()) > total:
        least = sum(low.tolist())
        raise ValueError(f"lower bounds add up to {least}, which is more than the total {total}")
    return low, np.minimum(high, total)


def _check_room(total: int, rest: int, weight: IntArray, high: IntArray) -> None:
    most = int(high.sum())
    if most < total:
        raise ValueError(f"upper bounds add up to {most}, which is less than the total {total}")
    room = int(high[weight > 0].sum())
    if room < rest:
        raise ValueError(
            f"elements with a positive weight can take {room} of the {rest} cartons left for "
            "them; elements of weight zero get no more than their lower bound"
        )


def _checked_total(total: int) -> int:
    if isinstance(total, float) or total != int(total) or not 0 <= total <= MAX_VALUE:
        raise ValueError(f"total must be a whole number from 0 to 2**40, got {total!r}")
    return int(total)


def _int64(name: str, values: ArrayLike, most: int = MAX_BOUND) -> IntArray:
    array = np.asarray(values)
    if array.ndim != 1 or array.size > MAX_ELEMENTS:
        raise ValueError(
            f"{name} must be 1-D with at most {MAX_ELEMENTS} elements, got shape {array.shape}"
        )
    if array.size and array.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers, got dtype {array.dtype}")
    if array.size and int(array.min()) < 0:
        raise ValueError(f"{name} must be >= 0, got {array.min()}")
    if array.size and int(array.max()) > most:
        raise ValueError(f"{name} must be at most {most}, got {array.max()}")
    return array.astype(np.int64)


def _exact_weight(weight: object) -> Fraction:
    if isinstance(weight, np.integer):
        weight = int(weight)
    if not isinstance(weight, int | Decimal | Fraction):
        raise ValueError(f"weights must be int, Decimal or Fraction, got {weight!r}")
    exact = Fraction(weight)
    if exact < 0:
        raise ValueError(f"weights must be >= 0, got {weight}")
    return exact
