"""Tiers of retailers: the score, the sizes of the tiers, and who falls into which."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor, lcm
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Share = int | float | Decimal | Fraction

DEFAULT_TIER_SHARES: tuple[int, ...] = (
    *(1, 1, 2, 2, 3, 3, 3, 4, 4, 4),
    *(4, 4, 5, 5, 5, 5, 5, 5, 4, 4),
    *(4, 4, 4, 3, 3, 3, 2, 2, 1, 1),
)
"""Per cent of the retailers in each of 30 tiers, highest (D30) first; domain research 3.2."""

DEFAULT_SCORE_WEIGHTS: tuple[float, float, float] = (0.5, 0.3, 0.2)
MAX_CARTONS = 1 << 40


class TierScore(NamedTuple):
    """Score and its parts, each of shape (n,).

    Attributes:
        score: Weighted mean of the three percentiles, 0 to 100.
        quantity_percentile: Of the cartons.
        amount_percentile: Of the amount.
        price_percentile: Of the average price.
        average_price_cents: Amount per carton, cents; 0 for a retailer without cartons.
    """

    score: NDArray[np.float64]
    quantity_percentile: NDArray[np.float64]
    amount_percentile: NDArray[np.float64]
    price_percentile: NDArray[np.float64]
    average_price_cents: NDArray[np.float64]


def tier_sizes(n: int, shares: Sequence[Share] = DEFAULT_TIER_SHARES) -> NDArray[np.int64]:
    """Number of retailers per tier: differences of the cumulative percentages, rounded half up.

    Args:
        n: Retailers, >= 0.
        shares: Per cent per tier, highest tier first, >= 0, adding up to exactly 100.

    Returns:
        Retailers per tier, highest first, int64, adding up to ``n``.

    Raises:
        ValueError: ``n`` or a share is negative, or the shares do not add up to 100.

    Source:
        docs/algorithms/tiers.md (W11).
    """
    if n < 0:
        raise ValueError(f"n must be >= 0, got {n}")
    exact = [Fraction(str(share)) for share in shares]
    if any(share < 0 for share in exact):
        raise ValueError(f"shares must be >= 0, got {tuple(shares)}")
    if sum(exact) != 100:
        raise ValueError(f"shares must add up to 100 per cent, got {float(sum(exact))}")
    cuts = [0]
    cumulative = Fraction(0)
    for share in exact:
        cumulative += share
        cuts.append(floor(n * cumulative / 100 + Fraction(1, 2)))
    bounds = np.array(cuts, dtype=np.int64)
    return bounds[1:] - bounds[:-1]


def assign_tiers(
    score: ArrayLike, tie_break: ArrayLike, shares: Sequence[Share] = DEFAULT_TIER_SHARES
) -> NDArray[np.int64]:
    """Tier number of each retailer; the highest tier is ``len(shares)``, the lowest 1.

    With 30 shares the best retailers get 30, as in the trade's D30.

    Args:
        score: Higher is better, shape (n,), finite.
        tie_break: Order among equal scores, lower first, shape (n,), integers: the rank by
            longer standing, then retailer code. What is still equal keeps the order of the input.
        shares: Per cent per tier, highest tier first; see ``tier_sizes``.

    Returns:
        Tier numbers, shape (n,), int64.

    Raises:
        ValueError: Shapes differ, a score is not finite, or the shares are not permitted.

    Source:
        docs/algorithms/tiers.md.
    """
    scores, ties = np.asarray(score), np.asarray(tie_break)
    if scores.ndim != 1 or scores.shape != ties.shape:
        raise ValueError(
            "score and tie_break must be 1-D and of one length, "
            f"got shapes {scores.shape} and {ties.shape}"
        )
    if scores.size and scores.dtype.kind not in "iuf":
        raise ValueError(f"score must be numbers, got dtype {scores.dtype}")
    if ties.size and ties.dtype.kind not in "iu":
        raise ValueError(f"tie_break must be integers, got dtype {ties.dtype}")
    if not np.isfinite(scores).all():
        raise ValueError(f"score must be finite, got {scores[~np.isfinite(scores)][0]}")
    sizes = tier_sizes(scores.size, shares)
    # Ascending by score among the reversed ties, then reversed: no negation that could overflow.
    order = np.lexsort((np.arange(scores.size)[::-1], _reversed_rank(ties), scores))[::-1]
    tiers = np.empty(scores.size, dtype=np.int64)
    tiers[order] = np.repeat(np.arange(sizes.size, 0, -1), sizes)
    return tiers


def tier_score(
    cartons: ArrayLike,
    amount_cents: ArrayLike,
    *,
    weights: Sequence[Share] = DEFAULT_SCORE_WEIGHTS,
) -> TierScore:
    """Weighted mid-rank percentiles of quantity, amount and average price per carton.

    Percentile = ``100 * (n - rank + 0.5) / n``, rank 1 the largest; equal values share the mean of
    their ranks. Retailers with the same figures get the very same score, as it is one division of
    whole numbers.

    Args:
        cartons: Cartons in the window, shape (n,), 0 to 2**40.
        amount_cents: Amount in the window, cents, shape (n,), 0 to 2**40.
        weights: Of quantity, amount and average price; >= 0, adding up to exactly 1.

    Returns:
        Score, the three percentiles, and the average price.

    Raises:
        ValueError: Shapes or kinds are not permitted, or the weights do not add up to 1.

    Source:
        docs/algorithms/tiers.md (domain research 3.3).
    """
    quantity, amount = _figures("cartons", cartons), _figures("amount_cents", amount_cents)
    if quantity.shape != amount.shape:
        raise ValueError(
            f"cartons and amount_cents must have one shape, got {quantity.shape} and {amount.shape}"
        )
    exact = [Fraction(str(weight)) for weight in weights]
    if len(exact) != 3 or min(exact) < 0 or sum(exact) != 1:
        raise ValueError(f"weights must be three numbers >= 0 with sum 1, got {tuple(weights)}")
    price = np.zeros(quantity.size)
    np.divide(amount, quantity, out=price, where=quantity > 0)
    halves = [_percentile_halves(values) for values in (quantity, amount, price)]
    scale = lcm(*(weight.denominator for weight in exact))
    weighted = sum(
        (int(weight * scale) * half for weight, half in zip(exact, halves, strict=True)),
        start=np.zeros(quantity.size, dtype=np.int64),
    )
    n = max(quantity.size, 1)
    by_quantity, by_amount, by_price = (100 * half / (2 * n) for half in halves)
    return TierScore(100 * weighted / (2 * n * scale), by_quantity, by_amount, by_price, price)


def _percentile_halves(
    values: NDArray[np.int64] | NDArray[np.float64],
) -> NDArray[np.int64]:
    """``2 * (n - rank + 0.5)`` with mean ranks: a whole number, as twice a mean rank is one."""
    # Equal values have the ranks n - through + 1 to n - through + size, counted from the top.
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    through = np.cumsum(sizes)
    return np.asarray((2 * through - sizes)[group], dtype=np.int64)


def _reversed_rank(ties: NDArray[np.int64]) -> NDArray[np.int64]:
    _, rank = np.unique(ties, return_inverse=True)
    return -np.asarray(rank, dtype=np.int64)


def _figures(name: str, values: ArrayLike) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} must be 1-D, got shape {array.shape}")
    if array.size == 0:
        return np.zeros(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers, got dtype {array.dtype}")
    if int(array.min()) < 0 or int(array.max()) > MAX_CARTONS:
        raise ValueError(f"{name} must be 0 to 2**40, got {array.min()} to {array.max()}")
    return array.astype(np.int64)
