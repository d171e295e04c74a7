"""Classes of retailers: for the list of retailers and for the page of one."""

import datetime as dt
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from customers.models import Retailer, RetailerStatus
from segmentation.models import Assignment, Scheme, SchemeKind
from segmentation.selectors.schemes import list_schemes

LAST_RANK = 2**31 - 1


def published_schemes(user: User) -> list[Scheme]:
    """Schemes with published classes; read once per request, as several parts of a page ask."""
    cached: list[Scheme] | None = user.__dict__.get("_published_schemes")
    if cached is None:
        cached = [scheme for scheme in list_schemes(user) if scheme.published_run_id]
        user.__dict__["_published_schemes"] = cached
    return cached


def published_run_ids(user: User, kind: str) -> list[int]:
    """Ids of the published runs of one kind of scheme."""
    return [
        scheme.published_run_id
        for scheme in published_schemes(user)
        if scheme.kind == kind and scheme.published_run_id is not None
    ]


def in_classes(
    retailers: QuerySet[Retailer], user: User, kind: str, codes: list[str]
) -> QuerySet[Retailer]:
    """Retailers whose published class is one of these."""
    found = Assignment.objects.filter(run__in=published_run_ids(user, kind), class_code__in=codes)
    return retailers.filter(pk__in=found.values("retailer_id"))


def with_tier_rank(retailers: QuerySet[Retailer], user: User) -> QuerySet[Retailer]:
    """Adds ``tier_rank``: 1 is the best; retailers without a tier come last."""
    runs = published_run_ids(user, SchemeKind.TIERS)
    return retailers.annotate(
        tier_row=FilteredRelation("assignments", condition=Q(assignments__run__in=runs))
    ).annotate(tier_rank=Coalesce(F("tier_row__rank"), LAST_RANK))


def count_without_class(user: User) -> list[tuple[Scheme, int]]:
    """Schemes with published classes, and how many active retailers these do not know; none with 0."""
    schemes = published_schemes(user)
    counts = {}
    for scheme in schemes:
        known = Assignment.objects.filter(run=scheme.published_run_id)
        # Not EXISTS: in a count PostgreSQL would look each retailer up; this list it hashes once.
        unknown = Q(company=scheme.company_id) & ~Q(pk__in=known.values("retailer_id"))
        counts[f"scheme_{scheme.pk}"] = Count("pk", filter=unknown)
    active = Retailer.objects.visible_to(user).filter(status=RetailerStatus.ACTIVE)
    found = active.aggregate(**counts) if counts else {}
    numbers = [(scheme, found[f"scheme_{scheme.pk}"]) for scheme in schemes]
    return [(scheme, number) for scheme, number in numbers if number]


def classes_of(user: User, retailer_ids: list[int]) -> dict[int, dict[int, str]]:
    """Scheme id to retailer id to class code; one query for a whole page."""
    schemes = {scheme.published_run_id: scheme.pk for scheme in published_schemes(user)}
    found: dict[int, dict[int, str]] = {pk: {} for pk in schemes.values()}
    rows: Any = Assignment.objects.filter(run__in=list(schemes), retailer__in=retailer_ids)
    for run_id, retailer_id, code in rows.values_list("run_id", "retailer_id", "class_code"):
        found[schemes[run_id]][retailer_id] = code
    return found


def assignments_of(user: User, retailer: Retailer) -> list[Assignment]:
    """The published classes of one retailer, with run, scheme and version."""
    runs = list_schemes(user).order_by().values("published_run")
    return list(
        Assignment.objects.filter(run__in=runs, retailer=retailer)
        .select_related("run__scheme", "run__version")
        .order_by("run__scheme__code")
    )


def tier_of(user: User, retailer: Retailer) -> Assignment | None:
    """The published tier of a retailer, with run, scheme and version; None where it has none."""
    runs = published_run_ids(user, SchemeKind.TIERS)
    return (
        Assignment.objects.filter(run__in=runs, retailer=retailer)
        .select_related("run__scheme", "run__version")
        .first()
    )


def tier_since(assignment: Assignment) -> dt.datetime | None:
    """When the class was published that the retailer has had in every published run since.

    Looks back over the last 60 published runs; None where none of them says when.
    """
    rows = (
        Assignment.objects.filter(
            retailer=assignment.retailer_id,
            run__scheme=assignment.run.scheme_id,
            run__published_at__isnull=False,
        )
        .order_by("-run__published_at")
        .values_list("class_code", "run__published_at")[:60]
    )
    since: dt.datetime | None = None
    for code, published_at in rows:
        if code != assignment.class_code:
            break
        since = published_at
    return since
