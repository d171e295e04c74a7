from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.lists.page import list_page, place_in_list
from accounts.roles import Permission
from brands import selectors
from brands.lists import PRODUCTS
from brands.models import Product
from config.common import periods
from config.common.pages import crumb
from config.common.panels import panels_of


@require_GET
@requires(Permission.VIEW_PRODUCTS)
def product_list(request: PersonRequest) -> HttpResponse:
    return list_page(request, PRODUCTS)


@require_GET
@requires(Permission.VIEW_PRODUCTS)
def product_detail(request: PersonRequest, pk: int) -> HttpResponse:
    product: Product = get_object_or_404(selectors.list_products(request.user), pk=pk)
    context: dict[str, Any] = {
        "product": product,
        "panels": panels_of("product", request.user.permissions, product.pk),
        **place_in_list(request, PRODUCTS.name, product.pk),
        "crumbs": [
            crumb(_("Home"), reverse("home")),
            crumb(_("Products"), reverse("product-list")),
            crumb(product.code),
        ],
    }
    if selectors.may_see_sales(request.user):
        last = periods.period_of(selectors.figures_day(request.user))
        context["chart"] = _months_chart(selectors.product_months(request.user, product, last))
    return render(request, "brands/product_detail.html", context)


def _months_chart(months: list[selectors.MonthFigures]) -> dict[str, Any]:
    """24 months as columns, with the number of retailers that bought as a line."""
    return {
        "type": "bar",
        "categories": [periods.period_text(row.period) for row in months],
        "y2_label": _("Retailers"),
        "series": [
            {
                "name": _("Sales"),
                "unit": "cartons",
                "shown_in": "boxes",
                "data": [row.cartons for row in months],
            },
            {
                "name": _("Retailers that bought"),
                "as": "line",
                "axis": "right",
                "data": [row.count for row in months],
            },
        ],
    }
