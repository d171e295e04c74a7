"""Times the numeric cores: `python benchmarks/bench_cores.py` prints one row per core.

`run()` returns the rows for `benchmarks/run.py`. Times are medians in milliseconds, after one
call that is not counted. The goals are the project's: under 50 ms each on one shared core.
"""

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from allocation.core.apportionment import apportion
from allocation.core.tiers import TierQuotaSolver, solve_tier_quotas
from tests.oracles.tier_quotas import SHIYAN_COUNTS, published_heuristic

REPEATS = 7
GOAL_MS = 50.0


@dataclass(frozen=True)
class Row:
    """One comparison; `reference` is a floor or a naive method that promises less."""

    name: str
    ours: float
    reference: float
    ratio: float
    unit: str
    goal: str
    ok: bool
    note: str = ""


def run() -> list[dict]:
    """All rows as dictionaries."""
    return [asdict(row) for row in (*tier_quota_rows(), *apportion_rows())]


def tier_quota_rows() -> list[Row]:
    total = 100_000
    heuristic_ms = median_ms(lambda: published_heuristic(SHIYAN_COUNTS, total))
    exact_ms = median_ms(lambda: solve_tier_quotas(SHIYAN_COUNTS, total))
    solver = TierQuotaSolver(SHIYAN_COUNTS, total)
    next_ms = median_ms(lambda: solver.solve(total, top_cap=30))
    exact = solve_tier_quotas(SHIYAN_COUNTS, total)
    note = (
        f"error {abs(int(np.dot(SHIYAN_COUNTS, exact)) - total)} cartons exact, "
        f"{abs(int(np.dot(SHIYAN_COUNTS, published_heuristic(SHIYAN_COUNTS, total))) - total)} "
        "by the published heuristic"
    )
    return [
        row("tier quotas, 30 tiers, 15,018 retailers, 100,000", exact_ms, heuristic_ms, note),
        row("the same, next product of the same tiers", next_ms, heuristic_ms, note),
    ]


def apportion_rows() -> list[Row]:
    rng = np.random.default_rng(20261121)
    n, total = 100_000, 1_000_000
    lower = rng.integers(0, 3, n)
    upper = lower + rng.integers(3, 40, n)
    rows = []
    for label, largest in (("weights to 1,000", 1_000), ("weights to 2**40", 2**40)):
        weights = rng.integers(0, largest, n)
        ours = median_ms(lambda w=weights: apportion(total, w, lower=lower, upper=upper))
        floor = median_ms(lambda w=weights: naive_floor(total, w))
        lost = total - int(naive_floor(total, weights).sum())
        note = f"the plain floor loses {lost} cartons and keeps no bound"
        rows.append(row(f"apportion 1,000,000 over 100,000 bounded, {label}", ours, floor, note))
    return rows


def naive_floor(total: int, weights: np.ndarray) -> np.ndarray:
    return np.floor(weights * (total / weights.sum())).astype(np.int64)


def row(name: str, ours: float, reference: float, note: str) -> Row:
    return Row(
        name=name,
        ours=ours,
        reference=reference,
        ratio=ours / reference,
        unit="ms",
        goal=f"< {GOAL_MS:g} ms",
        ok=ours < GOAL_MS,
        note=note,
    )


def median_ms(call: Callable[[], object]) -> float:
    call()
    times = []
    for _ in range(REPEATS):
        start = perf_counter()
        call()
        times.append((perf_counter() - start) * 1000)
    return median(times)


if __name__ == "__main__":
    print("name | ours ms | floor/naive ms | ratio")
    for found in run():
        print(
            f"{found['name']} | {found['ours']:.2f} | {found['reference']:.3f} | "
            f"{found['ratio']:.1f} | {'ok' if found['ok'] else 'MISSED'} ({found['note']})"
        )
