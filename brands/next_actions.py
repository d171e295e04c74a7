"""What brands finds to do about a retailer: it has stopped ordering."""

import datetime as dt
from typing import Any

from django.db.models import Count, Max, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission
from brands.models import Order, OrderStatus, SalesDay
from config.common import next_action
from config.common.next_action import Action, Provider, Urgency
from customers.models import RetailerStatus

LOOKED_BACK = 252
"""The order days of 36 weeks tell how often it used to order."""
FEWEST = 3
"""Fewer order days than these tell no habit."""
LONGEST = 168
"""After half a year it is not late any more, it has gone: the life cycle says so."""
PATIENCE = 2
"""So many times its usual interval must have passed."""
SHORTEST = 14


def columns(user: User, today: dt.date) -> dict[str, Any]:
    """Its last order day, how many it had in the weeks before, and how far orders are known at all."""
    if Permission.VIEW_SALES not in user.permissions:
        return {}
    orders = Order.objects.filter(
        retailer=OuterRef("pk"), status=OrderStatus.ACTIVE, cartons__gt=0, ordered_on__lte=today
    ).order_by()
    last = orders.values("retailer").annotate(day=Max("ordered_on")).values("day")
    since = today - dt.timedelta(days=LOOKED_BACK)
    recent = orders.filter(ordered_on__gte=since).values("retailer")
    known = SalesDay.objects.filter(company=OuterRef("company"), ordered_on__lte=today).order_by()
    return {
        "next_last_order": Subquery(last),
        "next_first_order": Subquery(
            orders.filter(ordered_on__gte=since).order_by("ordered_on").values("ordered_on")[:1]
        ),
        "next_order_days": Subquery(
            recent.annotate(number=Count("ordered_on", distinct=True)).values("number")
        ),
        "next_known_until": Subquery(
            known.values("company").annotate(day=Max("ordered_on")).values("day")
        ),
    }


def find(user: User, retailer: Any, _today: dt.date) -> list[Action]:
    """Nothing while orders are late for everybody: what counts is how far they are known."""
    known = getattr(retailer, "next_known_until", None)
    if retailer.status != RetailerStatus.ACTIVE or known is None:
        return []
    days = silent_days(
        known, retailer.next_last_order, retailer.next_first_order, retailer.next_order_days or 0
    )
    if not days:
        return []
    weeks = days // 7
    facts = {"weeks": weeks, "day": f"{retailer.next_last_order:%m-%d}"}
    words = ngettext(
        "No order for %(weeks)d week, the last on %(day)s",
        "No order for %(weeks)d weeks, the last on %(day)s",
        weeks,
    )
    url = f"{reverse('retailer-detail', args=[retailer.pk])}#panel-purchases"
    return [Action(Urgency.NOT_ORDERED, words % facts, url, "shopping-cart", "warn")]


def silent_days(
    known: dt.date, last: dt.date | None, first: dt.date | None, order_days: int
) -> int:
    """Days without an order if they are unusually many, else 0.

    Args:
        known: Up to when orders are known.
        last: The last order day.
        first: The first order day looked at.
        order_days: How many there were from the first to the last.
    """
    if last is None or first is None or order_days < FEWEST:
        return 0
    silent = (known - last).days
    usual = (last - first).days / (order_days - 1)
    is_late = silent >= max(SHORTEST, PATIENCE * usual)
    return silent if is_late and silent <= LONGEST else 0


def register() -> None:
    """Called from ``AppConfig.ready``."""
    next_action.register(Provider(find=find, columns=columns))
