"""The list of hand-overs, as it is declared for the one mechanism of lists (ADR 5)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import BigIntegerField, Case, F, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission
from config.common.lists import Badge, Column, Empty, ListSpec, Sort, attribute
from customers.forms.handover_words import TONES, givers
from customers.models import HandOver, HandOverStatus
from customers.selectors import handover as reads

ALL = ("", _("All"))
_STEP = 10**12  # more than there will ever be hand-overs


def _with_place(rows: QuerySet[HandOver]) -> QuerySet[HandOver]:
    """Those that wait for somebody come first, then those that wait for their day; the newest first."""
    return rows.annotate(
        place=F("pk")
        + Case(
            When(status=HandOverStatus.REQUESTED, then=Value(2 * _STEP)),
            When(status=HandOverStatus.APPROVED, then=Value(_STEP)),
            default=Value(0),
            output_field=BigIntegerField(),
        )
    )


WAITING = Sort("waiting", "place", _("Status"), int, descending=True, prepare=_with_place)
NEWEST = Sort("newest", "id", _("Asked for on"), int, descending=True)
SIZE = Sort("size", "retailers", _("Retailers"), int, descending=True)


class HandOverSource:
    """Columns and filters of hand-overs."""

    def fields(self, user: User) -> dict[str, forms.Field]:
        managers = [(one.pk, str(one)) for one in reads.list_concerned(user)]
        return {
            "status": forms.ChoiceField(
                label=_("Status"), required=False, choices=[ALL, *HandOverStatus.choices]
            ),
            "manager": forms.ChoiceField(
                label=_("Customer manager"), required=False, choices=[ALL, *managers]
            ),
        }

    def apply(
        self, queryset: QuerySet[HandOver], wanted: dict[str, Any], user: User
    ) -> QuerySet[HandOver]:
        return reads.filter_hand_overs(queryset, wanted)

    def columns(self, user: User) -> list[Column]:
        return [
            Column("status", _("Status"), _statuses, "badge", sort=WAITING),
            Column("what", _("Hand-over"), _titles, "name", link=True),
            Column("retailers", _("Retailers"), attribute("retailers"), "whole", sort=SIZE),
            Column("line", _("Into the line"), attribute("to_line.name"), shown=False),
            Column("from", _("Effective on"), attribute("effective_on"), "date"),
            Column(
                "proxy", _("Accompanied until"), attribute("accompany_until"), "date", shown=False
            ),
            Column("reason", _("Reason"), attribute("reason")),
            Column("asked_by", _("Asked for by"), attribute("requested_by"), "code"),
            Column("asked_at", _("Asked for on"), attribute("requested_at"), "time", sort=NEWEST),
            Column("decided_by", _("Decided by"), attribute("decided_by"), "code", shown=False),
            Column("decided_at", _("Decided on"), attribute("decided_at"), "time", shown=False),
        ]


def _statuses(rows: Sequence[HandOver], user: User) -> dict[int, Badge]:
    return {
        row.pk: Badge(row.get_status_display(), TONES[HandOverStatus(row.status)]) for row in rows
    }


def title(hand_over: HandOver) -> str:
    """From whom to whom."""
    return f"{givers(hand_over)} → {hand_over.to_manager}"


def _titles(rows: Sequence[HandOver], user: User) -> dict[int, str]:
    return {row.pk: title(row) for row in rows}


def _counted(number: int) -> str:
    words = ngettext("%(n)s hand-over", "%(n)s hand-overs", number)
    return words % {"n": f"{number:,}"}


HAND_OVERS = ListSpec(
    name="hand-overs",
    title=_("Hand-overs"),
    permission=Permission.VIEW_SALES,
    url_name="hand-over-list",
    rows=reads.list_hand_overs,
    source=HandOverSource(),
    default=WAITING,
    counted=_counted,
    link=lambda row: reverse("hand-over-detail", args=[row.pk]),
    label=title,
    empty=Empty(
        _("No hand-over yet"),
        _("Retailers pass from one customer manager to another here, with reason and approval."),
        "transfer",
    ),
    presets=lambda user: [
        (_("Waits for approval"), "status=requested"),
        (_("Approved, waits for its date"), "status=approved"),
    ],
)
