"""Writes of accounts: companies, organisation units, rules, audit events."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Company, OrgLevel, OrgUnit, PolicyVersion, User
from accounts.selectors.organisation import unit_at
from config.common.errors import DomainError
from config.common.logs import request_id

_company_hooks: list[Callable[[Company], None]] = []


def on_company_created(hook: Callable[[Company], None]) -> None:
    """Say what a new company starts with (code lists, schemes, rules). Called from ``ready``."""
    _company_hooks.append(hook)


def record(
    *,
    action: str,
    company_id: int | None,
    by: User | None = None,
    actor_label: str = "",
    obj: Any = None,
    object_label: str = "",
    changes: dict[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """Write an audit event. Call it inside the transaction that makes the change.

    Args:
        action: What was done, as ``app.verb``: ``plan.publish``.
        company_id: Whose data.
        by: The person, or None for a machine.
        actor_label: Name of the machine when there is no person.
        obj: The changed row.
        object_label: How people call it; default ``str(obj)``.
        changes: Field name to [from, to], or figures.
        reason: Why, in the person's words.
    """
    return AuditEvent.objects.create(
        company_id=company_id,
        actor=by,
        actor_label=actor_label or (str(by) if by else "system"),
        action=action,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        object_label=(object_label or (str(obj) if obj is not None else ""))[:200],
        changes=changes or {},
        reason=reason[:300],
        request_id=request_id.get(),
    )


@transaction.atomic
def create_company(
    *, code: str, name: str, by: User | None = None, is_demo: bool = False
) -> Company:
    """A new company with the lists, schemes and rules that every company starts with."""
    company = Company.objects.create(code=code, name=name, is_demo=is_demo)
    for hook in _company_hooks:
        hook(company)
    record(action="company.create", company_id=company.pk, by=by, obj=company)
    return company


def ensure_unit(*, company: Company, names: list[str]) -> OrgUnit:
    """The unit with this path below the company, made with its parents where missing.

    A path that a unit had before it was renamed or moved leads to that unit.

    Args:
        company: The company.
        names: One to three names: county, market department, line.

    Raises:
        DomainError: No name, an empty one, more than three, or a unit that is closed.
    """
    if not 1 <= len(names) <= len(OrgLevel) or not all(names):
        raise DomainError(
            _("An organisation path has one to three names below the company: %(path)s")
            % {"path": "/".join(names)},
            code="organisation_path",
        )
    parent: OrgUnit | None = None
    for depth, name in enumerate(names, start=1):
        unit = unit_at(company, parent, name, "/".join(names[:depth]))
        if unit is None:
            unit = _make_unit(company, parent, name, depth)
        elif not unit.is_active:
            raise DomainError(
                _("The unit %(path)s is closed: open it again, or name another in the file.")
                % {"path": unit.path},
                code="closed_unit",
            )
        parent = unit
    assert parent is not None  # noqa: S101 - names is not empty
    return parent


def _make_unit(company: Company, parent: OrgUnit | None, name: str, level: int) -> OrgUnit:
    unit, _created = OrgUnit.objects.get_or_create(
        company=company,
        path=f"{parent.path}/{name}" if parent is not None else name,
        defaults={
            "parent": parent,
            "level": level,
            "name": name,
            "code": free_unit_code(company, parent),
        },
    )
    return unit


def free_unit_code(company: Company, parent: OrgUnit | None) -> str:
    """The next code below a unit: ``0103`` for the third below ``01``, unless it was taken along."""
    start = parent.code if parent else ""
    units = OrgUnit.objects.filter(company=company)
    taken = set(units.filter(code__startswith=start).values_list("code", flat=True))
    number = units.filter(parent=parent).count() + 1
    while f"{start}{number:02d}" in taken:
        number += 1
    return f"{start}{number:02d}"


@transaction.atomic
def set_policy(
    *,
    company: Company,
    code: str,
    params: dict[str, Any],
    effective_from: dt.date,
    by: User | None,
    note: str = "",
    changes: dict[str, Any] | None = None,
) -> PolicyVersion:
    """Store a new version of a rule; older versions stay for explanations.

    ``changes`` says in the audit trail what is different, where somebody knows it in words.
    """
    newest = (
        PolicyVersion.objects.filter(company=company, code=code)
        .order_by("-version")
        .values_list("version", flat=True)
        .first()
    )
    version = PolicyVersion.objects.create(
        company=company,
        code=code,
        version=(newest or 0) + 1,
        effective_from=effective_from,
        params=params,
        note=note,
        created_by=by,
    )
    record(
        action="policy.set",
        company_id=company.pk,
        by=by,
        obj=version,
        changes=changes or {"params": [None, params]},
        reason=note,
    )
    return version
