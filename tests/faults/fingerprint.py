"""The oracle of all trials: what is in the database, in a form that only depends on the effect."""

import hashlib
from collections.abc import Iterable
from typing import Any


def fingerprint() -> Any:
    """Every result of the night by natural keys: row counts and hashes, and the invariants.

    Two databases in which the night had the same effect give the same answer, whatever the row
    numbers, the times and the number of attempts were.
    """
    from allocation.models import (
        DemandForecast,
        NodeFactor,
        Plan,
        PlanLine,
        RetailerQuota,
        TierQuota,
    )
    from brands.models import MonthlySales, ProductMonth, RetailerMonth, SalesDay
    from customers.models import Retailer
    from segmentation.models import Assignment, SegmentationRun

    retailer, product, line = "retailer__code", "product__code", "line__product__code"
    tables: dict[str, tuple[Any, list[str]]] = {
        "sales": (MonthlySales, ["period", retailer, product, "cartons", "amount_cents"]),
        "months": (RetailerMonth, ["period", retailer, "orders", "products", "cartons"]),
        "products": (ProductMonth, ["period", product, "retailers", "cartons", "amount_cents"]),
        "days": (SalesDay, ["ordered_on", "period", "orders", "cartons", "amount_cents"]),
        "runs": (SegmentationRun, ["scheme__code", "status", "retailers", "result_hash"]),
        "classes": (Assignment, ["run__scheme__code", retailer, "class_code", "rank"]),
        "life": (Retailer, ["code", "life_cycle_stage", "recent_cartons"]),
        "forecasts": (
            DemandForecast,
            ["period", product, "last_year_cartons", "forecast_cartons"],
        ),
        "factors": (NodeFactor, ["period", "price_class__code", "version", "factor"]),
        "plans": (Plan, ["period", "version", "status", "result_hash", "quota_rows", "products"]),
        "lines": (
            PlanLine,
            ["plan__period", product, "total_cartons", "released_cartons", "tier_cartons"],
        ),
        "tiers": (TierQuota, ["line__plan__period", line, "tier", "retailers", "cartons"]),
        "quotas": (
            RetailerQuota,
            ["plan__period", retailer, product, "tier", "weight", "upper", "cartons"],
        ),
    }
    found = {name: _digest(model, fields) for name, (model, fields) in tables.items()}
    return {**found, "invariants": _broken_invariants()}


def _digest(model: Any, fields: list[str]) -> list[Any]:
    rows = sorted(map(repr, model.objects.values_list(*fields)))
    return [len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]]


def _broken_invariants() -> list[str]:
    return [name for name, holds in _invariants() if not holds]


def _invariants() -> Iterable[tuple[str, bool]]:
    from django.db.models import Count, Sum

    from allocation.models import Plan, PlanLine, RetailerQuota
    from brands.models import MonthlySales, OrderLine, SalesTouch
    from config.common.models import FINISHED, JobRun
    from segmentation.models import Assignment, SegmentationRun

    yield "touches are used up", not SalesTouch.objects.exists()
    sold = MonthlySales.objects.aggregate(c=Sum("cartons"), a=Sum("amount_cents"))
    ordered = OrderLine.objects.aggregate(c=Sum("ordered_cartons"), a=Sum("amount_cents"))
    yield "sales equal the orders", sold == ordered
    proposals = SegmentationRun.objects.filter(status__in=["computed", "held"])
    one_each = proposals.values("scheme").annotate(n=Count("*")).filter(n__gt=1)
    yield "one proposal per scheme", not one_each.exists()
    for run in proposals:
        count = Assignment.objects.filter(run=run).count()
        yield f"assignments of run {run.pk}", count == run.retailers
    yield "no other assignments", not Assignment.objects.exclude(run__in=proposals).exists()
    for plan in Plan.objects.all():
        quotas = RetailerQuota.objects.filter(plan=plan)
        released = quotas.aggregate(s=Sum("cartons"))["s"]
        yield f"quotas of plan {plan.period}", released == plan.released_cartons
        yield f"quota rows of plan {plan.period}", quotas.count() == plan.quota_rows
        by_product = dict(quotas.values_list("product").annotate(s=Sum("cartons")))
        lines = PlanLine.objects.filter(plan=plan)
        yield (
            f"each product of plan {plan.period}",
            all(by_product.get(row.product_id, 0) == row.released_cartons for row in lines),
        )
    yield "nothing published", not Plan.objects.filter(status="published").exists()
    yield "no open jobs", not JobRun.objects.exclude(status__in=FINISHED).exists()
