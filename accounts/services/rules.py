"""A new version of a rule, made by a person in a form: checked against what its app declares."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Company, PolicyVersion, User
from accounts.selectors import policy_as_of
from accounts.services import set_policy
from config.common import locks, policies
from config.common.errors import ConflictError, DomainError
from config.common.policies import CHOICE, PolicySchema

MOST_DAYS_AHEAD = 730


def earliest_day(today: dt.date) -> dt.date:
    """From when a new version may count at the earliest: the first day of the month that is open."""
    return today.replace(day=1)


def check_day(day: dt.date, today: dt.date) -> None:
    """Refuse a day on which no new version may begin.

    Raises:
        DomainError: It lies in a closed month, or more than two years ahead.
    """
    first, last = earliest_day(today), today + dt.timedelta(days=MOST_DAYS_AHEAD)
    if not first <= day <= last:
        raise DomainError(
            _(
                "A new version counts from %(first)s at the earliest and %(last)s at the latest: closed months stay."
            )
            % {"first": first, "last": last},
            code="policy_day",
        )


def check_values(schema: PolicySchema, values: dict[str, Any]) -> dict[str, str]:
    """What is wrong with stored values, by code of the parameter; empty when nothing is."""
    wrong = {}
    for one in schema.parameters:
        value = values.get(one.code)
        if one.kind == CHOICE:
            if str(value) not in dict(one.choices):
                wrong[one.code] = _("Choose one of the values.")
        elif value is None or not one.least <= Decimal(str(one.typed(value))) <= one.most:
            wrong[one.code] = _("Possible is %(range)s.") % {"range": one.range}
    return wrong or schema.check(values)


@transaction.atomic
def change_policy(
    *,
    company: Company,
    code: str,
    values: dict[str, Any],
    effective_from: dt.date,
    seen_version: int,
    reason: str,
    today: dt.date,
    by: User,
) -> PolicyVersion:
    """Store a new version of a rule.

    Args:
        company: Whose rule.
        code: Of the rule.
        values: Every parameter's value as stored, by its code.
        effective_from: From which business date it counts.
        seen_version: The newest version when the form was opened; 0 for none.
        reason: Why, in the person's words.
        today: The business date now.
        by: Who does it.

    Raises:
        ConflictError: Somebody stored a version meanwhile.
        DomainError: An unknown rule, a value that is not possible, a day that is not, no reason, or
            nothing that differs.
    """
    schema = policies.find(code)
    if schema is None:
        raise DomainError(_("There is no rule %(code)s.") % {"code": code}, code="no_policy")
    if not reason.strip():
        raise DomainError(
            _("Say why; the reason goes into the audit trail."), code="reason_missing"
        )
    check_day(effective_from, today)
    wrong = check_values(schema, values)
    if wrong:
        raise DomainError(" ".join(wrong.values()), code="invalid_policy", extra={"fields": wrong})
    locks.hold("policies", company.pk)
    newest = PolicyVersion.objects.filter(company=company, code=code).order_by("-version").first()
    if (newest.version if newest else 0) != seen_version:
        raise ConflictError(
            _(
                "Somebody has changed this rule meanwhile. Look at its present values, then begin again."
            ),
            code="policy_changed",
        )
    before = policy_as_of(company.pk, code, effective_from)
    params = schema.params(values)
    differences = schema.differences(before.params if before else None, params)
    if not differences and before is not None:
        raise DomainError(_("Nothing differs from the present version."), code="nothing_changed")
    return set_policy(
        company=company,
        code=code,
        params=params,
        effective_from=effective_from,
        by=by,
        note=reason.strip()[:200],
        changes={one.code: [one.plain(was), one.plain(now)] for one, was, now in differences}
        | {"effective_from": [None, effective_from.isoformat()]},
    )
