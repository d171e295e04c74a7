"""What brands shows on the home page (sales) and on a retailer's (purchases, observations)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from brands import selectors
from config.common import navigation, panels, periods
from config.common.navigation import NavItem
from config.common.pages import render_panel
from config.common.panels import Panel
from config.common.units import cartons_to_boxes
from customers.selectors.retailers import list_retailers


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
        "y_label": _("boxes"),
        "y2_label": _("10,000 yuan"),
        "series": [
            {
                "name": _("Sales"),
                "unit": _("boxes"),
                "data": [str(cartons_to_boxes(row.cartons)) for row in months],
            },
            {
                "name": _("Amount"),
                "unit": _("10,000 yuan"),
                "as": "line",
                "axis": "right",
                "decimals": 2,
                "data": [round(row.amount_cents / 1_000_000, 2) for row in months],
            },
        ],
    }


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
        "last": closed,
        "day": day,
    }
    return render_panel(request, "brands/_panel_purchases.html", context, title=_("Purchases"))


def _retailer_chart(months: list[selectors.MonthFigures]) -> dict[str, Any]:
    return {
        "type": "bar",
        "categories": [periods.period_text(row.period) for row in months],
        "y_label": _("cartons"),
        "y2_label": _("yuan"),
        "series": [
            {
                "name": _("Purchases"),
                "unit": _("cartons"),
                "data": [row.cartons for row in months],
            },
            {
                "name": _("Amount"),
                "unit": _("yuan"),
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
        )
    )
