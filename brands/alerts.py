"""What looks wrong with orders and sales: they are late, or a county is far below last year."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from brands.selectors.order_days import last_order_day
from brands.selectors.rankings import rank_counties
from config.common import panels, periods
from config.common.panels import Waiting

LATE_DAYS = 3
FALL = -0.10
MOST_COUNTIES = 3


def sales_alerts(user: User) -> list[Waiting]:
    """Orders known only until some days ago, and the counties that fell most against last year."""
    if Permission.VIEW_SALES not in user.permissions:
        return []
    last = last_order_day(user)
    if last is None:
        return []
    found = []
    late = (periods.business_today() - last).days
    if late > LATE_DAYS:
        text = _("Orders are known only until %(day)s, %(n)d days ago") % {
            "day": last.isoformat(), "n": late,
        }  # fmt: skip
        found.append(Waiting(text, reverse("file-list"), "bad"))
    return found + _fallen_counties(user, last)


def _fallen_counties(user: User, last: dt.date) -> list[Waiting]:
    period = periods.last_closed(last)
    fallen = [
        one for one in rank_counties(user, period) if one.change is not None and one.change < FALL
    ]
    return [
        Waiting(
            _("%(county)s: sales of %(month)s are %(fall).1f %% below last year")
            % {
                "county": one.name,
                "month": periods.period_text(period),
                "fall": -100 * (one.change or 0),
            },
            f"{reverse('retailer-list')}?county={one.key}" if one.key else reverse("retailer-list"),
            "warn",
        )
        for one in sorted(fallen, key=lambda one: (one.change or 0, one.name))[:MOST_COUNTIES]
    ]


def register() -> None:
    """Called from ``AppConfig.ready``."""
    panels.register_alert(sales_alerts)
