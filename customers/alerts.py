"""What looks wrong with retailers: nobody looks after them, or they fade."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission
from config.common import panels
from config.common.panels import Waiting
from config.common.periods import business_today
from customers.selectors.retailers import count_alone_and_faded

RECENT_DAYS = 30


def retailer_alerts(user: User) -> list[Waiting]:
    """Active retailers without a customer manager, and those that began to decline lately."""
    if Permission.VIEW_RETAILERS not in user.permissions:
        return []
    address, found = reverse("retailer-list"), []
    since = business_today() - dt.timedelta(days=RECENT_DAYS)
    alone, faded = count_alone_and_faded(user, since)
    if alone:
        text = ngettext(
            "%(n)s active retailer has no customer manager",
            "%(n)s active retailers have no customer manager",
            alone,
        )
        query = "?manager=none&status=active"
        found.append(Waiting(text % {"n": f"{alone:,}"}, address + query, "warn"))
    if faded:
        text = ngettext(
            "%(n)s retailer has begun to decline in the last 30 days",
            "%(n)s retailers have begun to decline in the last 30 days",
            faded,
        )
        found.append(Waiting(text % {"n": f"{faded:,}"}, f"{address}?stage=decline", "warn"))
    return found


def register() -> None:
    """Called from ``AppConfig.ready``."""
    panels.register_alert(retailer_alerts)
