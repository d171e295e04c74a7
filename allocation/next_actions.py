"""What allocation finds to do about a retailer: its quota of the month is not used, and the month ends."""

import datetime as dt
from typing import Any

from django.db.models import F, IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission
from allocation.models import PlanStatus, RetailerQuota
from brands.models import MonthlySales
from config.common import next_action, periods
from config.common.next_action import Action, Provider, Urgency
from customers.models import RetailerStatus

LAST_DAYS = 7
"""Before that there is time."""
SMALLEST = 0.3
"""A smaller part of the quota that is left is not worth a word."""


def columns(user: User, today: dt.date) -> dict[str, Any]:
    """The quota of this month, and what of it was not ordered product by product; in its last days."""
    if Permission.VIEW_PLANS not in user.permissions or days_left(today) > LAST_DAYS:
        return {}
    period = periods.period_of(today)
    ordered = MonthlySales.objects.filter(
        company=OuterRef("plan__company"),
        period=period,
        retailer=OuterRef("retailer"),
        product=OuterRef("product"),
    )
    quotas = (
        RetailerQuota.objects.filter(
            plan__company=OuterRef("company"),
            plan__period=period,
            plan__status=PlanStatus.PUBLISHED,
            retailer=OuterRef("pk"),
        )
        .order_by()
        .annotate(
            left=Greatest(
                F("cartons") - Coalesce(Subquery(ordered.values("cartons")[:1]), 0),
                0,
                output_field=IntegerField(),
            )
        )
        .values("plan")
    )
    return {
        "next_quota": Subquery(quotas.annotate(whole=Sum("cartons")).values("whole")[:1]),
        "next_quota_left": Subquery(quotas.annotate(rest=Sum("left")).values("rest")[:1]),
    }


def days_left(today: dt.date) -> int:
    """Days of this month, today included."""
    return (periods.last_day(periods.period_of(today)) - today).days + 1


def find(_user: User, retailer: Any, today: dt.date) -> list[Action]:
    """Much of the quota of this month is left, and few days are."""
    whole = getattr(retailer, "next_quota", None) or 0
    left = getattr(retailer, "next_quota_left", None) or 0
    if retailer.status != RetailerStatus.ACTIVE or left <= 0 or left < SMALLEST * whole:
        return []
    days = days_left(today)
    words = ngettext(
        "%(left)s of %(whole)s cartons of this month's quota are not ordered, %(days)d day is left",
        "%(left)s of %(whole)s cartons of this month's quota are not ordered, %(days)d days are left",
        days,
    )
    facts = {"left": f"{left:,}", "whole": f"{whole:,}", "days": days}
    url = f"{reverse('retailer-detail', args=[retailer.pk])}#panel-quotas"
    return [Action(Urgency.QUOTA_LEFT, words % facts, url, "target-arrow", "info")]


def register() -> None:
    """Called from ``AppConfig.ready``."""
    next_action.register(Provider(find=find, columns=columns))
