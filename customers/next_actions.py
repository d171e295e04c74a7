"""What customers finds to do about a retailer: its status, its manager, its contacts, its order day."""

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from config.common import next_action
from config.common.next_action import Action, Provider, Urgency
from config.common.templatetags.lz import weekday
from customers.core.order_days import next_order_day
from customers.models import Contact, HandOver, HandOverStatus, Retailer, RetailerStatus


def columns(user: User, _today: dt.date) -> dict[str, Any]:
    """Whether there is a contact, and the open hand-over that this person may see."""
    comes = (
        HandOver.objects.visible_to(user)
        .filter(
            status__in=[HandOverStatus.REQUESTED, HandOverStatus.APPROVED],
            rows__retailer=OuterRef("pk"),
            rows__is_open=True,
        )
        .order_by("effective_on", "pk")
    )
    return {
        "next_has_contact": Exists(Contact.objects.filter(retailer=OuterRef("pk"))),
        "next_hand_over": Subquery(comes.values("pk")[:1]),
        "next_hand_over_on": Subquery(comes.values("effective_on")[:1]),
        "next_hand_over_status": Subquery(comes.values("status")[:1]),
        "next_hand_over_to": Subquery(comes.values("to_manager__display_name")[:1]),
    }


def find(user: User, retailer: Any, today: dt.date) -> list[Action]:
    """A closed shop needs nothing; one whose supply is suspended does not order."""
    if retailer.status == RetailerStatus.CLOSED:
        words = _("Closed: it orders nothing any more")
        return [Action(Urgency.STATUS, words, _changes(retailer), "archive", "neutral")]
    found = [
        _hand_over(user, retailer),
        _no_manager(user, retailer),
        _no_contact(user, retailer),
    ]
    if retailer.status == RetailerStatus.SUSPENDED:
        words = _("Supply is suspended; see why")
        found.append(Action(Urgency.STATUS, words, _changes(retailer), "ban", "warn"))
    else:
        found.append(_order_day(retailer, today))
    return [action for action in found if action is not None]


def _changes(retailer: Retailer) -> str:
    return f"{reverse('retailer-detail', args=[retailer.pk])}?show=change#panel-timeline"


def _hand_over(user: User, retailer: Any) -> Action | None:
    if not retailer.next_hand_over or Permission.VIEW_SALES not in user.permissions:
        return None
    facts = {"day": retailer.next_hand_over_on.isoformat(), "name": retailer.next_hand_over_to}
    if retailer.next_hand_over_status == HandOverStatus.APPROVED:
        words = _("Passes to %(name)s on %(day)s") % facts
    else:
        words = _("Its hand-over to %(name)s on %(day)s waits for approval") % facts
    url = reverse("hand-over-detail", args=[retailer.next_hand_over])
    return Action(Urgency.HAND_OVER, words, url, "transfer", "info")


def _no_manager(user: User, retailer: Any) -> Action | None:
    may_ask = Permission.REQUEST_HAND_OVERS in user.permissions
    if retailer.manager_id or retailer.next_hand_over or not may_ask:
        return None
    words = _("No customer manager; hand it over to one")
    url = f"{reverse('hand-over-new')}?manager=none&tick=none"
    return Action(Urgency.NO_MANAGER, words, url, "user-plus", "warn")


def _no_contact(user: User, retailer: Any) -> Action | None:
    if retailer.next_has_contact or Permission.EDIT_RETAILERS not in user.permissions:
        return None
    url = reverse("contact-add", args=[retailer.pk])
    return Action(Urgency.NO_CONTACT, _("No contact is recorded; add one"), url, "phone", "info")


def _order_day(retailer: Retailer, today: dt.date) -> Action | None:
    if not retailer.order_weekday:
        return None
    day = next_order_day(retailer.order_weekday, retailer.biweekly, today)
    if day == today:
        words = _("Orders today")
    else:
        facts = {"day": f"{day:%m-%d}", "weekday": weekday(retailer.order_weekday)}
        words = _("Orders next on %(day)s (%(weekday)s)") % facts
    url = f"{reverse('retailer-detail', args=[retailer.pk])}#panel-profile"
    return Action(Urgency.ROUTINE, words, url, "calendar-event", "neutral")


def register() -> None:
    """Called from ``AppConfig.ready``."""
    next_action.register(Provider(find=find, columns=columns))
