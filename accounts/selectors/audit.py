"""Reads of the audit trail for people who look for something in it.

Who, which action and which kind of object are found by indexes. Texts and changed columns are looked for in
the newest twelve months unless somebody names a day: the range of days is what the index gives.
"""

import datetime as dt
import json
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.models import AuditEvent, User
from accounts.selectors import list_audit_events, list_people_here
from config.common.audit_words import actor_name
from config.common.periods import SHANGHAI

MACHINE = "machine"
USUAL_DAYS = 365


def list_events(user: User) -> QuerySet[AuditEvent]:
    """What was done to the data of this person's company."""
    return list_audit_events(user)


def events_on(company_id: int, object_type: str, object_id: int) -> QuerySet[AuditEvent]:
    """What was done to one object, in no order; who may see it is asked before."""
    return AuditEvent.objects.filter(
        company=company_id, object_type=object_type, object_id=str(object_id)
    )


def actors(user: User) -> list[tuple[str, str]]:
    """Who may have done something, as choices; one query."""
    people = [(str(pk), label) for pk, label in list_people_here(user)]
    return [(MACHINE, actor_name("system")), *people]


def filter_events(
    events: QuerySet[AuditEvent], wanted: dict[str, Any], *, today: dt.date
) -> QuerySet[AuditEvent]:
    """Events that pass the filters of the list.

    Args:
        events: Scoped.
        wanted: ``actor`` (key or ``MACHINE``), ``action``, ``object_type``, ``field`` (names of changed
            columns), ``request``, and the days ``since`` and ``until``. Of ``q`` only the time counts: a
            text is searched in the last ``USUAL_DAYS`` unless ``since`` says otherwise.
        today: The business date now.
    """
    if wanted.get("actor") == MACHINE:
        events = events.filter(actor=None)
    elif wanted.get("actor"):
        events = events.filter(actor=wanted["actor"])
    for name in ("action", "object_type"):
        if wanted.get(name):
            events = events.filter(**{name: wanted[name]})
    if wanted.get("field"):
        events = events.filter(changes__has_any_keys=list(wanted["field"]))
    if wanted.get("request"):
        events = events.filter(request_id=wanted["request"])
    since = wanted.get("since")
    if since is None and any(wanted.get(name) for name in ("q", "field", "request")):
        since = today - dt.timedelta(days=USUAL_DAYS)
    if since:
        events = events.filter(at__gte=_midnight(since))
    if wanted.get("until"):
        events = events.filter(at__lt=_midnight(wanted["until"] + dt.timedelta(days=1)))
    return events


def search_events(events: QuerySet[AuditEvent], text: str) -> QuerySet[AuditEvent]:
    """Events in whose object, reason or changes every word of a text occurs."""
    events = events.alias(changes_text=Cast("changes", TextField()))
    for word in text.split():
        events = events.filter(
            Q(object_label__icontains=word)
            | Q(reason__icontains=word)
            | Q(changes_text__icontains=_as_stored(word))
        )
    return events


def _as_stored(word: str) -> str:
    """SQLite keeps JSON as it was sent, with Chinese as escapes; PostgreSQL as people read it."""
    return json.dumps(word)[1:-1] if connection.vendor == "sqlite" else word


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=SHANGHAI)
