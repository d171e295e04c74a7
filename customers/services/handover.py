"""Retailers pass from one customer manager to another: asked for, approved by somebody else, on a day.

A refused or withdrawn hand-over changes nothing. Each step is one conditional UPDATE of the state that
the person has seen, so that of two people at the same moment one gets a ``ConflictError``.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Company, OrgUnit, User
from accounts.roles import Permission
from accounts.services import record
from config.common.errors import ConflictError, DomainError, ForbiddenError
from customers.models import HandOver, HandOverRetailer, HandOverStatus, Retailer
from customers.selectors.workload import register_work, register_workload
from customers.services.handover_apply import apply_due, carry_out, check_taker
from customers.services.handover_notices import APPROVED, REFUSED, REQUESTED, tell
from customers.services.handover_proposal import Proposal, Terms, already_open, propose

__all__ = [
    "Proposal",
    "Terms",
    "apply_due",
    "approve",
    "carry_out",
    "propose",
    "refuse",
    "register_work",
    "register_workload",
    "request_hand_over",
    "withdraw",
]


@transaction.atomic
def request_hand_over(
    *,
    company: Company,
    retailer_ids: Iterable[int],
    to_manager: User,
    to_line: OrgUnit | None = None,
    effective_on: dt.date,
    accompany_until: dt.date | None = None,
    reason: str,
    today: dt.date,
    by: User,
) -> HandOver:
    """Ask for a hand-over. Nothing moves before somebody else approves it and its day has come.

    Args:
        company: Whose retailers.
        retailer_ids: Which; those that are with ``to_manager`` already (and in the line) are left out.
        to_manager: Who takes them: an active customer manager of the area of ``by``.
        to_line: The line they go into; None leaves each in its line.
        effective_on: From which day on, today or later.
        accompany_until: Until then the one before still sees them; None for not at all.
        reason: Why.
        today: The day of the request.
        by: Who asks.

    Raises:
        ForbiddenError: This person may not ask for hand-overs.
        NotFoundError: A retailer that this person does not see.
        ConflictError: A retailer stands in another open hand-over.
        DomainError: The terms are not possible, or there is no reason.
    """
    if not by.has(Permission.REQUEST_HAND_OVERS):
        raise ForbiddenError(_("You may not ask for hand-overs."))
    if not reason.strip():
        raise DomainError(_("Say why the retailers are handed over."), code="no_reason")
    terms = Terms(to_manager, to_line, effective_on, accompany_until)
    proposal = propose(company=company, retailer_ids=retailer_ids, terms=terms, today=today, by=by)
    owners = {retailer.manager_id for retailer in proposal.moving}
    hand_over = HandOver.objects.create(
        company=company,
        from_manager=_single_owner(proposal.moving, to_manager),
        to_manager=to_manager,
        to_line=to_line,
        reason=reason.strip()[:300],
        effective_on=effective_on,
        accompany_until=accompany_until if owners != {None} else None,
        retailers=len(proposal.moving),
        figures=proposal.figures,
        requested_by=by,
    )
    _add_rows(hand_over, proposal.moving)
    _record("hand_over.request", hand_over, by, hand_over.reason, retailers=hand_over.retailers)
    tell(REQUESTED, hand_over, by=by)
    return hand_over


def _single_owner(moving: list[Retailer], to_manager: User) -> User | None:
    """Who has them all now; None when they come from several, or from nobody."""
    owners = {retailer.manager_id: retailer.manager for retailer in moving}
    if len(owners) != 1:
        return None
    owner = next(iter(owners.values()))
    return None if owner == to_manager else owner


def _add_rows(hand_over: HandOver, moving: list[Retailer]) -> None:
    rows = [
        HandOverRetailer(
            hand_over=hand_over,
            retailer=retailer,
            line_before=retailer.line,
            manager_before=retailer.manager,
        )
        for retailer in moving
    ]
    try:
        with transaction.atomic():
            HandOverRetailer.objects.bulk_create(rows, batch_size=500)
    except IntegrityError as error:  # somebody else asked for one of them a moment ago
        raise already_open([retailer.code for retailer in moving]) from error


# --- steps --------------------------------------------------------------------------------


@transaction.atomic
def approve(*, hand_over: HandOver, note: str = "", today: dt.date, by: User) -> HandOver:
    """Approve a hand-over; when its day has come it is carried out at once.

    Raises:
        ForbiddenError: This person may not decide, or asked for it.
        ConflictError: It is decided already, or the new manager has left.
    """
    _may_decide(hand_over, by)
    check_taker(hand_over.to_manager)
    _step(hand_over, HandOverStatus.APPROVED, seen=HandOverStatus.REQUESTED, by=by, note=note)
    _record("hand_over.approve", hand_over, by, note)
    if hand_over.effective_on > today:
        tell(APPROVED, hand_over, by=by)
    else:
        carry_out(hand_over=hand_over, today=today, by=by)
        hand_over.refresh_from_db()
    return hand_over


@transaction.atomic
def refuse(*, hand_over: HandOver, reason: str, by: User) -> HandOver:
    """Refuse a hand-over; its retailers stay where they are.

    Raises:
        ForbiddenError: This person may not decide, or asked for it.
        ConflictError: It is decided already.
        DomainError: No reason.
    """
    _may_decide(hand_over, by)
    if not reason.strip():
        raise DomainError(_("Say why the hand-over is refused."), code="no_reason")
    _step(hand_over, HandOverStatus.REFUSED, seen=HandOverStatus.REQUESTED, by=by, note=reason)
    _close_rows(hand_over)
    _record("hand_over.refuse", hand_over, by, reason)
    tell(REFUSED, hand_over, by=by)
    return hand_over


@transaction.atomic
def withdraw(*, hand_over: HandOver, reason: str = "", by: User) -> HandOver:
    """Take a hand-over back that is not carried out yet, also an approved one.

    Who asked for it may, and whoever decides on hand-overs.

    Raises:
        ForbiddenError: Somebody else's request.
        ConflictError: It is not what this person has seen any more.
    """
    if hand_over.requested_by_id != by.pk and not by.has(Permission.DECIDE_HAND_OVERS):
        raise ForbiddenError(_("Only who asked for a hand-over may withdraw it."))
    seen = HandOverStatus(hand_over.status)
    if seen not in (HandOverStatus.REQUESTED, HandOverStatus.APPROVED):
        raise _decided(hand_over)
    _step(hand_over, HandOverStatus.WITHDRAWN, seen=seen, by=by, note=reason)
    _close_rows(hand_over)
    _record("hand_over.withdraw", hand_over, by, reason)
    return hand_over


def _may_decide(hand_over: HandOver, by: User) -> None:
    if not by.has(Permission.DECIDE_HAND_OVERS):
        raise ForbiddenError(_("You may not decide on hand-overs."))
    if hand_over.requested_by_id == by.pk:
        raise ForbiddenError(
            _("Somebody else must decide on this hand-over: you have asked for it."),
            code="own_request",
        )


def _step(
    hand_over: HandOver, status: HandOverStatus, *, seen: HandOverStatus, by: User, note: str
) -> None:
    changed = HandOver.objects.filter(pk=hand_over.pk, status=seen).update(
        status=status, decided_by=by, decided_at=timezone.now(), decision_note=note.strip()[:300]
    )
    if not changed:
        raise _decided(hand_over)
    hand_over.refresh_from_db()


def _decided(hand_over: HandOver) -> ConflictError:
    now = HandOver.objects.get(pk=hand_over.pk)
    return ConflictError(
        _("This hand-over has changed meanwhile: %(status)s.")
        % {"status": now.get_status_display()},
        code="decided",
        extra={"status": now.status},
    )


def _close_rows(hand_over: HandOver) -> None:
    HandOverRetailer.objects.filter(hand_over=hand_over).update(is_open=False)


def _record(action: str, hand_over: HandOver, by: User, reason: str, **changes: Any) -> None:
    record(
        action=action,
        company_id=hand_over.company_id,
        by=by,
        obj=hand_over,
        changes=changes,
        reason=reason,
    )
