"""Slow oracle of the weights, limits and quotas of one product: integers and fractions, one by one."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil

from tests.oracles.apportionment import apportion_oracle

UNIT = 10**9


def weights_oracle(own: Sequence[int], everything: Sequence[int], own_share: Decimal) -> list[int]:
    """Parts per billion: each of the two shares is floored by itself."""
    own_sum, all_sum = sum(own), sum(everything)
    own_part = int(own_share * UNIT)
    if own_sum == 0:
        own_part = 0
    all_part = UNIT - own_part
    if all_sum == 0:
        own_part, all_part = (UNIT if own_sum else 0), 0
    weights = []
    for mine, total in zip(own, everything, strict=True):
        weight = 0
        if own_sum:
            weight += (mine * own_part) // own_sum
        if all_sum:
            weight += (total * all_part) // all_sum
        weights.append(weight)
    return weights


def uppers_oracle(
    tier_quota: Sequence[int],
    own: Sequence[int],
    months: int,
    tier_factor: Decimal,
    habit_factor: Decimal,
) -> list[int]:
    """The larger of what the tier and what habit allow, each rounded up."""
    return [
        max(
            ceil(Fraction(tier_factor) * quota),
            ceil(Fraction(habit_factor) * Fraction(mine, months)),
        )
        for quota, mine in zip(tier_quota, own, strict=True)
    ]


def quotas_oracle(
    total: int, weights: Sequence[int], uppers: Sequence[int]
) -> tuple[int, list[int]]:
    """What is released, and each retailer's part of it."""
    room = [upper if weight else 0 for weight, upper in zip(weights, uppers, strict=True)]
    released = min(total, sum(room))
    if not released:
        return 0, [0] * len(room)
    return released, apportion_oracle(released, weights, [0] * len(room), room)
