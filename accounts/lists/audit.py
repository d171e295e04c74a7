"""The list of the audit trail."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.forms import DayField
from accounts.models import AuditEvent, User
from accounts.roles import Permission
from accounts.selectors import audit as reads
from config.common import lists
from config.common.audit_objects import all_kinds, object_name
from config.common.audit_words import ACTIONS, FIELDS, action_label, actor_name
from config.common.lists import Column, Empty, ListSpec, Sort, attribute
from config.common.periods import business_today
from config.common.templatetags.lz import changes

ANY = ("", _("All"))
NEWEST = Sort("new", "id", _("When"), int, descending=True)


def _by_words(pairs: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    """Choices in the order of their words, each word once."""
    once = {str(words): code for code, words in pairs}
    return [(code, words) for words, code in sorted(once.items())]


class AuditSource:
    """Columns and filters of the trail."""

    def fields(self, user: User) -> dict[str, forms.Field]:
        kinds = [(kind.label, kind.name) for kind in all_kinds()]
        return {
            "actor": forms.ChoiceField(
                label=_("Who"), required=False, choices=[ANY, *reads.actors(user)]
            ),
            "action": forms.ChoiceField(
                label=_("Action"), required=False, choices=[ANY, *_by_words(list(ACTIONS.items()))]
            ),
            "since": DayField(label=_("From"), required=False),
            "until": DayField(label=_("To"), required=False),
            "object_type": forms.ChoiceField(
                label=_("Kind of object"), required=False, choices=[ANY, *kinds]
            ),
            "field": forms.ChoiceField(
                label=_("What was changed"),
                required=False,
                choices=[ANY, *_by_words(list(FIELDS.items()))],
            ),
            "request": forms.CharField(label=_("Reference number"), required=False, max_length=40),
        }

    def apply(
        self, queryset: QuerySet[AuditEvent], wanted: dict[str, Any], user: User
    ) -> QuerySet[AuditEvent]:
        # The words of "What was changed" may stand for several columns of several objects.
        if wanted.get("field"):
            word = str(FIELDS.get(wanted["field"], ""))
            same = [code for code, words in FIELDS.items() if str(words) == word]
            wanted = {**wanted, "field": same}
        return reads.filter_events(queryset, wanted, today=business_today())

    def columns(self, user: User) -> list[Column]:
        return [
            Column("at", _("When"), attribute("at"), "time", sort=NEWEST, link=True),
            Column("actor", _("Who"), _actors, "code"),
            Column("action", _("Action"), _actions, "code"),
            Column("object_type", _("Kind of object"), _kinds, "code", shown=False),
            Column("object", _("Object"), attribute("object_label"), "name"),
            Column("changes", _("Changes"), _changes, "text"),
            Column("reason", _("Reason"), attribute("reason"), "text"),
            Column("request", _("Reference number"), attribute("request_id"), "code", shown=False),
        ]


def _actors(rows: Sequence[AuditEvent], user: User) -> dict[int, str]:
    return {row.pk: actor_name(row.actor_label) for row in rows}


def _actions(rows: Sequence[AuditEvent], user: User) -> dict[int, str]:
    return {row.pk: action_label(row.action) for row in rows}


def _kinds(rows: Sequence[AuditEvent], user: User) -> dict[int, str]:
    return {row.pk: object_name(row.object_type) if row.object_type else "" for row in rows}


def _changes(rows: Sequence[AuditEvent], user: User) -> dict[int, str]:
    return {row.pk: changes_text(row.changes) for row in rows}


def changes_text(values: dict[str, Any]) -> str:
    """What has changed, on one line."""
    parts = []
    for change in changes(values):
        arrow = f"{change['old']} → " if change["pair"] else ""
        parts.append(f"{change['name']} {arrow}{change['new']}")
    return "; ".join(parts)


def _counted(number: int) -> str:
    words = ngettext("%(n)s entry", "%(n)s entries", number)
    return words % {"n": f"{number:,}"}


def _presets(user: User) -> list[tuple[Any, str]]:
    week = (business_today() - dt.timedelta(days=6)).isoformat()
    return [
        (_("Last seven days"), f"since={week}"),
        (_("Phone numbers changed"), "field=phone"),
        (_("Personal data revealed"), "action=personal.reveal"),
        (_("Rules changed"), "action=policy.set"),
        (_("People and passwords"), "object_type=accounts.user"),
        (_("By the clock or a machine"), f"actor={reads.MACHINE}"),
    ]


AUDIT = ListSpec(
    name="audit",
    title=_("Audit trail"),
    permission=Permission.VIEW_AUDIT,
    url_name="audit-list",
    rows=reads.list_events,
    source=AuditSource(),
    default=NEWEST,
    counted=_counted,
    search=lambda rows, text, user: reads.search_events(rows, text),
    search_label=_("Object, reason, or a value in the changes"),
    link=lambda row: reverse("audit-detail", args=[row.pk]),
    label=str,
    primary=("actor", "action", "since", "until"),
    empty=Empty(_("No entry matches"), _("Choose a longer time or fewer filters."), "history"),
    presets=_presets,
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    lists.register(AUDIT)
