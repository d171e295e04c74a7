"""Who went from which class to which, between two runs of a scheme."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, FilteredRelation, Q

from accounts.models import User
from customers.models import Retailer
from segmentation.models import Scheme, SegmentationRun
from segmentation.selectors.schemes import proposal_of, published_runs


@dataclass(frozen=True)
class Flow:
    """Retailers by their class in an earlier and a later run.

    Attributes:
        codes: Classes, the best first.
        counts: A row per earlier class, a figure per later class; those that stayed are on the diagonal.
        arrived: Retailers of the later run that the earlier one did not know.
        left: Retailers of the earlier run that the later one does not know.
    """

    codes: list[str]
    counts: list[list[int]]
    arrived: int
    left: int

    @property
    def moved(self) -> int:
        """Retailers that changed class."""
        return sum(map(sum, self.counts)) - sum(row[at] for at, row in enumerate(self.counts))


def runs_to_compare(scheme: Scheme) -> tuple[SegmentationRun, SegmentationRun] | None:
    """The two runs whose difference matters now, the earlier first.

    While a proposal waits: what is published, and the proposal. Else the last two that were published.
    """
    published, proposal = scheme.published_run, proposal_of(scheme)
    if published is not None and proposal is not None:
        return published, proposal
    shown = published_runs(SegmentationRun.objects.filter(scheme=scheme))
    found = list(shown.select_related("version")[:2])
    return (found[1], found[0]) if len(found) > 1 else None


def flow_between(
    user: User, earlier: SegmentationRun, later: SegmentationRun, codes: Sequence[str]
) -> Flow:
    """How the retailers that this person sees went from class to class."""
    rows: Any = (
        Retailer.objects.visible_to(user)
        .filter(company=later.company_id)
        .annotate(
            row_before=FilteredRelation("assignments", condition=Q(assignments__run=earlier.pk)),
            row_after=FilteredRelation("assignments", condition=Q(assignments__run=later.pk)),
        )
        .filter(Q(row_before__run_id__isnull=False) | Q(row_after__run_id__isnull=False))
        .values("row_before__class_code", "row_after__class_code")
        .annotate(number=Count("pk"))
        .values_list("row_before__class_code", "row_after__class_code", "number")
    )
    place = {code: at for at, code in enumerate(codes)}
    counts = [[0] * len(codes) for _ in codes]
    arrived = left = 0
    for before, after, number in rows:
        if before is None:
            arrived += number
        elif after is None:
            left += number
        elif before in place and after in place:
            counts[place[before]][place[after]] += number
    return Flow(list(codes), counts, arrived, left)
