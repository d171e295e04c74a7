"""What looks wrong with plans: a month that has begun and has no published plan."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from allocation import selectors
from allocation.models import PlanStatus
from config.common import panels
from config.common.panels import Waiting
from config.common.periods import business_today, period_of, period_text


def plan_alerts(user: User) -> list[Waiting]:
    """This month has no published plan, though plans are made here."""
    if Permission.VIEW_PLANS not in user.permissions:
        return []
    plans = selectors.list_plans(user)
    period = period_of(business_today())
    made = set(plans.order_by().values_list("period", "status").distinct())
    if not made or (period, PlanStatus.PUBLISHED) in made:
        return []
    text = _("No plan of %(month)s is published yet") % {"month": period_text(period)}
    return [Waiting(text, reverse("plan-list"), "bad")]


def register() -> None:
    """Called from ``AppConfig.ready``."""
    panels.register_alert(plan_alerts)
