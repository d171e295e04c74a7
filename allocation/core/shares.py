"""Weights and upper limits of retailers for one product."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# Weights are parts per billion of the product's release.
WEIGHT_UNIT = 1_000_000_000


@dataclass(frozen=True)
class Blend:
    """Weights of the retailers and what they are made of.

    Attributes:
        weights: Parts per billion, shape (n,).
        own_sum: Cartons of the product that all retailers bought.
        all_sum: Cartons of all products that all retailers bought.
        basis: "product" when the product was bought, else "all".
    """

    weights: Ints
    own_sum: int
    all_sum: int
    basis: str


def blend_weights(own: Ints, all_products: Ints, own_share: Decimal) -> Blend:
    """Share of each retailer: mostly by purchases of the product, a little by all purchases.

    ``weight = floor(10^9 * (s * own / sum(own) + (1 - s) * all / sum(all)))`` where s is
    ``own_share``; a product that nobody bought is shared by all purchases alone, so that a new
    product reaches the shops that sell most.

    Args:
        own: Cartons of the product in the window, shape (n,), >= 0.
        all_products: Cartons of all products in the window, shape (n,), >= 0.
        own_share: ``s``, 0 to 1.

    Returns:
        The weights; all zero when nobody bought anything.

    Raises:
        ValueError: ``own_share`` is outside 0 to 1 or the shapes differ.

    Source:
        docs/algorithms/retailer-quotas.md (M8: retailer totals from the last quarter).
    """
    if not 0 <= own_share <= 1:
        raise ValueError(f"own_share must be between 0 and 1, got {own_share}")
    if own.shape != all_products.shape:
        raise ValueError(f"shapes must agree, got {own.shape} and {all_products.shape}")
    own_sum, all_sum = int(own.sum()), int(all_products.sum())
    own_part = int(own_share * WEIGHT_UNIT) if own_sum else 0
    all_part = WEIGHT_UNIT - own_part if all_sum else 0
    if own_sum and not all_sum:
        own_part = WEIGHT_UNIT
    weights = np.zeros(len(own), dtype=np.int64)
    if own_sum:
        weights += own * own_part // own_sum
    if all_sum:
        weights += all_products * all_part // all_sum
    return Blend(weights, own_sum, all_sum, "product" if own_sum else "all")


def upper_limits(
    tier_quota: Ints,
    own: Ints,
    months: int,
    *,
    tier_factor: Decimal,
    habit_factor: Decimal,
) -> Ints:
    """Most cartons each retailer may get: the larger of the tier's and of habit's limit.

    ``max(ceil(tier_factor * tier quota), ceil(habit_factor * own / months))``, exactly.

    Args:
        tier_quota: Quota of the retailer's tier, shape (n,), >= 0.
        own: Cartons of the product in the window, shape (n,), >= 0.
        months: Length of the window in months, >= 1.
        tier_factor: Allowed excess over the tier's quota, >= 0.
        habit_factor: Allowed excess over the monthly mean, >= 0.

    Returns:
        Cartons, shape (n,), int64.

    Source:
        docs/algorithms/retailer-quotas.md.
    """
    tier_top, tier_bottom = tier_factor.as_integer_ratio()
    habit_top, habit_bottom = habit_factor.as_integer_ratio()
    by_tier = -(-(tier_quota * tier_top) // tier_bottom)
    by_habit = -(-(own * habit_top) // (habit_bottom * months))
    return np.maximum(by_tier, by_habit)


def fill_level(cartons: Ints, weights: Ints, upper: Ints) -> float:
    """The level L at which ``clip(L * weight, 0, upper)`` gives the quotas, for explanations.

    Args:
        cartons: Result of the apportionment, shape (n,).
        weights: Its weights.
        upper: Its upper bounds.

    Returns:
        Cartons per unit of weight; 0 when nothing was split. Each quota is within one carton of
        ``min(L * weight, upper)``.
    """
    total = int(cartons.sum())
    vessels = np.flatnonzero((weights > 0) & (upper > 0))
    weight, top = weights[vessels], upper[vessels]
    level = 0.0
    is_full = np.zeros(len(vessels), dtype=bool)
    # Whoever is full at a level stays full at a higher one, so that the level only rises.
    while total and not is_full.all():
        rest = total - int(top[is_full].sum())
        level = rest / int(weight[~is_full].sum())
        more = ~is_full & (level * weight > top)
        if not more.any():
            break
        is_full |= more
    return level
