"""Reads of the organisation tree: who hangs where, and which unit a path means, also a former one."""

from dataclasses import dataclass, field

from django.db.models import Count, QuerySet

from accounts.models import Company, FormerPath, OrgLevel, OrgUnit, User
from config.common import administration


@dataclass
class Node:
    """A unit of the tree with what hangs on it.

    Args:
        unit: The unit.
        retailers: Retailers in it and below.
        people: Active people who belong to it or to a unit below.
        children: The units right below.
    """

    unit: OrgUnit
    retailers: int = 0
    people: int = 0
    children: list["Node"] = field(default_factory=list)

    @property
    def closed(self) -> bool:
        """True for a unit that is not used any more."""
        return not self.unit.is_active


def tree_of(company: Company, *, with_closed: bool) -> list[Node]:
    """The counties of a company with everything below; three queries, however large it is."""
    units = OrgUnit.objects.filter(company=company).order_by("level", "code")
    if not with_closed:
        units = units.filter(is_active=True)
    retailers = administration.retailers_by_unit(company.pk)
    people = _people_by_unit(company)
    nodes: dict[int, Node] = {}
    top: list[Node] = []
    for unit in units:
        node = Node(unit, retailers.get(unit.pk, 0), people.get(unit.pk, 0))
        nodes[unit.pk] = node
        above = nodes.get(unit.parent_id or 0)
        if above is not None:
            above.children.append(node)
        elif unit.parent_id is None:
            top.append(node)
    for node in top:
        _add_people(node)
    return top


def _people_by_unit(company: Company) -> dict[int, int]:
    people = User.objects.filter(company=company, is_active=True).exclude(unit=None).order_by()
    counted = people.values("unit").annotate(number=Count("pk"))
    return {row["unit"]: row["number"] for row in counted}


def _add_people(node: Node) -> int:
    node.people += sum(_add_people(child) for child in node.children)
    return node.people


def list_all_units(user: User) -> QuerySet[OrgUnit]:
    """Units that this person may administer, closed ones as well."""
    scope = user.scope
    units = OrgUnit.objects.select_related("parent__parent", "company").order_by("path")
    if scope.everything:
        return units
    if not scope.whole_company or scope.company_id is None:
        return units.none()
    return units.filter(company_id=scope.company_id)


def former_paths(unit: OrgUnit) -> list[FormerPath]:
    """What this unit was called before, as files may still name it."""
    return list(FormerPath.objects.filter(unit=unit))


def possible_parents(unit: OrgUnit) -> QuerySet[OrgUnit]:
    """Where a unit could be moved: open units one level above, but for its own."""
    above = OrgUnit.objects.filter(
        company_id=unit.company_id, level=unit.level - 1, is_active=True
    ).order_by("path")
    return above.exclude(pk=unit.parent_id) if unit.parent_id else above.none()


def people_in(unit: OrgUnit) -> int:
    """Active people who belong to this very unit."""
    return User.objects.filter(unit=unit, is_active=True).count()


def open_children(unit: OrgUnit) -> int:
    """Open units right below."""
    return OrgUnit.objects.filter(parent=unit, is_active=True).count()


# --- paths --------------------------------------------------------------------------------


def unit_at(company: Company, parent: OrgUnit | None, name: str, literal: str) -> OrgUnit | None:
    """The unit of this name below another; a former path counts where there is no present one.

    Args:
        company: Whose.
        parent: The unit above, already found.
        name: As the file says it.
        literal: The whole path so far as the file says it, which may name former units.
    """
    path = f"{parent.path}/{name}" if parent is not None else name
    found = OrgUnit.objects.filter(company=company, path=path).first()
    if found is not None:
        return found
    former = FormerPath.objects.select_related("unit").filter(
        company=company, path__in={path, literal}
    )
    units = {one.path: one.unit for one in former}
    return units.get(path) or units.get(literal)


def closed_unit(company: Company, names: list[str]) -> OrgUnit | None:
    """The closed unit that a path leads to or through; None when all of it is open or new."""
    parent: OrgUnit | None = None
    for depth, name in enumerate(names, start=1):
        unit = unit_at(company, parent, name, "/".join(names[:depth]))
        if unit is None:
            return None
        if not unit.is_active:
            return unit
        parent = unit
    return None


def level_names() -> dict[int, str]:
    """Words for the levels of the tree."""
    return {level.value: str(level.label) for level in OrgLevel}
