"""What allocation adds to the work in hand: notices about plans, and notes on them."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import AuditEvent, User
from accounts.roles import Permission
from accounts.selectors.people import people_with
from accounts.services import comments, notices
from allocation import selectors
from allocation.models import Plan
from config.common.periods import period_text

WAITING, APPROVED = "plan.waiting", "plan.approved"
PUBLISHED, REOPENED = "plan.published", "plan.reopened"
# Action of the audit trail: kind of the notice, and who is told.
STEPS = {
    "plan.approve": (APPROVED, Permission.PUBLISH_PLANS),
    "plan.publish": (PUBLISHED, Permission.VIEW_PLANS),
    "plan.reopen": (REOPENED, Permission.EDIT_PLANS),
}


def tell_waiting(plan: Plan) -> None:
    """Tell the approvers once that a computed draft waits; in the transaction that stores it."""
    if plan.products:
        _tell(plan, WAITING, Permission.APPROVE_PLANS, by=None, dedupe_key=f"{WAITING}:{plan.pk}")


def tell_step(plan: Plan, event: AuditEvent, *, by: User) -> None:
    """Tell who goes on with a plan that it was approved, published or reopened."""
    kind, permission = STEPS[event.action]
    key = f"{kind}:{event.pk}"
    _tell(plan, kind, permission, by=by, dedupe_key=key, reason=event.reason)


def _tell(
    plan: Plan,
    kind: str,
    permission: Permission,
    *,
    by: User | None,
    dedupe_key: str,
    reason: str = "",
) -> None:
    notices.send(
        users=people_with(plan.company_id, permission),
        kind=kind,
        params={
            "month": period_text(plan.period),
            "version": plan.version,
            "cartons": plan.released_cartons,
            "by": str(by) if by else "",
            "reason": reason[:200],
        },
        url=reverse("plan-detail", args=[plan.pk]),
        dedupe_key=dedupe_key,
        by=by,
    )


def find_plan(user: User, pk: str) -> Plan | None:
    """The plan, if this person may see it."""
    return selectors.list_plans(user).filter(pk=pk).first()


# --- words ------------------------------------------------------------------------------------


def _waiting(params: Mapping[str, Any]) -> str:
    return _("The plan of %(month)s v%(version)s waits for approval.") % params


def _approved(params: Mapping[str, Any]) -> str:
    return (
        _("%(by)s has approved the plan of %(month)s v%(version)s; it can be published.") % params
    )


def _published(params: Mapping[str, Any]) -> str:
    return _("%(by)s has published the plan of %(month)s v%(version)s: its quotas bind.") % params


def _reopened(params: Mapping[str, Any]) -> str:
    words = _("%(by)s has made the plan of %(month)s v%(version)s a draft again: %(reason)s")
    return words % params


_KINDS: list[
    tuple[str, Callable[[Mapping[str, Any]], str], Promise | str, str, str, Permission]
] = [
    (
        WAITING,
        _waiting,
        gettext_lazy("A plan waits for my approval"),
        "clipboard-check",
        "warn",
        Permission.APPROVE_PLANS,
    ),
    (
        APPROVED,
        _approved,
        gettext_lazy("A plan is approved"),
        "circle-check",
        "good",
        Permission.PUBLISH_PLANS,
    ),
    (
        PUBLISHED,
        _published,
        gettext_lazy("A plan is published"),
        "target-arrow",
        "good",
        Permission.VIEW_PLANS,
    ),
    (
        REOPENED,
        _reopened,
        gettext_lazy("A plan is a draft again"),
        "arrow-back-up",
        "warn",
        Permission.EDIT_PLANS,
    ),
]


def register() -> None:
    """Called from ``AppConfig.ready``."""
    for kind, words, label, icon, tone, permission in _KINDS:
        notices.register(
            kind,
            words=words,
            label=label,
            many=lambda n: (
                ngettext("%(n)d notice about plans", "%(n)d notices about plans", n) % {"n": n}
            ),
            icon=icon,
            tone=tone,
            permission=permission,
        )
    comments.register(
        "allocation.plan",
        finder=find_plan,
        url=lambda plan: reverse("plan-detail", args=[plan.pk]),
        name=lambda plan: f"{period_text(plan.period)} v{plan.version}",
        label=gettext_lazy("Plan"),
        permission=Permission.VIEW_PLANS,
        edit_permission=Permission.EDIT_PLANS,
    )
