"""What allocation shows elsewhere: quotas of a retailer, plans of a product, what waits."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.models import User
from accounts.roles import Permission
from allocation import selectors
from allocation.models import PlanStatus
from brands.selectors import list_products
from config.common import navigation, panels
from config.common.navigation import NavItem
from config.common.pages import render_panel
from config.common.panels import Panel, Waiting
from config.common.periods import business_today, period_of, period_text
from customers.selectors.retailers import list_retailers


@require_GET
@requires(Permission.VIEW_PLANS)
def retailer_quotas(request: PersonRequest, pk: int) -> HttpResponse:
    """Quotas of the latest months and what was ordered of them; an open draft is marked as such."""
    retailer = get_object_or_404(list_retailers(request.user), pk=pk)
    plans = selectors.plans_of(retailer.company_id)
    found = [(plan, selectors.quotas_of_retailer(retailer, plan)) for plan in plans[:2]]
    binding = [plan.pk for plan, _quotas in found if plan.status == PlanStatus.PUBLISHED]
    context = {
        "retailer": retailer,
        "found": found,
        "uses": selectors.use_of(retailer, found, period_of(business_today())),
        # Where none is published yet, the newest stands open: nobody should have to look for it.
        "opened": binding[0] if binding else found[0][0].pk if found else None,
    }
    return render_panel(request, "allocation/_panel_quotas.html", context, title=_("Quotas"))


@require_GET
@requires(Permission.VIEW_PLANS)
def product_plan(request: PersonRequest, pk: int) -> HttpResponse:
    product = get_object_or_404(list_products(request.user), pk=pk)
    context = {"lines": selectors.product_lines(request.user, product.pk)}
    return render_panel(request, "allocation/_panel_product.html", context, title=_("Plans"))


@require_GET
@requires(Permission.VIEW_PLANS)
def top_quotas(request: PersonRequest, pk: int, product: int) -> HttpResponse:
    """The largest quotas of a line. Apart from its page, as it reads all quotas of the plan."""
    plan = get_object_or_404(selectors.list_plans(request.user), pk=pk)
    line = get_object_or_404(selectors.lines_of(plan), product=product)
    context = {
        "plan": plan,
        "line": line,
        "quotas": selectors.top_quotas(request.user, plan, line),
    }
    return render_panel(
        request, "allocation/_panel_top.html", context, title=_("Largest quotas, and why")
    )


@require_GET
@requires(Permission.VIEW_PLANS)
def quota_spread(request: PersonRequest, pk: int, product: int) -> HttpResponse:
    """How far quotas differ within each tier. Apart from its page, as it reads all quotas of the plan."""
    plan = get_object_or_404(selectors.list_plans(request.user), pk=pk)
    line = get_object_or_404(selectors.lines_of(plan), product=product)
    spreads = selectors.quota_spread(request.user, plan, line)
    reference = {row.tier: row.cartons for row in selectors.list_tier_quotas(line)}
    context = {"chart": _spread_chart(spreads, reference) if spreads else None}
    title = _("Quotas of the retailers by tier")
    return render_panel(request, "allocation/_panel_spread.html", context, title=title)


def _spread_chart(spreads: list[selectors.TierSpread], reference: dict[int, int]) -> dict[str, Any]:
    return {
        "type": "boxplot",
        "name": _("Quota"),
        "unit": "cartons",
        "x_label": _("Tier"),
        "categories": [f"D{one.tier}" for one in spreads],
        "counts": [one.retailers for one in spreads],
        "counts_label": _("Retailers"),
        "boxes": [one.five for one in spreads],
        "lines": [{"name": _("Tier quota"), "data": [reference.get(one.tier) for one in spreads]}],
    }


def waiting_plans(user: User) -> list[Waiting]:
    """Drafts to approve and approved plans to publish."""
    wanted = []
    if Permission.APPROVE_PLANS in user.permissions:
        wanted.append(
            (PlanStatus.DRAFT, _("The plan of %(month)s v%(version)s waits for approval."))
        )
    if Permission.PUBLISH_PLANS in user.permissions:
        wanted.append(
            (PlanStatus.APPROVED, _("The plan of %(month)s v%(version)s can be published."))
        )
    found = []
    for status, text in wanted:
        for plan in selectors.list_plans(user).filter(status=status, products__gt=0):
            facts = {"month": period_text(plan.period), "version": plan.version}
            found.append(Waiting(text % facts, reverse("plan-detail", args=[plan.pk]), "info"))
    return found


def register() -> None:
    """Called from ``AppConfig.ready``."""
    panels.register(
        Panel(
            page="retailer",
            code="quotas",
            title=gettext_lazy("Quotas"),
            permission=Permission.VIEW_PLANS,
            url_name="panel-retailer-quotas",
            order=40,
            wide=True,
        )
    )
    panels.register(
        Panel(
            page="product",
            code="plans",
            title=gettext_lazy("Plans"),
            permission=Permission.VIEW_PLANS,
            url_name="panel-product-plans",
            order=10,
            wide=True,
        )
    )
    panels.register_waiting(waiting_plans)
    navigation.register(
        NavItem(
            label=gettext_lazy("Plans"),
            url_name="plan-list",
            icon="target-arrow",
            permission=Permission.VIEW_PLANS,
            order=40,
            group=gettext_lazy("Marketing"),
            key="l",
        )
    )
