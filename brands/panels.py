"""What brands shows on the home page (sales) and on a retailer's (purchases, observations)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.models import OrgLevel
from accounts.roles import Permission, Role
from brands import selectors
from brands.selectors import areas, rankings
from config.common import navigation, panels, periods
from config.common.navigation import NavItem
from config.common.pages import render_panel
from config.common.panels import Panel
from customers.selectors.retailers import list_retailers

# Whoever looks after one county has only one line in a ranking of counties.
WHOLE_COMPANY = frozenset({Role.ADMINISTRATOR, Role.PLANNER, Role.APPROVER, Role.AUDITOR})
GROWTH_SCALE = 0.3
"""Growth at which the colour is strongest; beyond it figures are told apart by number only."""


@require_GET
@requires(Permission.VIEW_SALES)
def sales(request: PersonRequest) -> HttpResponse:
    """This month so far where whole days are known; else the last month that has ended."""
    day = selectors.figures_day(request.user)
    months = selectors.company_months(request.user, periods.period_of(day))
    whole = request.user.scope.whole_company
    context = {
        "day": day,
        "so_far": selectors.sales_so_far(request.user, day) if whole else None,
        "month_now": months[-1],
        "closed": selectors.closed_month(months, day),
        "chart": _company_chart(months),
        "whole_company": whole,
        "is_empty": not any(row.cartons for row in months),
    }
    return render_panel(request, "brands/_panel_sales.html", context, title=_("Sales"))


def _company_chart(months: list[selectors.MonthFigures]) -> dict[str, Any]:
    return {
        "type": "bar",
        "categories": [periods.period_text(row.period) for row in months],
        "series": [
            {
                "name": _("Sales"),
                "unit": "cartons",
                "shown_in": "boxes",
                "data": [row.cartons for row in months],
            },
            {
                "name": _("Amount"),
                "unit": "yuan",
                "shown_in": "wan",
                "as": "line",
                "axis": "right",
                "data": [row.amount_cents / 100 for row in months],
            },
        ],
    }


AREA_TITLES = {
    OrgLevel.COUNTY: (gettext_lazy("County"), gettext_lazy("Sales by county and month")),
    OrgLevel.DEPARTMENT: (
        gettext_lazy("Market department"),
        gettext_lazy("Sales by market department and month"),
    ),
    OrgLevel.LINE: (gettext_lazy("Line"), gettext_lazy("Sales by line and month")),
}


@require_GET
@requires(Permission.VIEW_SALES)
def area_sales(request: PersonRequest) -> HttpResponse:
    """Where it sells and where it grows: two maps of colours over areas and closed months."""
    day = selectors.figures_day(request.user)
    found = areas.area_months(request.user, periods.last_closed(day))
    head, title = AREA_TITLES[found.level]
    shared = {
        "type": "heatmap",
        "rows_label": head,
        "rows": found.names,
        "columns": [periods.period_text(month) for month in found.months],
    }
    context = {
        "title": title,
        "sales": {
            **shared,
            "name": _("Sales"),
            "unit": "cartons",
            "shown_in": "boxes",
            "values": found.cartons,
        },
        "growth": {
            **shared,
            "name": _("Growth on last year"),
            "format": "percent",
            "diverging": True,
            "max": GROWTH_SCALE,
            "values": found.growth,
        },
        "has_year_before": any(value is not None for row in found.growth for value in row),
        "is_empty": not found.names,
    }
    return render_panel(request, "brands/_panel_areas.html", context, title=title)


@require_GET
@requires(Permission.VIEW_SALES)
def county_ranking(request: PersonRequest) -> HttpResponse:
    period = periods.last_closed(selectors.figures_day(request.user))
    context = {
        "what": _("County"),
        "list_url": reverse("retailer-list"),
        "definition": _(
            "Net sales of the last closed month less those of the same month a year before, of the "
            "retailers you see; the largest gains first, the largest losses below."
        ),
    }
    ranked = rankings.rank_counties(request.user, period)
    return _ranking(request, _("Counties up and down"), period, ranked, context)


@require_GET
@requires(Permission.VIEW_SALES)
def product_ranking(request: PersonRequest) -> HttpResponse:
    period = periods.last_closed(selectors.figures_day(request.user))
    context = {
        "what": _("Product"),
        "url_name": "product-detail",
        "definition": _(
            "Net sales of the last closed month less those of the same month a year before; the "
            "largest gains first, the largest losses below."
        ),
    }
    ranked = rankings.rank_products(request.user, period)
    return _ranking(request, _("Products up and down"), period, ranked, context)


def _ranking(
    request: PersonRequest,
    title: str,
    period: int,
    ranked: list[rankings.Ranked],
    context: dict[str, Any],
) -> HttpResponse:
    top, bottom = rankings.ends(ranked)
    shown = {**context, "title": title, "month": period, "top": top, "bottom": bottom}
    return render_panel(request, "brands/_panel_ranking.html", shown, title=title)


@require_GET
@requires(Permission.VIEW_SALES)
def purchases(request: PersonRequest, pk: int) -> HttpResponse:
    retailer = get_object_or_404(list_retailers(request.user), pk=pk)
    day = selectors.figures_day(request.user)
    months = selectors.retailer_months(retailer, periods.period_of(day))
    closed = periods.last_closed(day)
    context = {
        "chart": _retailer_chart(months),
        "is_empty": not any(row.cartons or row.amount_cents for row in months),
        "products": selectors.top_products(retailer, closed),
        "first": periods.shift(closed, -2),
        "months": periods.period_range(periods.shift(closed, -2), closed),
        "last": closed,
        "day": day,
    }
    return render_panel(request, "brands/_panel_purchases.html", context, title=_("Purchases"))


def _retailer_chart(months: list[selectors.MonthFigures]) -> dict[str, Any]:
    return {
        "type": "bar",
        "categories": [periods.period_text(row.period) for row in months],
        "series": [
            {
                "name": _("Purchases"),
                "unit": "cartons",
                "data": [row.cartons for row in months],
            },
            {
                "name": _("Amount"),
                "unit": "yuan",
                "as": "line",
                "axis": "right",
                "data": [row.amount_cents / 100 for row in months],
            },
        ],
    }


@require_GET
@requires(Permission.VIEW_RETAILERS)
def observations(request: PersonRequest, pk: int) -> HttpResponse:
    retailer = get_object_or_404(list_retailers(request.user), pk=pk)
    context = {"observations": selectors.latest_observations(request.user, retailer)}
    title = _("Market observations")
    return render_panel(request, "brands/_panel_observations.html", context, title=title)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    panels.register(
        Panel(
            page="home",
            code="sales",
            title=gettext_lazy("Sales"),
            permission=Permission.VIEW_SALES,
            url_name="panel-sales",
            order=30,
            wide=True,
        )
    )
    panels.register(
        Panel(
            page="home",
            code="areas",
            title=gettext_lazy("Sales by area and month"),
            permission=Permission.VIEW_SALES,
            url_name="panel-area-sales",
            order=35,
            wide=True,
            about=gettext_lazy("Where it sells and where it grows, month by month"),
        )
    )
    panels.register(
        Panel(
            page="home",
            code="counties",
            title=gettext_lazy("Counties up and down"),
            permission=Permission.VIEW_SALES,
            url_name="panel-county-ranking",
            order=50,
            about=gettext_lazy("Largest gains and losses against the year before"),
            roles=WHOLE_COMPANY,
        )
    )
    panels.register(
        Panel(
            page="home",
            code="products",
            title=gettext_lazy("Products up and down"),
            permission=Permission.VIEW_SALES,
            url_name="panel-product-ranking",
            order=51,
            about=gettext_lazy("Largest gains and losses against the year before"),
        )
    )
    panels.register(
        Panel(
            page="retailer",
            code="purchases",
            title=gettext_lazy("Purchases"),
            permission=Permission.VIEW_SALES,
            url_name="panel-retailer-purchases",
            order=20,
        )
    )
    panels.register(
        Panel(
            page="retailer",
            code="observations",
            title=gettext_lazy("Market observations"),
            permission=Permission.VIEW_RETAILERS,
            url_name="panel-retailer-observations",
            order=80,
            wide=True,
        )
    )
    navigation.register(
        NavItem(
            label=gettext_lazy("Products"),
            url_name="product-list",
            icon="package",
            permission=Permission.VIEW_PRODUCTS,
            order=20,
            group=gettext_lazy("Marketing"),
            key="p",
        )
    )
