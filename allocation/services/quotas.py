"""Tier quotas of any total: what the exact solver needs around it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from allocation.core.ladders import purchase_shape, reference_ladder, whole_part
from allocation.core.tiers import MAX_CELLS, Objective, TierQuotaSolver

Ints = NDArray[np.int64]

# Parts of the reference ladder that are tried one after the other; the last one leaves every ladder open.
_PARTS = (1.0, 0.97, 0.94, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.0)


def solver_for(counts: Ints, largest: int) -> TierQuotaSolver:
    """One solver for all products of a plan: its tables depend on the tiers only.

    Args:
        counts: Retailers per tier, highest first.
        largest: Largest total that will be asked for, cartons. The tables of a larger one than fits
            into memory are not made; ``tier_quotas`` then always keeps a part of its reference.
    """
    tiers = int((counts > 0).sum()) + 1
    fits = min(MAX_CELLS // 8, MAX_CELLS // tiers // 2) - int(counts.sum()) - 1
    return TierQuotaSolver(counts, max(0, min(largest, fits)))


def top_cap(counts: Ints, bought: Ints, total: int, *, months: int, factor: float) -> int:
    """Most that any tier may get: the largest monthly mean of a tier, with some room.

    Args:
        counts: Retailers per tier, shape (k,).
        bought: Cartons of the product that each tier bought in the window, shape (k,).
        total: Cartons to release.
        months: Length of the window.
        factor: Room above the mean.

    Returns:
        Cartons, >= 1; never below three times an even split of the total.
    """
    filled = counts > 0
    mean = float((bought[filled] / counts[filled]).max(initial=0.0)) / months
    even = -(-total // max(1, int(counts.sum())))
    return max(int(np.ceil(mean * factor)), 3 * even, 1)


def least_width(counts: Ints, bought: Ints, total: int, *, breadth_share: float) -> int:
    """How many tiers, from the top, should get something at least.

    The closest total alone is often released to a few tiers only. So the first carton of each tier goes
    as far down as ``breadth_share`` of the total reaches, but not below the lowest tier that bought the
    product: breadth that nobody asked for is not forced on anybody.

    Args:
        counts: Retailers per tier, highest first, shape (k,).
        bought: Cartons of the product that each tier bought in the window, shape (k,); when all are
            zero (a new product) the total alone decides.
        total: Cartons to release.
        breadth_share: Share of the total that may go into breadth, 0 to 1; 0 asks for none.

    Returns:
        Tiers, 0 to k.
    """
    by_total = int(np.searchsorted(np.cumsum(counts), int(total * breadth_share), side="right"))
    buyers = np.flatnonzero(bought > 0)
    return min(by_total, int(buyers[-1]) + 1) if len(buyers) else by_total


def tier_quotas(
    solver: TierQuotaSolver,
    counts: Ints,
    bought: Ints,
    total: int,
    *,
    top_cap: int,
    min_width: int,
    objective: Objective,
    tolerance: int = 0,
) -> Ints:
    """Tier quotas of one total that follow what the tiers buy.

    The reference ladder gives the first carton to ``min_width`` tiers and the rest in proportion to
    purchases. Its whole part is kept, and the exact solver spends what is left: at most one carton more
    for some of the highest tiers. Where that misses the total by more than ``tolerance``, smaller parts of
    the reference and more cartons on top are tried, in the end all ladders there are: tier sizes are
    near multiples of each other, so the very closest total may need a lopsided one (13, 12, 1, 1 …).

    Args:
        solver: Of ``solver_for``.
        counts: Retailers per tier, highest first, shape (k,).
        bought: Cartons of the product that each tier bought in the window, shape (k,).
        total: Cartons to release.
        top_cap: Most cartons for any tier, >= 1.
        min_width: So many tiers, from the top, get something; fewer where a hard limit forbids it.
        objective: "closest" or "not_above".
        tolerance: Cartons by which the total may be missed for a ladder that follows purchases, >= 0.

    Returns:
        Cartons per retailer of each tier, highest first, shape (k,), non-increasing.

    Source:
        docs/algorithms/tier-quotas.md.
    """
    width = _width(counts, total, min_width, hard=objective != "closest")
    breadth = (np.arange(len(counts)) < width).astype(np.int64)
    if int(counts @ breadth) >= total:
        return breadth
    reference = reference_ladder(
        counts, purchase_shape(counts, bought), total, width=width, top=max(1, top_cap - 1)
    )
    best, least = breadth, total
    for most in _doubling(top_cap):
        for part in _PARTS:
            kept = np.maximum(whole_part(reference * part), breadth)
            rest = total - int(counts @ kept)
            if rest > solver.max_total:
                continue
            more = solver.solve(
                rest, top_cap=min(most, top_cap - int(kept[0])), objective=objective
            )
            miss = abs(int(counts @ more) - rest)
            if miss < least:
                best, least = kept + more, miss
            if miss <= tolerance:
                return best
    return best


def _doubling(top: int) -> Iterator[int]:
    """1, 2, 4 … and the top itself."""
    most = 1
    while most < top:
        yield most
        most *= 2
    yield top


def _width(counts: Ints, total: int, wanted: int, *, hard: bool) -> int:
    """So many tiers as are wanted, but under a hard limit no more than the total can serve."""
    if not hard:
        return min(wanted, len(counts))
    return min(wanted, int(np.searchsorted(np.cumsum(counts), total, side="right")))
