"""Retailers of a run as points: how much they buy and whether it grows. A sample where there are many."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Mod

from accounts.models import User
from brands.models import RetailerMonth
from config.common import periods
from segmentation.models import Assignment, SegmentationRun

MOST_POINTS = 2000
STIR = (2_654_435, 1009)
MONTHS = 3


@dataclass(frozen=True)
class Point:
    """A retailer: net cartons of three months, and of the same months a year before."""

    retailer_id: int
    label: str
    class_code: str
    cartons: int
    year_before: int

    @property
    def growth(self) -> float | None:
        """Change on last year as a fraction; None where nothing was bought then."""
        return self.cartons / self.year_before - 1 if self.year_before > 0 else None


@dataclass(frozen=True)
class Sample:
    """Points of a run, and how many retailers they stand for.

    Attributes:
        points: With purchases in both years, at most ``MOST_POINTS``.
        without: Sampled retailers that have no point, as they did not buy in both years.
        retailers: All retailers of the run that this person sees.
        first: First month of the purchases, yyyymm.
        last: Last month of the purchases, yyyymm.
    """

    points: list[Point]
    without: int
    retailers: int
    first: int
    last: int


def sample_of(user: User, run: SegmentationRun, *, most: int = MOST_POINTS) -> Sample:
    """Every n-th retailer of a run: spread evenly, and the same ones each time it is looked at.

    Keys are stirred first: those of one company may all be even, or come in blocks.
    """
    seen = _assignments(user, run)
    retailers = run.retailers if user.scope.whole_company else _count(seen)
    step = max(1, -(-retailers // most))
    stirred = F("retailer_id") * STIR[0] / STIR[1]
    rows = seen.annotate(turn=Mod(stirred, step)).filter(turn=0).order_by("retailer_id")
    found = list(
        rows.values_list("retailer_id", "class_code", "retailer__code", "retailer__name")[:most]
    )
    first = periods.shift(run.window_to, 1 - MONTHS)
    bought = _purchases(run.company_id, [row[0] for row in found], first, run.window_to)
    points = [
        Point(pk, f"{code} {name}", class_code, *bought[pk])
        for pk, class_code, code, name in found
        if pk in bought and min(bought[pk]) > 0
    ]
    return Sample(points, len(found) - len(points), retailers, first, run.window_to)


def _assignments(user: User, run: SegmentationRun) -> QuerySet[Assignment]:
    wanted = user.scope.retailer_filter("retailer__")
    rows = Assignment.objects.filter(run=run)
    return rows.none() if wanted is None else rows.filter(wanted)


def _count(rows: QuerySet[Assignment]) -> int:
    counted: int = rows.aggregate(number=Count("retailer_id"))["number"]
    return counted


def _purchases(company_id: int, ids: list[int], first: int, last: int) -> dict[int, Any]:
    now = periods.period_range(first, last)
    then = [periods.shift(month, -12) for month in now]
    rows: Any = RetailerMonth.objects.filter(
        company=company_id, period__in=[*now, *then], retailer__in=ids
    ).values("retailer_id")
    sums = rows.annotate(
        all_now=Sum("cartons", filter=Q(period__in=now), default=0),
        all_then=Sum("cartons", filter=Q(period__in=then), default=0),
    )
    return {pk: (a, b) for pk, a, b in sums.values_list("retailer_id", "all_now", "all_then")}
