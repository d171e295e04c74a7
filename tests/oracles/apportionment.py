"""Slow oracle: the water level by trying every stretch between breakpoints, in fractions."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise


def water_filled_shares(
    total: int, weights: Sequence[int], lower: Sequence[int], upper: Sequence[int]
) -> list[Fraction]:
    def shares(level: Fraction) -> list[Fraction]:
        return [
            min(max(level * w, Fraction(low)), Fraction(high))
            for w, low, high in zip(weights, lower, upper, strict=True)
        ]

    ends = {Fraction(0)}
    for w, low, high in zip(weights, lower, upper, strict=True):
        if w:
            ends |= {Fraction(low, w), Fraction(high, w)}
    levels = sorted(ends)
    if sum(shares(levels[0])) == total:
        return shares(levels[0])
    for left, right in pairwise(levels):
        at_left, at_right = sum(shares(left)), sum(shares(right))
        if at_left < total <= at_right:
            return shares(left + (right - left) * (total - at_left) / (at_right - at_left))
    raise ValueError("the total does not fit")


def apportion_oracle(
    total: int,
    weights: Sequence[int],
    lower: Sequence[int] | None = None,
    upper: Sequence[int] | None = None,
) -> list[int]:
    lower = list(lower) if lower is not None else [0] * len(weights)
    upper = list(upper) if upper is not None else [max(total, 1)] * len(weights)
    exact = water_filled_shares(total, weights, lower, upper)
    whole = [share.numerator // share.denominator for share in exact]
    order = sorted(range(len(exact)), key=lambda i: (-(exact[i] - whole[i]), i))
    for i in order[: total - sum(whole)]:
        whole[i] += 1
    return whole
