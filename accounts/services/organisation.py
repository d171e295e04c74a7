"""Changes of the organisation tree. What repeats the tree follows in the same transaction.

A renamed or moved unit keeps its former path, and so do the units below it: files of the source system
name units by their path, and whoever sends them learns of the change later than we do.
"""

from collections.abc import Callable

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Company, FormerPath, OrgLevel, OrgUnit, User
from accounts.selectors import organisation as reads
from accounts.services import free_unit_code, record
from config.common import administration, locks
from config.common.errors import ConflictError, DomainError

LONGEST_NAME = 90
# Called with the moved unit, as it is now, who did it, and why; how many rows followed.
Follow = Callable[[OrgUnit, User | None, str], int]
_followers: list[Follow] = []


def on_moved(follow: Follow) -> None:
    """Say what repeats the tree and must follow a move. Called from ``AppConfig.ready``."""
    _followers.append(follow)


def hold_organisation(company_id: int) -> None:
    """One change of a company's tree at a time, and none while retailers are imported."""
    locks.hold("organisation", company_id)
    locks.hold("import retailers", company_id)


@transaction.atomic
def add_unit(*, company: Company, parent: OrgUnit | None, name: str, by: User | None) -> OrgUnit:
    """A new county, or a new unit below another.

    Raises:
        DomainError: The name is empty, too long or holds a slash; a line has nothing below it.
        ConflictError: There is such a unit, or the one above is closed.
    """
    hold_organisation(company.pk)
    name = _checked_name(name)
    level = OrgLevel.COUNTY if parent is None else parent.level + 1
    if parent is not None:
        _require_open(parent)
    if level > OrgLevel.LINE:
        raise DomainError(_("A line has no units below it."), code="too_deep")
    path = _path(parent, name)
    _require_free(company.pk, path)
    unit = OrgUnit.objects.create(
        company=company,
        parent=parent,
        level=level,
        code=free_unit_code(company, parent),
        name=name,
        path=path,
    )
    FormerPath.objects.filter(company=company, path=path).delete()
    record(action="org_unit.create", company_id=company.pk, by=by, obj=unit)
    return unit


@transaction.atomic
def rename_unit(*, unit: OrgUnit, name: str, reason: str, by: User | None) -> OrgUnit:
    """Another name; the former path stays understood.

    Raises:
        DomainError: The name is empty, too long or holds a slash.
        ConflictError: A sister of it has this name.
    """
    hold_organisation(unit.company_id)
    name = _checked_name(name)
    current = _locked(unit)
    if current.name == name:
        return current
    path = _path(current.parent, name)
    _require_free(current.company_id, path)
    before, old_name = current.path, current.name
    current.name = name
    current.save(update_fields=["name"])
    _change_paths(current, path)
    record(
        action="org_unit.rename",
        company_id=current.company_id,
        by=by,
        obj=current,
        changes={"name": [old_name, name], "path": [before, path]},
        reason=reason,
    )
    return current


@transaction.atomic
def move_unit(*, unit: OrgUnit, parent: OrgUnit, reason: str, by: User | None) -> int:
    """Hang a line below another department, or a department below another county.

    Args:
        unit: What is moved, with everything below it.
        parent: Where to; one level above.
        reason: Why, in the person's words.
        by: Who does it.

    Returns:
        How many retailers followed.

    Raises:
        DomainError: It cannot hang there.
        ConflictError: There is a unit of this name already, or the one above is closed.
    """
    hold_organisation(unit.company_id)
    current, above = _locked(unit), _locked(parent)
    if above.company_id != current.company_id or above.level != current.level - 1:
        raise DomainError(
            _(
                "%(unit)s cannot hang below %(parent)s: a line belongs to a department, a department to a county."
            )
            % {"unit": current.name, "parent": above.name},
            code="wrong_level",
        )
    _require_open(above)
    if current.parent_id == above.pk:
        return 0
    path = _path(above, current.name)
    _require_free(current.company_id, path)
    before = current.path
    current.parent = above
    current.save(update_fields=["parent"])
    _change_paths(current, path)
    followed = sum(follow(current, by, reason) for follow in _followers)
    record(
        action="org_unit.move",
        company_id=current.company_id,
        by=by,
        obj=current,
        changes={"path": [before, path], "retailers": followed},
        reason=reason,
    )
    return followed


