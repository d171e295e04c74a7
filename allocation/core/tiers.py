"""Quotas per tier, highest tier first, whose total comes as close to the supply as possible."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

IntArray = NDArray[np.int64]
Objective = Literal["closest", "not_above"]

MAX_CELLS = 1 << 26
UNREACHABLE = np.int32(1 << 30)
DEFAULT_BAND_DIVISOR = Decimal("1.3")


def solve_tier_quotas(
    counts: ArrayLike,
    total: int,
    *,
    top_cap: int | None = None,
    min_width: int = 0,
    objective: Objective = "closest",
) -> IntArray:
    """Quota of every tier, highest first, never rising from one tier to the next lower one.

    The released total is ``S = sum(counts * quotas)``. The answer is exact and unique; of all
    permitted quotas it is the one that

    1. brings ``|S - total|`` to its minimum (with ``not_above``: among those with S <= total),
    2. serves the most tiers that have retailers (widest),
    3. has the smallest top quota (flattest),
    4. releases no more than ``total`` rather than more,
    5. has the largest quota in the lowest tier, then in the next one up, and so on.

    A tier without retailers takes the quota of the nearest tier with retailers above it, or of
    the highest tier with retailers when there is none above.

    Args:
        counts: Retailers per tier, shape (k,), highest tier first, >= 0.
        total: Cartons to release, >= 0; ``total * k`` up to about 67 million.
        top_cap: Most cartons for the top tier, hence for any, >= 0; None for no cap.
        min_width: At least this many tiers, from the top, get one carton or more; 0 to k.
        objective: "closest" may release more than ``total``, "not_above" may not.

    Returns:
        Cartons per retailer of each tier, shape (k,), int64, non-increasing.

    Raises:
        ValueError: An argument is outside its range, or ``min_width`` cannot be met under
            ``top_cap`` or, with "not_above", under ``total``.

    Source:
        docs/algorithms/tier-quotas.md.
    """
    return TierQuotaSolver(counts, total).solve(
        total, top_cap=top_cap, min_width=min_width, objective=objective
    )


def band_cap(quota_sum: int, divisor: Decimal = DEFAULT_BAND_DIVISOR) -> int:
    """Cap of a price band at one tier: the sum of its product quotas over the divisor, floored.

    Args:
        quota_sum: Sum of the quotas of the band's products at that tier, cartons, >= 0.
        divisor: Divisor, >= 1; 1.3 means 13/10 exactly.

    Returns:
        Whole cartons, >= 0.

    Raises:
        ValueError: An argument is outside its range.

    Source:
        docs/algorithms/tier-quotas.md (band cap, W12).
    """
    if quota_sum < 0:
        raise ValueError(f"quota_sum must be >= 0, got {quota_sum}")
    if not divisor >= 1:
        raise ValueError(f"divisor must be at least 1, got {divisor}")
    return floor(Fraction(int(quota_sum)) / Fraction(str(divisor)))


@dataclass(frozen=True)
class _Answer:
    error: int
    served: int
    top: int
    released: int


class TierQuotaSolver:
    """Solves many totals for the same tiers; the tables are made once.

    Quotas that never rise are a stack of rounds: a round of depth j gives one carton to each
    retailer of the j highest tiers, and releases ``reach[j] = counts[0] + ... + counts[j-1]``
    cartons. So S is a sum of reaches, as many as the top quota, and the deepest round says how
    many tiers are served. ``rounds[j][s]`` is the least number of rounds of depth j or less that
    release exactly s cartons.
    """

    def __init__(self, counts: ArrayLike, max_total: int) -> None:
        """Make the tables.

        Args:
            counts: Retailers per tier, shape (k,), highest tier first, >= 0.
            max_total: Largest total that will be asked for, cartons, >= 0.

        Raises:
            ValueError: An argument is outside its range, or the tables would be too large.
        """
        self.counts = _checked_counts(counts)
        self.max_total = _checked_whole("max_total", max_total)
        self.filled = np.flatnonzero(self.counts)
        self.reach: list[int] = np.cumsum(self.counts[self.filled]).tolist()
        self.step = int(self.counts.max(initial=0))
        size = max(self.max_total, self.reach[-1] if self.reach else 0) + self.step + 1
        cells = size * (len(self.reach) + 1)
        if cells > MAX_CELLS:
            raise ValueError(
                f"max_total {max_total} over {self.filled.size} tiers needs {cells} table cells, "
                f"more than {MAX_CELLS}; solve in larger units"
            )
        self.rounds = _least_rounds(self.reach, size)

    def solve(
        self,
        total: int,
        *,
        top_cap: int | None = None,
        min_width: int = 0,
        objective: Objective = "closest",
    ) -> IntArray:
        """Quotas for one total; see ``solve_tier_quotas``.

        Args:
            total: Cartons to release, 0 to ``max_total``.
            top_cap: As in ``solve_tier_quotas``.
            min_width: As in ``solve_tier_quotas``.
            objective: As in ``solve_tier_quotas``.

        Returns:
            Cartons per retailer of each tier, shape (k,), int64, non-increasing.

        Raises:
            ValueError: As in ``solve_tier_quotas``, or ``total`` is above ``max_total``.

        Source:
            docs/algorithms/tier-quotas.md.
        """
        total = _checked_whole("total", total)
        if total > self.max_total:
            raise ValueError(f"total must be at most max_total {self.max_total}, got {total}")
        if objective not in ("closest", "not_above"):
            raise ValueError(f'objective must be "closest" or "not_above", got {objective!r}')
        if not 0 <= min_width <= self.counts.size:
            raise ValueError(f"min_width must be 0 to {self.counts.size}, got {min_width}")
        if top_cap is not None and top_cap < (1 if min_width else 0):
            raise ValueError(
                f"top_cap must be at least {1 if min_width else 0} with min_width {min_width}, "
                f"got {top_cap}"
            )
        must_serve = int(np.count_nonzero(self.filled < min_width))
        least = self.reach[must_serve - 1] if must_serve else 0
        if objective == "not_above" and least > total:
            raise ValueError(
                f"min_width {min_width} releases at least {least} cartons, more than the total "
                f'{total}, which "not_above" does not permit'
            )
        answer = self._best(total, top_cap, must_serve, least, objective)
        return self._spread(self._quotas(answer), min_width)

    def _best(
        self, total: int, top_cap: int | None, must_serve: int, least: int, objective: Objective
    ) -> _Answer:
        """The best sum, number of served tiers and top quota.

        Between the least and the largest sum that the cap permits, raising one tier by one carton
        always leads from a permitted sum to the next, so that two reachable sums are never
        further apart than the largest tier. Only sums that near to the total are looked at.
        """
        served_all = len(self.reach)
        if not served_all or (top_cap is not None and top_cap * self.reach[-1] <= total):
            cap = top_cap or 0
            released = cap * self.reach[-1] if served_all else 0
            return _Answer(abs(released - total), served_all if cap else 0, cap, released)
        found = [_Answer(total, 0, 0, 0)] if must_serve == 0 else []
        first = max(0, total - self.step)
        last = total if objective == "not_above" else max(total, least) + self.step
        for served in range(served_all, max(must_serve, 1) - 1, -1):
            nearest = self._nearest(served, total, first, last, top_cap)
            found += nearest
            if any(answer.error == 0 for answer in nearest):
                break  # nothing is nearer, and what is still to come serves fewer tiers
        return min(
            found,
            key=lambda answer: (answer.error, -answer.served, answer.top, answer.released > total),
        )

    def _nearest(
        self, served: int, total: int, first: int, last: int, top_cap: int | None
    ) -> list[_Answer]:
        """The nearest sums below and above the total that serve exactly so many tiers."""
        depth = self.reach[served - 1]
        first = max(first, depth)
        if first > last:
            return []
        tops = self.rounds[served, first - depth : last - depth + 1] + 1
        permitted = tops < UNREACHABLE if top_cap is None else tops <= top_cap
        sums = np.flatnonzero(permitted) + first
        at = int(np.searchsorted(sums, total, side="right"))
        return [
            _Answer(abs(int(s) - total), served, int(tops[s - first]), int(s))
            for s in sums[max(at - 1, 0) : at + 1]
        ]

    def _quotas(self, answer: _Answer) -> IntArray:
        """Quotas of the tiers with retailers: as many deep rounds as the top quota permits."""
        quotas = np.zeros(len(self.reach), dtype=np.int64)
        if answer.served == 0:
            return quotas
        quotas[: answer.served] = 1
        rest = answer.released - self.reach[answer.served - 1]
        for served in range(answer.served, 0, -1):
            depth = self.reach[served - 1]
            times = np.arange(rest // depth + 1)
            left = self.rounds[served - 1, rest - times * depth] + times
            most = int(np.flatnonzero(left == self.rounds[served, rest])[-1])
            quotas[:served] += most
            rest -= most * depth
        return quotas

    def _spread(self, filled_quotas: IntArray, min_width: int) -> IntArray:
        quotas = np.zeros_like(self.counts)
        above = np.searchsorted(self.filled, np.arange(self.counts.size), side="right") - 1
        if self.filled.size:
            quotas[:] = filled_quotas[np.maximum(above, 0)]
        if min_width:
            quotas[above < 0] = np.maximum(quotas[above < 0], 1)
        return quotas


def _least_rounds(reach: list[int], size: int) -> NDArray[np.int32]:
    """``rounds[j, s]``: least number of the first j reaches, repeats allowed, that add up to s.

    With one more reach r, ``rounds[s] = min(rounds[s], rounds[s - r] + 1)``: a running minimum
    along each residue class of s modulo r, which is a column of the table folded to width r.
    """
    rounds = np.full((len(reach) + 1, size), UNREACHABLE, dtype=np.int32)
    rounds[:, 0] = 0
    for number, r in enumerate(reach, start=1):
        rows = -(-size // r)
        folded = np.full(rows * r, UNREACHABLE, dtype=np.int32)
        folded[:size] = rounds[number - 1]
        columns = folded.reshape(rows, r)
        row_number = np.arange(rows, dtype=np.int32)[:, None]
        columns -= row_number
        np.minimum.accumulate(columns, axis=0, out=columns)
        columns += row_number
        rounds[number] = folded[:size]
    return rounds


def _checked_counts(counts: ArrayLike) -> IntArray:
    array = np.asarray(counts)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"counts must be 1-D and not empty, got shape {array.shape}")
    if array.dtype.kind not in "iu":
        raise ValueError(f"counts must be integers, got dtype {array.dtype}")
    if int(array.min()) < 0 or int(array.max()) > MAX_CELLS:
        raise ValueError(f"counts must be 0 to {MAX_CELLS}, got {array.min()} to {array.max()}")
    return array.astype(np.int64)


def _checked_whole(name: str, value: int) -> int:
    if isinstance(value, float) or int(value) != value or value < 0:
        raise ValueError(f"{name} must be a whole number >= 0, got {value!r}")
    return int(value)
