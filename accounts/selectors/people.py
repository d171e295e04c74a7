"""Reads of people: who may see something, and which of them somebody means."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import ROLE_PERMISSIONS, Permission, Role
from config.common.pinyin import initials


@dataclass(frozen=True)
class Person:
    """Somebody who can be mentioned."""

    pk: int
    username: str
    name: str
    role: str


def people_with(company_id: int | None, permission: Permission) -> QuerySet[User]:
    """Active people of a company who may do something, and who administer the whole installation."""
    roles = [role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions]
    here = Q(company_id=company_id, role__in=roles)
    if Role.ADMINISTRATOR in roles:
        here |= Q(company_id=None, role=Role.ADMINISTRATOR)
    return User.objects.filter(here, is_active=True)


def people_who_see(
    company_id: int, permission: Permission, *, units: Iterable[int | None], manager_id: int | None
) -> QuerySet[User]:
    """People whose scope holds a row of these units that this customer manager looks after.

    The reverse of ``User.scope``, for asking about many people at once. Who stands in for somebody is
    not found; whoever decides who may read asks the row's own ``visible_to`` as well.

    Args:
        company_id: Whose row.
        permission: What they must be allowed to do at all.
        units: County, market department and line of the row.
        manager_id: The customer manager of the row.
    """
    everywhere = Q(unit=None) | Q(unit_id__in=[unit for unit in units if unit is not None])
    scoped = ~Q(role__in=[Role.CUSTOMER_MANAGER, Role.PARTNER]) & everywhere
    mine = Q(role=Role.CUSTOMER_MANAGER, pk=manager_id)
    return people_with(company_id, permission).filter(scoped | mine)


def find_people(people: QuerySet[User], wanted: str, *, limit: int = 8) -> list[Person]:
    """People whose user name, name or pinyin initials begin with, or hold, what was typed."""
    word = wanted.strip().casefold()
    rows = people.order_by("display_name", "username").values_list(
        "pk", "username", "display_name", "role"
    )
    labels = dict(Role.choices)
    found = []
    for pk, username, display_name, role in rows[:2000]:
        place = _place(word, username.casefold(), display_name)
        if place is not None:
            person = Person(pk, username, display_name or username, str(labels.get(role, role)))
            found.append((place, person))
    found.sort(key=lambda pair: pair[0])
    return [person for _place, person in found[:limit]]


def _place(word: str, username: str, name: str) -> int | None:
    if not word or username.startswith(word) or name.casefold().startswith(word):
        return 0
    if any(reading.startswith(word) for reading in initials(name)):
        return 1
    return 2 if word in username or word in name.casefold() else None
