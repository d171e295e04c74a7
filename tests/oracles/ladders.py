"""Slow oracles for the ladder that follows purchases: exact fractions, no library."""

from collections.abc import Sequence
from fractions import Fraction


def smooth_means(counts: Sequence[int], bought: Sequence[int]) -> list[Fraction]:
    """Non-increasing means of tiers that all have retailers: min-max formula of isotonic regression.

    The value of tier t is the least, over all a <= t, of the greatest mean of a block a..b with b >= t.
    """

    def mean(a: int, b: int) -> Fraction:
        return Fraction(sum(bought[a : b + 1]), sum(counts[a : b + 1]))

    last = len(counts)
    return [min(max(mean(a, b) for b in range(t, last)) for a in range(t + 1)) for t in range(last)]


def reference(
    counts: Sequence[int], shape: Sequence[Fraction], total: int, width: int, top: int
) -> list[Fraction]:
    """Raise the tiers one bend after the other until the total is released."""
    ladder = [Fraction(int(t < width)) for t in range(len(counts))]
    for slope in (list(shape), [Fraction(1)] * len(counts)):
        while True:
            missing = total - sum(c * r for c, r in zip(counts, ladder, strict=True))
            free = [t for t, s in enumerate(slope) if s > 0 and ladder[t] < top]
            if missing <= 0 or not free:
                break
            step = min(
                missing / sum(counts[t] * slope[t] for t in free),
                *[(top - ladder[t]) / slope[t] for t in free],
            )
            for t in free:
                ladder[t] += step * slope[t]
    return ladder
