"""Sheets of allocation: of a plan and of a tier, and for a retailer the quotas and everything known."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.models import User
from accounts.roles import Permission
from allocation import selectors
from allocation.models import Plan
from brands.selectors import figures_day, retailer_months
from config.common import prints
from config.common.pages import crumb
from config.common.periods import business_today, last_closed, period_text
from config.common.prints import Sheet
from customers.models import Retailer
from customers.selectors.contacts import contacts_of
from customers.selectors.retailers import retailer_profile
from segmentation.selectors.classes import assignments_of
from segmentation.selectors.why import explain


def _plan_or_404(user: User, pk: int) -> Plan:
    plan: Plan = get_object_or_404(selectors.list_plans(user).select_related("company"), pk=pk)
    return plan


def _retailer_or_404(user: User, pk: int) -> Retailer:
    retailer: Retailer = get_object_or_404(retailer_profile(user), pk=pk)
    return retailer


def _plan_crumbs(plan: Plan, title: str) -> list[dict[str, Any]]:
    label = f"{period_text(plan.period)} v{plan.version}"
    return [
        crumb(_("Home"), reverse("home")),
        crumb(_("Plans"), reverse("plan-list")),
        crumb(label, reverse("plan-detail", args=[plan.pk])),
        crumb(title),
    ]


def _retailer_crumbs(retailer: Retailer, title: str) -> list[dict[str, Any]]:
    return [
        crumb(_("Home"), reverse("home")),
        crumb(_("Retailers"), reverse("retailer-list")),
        crumb(retailer.code, reverse("retailer-detail", args=[retailer.pk])),
        crumb(title),
    ]


# --- plans --------------------------------------------------------------------------------


@require_GET
@requires(Permission.VIEW_PLANS)
def plan_sheet(request: PersonRequest, pk: int) -> HttpResponse:
    """The whole plan of a month (月度投放计划表), across, over as many sheets as it needs."""
    plan = _plan_or_404(request.user, pk)
    lines = selectors.lines_with_tiers(plan)
    title = _("Plan sheet of %(month)s") % {"month": period_text(plan.period)}
    context = {
        "plan": plan,
        "lines": lines,
        "sums": selectors.line_sums([row.one for row in lines]),
        "sheet_title": title,
        "wide": True,
        "crumbs": _plan_crumbs(plan, _("Plan sheet")),
    }
    name = f"{_('Plan sheet')}-{period_text(plan.period)}-v{plan.version}"
    return prints.render_sheet(request, "allocation/plan_sheet.html", context, name=name)


@require_GET
@requires(Permission.VIEW_PLANS)
def tier_posting(request: PersonRequest, pk: int) -> HttpResponse:
    """What is put up in public for one tier (公示表): the same for each of its retailers."""
    plan = _plan_or_404(request.user, pk)
    tiers = selectors.tiers_of(plan)
    tier = _wanted_tier(request, tiers)
    rows = selectors.tier_posting(plan, tier) if tier else []
    context = {
        "plan": plan,
        "tiers": tiers,
        "tier": tier,
        "rows": rows,
        "retailers": max((row.retailers for row in rows), default=0),
        "whole": sum(row.cartons for row in rows),
        "sheet_title": _("Public posting of quotas by tier"),
        "crumbs": _plan_crumbs(plan, _("Public posting of quotas by tier")),
    }
    name = f"{_('Public posting of quotas by tier')}-{period_text(plan.period)}-D{tier}"
    return prints.render_sheet(request, "allocation/tier_posting.html", context, name=name)


def _wanted_tier(request: PersonRequest, tiers: list[int]) -> int | None:
    """The tier of the address; the highest where none is named; 404 for one the plan has not."""
    wanted = request.GET.get("tier", "")
    if not wanted:
        return tiers[0] if tiers else None
    for tier in tiers:
        if str(tier) == wanted:
            return tier
    raise Http404


# --- retailers ----------------------------------------------------------------------------


@require_GET
@requires(Permission.VIEW_PLANS)
def quota_notice(request: PersonRequest, pk: int, retailer: int) -> HttpResponse:
    """The quotas of one retailer in one plan (投放通知)."""
    plan = _plan_or_404(request.user, pk)
    found = _retailer_or_404(request.user, retailer)
    if found.company_id != plan.company_id:
        raise Http404
    return _notice(request, found, plan)


@require_GET
@requires(Permission.VIEW_PLANS)
def latest_notice(request: PersonRequest, pk: int) -> HttpResponse:
    """The same for the plan that counts today."""
    retailer = _retailer_or_404(request.user, pk)
    plan = selectors.plan_of_today(retailer.company_id, business_today())
    return _notice(request, retailer, plan)


def _notice(request: PersonRequest, retailer: Retailer, plan: Plan | None) -> HttpResponse:
    quotas = _quotas(retailer, plan)
    month = period_text(plan.period) if plan else ""
    context = {
        "retailer": retailer,
        "plan": plan,
        "quotas": quotas,
        "tier": next((why.quota.tier for why, _tier in quotas), None),
        "whole": sum(why.quota.cartons for why, _tier in quotas),
        "sheet_title": _("Quota notice"),
        "crumbs": _retailer_crumbs(retailer, _("Quota notice")),
    }
    name = f"{retailer.code}-{_('Quota notice')}-{month}"
    return prints.render_sheet(request, "allocation/quota_notice.html", context, name=name)


def _quotas(retailer: Retailer, plan: Plan | None) -> list[tuple[selectors.QuotaWhy, int | None]]:
    """Every quota of a retailer, each beside the quota of its tier."""
    if plan is None:
        return []
    quotas = selectors.quotas_of_retailer(retailer, plan)
    return [(why, why.of_tier) for why in quotas]


@require_GET
@requires(Permission.VIEW_RETAILERS)
def retailer_sheet(request: PersonRequest, pk: int) -> HttpResponse:
    """What is known of a retailer on one sheet (零售户登记卡), as far as this person may see it."""
    retailer = _retailer_or_404(request.user, pk)
    context = {
        "retailer": retailer,
        "contacts": contacts_of(retailer),
        **_classes(request.user, retailer),
        **_purchases(request.user, retailer),
        **_this_month(request.user, retailer),
        "sheet_title": _("Retailer sheet"),
        "crumbs": _retailer_crumbs(retailer, _("Retailer sheet")),
    }
    name = f"{retailer.code}-{_('Retailer sheet')}"
    return prints.render_sheet(request, "allocation/retailer_sheet.html", context, name=name)


def _classes(user: User, retailer: Retailer) -> dict[str, Any]:
    if Permission.VIEW_CLASSES not in user.permissions:
        return {}
    found = assignments_of(user, retailer)
    return {"may_see_classes": True, "classes": [(one, explain(one)) for one in found]}


def _purchases(user: User, retailer: Retailer) -> dict[str, Any]:
    """The last twelve closed months, each beside the same month of the year before."""
    if Permission.VIEW_SALES not in user.permissions:
        return {}
    months = retailer_months(retailer, last_closed(figures_day(user)))
    before, now = months[:12], months[12:]
    return {
        "may_see_sales": True,
        "months": list(zip(now, before, strict=True)),
        "year": _sum(now),
        "year_before": _sum(before),
    }


def _sum(months: list[Any]) -> dict[str, int]:
    names = ("cartons", "amount_cents", "count")
    return {name: sum(getattr(month, name) for month in months) for name in names}


def _this_month(user: User, retailer: Retailer) -> dict[str, Any]:
    if Permission.VIEW_PLANS not in user.permissions:
        return {}
    plan = selectors.plan_of_today(retailer.company_id, business_today())
    quotas = _quotas(retailer, plan)
    whole = sum(why.quota.cartons for why, _tier in quotas)
    return {"may_see_plans": True, "plan": plan, "quotas": quotas, "whole": whole}


def register() -> None:
    """Called from ``AppConfig.ready``."""
    offered = [
        ("retailer", gettext_lazy("Retailer sheet"), "retailer-sheet", Permission.VIEW_RETAILERS),
        ("retailer", gettext_lazy("Quota notice"), "retailer-quota-notice", Permission.VIEW_PLANS),
        ("plan", gettext_lazy("Plan sheet"), "plan-sheet", Permission.VIEW_PLANS),
        (
            "plan",
            gettext_lazy("Public posting of quotas by tier"),
            "plan-posting",
            Permission.VIEW_PLANS,
        ),
    ]
    for place, (page, label, url_name, permission) in enumerate(offered):
        prints.register(Sheet(page, label, url_name, permission, 10 + 20 * place))