@transaction.atomic
def close_unit(*, unit: OrgUnit, reason: str, by: User | None) -> None:
    """Take a unit out of use. It stays for history, and its name is refused in files.

    Raises:
        ConflictError: Something hangs on it; the message says what.
    """
    hold_organisation(unit.company_id)
    current = _locked(unit)
    ties = [tie.words for tie in unit_ties(current) if tie.holds]
    if ties:
        raise ConflictError(
            _("%(unit)s is not empty: %(ties)s. Move these away first.")
            % {"unit": current.path, "ties": ", ".join(ties)},
            code="not_empty",
        )
    _set_open(current, is_open=False, reason=reason, by=by)


@transaction.atomic
def reopen_unit(*, unit: OrgUnit, reason: str, by: User | None) -> None:
    """Take a closed unit into use again.

    Raises:
        ConflictError: The unit above is closed.
    """
    hold_organisation(unit.company_id)
    current = _locked(unit)
    if current.parent is not None:
        _require_open(current.parent)
    _set_open(current, is_open=True, reason=reason, by=by)


@transaction.atomic
def forget_former_path(*, former: FormerPath, by: User | None) -> None:
    """Let files no longer use a former path: a unit of that name will be made anew."""
    unit = former.unit
    record(
        action="org_unit.forget_path",
        company_id=unit.company_id,
        by=by,
        obj=unit,
        changes={"path": [former.path, None]},
    )
    former.delete()


def unit_ties(unit: OrgUnit) -> list[administration.Tie]:
    """What hangs on a unit: open units below, people, and what the apps above know."""
    found = administration.unit_ties(unit)
    people = reads.people_in(unit)
    if people:
        words = ngettext("%(n)d person", "%(n)d people", people) % {"n": people}
        found.insert(0, administration.Tie(words))
    children = reads.open_children(unit)
    if children:
        words = ngettext("%(n)d open unit below", "%(n)d open units below", children)
        found.insert(0, administration.Tie(words % {"n": children}))
    return found


def _set_open(unit: OrgUnit, *, is_open: bool, reason: str, by: User | None) -> None:
    if unit.is_active == is_open:
        return
    unit.is_active = is_open
    unit.save(update_fields=["is_active"])
    record(
        action="org_unit.reopen" if is_open else "org_unit.close",
        company_id=unit.company_id,
        by=by,
        obj=unit,
        changes={"is_active": [not is_open, is_open]},
        reason=reason,
    )


def _change_paths(unit: OrgUnit, path: str) -> None:
    """Give a unit and everything below it new paths, and keep the former ones."""
    before = unit.path
    below = OrgUnit.objects.filter(company_id=unit.company_id, path__startswith=f"{before}/")
    touched: QuerySet[OrgUnit] = OrgUnit.objects.filter(pk=unit.pk) | below
    old = list(touched.values_list("pk", "path"))
    too_long = max(len(was) for _pk, was in old) - len(before) + len(path)
    if too_long > 300:
        raise DomainError(_("The path would be longer than 300 characters."), code="too_long")
    below.update(path=Concat(Value(path), Substr(F("path"), len(before) + 1)))
    unit.path = path
    unit.save(update_fields=["path"])
    FormerPath.objects.bulk_create(
        [FormerPath(company_id=unit.company_id, unit_id=pk, path=was) for pk, was in old],
        update_conflicts=True,
        unique_fields=["company", "path"],
        update_fields=["unit"],
    )
    # A path that a unit has now is no former one.
    present = OrgUnit.objects.filter(company_id=unit.company_id).values("path")
    FormerPath.objects.filter(company_id=unit.company_id, path__in=present).delete()


def _locked(unit: OrgUnit) -> OrgUnit:
    found = OrgUnit.objects.select_related("parent").select_for_update(of=("self",))
    return found.get(pk=unit.pk)


def _path(parent: OrgUnit | None, name: str) -> str:
    return f"{parent.path}/{name}" if parent is not None else name


def _checked_name(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME or "/" in tidy or not tidy.isprintable():
        raise DomainError(
            _("A name has 1 to %(most)d characters and no slash.") % {"most": LONGEST_NAME},
            code="unit_name",
        )
    return tidy


def _require_free(company_id: int, path: str) -> None:
    taken = OrgUnit.objects.filter(company_id=company_id, path=path).first()
    if taken is not None:
        text = _("There is a unit %(path)s already.")
        if not taken.is_active:
            text = _("There is a closed unit %(path)s; open it again or take another name.")
        raise ConflictError(text % {"path": path}, code="unit_exists")


def _require_open(unit: OrgUnit) -> None:
    if not unit.is_active:
        raise ConflictError(
            _("%(path)s is closed; open it again first.") % {"path": unit.path}, code="closed_unit"
        )
