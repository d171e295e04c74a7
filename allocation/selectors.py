"""Reads of allocation for pages: plans, their lines taken apart, and quotas with their reasons."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.models import PolicyVersion, User
from allocation.core.spread import Five, five_numbers
from allocation.core.totals import monthly_total
from allocation.models import (
    NodeFactor,
    Plan,
    PlanLine,
    PlanStatus,
    RetailerQuota,
    SupplyCap,
    TierQuota,
)
from brands.models import MonthlySales
from config.common.periods import business_today, period_of
from config.common.timeline import Before
from customers.models import Retailer

# What a plan is computed by; a newer version in force makes a draft outdated.
RULES = ("allocation.total", "allocation.tiers", "allocation.retailers", "demand.forecast")
SHOWN = (PlanStatus.PUBLISHED, PlanStatus.APPROVED, PlanStatus.DRAFT)


@dataclass(frozen=True)
class TakenApart:
    """The total of a line, computed again step by step from its stored ingredients.

    Args:
        line: The line; its product is loaded.
        blended: ``w · last year + (1 − w) · forecast``, cartons.
        uncapped: Blended times the node factor, whole cartons.
        recomputed: The same, capped by the agreed supply.
    """

    line: PlanLine
    blended: Decimal
    uncapped: int
    recomputed: int

    @property
    def agrees(self) -> bool:
        """True when the ingredients give the stored total again."""
        return self.recomputed == self.line.total_cartons

    @property
    def forecast_weight(self) -> Decimal:
        """``1 − w``; 1 for a product without history."""
        return 1 - self.history_weight

    @property
    def history_weight(self) -> Decimal:
        """``w``; 0 for a product without history."""
        return self.line.history_weight if self.line.last_year_cartons is not None else Decimal(0)


@dataclass(frozen=True)
class QuotaWhy:
    """A quota with the figures of the split that gave it.

    Args:
        quota: The quota; retailer and product are loaded.
        share: The retailer's part of all weights, 0 to 1.
        exact: Cartons before rounding and limits: level times weight.
        of_tier: Quota of the tier, cartons per retailer, where it was read.
    """

    quota: RetailerQuota
    share: float | None
    exact: float | None
    of_tier: int | None = None

    @property
    def is_limited(self) -> bool:
        """True when the upper limit and not the share decided."""
        return self.exact is not None and self.exact > self.quota.upper


# --- plans --------------------------------------------------------------------------------


def list_plans(user: User) -> QuerySet[Plan]:
    """Plans of this person's companies, with who approved and published them."""
    return Plan.objects.visible_to(user).select_related(
        "approved_by", "published_by", "created_by", "tier_run__scheme"
    )


def plans_of(retailer_company: int, *, limit: int = 4) -> list[Plan]:
    """The plans that count now: of the latest months, published ones and open drafts."""
    plans = Plan.objects.filter(company_id=retailer_company, status__in=SHOWN, products__gt=0)
    return list(plans.order_by("-period", "-version")[:limit])


def open_version(plan: Plan) -> Plan | None:
    """The draft or approved plan of the same month; there is at most one."""
    states = (PlanStatus.DRAFT, PlanStatus.APPROVED)
    return Plan.objects.filter(
        company_id=plan.company_id, period=plan.period, status__in=states
    ).first()


def has_old_tiers(plan: Plan) -> bool:
    """True when other tiers were published since this plan was computed."""
    if plan.tier_run is None:
        return False
    published = plan.tier_run.scheme.published_run_id
    return published is not None and published != plan.tier_run_id


def is_outdated(plan: Plan) -> bool:
    """True when a factor, the supply, a rule in force or the published tiers are newer than a draft's figures."""
    if plan.status != PlanStatus.DRAFT or plan.computed_at is None:
        return False
    if has_old_tiers(plan):
        return True
    newer = {
        "company_id": plan.company_id,
        "period": plan.period,
        "created_by__isnull": False,
        "created_at__gt": plan.computed_at,
    }
    rules = PolicyVersion.objects.filter(
        Q(created_at__gt=plan.computed_at)
        | Q(effective_from__gt=plan.business_date or dt.date.max),
        company=plan.company_id,
        code__in=RULES,
        effective_from__lte=business_today(),
    )
    factors = NodeFactor.objects.filter(**newer)
    caps = SupplyCap.objects.filter(**newer)
    newest = [rows.order_by().values("pk") for rows in (factors, caps, rules)]
    return newest[0].union(*newest[1:]).exists()


def list_lines(plan: Plan) -> list[TakenApart]:
    """The lines of a plan with their product, taken apart; the largest totals first."""
    lines = plan.lines.select_related("product__price_class").order_by(
        "-total_cartons", "product__code"
    )
    return [take_apart(line) for line in lines]


def lines_of(plan: Plan) -> QuerySet[PlanLine]:
    """The lines of a plan; found by product, as a new computation makes new rows."""
    return plan.lines.select_related("product__price_class", "product__manufacturer")


