"""People: made, changed, deactivated and taken in again; never deleted, as the audit trail names them."""

from typing import Any

from axes.utils import reset as reset_failures
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Company, OrgUnit, User
from accounts.roles import Role
from accounts.services import record
from accounts.services.passwords import give_one_time_password
from config.common import administration, locks
from config.common.errors import ConflictError, DomainError, ForbiddenError

CHANGEABLE = ("display_name", "role", "unit", "partner_of")
# Whose rows do not follow from a unit.
WITHOUT_UNIT = (Role.ADMINISTRATOR, Role.PARTNER)


def create_person(
    *,
    username: str,
    display_name: str,
    role: str,
    company: Company | None,
    unit: OrgUnit | None = None,
    partner_of: str = "",
    by: User | None,
) -> tuple[User, str]:
    """A new person with a one-time password, which must be changed at the first log-in.

    Args:
        username: What they log in with; unique in the installation, whatever its case.
        display_name: As colleagues know them.
        role: A value of ``Role``.
        company: Where they work; None for an administrator of the whole installation.
        unit: What part of the company they see; None for all of it.
        partner_of: Manufacturer of an industry partner.
        by: Who makes them.

    Returns:
        The person and the password, which is stored as a hash only: show it once.

    Raises:
        ConflictError: The user name is taken.
        DomainError: Role, unit and manufacturer do not fit together, or the name is none.
        ForbiddenError: Only an administrator of the installation makes somebody of it.
    """
    _require_reach(by, company)
    person = User(
        username=username.strip(),
        display_name=display_name.strip(),
        role=role,
        company=company,
        unit=unit,
        partner_of=partner_of.strip(),
    )
    _check(person)
    password = give_one_time_password(person)
    try:
        with transaction.atomic():
            _require_free_name(person.username)
            person.save()
            record(
                action="person.create",
                company_id=person.company_id,
                by=by,
                obj=person,
                object_label=_label(person),
                changes={name: [None, value] for name, value in _plain(person).items() if value},
            )
    except IntegrityError as error:
        raise _taken(person.username) from error
    return person, password


@transaction.atomic
def update_person(*, person: User, changes: dict[str, Any], by: User) -> User:
    """Change name, role, unit or manufacturer; what is already so is left alone.

    Raises:
        ForbiddenError: Nobody changes their own role or area.
        ConflictError: The last administrator, or retailers that must be handed over first.
        DomainError: Role, unit and manufacturer do not fit together.
    """
    current = _locked(person)
    before = _plain(current)
    role_before = current.role
    for name in CHANGEABLE:
        if name in changes:
            setattr(current, name, changes[name])
    after = _plain(current)
    seen = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not seen:
        return current
    if current.pk == by.pk and set(seen) - {"display_name"}:
        raise ForbiddenError(
            _("Nobody changes their own role or area; ask another administrator."), code="own_role"
        )
    _check(current)
    if current.role != role_before:
        _keep_an_administrator(current, role_before)
        _refuse_ties(current, role_before)
    current.save(update_fields=list(CHANGEABLE))
    record(
        action="person.update",
        company_id=current.company_id,
        by=by,
        obj=current,
        object_label=_label(current),
        changes=seen,
    )
    return current


@transaction.atomic
def deactivate_person(*, person: User, reason: str, by: User) -> None:
    """End somebody's access at once: their sessions count no more, nor does their password.

    Raises:
        ForbiddenError: Nobody deactivates themselves.
        ConflictError: It is the last administrator.
    """
    current = _locked(person)
    if current.pk == by.pk:
        raise ForbiddenError(
            _("Nobody deactivates themselves; ask another administrator."), code="own_account"
        )
    if not current.is_active:
        return
    _keep_an_administrator(current, current.role)
    _set_active(current, is_active=False, reason=reason, by=by)


@transaction.atomic
def reactivate_person(*, person: User, reason: str, by: User) -> str:
    """Let somebody in again, with a one-time password: the old one may be known to others by now.

    Returns:
        The password, or "" when they were active all along.
    """
    current = _locked(person)
    if current.is_active:
        return ""
    password = give_one_time_password(current)
    current.save(update_fields=["password", "previous_password", "must_change_password"])
    _set_active(current, is_active=True, reason=reason, by=by)
    return password


