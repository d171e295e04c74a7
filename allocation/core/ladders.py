"""The ladder that tier quotas follow: a first carton for breadth, the rest by what the tiers buy."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Sums of floats that mean a whole number may lie this much below it.
_ROUNDING = 1e-9


def purchase_shape(counts: Ints, bought: Ints) -> Floats:
    """What a retailer of each tier buys, smoothed so that no tier lies above a higher one.

    Least squares with the retailers as weights (isotonic regression): where a lower tier bought more
    than the one above it, both get their common mean, so that a small tier's chance counts for little.

    Args:
        counts: Retailers per tier, highest first, shape (k,), >= 0.
        bought: Cartons that each tier bought, shape (k,); returns beyond sales count as nothing.

    Returns:
        Cartons per retailer, shape (k,), non-increasing, >= 0. A tier without retailers has the value
        of the nearest tier with retailers above it, or of the highest one.

    Source:
        docs/algorithms/tier-quotas.md.
    """
    # Only a night needs it; web processes would carry its memory for nothing.
    from scipy.optimize import isotonic_regression  # noqa: PLC0415

    filled = np.flatnonzero(counts)
    shape = np.zeros(counts.size)
    if not filled.size:
        return shape
    means = np.maximum(bought[filled], 0) / counts[filled]
    smooth = isotonic_regression(means, weights=counts[filled], increasing=False).x
    above = np.searchsorted(filled, np.arange(counts.size), side="right") - 1
    shape[:] = np.maximum(smooth, 0)[np.maximum(above, 0)]
    return shape


def reference_ladder(
    counts: Ints, shape: Floats, total: int, *, width: int, top: int | None = None
) -> Floats:
    """The ladder before rounding: one carton for the first tiers, the rest in proportion to purchases.

    Args:
        counts: Retailers per tier, highest first, shape (k,), >= 0.
        shape: Cartons per retailer, non-increasing, shape (k,); all zero for a product without
            purchases, whose total is then spread evenly.
        total: Cartons to release, >= 0.
        width: So many tiers, from the top, get one carton first; they hold at most ``total`` retailers.
        top: Most for any tier, >= 1; None for no limit. What it cuts off goes to the tiers below.

    Returns:
        Cartons per retailer, shape (k,), non-increasing; the sum over retailers is ``total``, or
        ``top`` for everybody where that is less.

    Source:
        docs/algorithms/tier-quotas.md.
    """
    ladder = np.zeros(counts.size)
    ladder[:width] = 1.0
    for slope in (shape, np.ones(counts.size)):
        ladder = _raised(counts, ladder, slope, total, np.inf if top is None else float(top))
    return ladder


def _raised(counts: Ints, ladder: Floats, slope: Floats, total: int, top: float) -> Floats:
    """The ladder plus that multiple of the slope, cut off at the top, which releases the total."""
    missing = total - float(counts @ ladder)
    per_unit = float(counts @ slope)
    if missing <= _ROUNDING or not per_unit:
        return ladder
    if np.isinf(top):
        return ladder + missing / per_unit * slope
    # What is released grows with the factor along straight lines, with a bend where a tier is full.
    rising = slope > 0
    factors = np.unique(np.append((top - ladder[rising]) / slope[rising], 0.0))
    released = [float(counts @ np.minimum(ladder + one * slope, top)) for one in factors]
    factor = np.interp(float(total), released, factors)
    raised: Floats = np.minimum(ladder + factor * slope, top)
    return raised


def whole_part(ladder: Floats) -> Ints:
    """The whole cartons of a ladder."""
    return np.floor(ladder + _ROUNDING).astype(np.int64)
