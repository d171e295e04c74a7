"""Sheets of segmentation: what a retailer is told of its tier."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from config.common import prints
from config.common.pages import crumb
from config.common.prints import Sheet
from customers.selectors.retailers import retailer_profile
from segmentation.selectors import classes
from segmentation.selectors.why import explain


@require_GET
@requires(Permission.VIEW_CLASSES)
def tier_notice(request: PersonRequest, pk: int) -> HttpResponse:
    """The notice (档位告知书) that the retailer signs."""
    retailer = get_object_or_404(retailer_profile(request.user), pk=pk)
    assignment = classes.tier_of(request.user, retailer)
    context = {
        "retailer": retailer,
        "assignment": assignment,
        "why": explain(assignment) if assignment else None,
        "since": classes.tier_since(assignment) if assignment else None,
        "sheet_title": _("Notice of the tier"),
        "crumbs": [
            crumb(_("Home"), reverse("home")),
            crumb(_("Retailers"), reverse("retailer-list")),
            crumb(retailer.code, reverse("retailer-detail", args=[retailer.pk])),
            crumb(_("Notice of the tier")),
        ],
    }
    name = f"{retailer.code}-{_('Notice of the tier')}"
    return prints.render_sheet(request, "segmentation/tier_notice.html", context, name=name)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    prints.register(
        Sheet(
            page="retailer",
            label=gettext_lazy("Notice of the tier"),
            url_name="retailer-tier-notice",
            permission=Permission.VIEW_CLASSES,
            order=20,
        )
    )
