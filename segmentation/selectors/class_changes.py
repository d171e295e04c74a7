"""When the published classes of a retailer changed."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.functions import Lag

from config.common.timeline import Before
from customers.models import Retailer
from segmentation.models import Assignment, SegmentationRun


@dataclass(frozen=True)
class ClassChange:
    """A retailer got another class, or its first; ``old`` is empty then."""

    run: SegmentationRun
    old: str
    new: str


def class_changes_before(retailer: Retailer, before: Before, limit: int) -> list[ClassChange]:
    """Changes of class between published runs of a scheme, the latest first."""
    old = Window(
        Lag("class_code"),
        partition_by=F("run__scheme_id"),
        order_by=[F("run__published_at").asc(), F("run_id").asc()],
    )
    rows: Any = (
        Assignment.objects.filter(retailer=retailer, run__published_at__isnull=False)
        # A class is compared with earlier ones only: rows that come later are not needed.
        .filter(before.condition("run__published_at", "run_id"))
        .select_related("run__scheme", "run__published_by")
        .annotate(old=old)
        .filter(Q(old__isnull=True) | ~Q(old=F("class_code")))
        .order_by("-run__published_at", "-run_id")[:limit]
    )
    return [ClassChange(row.run, row.old or "", row.class_code) for row in rows]
