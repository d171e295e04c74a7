"""Plans: draft → approved → published; a published plan is only ever superseded."""

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import record
from allocation.models import NodeFactor, Plan, PlanStatus, SupplyCap
from allocation.selectors import is_outdated
from allocation.services import desk
from allocation.services.rules import hold_rules
from config.common import faults, periods
from config.common.errors import ConflictError, DomainError, ForbiddenError


def approve_plan(*, plan: Plan, by: User, seen_hash: str) -> Plan:
    """Approve a computed draft; from then on the night leaves it alone.

    Args:
        plan: The draft.
        by: The approver.
        seen_hash: ``result_hash`` of the figures that the approver has read.

    Raises:
        ConflictError: It is not a draft, was never computed or not since its rules were changed, its
            tiers are only a proposal, or it was computed again since the approver read it.
        ForbiddenError: The approver has changed this month's rules: a second person must approve.
    """
    with transaction.atomic():
        hold_rules(plan.company_id)
        plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
        _require_approvable(plan, by, seen_hash)
        _move(
            plan,
            PlanStatus.DRAFT,
            PlanStatus.APPROVED,
            by=by,
            action="plan.approve",
            approved_by=by,
            approved_at=timezone.now(),
        )
    return plan


def _require_approvable(plan: Plan, by: User, seen_hash: str) -> None:
    if plan.computed_at is None or not plan.products:
        raise ConflictError(
            _("This draft has not been computed yet; run the night first."), code="not_computed"
        )
    if plan.has_unpublished_tiers:
        raise ConflictError(
            _("The tiers of this draft are only a proposal; publish them first."),
            code="tiers_not_published",
        )
    if is_outdated(plan):
        raise ConflictError(
            _(
                "Factors, supply, rules or tiers have changed since this draft was computed; compute it "
                "again first."
            ),
            code="outdated",
        )
    if by.pk in editors(plan):
        raise ForbiddenError(
            _("You have changed this month's factors or supply; somebody else must approve."),
            code="same_person",
        )
    if plan.status == PlanStatus.DRAFT and plan.result_hash != seen_hash:
        raise ConflictError(
            _("This draft was computed again since you opened it; read the new figures first."),
            code="recomputed",
        )


def editors(plan: Plan) -> set[int]:
    """People who made this draft what it is: its author and who set its factors and supply."""
    people: set[int] = {plan.created_by_id} if plan.created_by_id else set()
    for model in (NodeFactor, SupplyCap):
        rows = model.objects.filter(
            company_id=plan.company_id, period=plan.period, created_by__isnull=False
        )
        people.update(rows.values_list("created_by_id", flat=True))
    return people


def reopen_plan(*, plan: Plan, by: User, reason: str) -> Plan:
    """Make an approved plan a draft again.

    Raises:
        DomainError: No reason was given.
        ConflictError: It is not approved.
    """
    _require_reason(reason)
    _move(
        plan,
        PlanStatus.APPROVED,
        PlanStatus.DRAFT,
        by=by,
        action="plan.reopen",
        reason=reason,
        approved_by=None,
        approved_at=None,
    )
    return plan


def publish_plan(*, plan: Plan, by: User) -> Plan:
    """Make an approved plan the binding one of its month, in one short transaction.

    Raises:
        ConflictError: It is not approved, or another publication was faster.
    """
    try:
        with transaction.atomic():
            previous = Plan.objects.filter(
                company_id=plan.company_id, period=plan.period, status=PlanStatus.PUBLISHED
            ).first()
            faults.point("publish-before-swap")
            if previous is not None:
                Plan.objects.filter(pk=previous.pk).update(status=PlanStatus.SUPERSEDED)
            number = (Plan.objects.aggregate(top=Max("publication_no"))["top"] or 0) + 1
            _move(
                plan,
                PlanStatus.APPROVED,
                PlanStatus.PUBLISHED,
                by=by,
                action="plan.publish",
                published_by=by,
                published_at=timezone.now(),
                publication_no=number,
            )
            faults.point("publish-after-swap")
    except IntegrityError as error:
        raise ConflictError(
            _("Somebody else is publishing at this moment; reload the page."), code="publishing"
        ) from error
    return plan


def revise_plan(*, plan: Plan, by: User, reason: str) -> Plan:
    """A new draft for a month whose plan is published; the old one binds until the new one does.

    Raises:
        DomainError: No reason was given.
        ConflictError: The plan is not published, or a draft is open already.
    """
    _require_reason(reason)
    if plan.status != PlanStatus.PUBLISHED:
        raise ConflictError(_("Only a published plan can be revised."), code="not_published")
    try:
        with transaction.atomic():
            top = Plan.objects.filter(company_id=plan.company_id, period=plan.period).aggregate(
                top=Max("version")
            )["top"]
            draft = Plan.objects.create(
                company_id=plan.company_id,
                period=plan.period,
                version=top + 1,
                created_by=by,
            )
            record(
                action="plan.revise",
                company_id=plan.company_id,
                by=by,
                obj=draft,
                object_label=_label(draft),
                changes={"version": [plan.version, draft.version]},
                reason=reason,
            )
    except IntegrityError as error:
        raise ConflictError(
            _("A draft of %(month)s is open already.")
            % {"month": periods.period_text(plan.period)},
            code="draft_open",
        ) from error
    return draft


def _move(
    plan: Plan,
    before: PlanStatus,
    after: PlanStatus,
    *,
    by: User,
    action: str,
    reason: str = "",
    **fields: object,
) -> None:
    with transaction.atomic():
        won = Plan.objects.filter(pk=plan.pk, status=before).update(status=after, **fields)
        if not won:
            raise ConflictError(
                _("The plan of %(month)s is not in the state it was; reload the page.")
                % {"month": periods.period_text(plan.period)},
                code="changed",
                extra={"expected": before.value},
            )
        event = record(
            action=action,
            company_id=plan.company_id,
            by=by,
            obj=plan,
            object_label=_label(plan),
            changes={
                "status": [before.value, after.value],
                "released_cartons": [None, plan.released_cartons],
                "result_hash": [None, plan.result_hash],
            },
            reason=reason,
        )
        desk.tell_step(plan, event, by=by)
    plan.refresh_from_db()


def _label(plan: Plan) -> str:
    return f"{periods.period_text(plan.period)} v{plan.version}"


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise DomainError(
            _("Say why; the reason goes into the audit trail."), code="reason_missing"
        )
