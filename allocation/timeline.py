"""What allocation knows of a retailer's past: the quotas of published plans."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.roles import Permission
from allocation.selectors import published_quotas_before
from config.common import timeline
from config.common.figures import quantity
from config.common.periods import period_text
from config.common.timeline import Before, Entry, Provider
from customers.models import Retailer


def find_quotas(_user: User, retailer: Retailer, before: Before, limit: int) -> Iterator[Entry]:
    """What a published plan gave the retailer in all."""
    for plan in published_quotas_before(retailer, before, limit):
        month = _("Quota of %(month)s") % {"month": period_text(plan.period)}
        number = plan.quota_products
        products = ngettext("%(n)d product", "%(n)d products", number) % {"n": number}
        yield Entry(
            at=plan.published_at,
            key=plan.pk,
            title=format_html("{} {}", month, quantity(plan.quota_cartons)),
            text=_("%(products)s, plan v%(version)s")
            % {"products": products, "version": plan.version},
            by=str(plan.published_by or ""),
            url=reverse("plan-detail", args=[plan.pk]),
        )


def register() -> None:
    """Called from ``AppConfig.ready``."""
    timeline.register(
        Provider(
            kind="quota",
            label=gettext_lazy("Quotas"),
            icon="target-arrow",
            permission=Permission.VIEW_PLANS,
            order=50,
            find=find_quotas,
        )
    )
