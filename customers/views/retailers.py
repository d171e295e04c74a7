"""The list of retailers and the page of one."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.lists.page import list_page, place_in_list
from accounts.models import User
from accounts.roles import Permission
from config.common import next_action
from config.common.lists import Badge
from config.common.pages import crumb
from config.common.panels import panels_of
from config.common.periods import business_today
from config.common.prints import sheets_of
from customers.lists import RETAILERS
from customers.models import Retailer
from customers.selectors import retailers as retailer_reads
from customers.views.timeline import KIND


@require_GET
@requires(Permission.VIEW_RETAILERS)
def retailer_list(request: PersonRequest) -> HttpResponse:
    return list_page(request, RETAILERS, template="customers/retailer_list.html")


@require_GET
@requires(Permission.VIEW_RETAILERS)
def retailer_detail(request: PersonRequest, pk: int) -> HttpResponse:
    today = business_today()
    retailer: Retailer = get_object_or_404(retailer_reads.retailer_head(request.user, today), pk=pk)
    context = {
        "retailer": retailer,
        "badges": _badges(retailer, request.user),
        **place_in_list(request, RETAILERS.name, retailer.pk),
        "sheets": sheets_of("retailer", request.user.permissions, retailer.pk),
        "next_actions": next_action.actions_for(request.user, retailer, today),
        "panels": _panels(request, retailer),
        "crumbs": [
            crumb(_("Home"), reverse("home")),
            crumb(_("Retailers"), reverse("retailer-list")),
            crumb(retailer.code),
        ],
    }
    return render(request, "customers/retailer_detail.html", context)


def _panels(request: PersonRequest, retailer: Retailer) -> list[dict[str, Any]]:
    """The panels; the address of the page also says which kinds the timeline shows."""
    found = panels_of("retailer", request.user.permissions, retailer.pk)
    shown = urlencode({KIND: request.GET.getlist(KIND)}, doseq=True)
    for panel in found:
        if shown and panel["id"] == "panel-timeline":
            panel["url"] += f"?{shown}"
    return found


def _badges(retailer: Retailer, user: User) -> list[tuple[Any, Badge]]:
    """What the apps above say of a retailer in its line of the list: its classes."""
    found = []
    for source in RETAILERS.sources[1:]:
        for column in source.columns(user):
            value = column.read([retailer], user).get(retailer.pk)
            if isinstance(value, Badge):
                found.append((column.label, value))
    return found