@transaction.atomic
def reset_password(*, person: User, by: User) -> str:
    """A one-time password for somebody who forgot theirs; a lock ends, too, and so do their sessions.

    Returns:
        The password, which is stored as a hash only: show it once.

    Raises:
        ForbiddenError: One's own password is changed on its own page.
        ConflictError: They are deactivated.
    """
    current = _locked(person)
    if current.pk == by.pk:
        raise ForbiddenError(
            _("You change your own password under your name at the top right."), code="own_account"
        )
    if not current.is_active:
        raise ConflictError(
            _("%(person)s is deactivated; let them in again instead.") % {"person": current},
            code="inactive",
        )
    password = give_one_time_password(current)
    current.save(update_fields=["password", "previous_password", "must_change_password"])
    reset_failures(username=current.username)
    record(
        action="person.reset_password",
        company_id=current.company_id,
        by=by,
        obj=current,
        object_label=_label(current),
    )
    return password


@transaction.atomic
def unlock_person(*, person: User, by: User) -> bool:
    """Forget the failed log-ins of somebody who is locked out; False when there were none."""
    if not reset_failures(username=person.username):
        return False
    record(
        action="person.unlock",
        company_id=person.company_id,
        by=by,
        obj=person,
        object_label=_label(person),
    )
    return True


def _set_active(person: User, *, is_active: bool, reason: str, by: User) -> None:
    person.is_active = is_active
    person.save(update_fields=["is_active"])
    record(
        action="person.reactivate" if is_active else "person.deactivate",
        company_id=person.company_id,
        by=by,
        obj=person,
        object_label=_label(person),
        changes={"is_active": [not is_active, is_active]},
        reason=reason,
    )


def _locked(person: User) -> User:
    # First the company, then the person: two who deactivate each other must see each other's work.
    locks.hold("people", person.company_id or 0)
    return User.objects.select_for_update().get(pk=person.pk)


def _require_reach(by: User | None, company: Company | None) -> None:
    if by is None or by.scope.everything:
        return
    if company is None or company.pk != by.company_id:
        raise ForbiddenError(
            _("Only an administrator of the whole installation can do this."), code="other_company"
        )


def _require_free_name(username: str) -> None:
    if User.objects.filter(username__iexact=username).exists():
        raise _taken(username)


def _taken(username: str) -> ConflictError:
    return ConflictError(
        _("The user name %(name)s is taken; choose another.") % {"name": username},
        code="username_taken",
    )


def _check(person: User) -> None:
    """Role, unit, company and manufacturer must fit together."""
    problem = _problem_of_role(person) or _problem_of_unit(person)
    if not person.display_name:
        problem = _("A person needs a name.")
    if problem:
        raise DomainError(problem, code="invalid_person")
    try:
        person.full_clean(
            exclude=["password", "previous_password"],
            validate_unique=False,
            validate_constraints=False,
        )
    except ValidationError as error:
        details = " ".join(text for texts in error.message_dict.values() for text in texts)
        raise DomainError(details, code="invalid_person") from error


def _problem_of_role(person: User) -> str:
    if person.company_id is None and person.role != Role.ADMINISTRATOR:
        return _("Only administrators work for the whole installation.")
    if person.role == Role.PARTNER and not person.partner_of:
        return _("An industry partner needs a manufacturer.")
    if person.role != Role.PARTNER and person.partner_of:
        return _("Only an industry partner has a manufacturer.")
    return ""


def _problem_of_unit(person: User) -> str:
    unit = person.unit
    if unit is None:
        return _("A county manager needs a unit.") if person.role == Role.COUNTY_MANAGER else ""
    if unit.company_id != person.company_id:
        return _("This unit belongs to another company.")
    if not unit.is_active:
        return _("This unit is closed.")
    if person.role in WITHOUT_UNIT:
        return _("This role has no unit: it sees the whole company, or its own brands.")
    return ""


def _keep_an_administrator(person: User, role: str) -> None:
    """A company, and the installation, never loses its last active administrator."""
    if role != Role.ADMINISTRATOR:
        return
    others = User.objects.filter(
        role=Role.ADMINISTRATOR, is_active=True, company=person.company
    ).exclude(pk=person.pk)
    if not others.exists():
        raise ConflictError(
            _("%(person)s is the last active administrator; make somebody else one first.")
            % {"person": person},
            code="last_administrator",
        )


def _refuse_ties(person: User, role: str) -> None:
    """Who looks after retailers stays a customer manager until somebody else does."""
    if role != Role.CUSTOMER_MANAGER:
        return
    ties = [tie.words for tie in administration.person_ties(person.pk) if tie.holds]
    if ties:
        raise ConflictError(
            _("%(person)s %(ties)s. Hand these over first, then change the role.")
            % {"person": person, "ties": ", ".join(ties)},
            code="person_ties",
        )


def _label(person: User) -> str:
    return f"{person.username} {person.display_name}".strip()


def _plain(person: User) -> dict[str, Any]:
    return {
        "display_name": person.display_name,
        "role": person.role,
        "unit": person.unit.path if person.unit is not None else None,
        "partner_of": person.partner_of,
    }
