"""Schemes, their runs and what a page shows of them."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from accounts.models import User
from config.common.periods import SHANGHAI
from segmentation.models import (
    Assignment,
    RunStatus,
    Scheme,
    SchemeKind,
    SchemeVersion,
    SegmentationRun,
)

PROPOSALS = (RunStatus.COMPUTED, RunStatus.HELD)
SHOWN = (RunStatus.PUBLISHED, RunStatus.SUPERSEDED)
CURVE_POINTS = 200


@dataclass(frozen=True)
class Movements:
    """How many retailers a proposal would move, from class to class."""

    codes: list[str]
    counts: dict[tuple[str, str], int]

    @property
    def matrix(self) -> list[tuple[str, list[int | None]]]:
        """A row per old class, a figure per new class; None where nothing moves."""
        return [
            (old, [None if old == new else self.counts.get((old, new), 0) for new in self.codes])
            for old in self.codes
        ]

    @property
    def up(self) -> int:
        """Retailers that would move to a better class; the codes begin with the best."""
        return sum(
            n for (old, new), n in self.counts.items() if self._place(new) < self._place(old)
        )

    @property
    def down(self) -> int:
        """Retailers that would move to a worse class."""
        return sum(
            n for (old, new), n in self.counts.items() if self._place(new) > self._place(old)
        )

    @property
    def largest(self) -> list[tuple[str, str, int]]:
        """The commonest moves."""
        return [(old, new, n) for (old, new), n in Counter(self.counts).most_common(20)]

    def _place(self, code: str) -> int:
        return self.codes.index(code) if code in self.codes else len(self.codes)


def list_schemes(user: User) -> QuerySet[Scheme]:
    """Active schemes of this person's companies, with what is published."""
    return (
        Scheme.objects.visible_to(user)
        .filter(is_active=True)
        .select_related("published_run__version", "published_run__published_by")
        .order_by("company_id", "code")
    )


def list_proposals(user: User) -> QuerySet[SegmentationRun]:
    """Runs that nobody has published or dropped yet, the held ones included."""
    return (
        SegmentationRun.objects.visible_to(user)
        .filter(status__in=PROPOSALS)
        .select_related("scheme__published_run", "version")
        .order_by("scheme__code")
    )


def proposal_of(scheme: Scheme) -> SegmentationRun | None:
    """The scheme's proposal, if there is one."""
    return (
        SegmentationRun.objects.filter(scheme=scheme, status__in=PROPOSALS)
        .select_related("version", "scheme")
        .first()
    )


def published_runs(
    runs: QuerySet[SegmentationRun], day: dt.date | None = None
) -> QuerySet[SegmentationRun]:
    """The runs that readers ever saw, the newest publication first.

    A proposal that gave way to another is "superseded" too, without ever having been published.

    Args:
        runs: Among which.
        day: Only what was published before the end of this day, local time.
    """
    found = runs.filter(status__in=SHOWN, published_at__isnull=False)
    if day is not None:
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=SHANGHAI)
        found = found.filter(published_at__lt=end)
    return found.order_by("-published_at", "-pk")


def list_versions(scheme: Scheme) -> list[SchemeVersion]:
    """The scheme's parameters, newest first."""
    return list(scheme.versions.select_related("created_by").order_by("-version"))


def list_runs(scheme: Scheme, *, limit: int = 20) -> list[SegmentationRun]:
    """The scheme's latest runs."""
    runs = scheme.runs.select_related("version", "published_by")
    return list(runs.order_by("-computed_at", "-pk")[:limit])


def class_codes(scheme: Scheme, *runs: SegmentationRun | None) -> list[str]:
    """Every class of a scheme, the best first."""
    if scheme.kind == SchemeKind.ABC:
        return ["A", "B", "C"]
    found = {code for run in runs if run is not None for code in run.sizes}
    return sorted(found, key=lambda code: (-int(code[1:]) if code[1:].isdigit() else 0, code))


def sizes_of(run: SegmentationRun | None, codes: list[str]) -> list[int]:
    """Retailers per class, in the order of the codes."""
    sizes: dict[str, int] = run.sizes if run is not None else {}
    return [int(sizes.get(code, 0)) for code in codes]


def movements_of(run: SegmentationRun, codes: list[str]) -> Movements:
    """What a proposal would move."""
    counts = {}
    for key, number in run.movements.items():
        old, _arrow, new = key.partition(">")
        counts[(old, new)] = int(number)
    return Movements(codes, counts)


def pareto_curve(run: SegmentationRun) -> list[tuple[float, float]]:
    """Share of the retailers, best first, and the share of the contribution they make together.

    At most ``CURVE_POINTS`` points: only those ranks are read.
    """
    if not run.retailers:
        return []
    step = max(1, -(-run.retailers // CURVE_POINTS))
    wanted = list(range(1, run.retailers + 1, step))
    # Thousands of retailers without purchases share one rank: they add nothing to the curve.
    rows = Assignment.objects.filter(
        run=run, rank__in=wanted, figures__contribution_cents__gt=0
    ).values_list("rank", "figures")
    points = {}
    for rank, figures in rows.order_by("rank"):
        points[rank] = ((rank - 1) / run.retailers, float(figures.get("share_before", 0)))
    return [*points.values(), (1.0, 1.0)]


def class_counts(user: User, scheme: Scheme, run: SegmentationRun) -> dict[str, int]:
    """Retailers per class among those this person sees."""
    if user.scope.whole_company:
        sizes: dict[str, int] = run.sizes
        return sizes
    wanted = user.scope.retailer_filter("retailer__")
    if wanted is None:
        return {}
    rows = Assignment.objects.filter(wanted, run=run).values("class_code")
    counted: Any = rows.annotate(number=Count("retailer_id")).values_list("class_code", "number")
    return dict(counted)
