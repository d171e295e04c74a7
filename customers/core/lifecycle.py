"""Life-cycle stage of each retailer, from its monthly quantities."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

STAGES = ("potential", "development", "growth", "maturity", "decline", "end")
MONTHS_PER_YEAR = 12
MAX_CARTONS = 1 << 30


@dataclass(frozen=True)
class LifeCycleRules:
    """Thresholds of the stages.

    Attributes:
        development_months: In development while the first order is fewer months ago, >= 1.
        end_months: Ended when nothing was ordered in so many closed months, >= 1.
        window_months: Months that are compared with the base, >= 1.
        growth_at_least: Growth from which a retailer grows; 0.10 is 10 %.
        decline_at_most: Growth down to which a retailer declines; below ``growth_at_least``.
    """

    development_months: int = 6
    end_months: int = 3
    window_months: int = 3
    growth_at_least: Decimal = Decimal("0.10")
    decline_at_most: Decimal = Decimal("-0.10")

    def __post_init__(self) -> None:
        """Refuse rules that contradict themselves."""
        for name in ("development_months", "end_months", "window_months"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.decline_at_most >= self.growth_at_least:
            raise ValueError(
                f"decline_at_most must be below growth_at_least {self.growth_at_least}, "
                f"got {self.decline_at_most}"
            )

    @property
    def months_needed(self) -> int:
        """Columns that the table of months must have."""
        return max(2 * self.window_months, self.end_months)


DEFAULT_RULES = LifeCycleRules()


def life_cycle_stages(
    cartons_by_month: ArrayLike,
    months_since_first_order: ArrayLike,
    *,
    rules: LifeCycleRules = DEFAULT_RULES,
) -> NDArray[np.str_]:
    """Stage of each retailer; the first rule that fits decides.

    1. potential: has never ordered.
    2. end: nothing in the last ``end_months`` months, and the first order is at least as long ago.
    3. development: the first order is fewer than ``development_months`` months ago.
    4. growth or decline: the last ``window_months`` months against the base reach the threshold.
    5. maturity: all others, also when the base is zero or negative.

    The base is the same months of last year where the table goes back that far and the retailer
    ordered before them; otherwise the ``window_months`` months just before. Thresholds are
    compared in whole numbers: 110 against 100 is exactly 10 %.

    Args:
        cartons_by_month: Cartons, shape (n, m), integers, oldest month first, the last column is
            the last closed month; m at least ``rules.months_needed``. Returns may be negative.
        months_since_first_order: Months from the month of the first order to the last closed
            month, shape (n,), integers; 0 when it was in the last closed month (or after it),
            -1 when the retailer has never ordered.
        rules: Thresholds.

    Returns:
        Stage codes of ``STAGES``, shape (n,).

    Raises:
        ValueError: A shape or kind is not permitted, or the table has too few months.

    Source:
        docs/algorithms/life-cycle.md.
    """
    cartons, age = _checked(cartons_by_month, months_since_first_order, rules)
    recent, base = _recent_and_base(cartons, age, rules.window_months)
    increase = recent - base
    has_base = base > 0
    up, down = Fraction(rules.growth_at_least), Fraction(rules.decline_at_most)
    grows = has_base & (increase * up.denominator >= up.numerator * base)
    declines = has_base & (increase * down.denominator <= down.numerator * base)
    is_silent = ~(cartons[:, -rules.end_months :] > 0).any(axis=1)
    stages = np.select(
        [
            age < 0,
            is_silent & (age >= rules.end_months),
            age < rules.development_months,
            grows,
            declines,
        ],
        ["potential", "end", "development", "growth", "decline"],
        default="maturity",
    )
    return stages.astype("<U11")


def _recent_and_base(
    cartons: NDArray[np.int64], age: NDArray[np.int64], window: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    recent = cartons[:, -window:].sum(axis=1)
    before = cartons[:, -2 * window : -window].sum(axis=1)
    back = MONTHS_PER_YEAR + window
    if cartons.shape[1] < back:
        return recent, before
    last_year = cartons[:, -back:][:, :window].sum(axis=1)
    return recent, np.where(age >= back, last_year, before)


def _checked(
    cartons_by_month: ArrayLike, months_since_first_order: ArrayLike, rules: LifeCycleRules
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    cartons, age = np.asarray(cartons_by_month), np.asarray(months_since_first_order)
    if cartons.ndim != 2 or age.shape != cartons.shape[:1]:
        raise ValueError(
            "cartons_by_month must be (n, m) and months_since_first_order (n,), "
            f"got shapes {cartons.shape} and {age.shape}"
        )
    if cartons.shape[1] < rules.months_needed:
        raise ValueError(
            f"cartons_by_month must have at least {rules.months_needed} months, "
            f"got {cartons.shape[1]}"
        )
    for name, array in (("cartons_by_month", cartons), ("months_since_first_order", age)):
        if array.size and array.dtype.kind not in "iu":
            raise ValueError(f"{name} must be integers, got dtype {array.dtype}")
    if cartons.size and max(int(cartons.max()), -int(cartons.min())) > MAX_CARTONS:
        raise ValueError(f"cartons_by_month must be within 2**30, got {np.abs(cartons).max()}")
    if age.size and int(age.min()) < -1:
        raise ValueError(f"months_since_first_order must be >= -1, got {age.min()}")
    return cartons.astype(np.int64), age.astype(np.int64)
