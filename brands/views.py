from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from brands import selectors
from brands.forms import ProductFilter
from brands.models import Product
from config.common import listing, periods
from config.common.pages import crumb, with_query
from config.common.panels import panels_of
from config.common.units import cartons_to_boxes


@require_GET
@requires(Permission.VIEW_PRODUCTS)
def product_list(request: PersonRequest) -> HttpResponse:
    form = ProductFilter(request.user, request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    products = selectors.filter_products(selectors.list_products(request.user), wanted)
    sorts = selectors.PRODUCT_SORTS
    sort = next((one for one in sorts if one.code == wanted.get("sort")), sorts[0])
    page = listing.read_page(products, sort, cursor=request.GET.get("cursor", ""))
    period = periods.last_closed(selectors.figures_day(request.user))
    context = {
        "page": page,
        "sales": selectors.product_sales(request.user, page.rows, period),
        "may_see_sales": selectors.may_see_sales(request.user),
        "period": period,
        "heads": {
            one.code: {
                "label": one.label,
                "url": with_query(request.GET, sort=one.code),
                "direction": "asc" if one is sort else "",
            }
            for one in sorts
        },
        "filter_form": form,
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(_("Products"))],
    }
    return render(request, "brands/product_list.html", context)


@require_GET
@requires(Permission.VIEW_PRODUCTS)
def product_detail(request: PersonRequest, pk: int) -> HttpResponse:
    product: Product = get_object_or_404(selectors.list_products(request.user), pk=pk)
    context: dict[str, Any] = {
        "product": product,
        "panels": panels_of("product", request.user.permissions, product.pk),
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
        "y_label": _("boxes"),
        "y2_label": _("Retailers"),
        "series": [
            {
                "name": _("Sales"),
                "unit": _("boxes"),
                "data": [str(cartons_to_boxes(row.cartons)) for row in months],
            },
            {
                "name": _("Retailers that bought"),
                "as": "line",
                "axis": "right",
                "data": [row.count for row in months],
            },
        ],
    }
