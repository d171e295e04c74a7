"""Slow oracles in fractions: ABC, tier sizes and percentiles, retailer by retailer."""

from collections.abc import Sequence
from fractions import Fraction


def abc_oracle(values: Sequence[int], cuts: tuple[Fraction, Fraction], crossing: str) -> list[str]:
    total = sum(v for v in values if v > 0)
    classes = []
    for value in values:
        if value <= 0:
            classes.append("C")
            continue
        before = Fraction(sum(v for v in values if v > value), total)
        through = Fraction(sum(v for v in values if v >= value), total)
        in_class = [before < c if crossing == "higher" else through <= c for c in cuts]
        classes.append("A" if in_class[0] else "B" if in_class[1] else "C")
    return classes


def tier_sizes_oracle(n: int, shares: Sequence[Fraction]) -> list[int]:
    sizes, done = [], 0
    for position in range(len(shares)):
        exact = n * sum(shares[: position + 1], start=Fraction(0)) / 100
        end = int(exact) + (1 if exact - int(exact) >= Fraction(1, 2) else 0)
        sizes.append(end - done)
        done = end
    return sizes


def percentile_oracle(values: Sequence[Fraction]) -> list[Fraction]:
    n = len(values)
    ordered = sorted(values, reverse=True)
    result = []
    for value in values:
        ranks = [rank for rank, other in enumerate(ordered, start=1) if other == value]
        mean_rank = Fraction(sum(ranks), len(ranks))
        result.append(100 * (n - mean_rank + Fraction(1, 2)) / n)
    return result


def tiers_oracle(
    scores: Sequence[Fraction | float], tie_break: Sequence[int], sizes: Sequence[int]
) -> list[int]:
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], tie_break[i], i))
    tiers, at = [0] * len(scores), 0
    for position, size in enumerate(sizes):
        for i in order[at : at + size]:
            tiers[i] = len(sizes) - position
        at += size
    return tiers
