"""Carrying out an approved hand-over on its day.

The row is the truth: approved rows whose day has come are carried out, by whoever looks first (the
approval itself, the hourly housekeeping of a worker, or a person). A second look finds nothing to do.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from accounts.roles import Role
from accounts.services import record
from config.common.errors import ConflictError, DomainError
from config.common.logs import request_id
from config.common.periods import business_today
from customers.models import HandOver, HandOverRetailer, HandOverStatus, Retailer, StandIn
from customers.selectors.workload import work_kinds
from customers.services.handover_notices import DUE, tell
from customers.services.retailers import plain, unit_fields

logger = logging.getLogger(__name__)

OTHER_MANAGER = "other_manager"
ALREADY = "already"
_MOVED = ("manager", "county", "department", "line")
_BATCH = 500


@dataclass
class _Carried:
    moved: list[tuple[HandOverRetailer, Retailer]] = field(default_factory=list)
    skipped: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    work: dict[str, int] = field(default_factory=dict)


def apply_due(*, business_date: dt.date, company_id: int | None = None) -> list[HandOver]:
    """Carry out every approved hand-over whose day has come; safe to repeat and to run twice at once.

    One that cannot be carried out (its new manager has left) stays approved and shows as overdue.

    Args:
        business_date: Today; hand-overs of later days wait.
        company_id: Only this company's; None for all.

    Returns:
        Those that were carried out now.
    """
    due = HandOver.objects.filter(status=HandOverStatus.APPROVED, effective_on__lte=business_date)
    if company_id is not None:
        due = due.filter(company=company_id)
    done = []
    for hand_over in due.order_by("effective_on", "pk"):
        try:
            if carry_out(hand_over=hand_over, today=business_date, by=None):
                done.append(hand_over)
        except DomainError as error:
            logger.warning("hand-over %s is not carried out: %s", hand_over.pk, error.message)
    return done


def apply_due_today() -> int:
    """Carry out what is due today: the task of the workers' housekeeping."""
    return len(apply_due(business_date=business_today()))


@transaction.atomic
def carry_out(*, hand_over: HandOver, today: dt.date, by: User | None) -> bool:
    """Move the retailers of an approved hand-over whose day has come.

    A retailer that has meanwhile passed to somebody else is left there, with the reason.

    Returns:
        True when it was done now; False when it is not due, or was done before.

    Raises:
        ConflictError: The new manager can no longer take retailers.
    """
    now = timezone.now()
    claimed = HandOver.objects.filter(
        pk=hand_over.pk, status=HandOverStatus.APPROVED, effective_on__lte=today
    ).update(status=HandOverStatus.DONE, done_at=now)
    if not claimed:
        return False
    hand_over.refresh_from_db()
    check_taker(hand_over.to_manager)
    carried = _sort_out(hand_over)
    _move(hand_over, carried, now, by)
    _move_work(hand_over, carried)
    _accompany(hand_over, carried, today)
    skipped = {reason: len(keys) for reason, keys in carried.skipped.items()}
    done = {"moved": len(carried.moved), "skipped": skipped, "work": carried.work}
    hand_over.figures = {**hand_over.figures, "done": done}
    hand_over.save(update_fields=["figures"])
    record(
        action="hand_over.done",
        company_id=hand_over.company_id,
        by=by,
        obj=hand_over,
        changes={"moved": done["moved"], "skipped": sum(skipped.values()), **carried.work},
        reason=hand_over.reason,
    )
    tell(DUE, hand_over, by=by)
    return True


def check_taker(manager: User) -> None:
    """Refuse somebody who can take no retailers.

    Raises:
        ConflictError: This person is no active customer manager (any more).
    """
    if manager.is_active and manager.role == Role.CUSTOMER_MANAGER:
        return
    raise ConflictError(
        _("%(name)s is no longer an active customer manager; withdraw this hand-over.")
        % {"name": manager},
        code="taker_gone",
    )


