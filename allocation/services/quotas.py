"""Tier quotas of any total: what the exact solver needs around it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.core.ladders import Floats, purchase_shape, reference_ladder, whole_part
from allocation.core.tiers import MAX_CELLS, Objective, TierQuotaSolver

Ints = NDArray[np.int64]

# Parts of the reference ladder that are tried one after the other.
_PARTS = (1.0, 0.97, 0.94, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5)


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
    filled = np.flatnonzero(counts)
    if not filled.size:
        return (np.arange(len(counts)) < width).astype(np.int64)
    own, served = counts[filled], int((filled < width).sum())
    reference = reference_ladder(
        own,
        purchase_shape(own, bought[filled]),
        total,
        width=min(served, int(np.searchsorted(np.cumsum(own), total, side="right"))),
        top=max(1, top_cap - 1),
    )
    breadth = (np.arange(filled.size) < served).astype(np.int64)
    best = _nearest(
        solver, own, filled, total, _Asked(reference, breadth, width, top_cap, objective, tolerance)
    )
    above = np.searchsorted(filled, np.arange(len(counts)), side="right") - 1
    asked_for = (above < 0) & (np.arange(len(counts)) < width)  # above the first retailer
    return np.maximum(best[np.maximum(above, 0)], asked_for.astype(np.int64))


@dataclass(frozen=True)
class _Asked:
    """What a ladder must keep to; per tier with retailers."""

    reference: Floats
    breadth: Ints
    width: int
    top_cap: int
    objective: Objective
    tolerance: int


def _nearest(
    solver: TierQuotaSolver, counts: Ints, filled: Ints, total: int, asked: _Asked
) -> Ints:
    """The first ladder near enough, else the nearest; quotas of the tiers with retailers."""
    best, least = asked.breadth, abs(total - int(counts @ asked.breadth))
    if int(counts @ best) >= total:
        return best  # the width alone takes everything
    for most in _doubling(asked.top_cap):
        for ladder in _ladders(solver, counts, filled, total, most, asked):
            miss = abs(int(counts @ ladder) - total)
            if miss < least:
                best, least = ladder, miss
            if miss <= asked.tolerance:
                return best
    return best


def _ladders(
    solver: TierQuotaSolver, counts: Ints, filled: Ints, total: int, most: int, asked: _Asked
) -> Iterator[Ints]:
    """Parts of the reference with at most so many cartons on top; then the nearest of all so high."""
    for part in _PARTS:
        kept = np.maximum(whole_part(asked.reference * part), asked.breadth)
        rest, room = total - int(counts @ kept), min(most, asked.top_cap - int(kept[0]))
        if room > 0 and 0 <= rest <= solver.max_total:
            more = solver.solve(rest, top_cap=room, objective=asked.objective)
            yield kept + more[filled]
    if total <= solver.max_total:
        exact = solver.solve(total, top_cap=most, min_width=asked.width, objective=asked.objective)
        yield exact[filled]


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
