"""Slow oracles for tier quotas: every permitted vector, and the published heuristic."""

from collections.abc import Iterator, Sequence

SHIYAN_COUNTS = [
    *(149, 150, 299, 300, 451, 450, 450, 597, 597, 597),
    *(601, 598, 747, 748, 746, 746, 749, 763, 618, 624),
    *(631, 599, 596, 447, 444, 447, 296, 299, 149, 130),
]
"""Retailers per tier, D30 first (domain research 3.2)."""


def non_increasing(length: int, top: int) -> Iterator[tuple[int, ...]]:
    if length == 0:
        yield ()
        return
    for first in range(top, -1, -1):
        for rest in non_increasing(length - 1, first):
            yield (first, *rest)


def best_quotas(
    counts: Sequence[int],
    total: int,
    *,
    top_cap: int,
    min_width: int = 0,
    objective: str = "closest",
) -> list[int] | None:
    """The one best vector by the stated order, None when nothing is permitted."""
    best = None
    for quotas in non_increasing(len(counts), top_cap):
        if min_width and quotas[min_width - 1] < 1:
            continue
        released = sum(c * x for c, x in zip(counts, quotas, strict=True))
        if objective == "not_above" and released > total:
            continue
        served = sum(c > 0 and x > 0 for c, x in zip(counts, quotas, strict=True))
        lowest_first = tuple(-x for x in reversed(quotas))
        key = (abs(released - total), -served, quotas[0], released > total, lowest_first)
        if best is None or key < best[0]:
            best = (key, list(quotas))
    return best[1] if best else None


def reachable_totals(counts: Sequence[int], top_cap: int, limit: int) -> set[int]:
    """All released totals up to the limit under a cap, round by round."""
    depths, running = [], 0
    for count in counts:
        running += count
        depths.append(running)
    found = layer = {0}
    for _ in range(top_cap):
        layer = {s + d for s in layer for d in depths if s + d <= limit} - found
        found = found | layer
    return found


def published_heuristic(counts: Sequence[int], total: int) -> list[int]:
    """Rounds from the top until the first overshoot, refill the top, maybe one more (4.3)."""
    quotas = [0] * len(counts)
    released = 0
    overshot = False
    while not overshot:
        for tier, count in enumerate(counts):
            if tier and quotas[tier] + 1 > quotas[tier - 1]:
                continue
            if released + count > total:
                overshot = True
                break
            quotas[tier] += 1
            released += count
    while released + counts[0] <= total:
        quotas[0] += 1
        released += counts[0]
    if abs(released + counts[0] - total) < abs(released - total):
        quotas[0] += 1
    return quotas
