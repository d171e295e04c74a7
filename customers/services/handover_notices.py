"""Who is told about a hand-over or a stand-in. The one place where their notices are sent."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.roles import Permission
from accounts.services import notices
from customers.models import HandOver, HandOverRetailer, StandIn

REQUESTED = "hand_over.requested"
APPROVED = "hand_over.approved"
REFUSED = "hand_over.refused"
DUE = "hand_over.due"
STAND_IN = "stand_in.arranged"


def tell(kind: str, hand_over: HandOver, *, by: User | None = None) -> None:
    """Tell the people concerned, in the transaction of the step.

    A request goes to whoever decides; an approval and the day itself to both customer managers and to who
    asked; a refusal to who asked.
    """
    people: list[User] = [hand_over.requested_by]
    if kind == REQUESTED:
        decide = notices.people_with(hand_over.company_id, Permission.DECIDE_HAND_OVERS)
        people = [one for one in decide if one != hand_over.requested_by]
    elif kind in (APPROVED, DUE):
        people += [hand_over.to_manager, *_givers(hand_over)]
    notices.send(
        users=people,
        kind=kind,
        params={
            "to": str(hand_over.to_manager),
            "retailers": hand_over.retailers,
            "day": hand_over.effective_on.isoformat(),
        },
        url=reverse("hand-over-detail", args=[hand_over.pk]),
        dedupe_key=f"{kind}:{hand_over.pk}",
        by=by,
    )


def tell_stand_in(row: StandIn, *, by: User) -> None:
    """Tell both customer managers that one stands in for the other."""
    notices.send(
        users=[row.stand_in, row.absent],
        kind=STAND_IN,
        params={
            "absent": str(row.absent),
            "stand_in": str(row.stand_in),
            "from": row.from_on.isoformat(),
            "until": row.until_on.isoformat(),
        },
        url=reverse("stand-in-list"),
        dedupe_key=f"{STAND_IN}:{row.pk}",
        by=by,
    )


def _givers(hand_over: HandOver) -> list[User]:
    rows = HandOverRetailer.objects.filter(hand_over=hand_over, manager_before__isnull=False)
    return list(User.objects.filter(pk__in=rows.values("manager_before")))


# --- words --------------------------------------------------------------------------------


def _requested(params: Mapping[str, Any]) -> str:
    return (
        ngettext(
            "%(retailers)d retailer is to pass to %(to)s on %(day)s; somebody must approve it.",
            "%(retailers)d retailers are to pass to %(to)s on %(day)s; somebody must approve it.",
            params["retailers"],
        )
        % params
    )


def _approved(params: Mapping[str, Any]) -> str:
    return (
        ngettext(
            "Approved: %(retailers)d retailer passes to %(to)s on %(day)s.",
            "Approved: %(retailers)d retailers pass to %(to)s on %(day)s.",
            params["retailers"],
        )
        % params
    )


def _refused(params: Mapping[str, Any]) -> str:
    return (
        ngettext(
            "The hand-over of %(retailers)d retailer to %(to)s is refused.",
            "The hand-over of %(retailers)d retailers to %(to)s is refused.",
            params["retailers"],
        )
        % params
    )


def _due(params: Mapping[str, Any]) -> str:
    return (
        ngettext(
            "The hand-over of %(retailers)d retailer to %(to)s is carried out.",
            "The hand-over of %(retailers)d retailers to %(to)s is carried out.",
            params["retailers"],
        )
        % params
    )


def _stand_in(params: Mapping[str, Any]) -> str:
    return _("%(stand_in)s stands in for %(absent)s from %(from)s to %(until)s.") % params


def register() -> None:
    """Called from ``AppConfig.ready``."""
    kinds = [
        (REQUESTED, _requested, gettext_lazy("A hand-over waits for approval"), "warn"),
        (APPROVED, _approved, gettext_lazy("A hand-over is approved"), "good"),
        (REFUSED, _refused, gettext_lazy("A hand-over is refused"), "bad"),
        (DUE, _due, gettext_lazy("A hand-over is carried out"), "good"),
        (STAND_IN, _stand_in, gettext_lazy("Somebody stands in"), "info"),
    ]
    for kind, words, label, tone in kinds:
        permission = Permission.DECIDE_HAND_OVERS if kind == REQUESTED else Permission.VIEW_SALES
        icon = "user-check" if kind == STAND_IN else "transfer"
        notices.register(
            kind, words=words, label=label, icon=icon, tone=tone, permission=permission
        )
