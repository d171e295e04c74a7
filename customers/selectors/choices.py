"""What a person may choose for retailers: lines, customer managers, entries of code lists."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import OrgUnit, User
from accounts.selectors import list_units
from customers.models import CodeItem, Retailer
from customers.selectors.retailers import list_managers


def leaf_units(user: User) -> Any:
    """Active units of this person's part of the tree that have no active units below: usually lines."""
    below = OrgUnit.objects.filter(parent=OuterRef("pk"), is_active=True)
    return list_units(user).filter(~Exists(below)).select_related("parent__parent", "company")


def unit_choices(user: User) -> list[tuple[str, list[tuple[int, str]]]]:
    """The same as choices of a form, under the names of their counties."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for unit in leaf_units(user):
        county, _slash, rest = unit.path.partition("/")
        # Who administers several companies sees whose county it is.
        heading = county if user.company_id else f"{unit.company.name}: {county}"
        groups.setdefault(heading, []).append((unit.pk, rest or county))
    return list(groups.items())


def customer_manager(user: User, pk: int) -> User | None:
    """The customer manager of this key, if this person may choose them."""
    if pk not in dict(list_managers(user)):
        return None
    return User.objects.filter(pk=pk).first()


def code_item(user: User, kind: str, pk: int) -> CodeItem | None:
    """The active entry of a code list, if it is one of this person's companies."""
    items = CodeItem.objects.visible_to(user).filter(kind=kind, is_active=True)
    found: CodeItem | None = items.filter(pk=pk).first()
    return found


def entries(retailer: Retailer, kind: str, present: int | None) -> QuerySet[CodeItem]:
    """Entries that a retailer may have: the active ones, and the one it has."""
    items = CodeItem.objects.filter(company=retailer.company_id, kind=kind)
    return items.filter(Q(is_active=True) | Q(pk=present))