def _sort_out(hand_over: HandOver) -> _Carried:
    """Which rows move and which are left, and why; their retailers are locked until the end."""
    rows = list(HandOverRetailer.objects.filter(hand_over=hand_over, is_open=True).order_by("pk"))
    locked = (
        Retailer.objects.select_for_update(of=("self",))
        .filter(pk__in=[row.retailer_id for row in rows])
        .select_related("county", "department", "line", "manager")
        .order_by("pk")
    )
    retailers = {retailer.pk: retailer for retailer in locked}
    carried = _Carried()
    for row in rows:
        retailer = retailers[row.retailer_id]
        reason = _reason_to_leave(hand_over, row, retailer)
        if reason:
            carried.skipped[reason].append(row.pk)
        else:
            carried.moved.append((row, retailer))
    return carried


def _reason_to_leave(hand_over: HandOver, row: HandOverRetailer, retailer: Retailer) -> str:
    with_taker = retailer.manager_id == hand_over.to_manager_id
    if retailer.manager_id != row.manager_before_id:
        return ALREADY if with_taker else OTHER_MANAGER
    in_line = hand_over.to_line_id in (None, retailer.line_id)
    return ALREADY if with_taker and in_line else ""


def _move(hand_over: HandOver, carried: _Carried, now: dt.datetime, by: User | None) -> None:
    new: dict[str, Any] = {"manager": hand_over.to_manager}
    if hand_over.to_line is not None:
        new |= unit_fields(hand_over.to_line)
    events = [_event(hand_over, retailer, new, now, by) for _row, retailer in carried.moved]
    keys = [retailer.pk for _row, retailer in carried.moved]
    Retailer.objects.filter(pk__in=keys).update(**new, updated_at=now)
    AuditEvent.objects.bulk_create(events, batch_size=_BATCH)
    rows = HandOverRetailer.objects.filter(hand_over=hand_over, is_open=True)
    moved = [row.pk for row, _retailer in carried.moved]
    rows.filter(pk__in=moved).update(moved_at=now, is_open=False)
    for reason, left in carried.skipped.items():
        rows.filter(pk__in=left).update(skipped=reason, is_open=False)


def _event(
    hand_over: HandOver, retailer: Retailer, new: dict[str, Any], at: dt.datetime, by: User | None
) -> AuditEvent:
    changes = {
        name: [plain(getattr(retailer, name)), plain(new[name])]
        for name in _MOVED
        if name in new and getattr(retailer, name) != new[name]
    }
    return AuditEvent(
        company_id=retailer.company_id,
        at=at,
        actor=by,
        actor_label=str(by) if by else "system",
        action="retailer.hand_over",
        object_type=Retailer._meta.label_lower,
        object_id=str(retailer.pk),
        object_label=str(retailer)[:200],
        changes={**changes, "hand_over": [None, hand_over.pk]},
        reason=hand_over.reason,
        request_id=request_id.get(),
    )


def _move_work(hand_over: HandOver, carried: _Carried) -> None:
    for manager, keys in _by_former(hand_over, carried):
        for kind in work_kinds():
            number = kind.move(keys, manager, hand_over.to_manager)
            if number:
                carried.work[kind.name] = carried.work.get(kind.name, 0) + number


def _by_former(hand_over: HandOver, carried: _Carried) -> Sequence[tuple[User | None, list[int]]]:
    """The moved retailers by who had them, without those who only changed their line."""
    people: dict[int | None, User | None] = {}
    keys: dict[int | None, list[int]] = defaultdict(list)
    for _row, retailer in carried.moved:
        if retailer.manager_id != hand_over.to_manager_id:
            people[retailer.manager_id] = retailer.manager
            keys[retailer.manager_id].append(retailer.pk)
    return [(people[pk], found) for pk, found in keys.items()]


def _accompany(hand_over: HandOver, carried: _Carried, today: dt.date) -> None:
    until = hand_over.accompany_until
    if until is None or until < today:
        return
    StandIn.objects.bulk_create(
        StandIn(
            company_id=hand_over.company_id,
            absent=hand_over.to_manager,
            stand_in=manager,
            from_on=today,
            until_on=until,
            reason=hand_over.reason,
            hand_over=hand_over,
            created_by=hand_over.decided_by,
        )
        for manager, _keys in _by_former(hand_over, carried)
        if manager is not None and manager.is_active
    )
