"""Reads for the stream of what happened to a retailer that a person may see."""

from django.db.models import CharField
from django.db.models.functions import Cast

from accounts.models import AuditEvent, User
from accounts.selectors.audit import events_on
from config.common.timeline import Before
from customers.models import HandOver, Retailer

RETAILER, HAND_OVER = "customers.retailer", "customers.handover"
MOVED = "retailer.hand_over"
# What the note itself or the retailer's own event says already.
_SAID_ELSEWHERE = ("hand_over.done",)


def changes_before(retailer: Retailer, before: Before, limit: int) -> list[AuditEvent]:
    """Changes of a retailer, its contacts and its notes; hand-overs stand for themselves."""
    events = events_on(retailer.company_id, RETAILER, retailer.pk).exclude(action=MOVED)
    return list(events.filter(before.condition()).order_by("-at", "-pk")[:limit])


def hand_overs_before(
    user: User, retailer: Retailer, before: Before, limit: int
) -> list[AuditEvent]:
    """Hand-overs of a retailer: asked for, decided, carried out; those that this person may see."""
    condition = before.condition()
    moved = events_on(retailer.company_id, RETAILER, retailer.pk).filter(action=MOVED)
    seen = HandOver.objects.visible_to(user).filter(rows__retailer=retailer)
    keys = seen.order_by().annotate(key=Cast("pk", CharField())).values("key")
    about = AuditEvent.objects.filter(
        company=retailer.company_id, object_type=HAND_OVER, object_id__in=keys
    ).exclude(action__in=_SAID_ELSEWHERE)
    # Two statements in one: each part finds its few rows by the index on objects.
    both = moved.filter(condition).union(about.filter(condition), all=True)
    return list(both.order_by("-at", "-id")[:limit])
