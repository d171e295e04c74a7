"""ABC classes by share of the contribution, on exact integers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Crossing = Literal["higher", "lower"]
Cut = float | Decimal | Fraction

DEFAULT_CUTS: tuple[float, float] = (0.80, 0.95)
MAX_SUM = 1 << 62


@dataclass(frozen=True)
class AbcFigures:
    """What a class follows from; all arrays have shape (n,), in the order of the input.

    Attributes:
        rank: 1 for the largest contribution; equal values share the smallest rank.
        before: Sum of all larger positive contributions.
        through: ``before`` plus the contributions of this value, its equals included.
        total: Sum of the positive contributions.
        share_before: ``before / total``, 0 to 1, for the screen; NaN when ``total`` is 0.
        share_through: ``through / total``, likewise.
    """

    rank: NDArray[np.int64]
    before: NDArray[np.int64]
    through: NDArray[np.int64]
    total: int
    share_before: NDArray[np.float64]
    share_through: NDArray[np.float64]


def abc_classes(
    contribution: ArrayLike,
    *,
    cuts: Sequence[Cut] = DEFAULT_CUTS,
    crossing: Crossing = "higher",
) -> NDArray[np.str_]:
    """Class "A", "B" or "C" of each contribution, largest contributions first.

    The one that crosses a cut goes to the higher class (share *before* it below the cut) or to
    the lower class (share *through* it above the cut). Equal values get the same class; zero or
    negative is always C. Compared in integers, so that a share of exactly 80 % is exactly 80 %.

    Args:
        contribution: Whole numbers (cents or cartons), shape (n,), any sign.
        cuts: End of A and end of B as shares, 0 < first <= second <= 1; 0.80 means 80/100 exactly.
        crossing: "higher" or "lower".

    Returns:
        Classes, shape (n,), one letter each.

    Raises:
        ValueError: ``contribution`` is not 1-D integers, or a cut or ``crossing`` is not permitted.

    Source:
        docs/algorithms/abc.md (W9).
    """
    first, second = _exact_cuts(cuts)
    if crossing not in ("higher", "lower"):
        raise ValueError(f'crossing must be "higher" or "lower", got {crossing!r}')
    figures = abc_figures(contribution)
    if crossing == "higher":
        # before < cut * total, in whole numbers: before < ceil(cut * total)
        is_a = figures.before < -(-first * figures.total // 1)
        is_b = figures.before < -(-second * figures.total // 1)
    else:
        is_a = figures.through <= first * figures.total // 1
        is_b = figures.through <= second * figures.total // 1
    is_positive = np.asarray(contribution) > 0
    classes = np.full(is_positive.shape, "C", dtype="<U1")
    classes[is_b & is_positive] = "B"
    classes[is_a & is_positive] = "A"
    return classes


def abc_figures(contribution: ArrayLike) -> AbcFigures:
    """Rank and shares that the classes follow from, to explain them.

    Args:
        contribution: Whole numbers (cents or cartons), shape (n,), any sign.

    Returns:
        The figures; a contribution of zero or less has ``before = through = total``.

    Raises:
        ValueError: ``contribution`` is not 1-D integers, or adds up to more than 2**62.

    Source:
        docs/algorithms/abc.md.
    """
    values = _checked(contribution)
    distinct, group, sizes = np.unique(-values, return_inverse=True, return_counts=True)
    group_sums = np.maximum(-distinct, 0) * sizes
    through = np.cumsum(group_sums)
    before = through - group_sums
    ranks = np.cumsum(sizes) - sizes + 1
    total = int(through[-1]) if through.size else 0
    scale = total if total else np.nan
    return AbcFigures(
        rank=ranks[group],
        before=before[group],
        through=through[group],
        total=total,
        share_before=before[group] / scale,
        share_through=through[group] / scale,
    )


def _checked(contribution: ArrayLike) -> NDArray[np.int64]:
    values = np.asarray(contribution)
    if values.ndim != 1:
        raise ValueError(f"contribution must be 1-D, got shape {values.shape}")
    if values.size == 0:
        return np.zeros(0, dtype=np.int64)
    if values.dtype.kind not in "iu":
        raise ValueError(f"contribution must be whole numbers, got dtype {values.dtype}")
    largest = max(int(values.max()), -int(values.min()))
    if largest * values.size > MAX_SUM:
        raise ValueError(f"{values.size} contributions of up to {largest} may exceed 2**62 in sum")
    return values.astype(np.int64)


def _exact_cuts(cuts: Sequence[Cut]) -> tuple[Fraction, Fraction]:
    exact = [Fraction(str(cut)) for cut in cuts]
    if len(exact) != 2 or not 0 < exact[0] <= exact[1] <= 1:
        raise ValueError(f"cuts must be two shares, 0 < first <= second <= 1, got {tuple(cuts)}")
    return exact[0], exact[1]
