"""Slow oracle: the life-cycle stage of one retailer, in fractions."""

from collections.abc import Sequence
from fractions import Fraction


def stage_oracle(
    cartons: Sequence[int],
    age: int,
    *,
    development: int,
    end: int,
    window: int,
    up: Fraction,
    down: Fraction,
) -> str:
    if age < 0:
        return "potential"
    if age >= end and all(month <= 0 for month in cartons[-end:]):
        return "end"
    if age < development:
        return "development"
    m = len(cartons)
    recent = sum(cartons[m - window :])
    if m >= 12 + window and age >= 12 + window:
        base = sum(cartons[m - 12 - window : m - 12])
    else:
        base = sum(cartons[m - 2 * window : m - window])
    if base <= 0:
        return "maturity"
    growth = Fraction(recent, base) - 1
    if growth >= up:
        return "growth"
    return "decline" if growth <= down else "maturity"
