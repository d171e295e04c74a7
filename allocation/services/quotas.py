"""Tier quotas of any total: what the exact solver needs around it."""

import numpy as np
from numpy.typing import NDArray

from allocation.core.tiers import MAX_CELLS, TierQuotaSolver

Ints = NDArray[np.int64]


def solver_for(counts: Ints, largest: int) -> TierQuotaSolver:
    """One solver for all products of a plan: its tables depend on the tiers only.

    Args:
        counts: Retailers per tier, highest first.
        largest: Largest total that will be asked for, cartons. The tables of a larger one than fits
            into memory are not made; ``tier_quotas`` then gives every tier an equal base.
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
    total: int,
    *,
    top_cap: int,
    min_width: int,
    objective: str,
    tolerance: int = 0,
) -> tuple[Ints, int]:
    """Tier quotas of one total, and the base that every tier got beforehand.

    Totals beyond the solver's tables are reduced by an equal base for all; what remains is solved
    exactly. Tier sizes are near multiples of each other, so the very closest total may need a lopsided
    ladder (13, 12, 1, 1 …); among all ladders that miss the total by no more than ``tolerance`` the
    one with the lowest top is taken. A higher cap only adds ladders, so the best error never rises with
    it and the lowest cap is found by halving.

    Args:
        solver: Of ``solver_for``.
        counts: Retailers per tier, highest first, shape (k,).
        total: Cartons to release.
        top_cap: Most cartons for any tier.
        min_width: So many tiers, from the top, get something; fewer where a hard limit forbids it.
        objective: "closest" or "not_above".
        tolerance: Cartons by which the total may be missed for a flatter ladder, >= 0.

    Returns:
        Cartons per retailer of each tier, highest first, shape (k,), and the base.
    """
    retailers = int(counts.sum())
    base = 0
    if total > solver.max_total and retailers:
        base = -(-(total - solver.max_total) // retailers)
    hard = objective != "closest"
    rest = min(total - base * retailers, solver.max_total)
    width = 0 if base else _width(counts, total, min_width, hard=hard)

    def solve(cap: int) -> tuple[Ints, int]:
        quotas = solver.solve(
            rest, top_cap=cap, min_width=width, objective="not_above" if hard else "closest"
        )
        return quotas, abs(int((counts * quotas).sum()) - rest)

    high = max(0, top_cap - base)
    # No ladder with a lower top than this reaches the total; from there on, ever larger steps up.
    probe = min(high, max(1, -(-(rest - tolerance) // max(1, retailers))))
    low, step = probe, 1
    solved, error = solve(probe)
    while error > tolerance and probe < high:
        low, probe, step = probe + 1, min(high, probe + step), step * 2
        solved, error = solve(probe)
    if error > tolerance:
        low = min(1, high)
    allowed, high = max(error, tolerance), probe
    while low < high:
        middle = (low + high) // 2
        found, error = solve(middle)
        if error <= allowed:
            solved, high = found, middle
        else:
            low = middle + 1
    return solved + base, base


def _width(counts: Ints, total: int, wanted: int, *, hard: bool) -> int:
    """So many tiers as are wanted, but under a hard limit no more than the total can serve."""
    if not hard:
        return min(wanted, len(counts))
    return min(wanted, int(np.searchsorted(np.cumsum(counts), total, side="right")))