def take_apart(line: PlanLine) -> TakenApart:
    """The formula of a line, step by step."""
    weight = Fraction(line.history_weight)
    forecast = Fraction(line.forecast_cartons)
    blended = (
        forecast
        if line.last_year_cartons is None
        else weight * line.last_year_cartons + (1 - weight) * forecast
    )
    uncapped = int(blended * Fraction(line.node_factor) // 1)
    recomputed = monthly_total(
        line.last_year_cartons,
        line.forecast_cartons,
        line.node_factor,
        history_weight=line.history_weight,
        supply_cap=line.supply_cap,
    )
    return TakenApart(line, Decimal(round(float(blended), 1)), uncapped, recomputed)


def line_sums(lines: list[TakenApart]) -> dict[str, int]:
    """The last row of the table of lines."""
    names = ("total_cartons", "tier_cartons", "released_cartons", "reserve_cartons")
    return {name: sum(getattr(one.line, name) for one in lines) for name in names}


def list_tier_quotas(line: PlanLine) -> list[TierQuota]:
    """Quotas of the tiers, the highest first."""
    return list(TierQuota.objects.filter(line=line).order_by("-tier"))


def factor_history(plan: Plan, line: PlanLine) -> list[NodeFactor]:
    """Versions of the node factor of this line's month and price class, newest first."""
    rows = NodeFactor.objects.filter(
        company=plan.company_id, period=plan.period, price_class=line.product.price_class_id
    )
    return list(rows.select_related("created_by").order_by("-version"))


def cap_history(plan: Plan, line: PlanLine) -> list[SupplyCap]:
    """Versions of the agreed supply of this line's month and product, newest first."""
    rows = SupplyCap.objects.filter(
        company=plan.company_id, period=plan.period, product=line.product_id
    )
    return list(rows.select_related("created_by").order_by("-version"))


# --- quotas -------------------------------------------------------------------------------


def top_quotas(user: User, plan: Plan, line: PlanLine, *, limit: int = 20) -> list[QuotaWhy]:
    """The largest quotas of a product among the retailers this person sees."""
    quotas = (
        RetailerQuota.objects.visible_to(user)
        .filter(plan=plan, product=line.product_id)
        .select_related("retailer", "product")
        .order_by("-cartons", "retailer__code")[:limit]
    )
    return [_why(quota, line) for quota in quotas]


@dataclass(frozen=True)
class TierSpread:
    """Quotas of one product in one tier: how many retailers have one, and the five figures."""

    tier: int
    retailers: int
    five: Five


def quota_spread(user: User, plan: Plan, line: PlanLine) -> list[TierSpread]:
    """How far the quotas of a product differ within each tier, the highest tier first.

    Among the retailers this person sees; one without a quota of the product does not count.
    """
    rows: Any = (
        RetailerQuota.objects.visible_to(user)
        .filter(plan=plan, product=line.product_id)
        .values("tier", "cartons")
        .annotate(number=Count("retailer_id"))
        .values_list("tier", "cartons", "number")
    )
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for tier, cartons, number in rows:
        found[tier].append((cartons, number))
    spreads = []
    for tier in sorted(found, reverse=True):
        cartons_of, numbers = zip(*found[tier], strict=True)
        five = five_numbers(cartons_of, numbers)
        if five is not None:
            spreads.append(TierSpread(tier, sum(numbers), five))
    return spreads


def quotas_of_retailer(retailer: Retailer, plan: Plan) -> list[QuotaWhy]:
    """Every quota of one retailer in one plan, the largest first, with that of its tier."""
    of_tier = TierQuota.objects.filter(
        line__plan=OuterRef("plan_id"), line__product=OuterRef("product_id"), tier=OuterRef("tier")
    )
    quotas = (
        RetailerQuota.objects.filter(plan=plan, retailer=retailer)
        .select_related("product", "retailer")
        .annotate(of_tier=Subquery(of_tier.values("cartons")[:1]))
        .order_by("-cartons", "product__code")
    )
    lines = {line.product_id: line for line in plan.lines.all()}
    return [_why(quota, lines.get(quota.product_id)) for quota in quotas]


@dataclass(frozen=True)
class Use:
    """What of the quotas of one plan a retailer has ordered in its month.

    Args:
        quota: Cartons of all its quotas.
        ordered: What of them was ordered, product by product; more than a quota does not count.
        by_product: What was ordered, by product id.
    """

    quota: int
    ordered: int
    by_product: dict[int, int]

    @property
    def whole(self) -> int:
        """Cartons ordered in the month, also beyond a quota and without one."""
        return sum(self.by_product.values())

    @property
    def share(self) -> float | None:
        """The part of the quota that was ordered."""
        return self.ordered / self.quota if self.quota else None


def use_of(
    retailer: Retailer, found: list[tuple[Plan, list[QuotaWhy]]], last: int
) -> dict[int, Use]:
    """By plan id, what was ordered of its quotas; plans of months after ``last`` are left out."""
    periods = [plan.period for plan, _quotas in found if plan.period <= last]
    rows = MonthlySales.objects.filter(
        company=retailer.company_id, period__in=periods, retailer=retailer
    )
    bought: dict[int, dict[int, int]] = defaultdict(dict)
    for period, product, cartons in rows.values_list("period", "product_id", "cartons"):
        bought[period][product] = cartons
    uses = {}
    for plan, quotas in found:
        if plan.period <= last:
            own = bought[plan.period]
            pairs = [(one.quota.cartons, own.get(one.quota.product_id, 0)) for one in quotas]
            ordered = sum(max(min(pair), 0) for pair in pairs)
            uses[plan.pk] = Use(sum(quota for quota, _bought in pairs), ordered, own)
    return uses


def _why(quota: RetailerQuota, line: PlanLine | None) -> QuotaWhy:
    figures: dict[str, Any] = line.figures if line is not None else {}
    whole, level = figures.get("weights_sum"), figures.get("level")
    return QuotaWhy(
        quota=quota,
        share=quota.weight / whole if whole else None,
        exact=quota.weight * level if level else None,
        of_tier=getattr(quota, "of_tier", None),
    )


def quota_sums(plan: Plan, retailers: list[Retailer]) -> dict[int, dict[str, int]]:
    """Cartons and number of products per retailer id, for one page of the list."""
    rows = (
        RetailerQuota.objects.filter(plan=plan, retailer__in=[row.pk for row in retailers])
        .values("retailer_id")
        .annotate(all_cartons=Sum("cartons"), products=Count("product_id"))
    )
    return {
        row["retailer_id"]: {"cartons": row["all_cartons"], "products": row["products"]}
        for row in rows
    }


def published_quotas_before(retailer: Retailer, before: Before, limit: int) -> list[Any]:
    """Plans that were published and gave a retailer something, the latest first.

    Each carries ``quota_cartons`` and ``quota_products``; one look into the key per plan.
    """
    own = RetailerQuota.objects.filter(plan=OuterRef("pk"), retailer=retailer).order_by()
    sums = own.values("plan").annotate(cartons_=Sum("cartons"), products_=Count("product"))
    plans = Plan.objects.filter(
        company=retailer.company_id,
        status__in=[PlanStatus.PUBLISHED, PlanStatus.SUPERSEDED],
        published_at__isnull=False,
    )
    return list(
        plans.filter(before.condition("published_at"))
        .select_related("published_by")
        .annotate(
            quota_cartons=Subquery(sums.values("cartons_")),
            quota_products=Subquery(sums.values("products_")),
        )
        .filter(quota_cartons__gt=0)
        .order_by("-published_at", "-pk")[:limit]
    )


def product_lines(user: User, product_id: int, *, limit: int = 6) -> list[PlanLine]:
    """The lines of one product in the latest plans."""
    plans = list_plans(user).filter(status__in=SHOWN)
    return list(
        PlanLine.objects.filter(plan__in=plans, product=product_id)
        .select_related("plan")
        .order_by("-plan__period", "-plan__version")[:limit]
    )


# --- sheets -------------------------------------------------------------------------------


@dataclass(frozen=True)
class LineTiers:
    """The tier quotas of a line in three figures, for a sheet.

    Args:
        one: The line taken apart.
        ladder: Quota of the highest, the middle (the upper one of two) and the lowest tier.
    """

    one: TakenApart
    ladder: tuple[TierQuota | None, TierQuota | None, TierQuota | None]


def lines_with_tiers(plan: Plan) -> list[LineTiers]:
    """The lines of a plan with the ends and the middle of their ladders; two queries."""
    ladders: dict[int, list[TierQuota]] = defaultdict(list)
    for row in TierQuota.objects.filter(line__plan=plan).order_by("line_id", "-tier"):
        ladders[row.line_id].append(row)
    found = []
    for one in list_lines(plan):
        rows = ladders[one.line.pk]
        if rows:
            found.append(LineTiers(one, (rows[0], rows[(len(rows) - 1) // 2], rows[-1])))
        else:
            found.append(LineTiers(one, (None, None, None)))
    return found


def tiers_of(plan: Plan) -> list[int]:
    """The tiers for which a plan has quotas, the highest first."""
    rows = TierQuota.objects.filter(line__plan=plan).values_list("tier", flat=True)
    return list(rows.distinct().order_by("-tier"))


def tier_posting(plan: Plan, tier: int) -> list[TierQuota]:
    """What each retailer of a tier may order by product: the largest quotas first, without zeros."""
    rows = TierQuota.objects.filter(line__plan=plan, tier=tier, cartons__gt=0)
    return list(
        rows.select_related("line__product__price_class").order_by(
            "-cartons", "line__product__code"
        )
    )


def plan_of_today(retailer_company: int, today: dt.date) -> Plan | None:
    """The plan that counts on a day: the published one of its month, else the latest published."""
    published = Plan.objects.filter(
        company_id=retailer_company, status=PlanStatus.PUBLISHED, products__gt=0
    ).order_by("-period")
    plans = list(published[:3])
    now = [plan for plan in plans if plan.period == period_of(today)]
    return next(iter(now or plans), None)
