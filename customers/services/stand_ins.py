"""Standing in for an absent customer manager (代管): a colleague sees their retailers from day to day."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.roles import Permission, Role
from accounts.services import record
from config.common import locks
from config.common.errors import ConflictError, DomainError, ForbiddenError
from customers.models import StandIn
from customers.selectors.handover import list_takers, rules_as_of, within
from customers.selectors.stand_ins import not_over
from customers.services.handover_notices import tell_stand_in


@transaction.atomic
def create_stand_in(
    *,
    company: Company,
    absent: User,
    stand_in: User,
    from_on: dt.date,
    until_on: dt.date,
    reason: str,
    today: dt.date,
    by: User,
) -> StandIn:
    """Let somebody see all retailers of an absent colleague, from a day to a day, both included.

    The retailers stay with the absent manager; no approval is needed, and it can be ended any day.

    Raises:
        ForbiddenError: This person may not arrange stand-ins.
        ConflictError: The same is arranged already, or who stands in is away as well.
        DomainError: People or days are not possible.
    """
    _may_arrange(by)
    _check_people(company, absent, stand_in, by)
    _check_days(company, from_on, until_on, today)
    if not reason.strip():
        raise DomainError(_("Say why somebody stands in."), code="no_reason")
    locks.hold("stand-ins", company.pk)
    _check_others(absent, stand_in, from_on, until_on)
    row = StandIn.objects.create(
        company=company,
        absent=absent,
        stand_in=stand_in,
        from_on=from_on,
        until_on=until_on,
        reason=reason.strip()[:300],
        created_by=by,
    )
    record(
        action="stand_in.create",
        company_id=company.pk,
        by=by,
        obj=row,
        changes={"from_on": [None, from_on.isoformat()], "until_on": [None, until_on.isoformat()]},
        reason=reason,
    )
    tell_stand_in(row, by=by)
    return row


@transaction.atomic
def end_stand_in(*, row: StandIn, today: dt.date, by: User) -> StandIn:
    """End a stand-in before its last day; from now on the colleague sees their own retailers only.

    Raises:
        ForbiddenError: This person may not arrange stand-ins.
        ConflictError: It is over already.
    """
    _may_arrange(by)
    ended = StandIn.objects.filter(not_over(today), pk=row.pk).update(ended_at=timezone.now())
    if not ended:
        raise ConflictError(_("This stand-in is over already."), code="over")
    row.refresh_from_db()
    record(
        action="stand_in.end",
        company_id=row.company_id,
        by=by,
        obj=row,
        changes={"until_on": [row.until_on.isoformat(), today.isoformat()]},
    )
    return row


def _may_arrange(by: User) -> None:
    if not by.has(Permission.REQUEST_HAND_OVERS):
        raise ForbiddenError(_("You may not arrange who stands in."))


def _check_people(company: Company, absent: User, stand_in: User, by: User) -> None:
    if absent == stand_in:
        raise DomainError(_("Nobody stands in for themselves."), code="same_person")
    managers = User.objects.filter(company=company, role=Role.CUSTOMER_MANAGER)
    if not within(by, managers).filter(pk=absent.pk).exists():
        raise DomainError(
            _("%(name)s is not a customer manager of your area.") % {"name": absent},
            code="not_a_manager",
        )
    if not list_takers(by, company.pk).filter(pk=stand_in.pk).exists():
        raise DomainError(
            _("%(name)s is not an active customer manager of your area.") % {"name": stand_in},
            code="not_a_manager",
        )


def _check_days(company: Company, from_on: dt.date, until_on: dt.date, today: dt.date) -> None:
    if from_on < today:
        raise DomainError(
            _("A stand-in cannot begin in the past: %(day)s.") % {"day": from_on}, code="date_past"
        )
    if until_on < from_on:
        raise DomainError(_("The last day lies before the first."), code="days_order")
    most = rules_as_of(company.pk, today).stand_in_days
    if (until_on - from_on).days >= most:
        raise DomainError(
            _(
                "Somebody stands in for at most %(days)d days; longer than that, hand the retailers over."
            )
            % {"days": most},
            code="too_long",
        )


def _check_others(absent: User, stand_in: User, from_on: dt.date, until_on: dt.date) -> None:
    same_days = StandIn.objects.filter(not_over(from_on), from_on__lte=until_on, hand_over=None)
    if same_days.filter(absent=absent, stand_in=stand_in).exists():
        raise ConflictError(
            _("%(stand_in)s stands in for %(absent)s on some of these days already.")
            % {"stand_in": stand_in, "absent": absent},
            code="overlap",
        )
    if same_days.filter(absent=stand_in).exists():
        raise ConflictError(
            _("%(name)s is away on some of these days; choose somebody else.") % {"name": stand_in},
            code="also_away",
        )
    if same_days.filter(stand_in=absent).exists():
        raise ConflictError(
            _("%(name)s stands in for somebody else on some of these days; end that first.")
            % {"name": absent},
            code="stands_in",
        )
