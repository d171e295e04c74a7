"""What people fill in, and what they are asked before a step that binds."""

from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Permission
from allocation.models import Plan, PlanStatus
from allocation.selectors import is_outdated, open_version
from config.common.pages import Question
from config.common.periods import period_text


class FactorForm(forms.Form):
    factor = forms.DecimalField(
        label=gettext_lazy("Node factor"),
        max_digits=5,
        decimal_places=2,
        min_value=Decimal("0.01"),
        max_value=Decimal(5),
        help_text=gettext_lazy("1.25 means a quarter more; 1.00 changes nothing."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class CapForm(forms.Form):
    cartons = forms.IntegerField(
        label=gettext_lazy("Agreed supply (cartons)"), min_value=0, max_value=10**12
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class QuotaFilter(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Code, name, pinyin initials or licence number"),
        required=False,
        max_length=60,
    )


# --- questions ----------------------------------------------------------------------------


def steps_of(plan: Plan, user: User) -> list[Question]:
    """The steps that this person may take with this plan now; the main one first."""
    allowed = {
        PlanStatus.DRAFT: [
            (Permission.APPROVE_PLANS, approve),
            (Permission.START_RUNS, recompute),
        ],
        PlanStatus.APPROVED: [
            (Permission.PUBLISH_PLANS, publish),
            (Permission.APPROVE_PLANS, reopen),
        ],
        PlanStatus.PUBLISHED: [(Permission.EDIT_PLANS, revise)],
    }
    steps = allowed.get(PlanStatus(plan.status), [])
    if plan.status == PlanStatus.DRAFT and (plan.computed_at is None or is_outdated(plan)):
        steps = [(Permission.START_RUNS, recompute)]  # nothing here that could be approved yet
    if plan.status == PlanStatus.PUBLISHED and open_version(plan) is not None:
        steps = []  # one new version at a time
    return [make(plan) for permission, make in steps if permission in user.permissions]


def _facts(plan: Plan) -> list[tuple[Any, Any]]:
    return [
        (_("Month"), f"{period_text(plan.period)} v{plan.version}"),
        (_("Products"), f"{plan.products:,}"),
        (_("Retailers"), f"{plan.retailers:,}"),
        (_("Total (cartons)"), f"{plan.total_cartons:,}"),
        (_("Released (cartons)"), f"{plan.released_cartons:,}"),
        (_("Quota rows"), f"{plan.quota_rows:,}"),
    ]


def approve(plan: Plan) -> Question:
    """Approve a draft."""
    return Question(
        id="plan-approve",
        title=_("Approve this plan?"),
        text=_(
            "From then on the night leaves it alone, and it can be published. "
            "You can make it a draft again until it is published."
        ),
        url=reverse("plan-approve", args=[plan.pk]),
        label=_("Approve"),
        facts=_facts(plan),
        fields=[("result_hash", plan.result_hash)],
        icon="check",
    )


def reopen(plan: Plan) -> Question:
    """Make an approved plan a draft again."""
    return Question(
        id="plan-reopen",
        title=_("Make it a draft again?"),
        text=_("The approval is withdrawn; the next night computes the plan anew."),
        url=reverse("plan-reopen", args=[plan.pk]),
        label=_("Make it a draft again"),
        facts=_facts(plan),
        reason=True,
        icon="arrow-back-up",
    )


def publish(plan: Plan) -> Question:
    """Publish an approved plan."""
    return Question(
        id="plan-publish",
        title=_("Publish this plan?"),
        text=_(
            "Its quotas become binding and go to the ordering system at once. A published plan never "
            "changes; a correction is a new version."
        ),
        url=reverse("plan-publish", args=[plan.pk]),
        label=_("Publish"),
        facts=_facts(plan),
        icon="send",
    )


def revise(plan: Plan) -> Question:
    """Open a new draft for a published month."""
    return Question(
        id="plan-revise",
        title=_("Open a new version?"),
        text=_("This plan binds until the new version is approved and published."),
        url=reverse("plan-revise", args=[plan.pk]),
        label=_("New version"),
        facts=_facts(plan),
        reason=True,
        icon="versions",
    )


def recompute(plan: Plan) -> Question:
    """Compute a draft now."""
    return Question(
        id="plan-recompute",
        title=_("Recompute now?"),
        text=_(
            "Forecasts, totals and quotas of all open drafts are computed anew with today's rules. "
            "Approved and published plans stay as they are."
        ),
        url=reverse("plan-recompute", args=[plan.pk]),
        label=_("Recompute now"),
        icon="refresh",
    )
