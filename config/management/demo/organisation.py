"""Builds the company's tree and its people."""

from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.models import Company, OrgLevel, OrgUnit, User
from accounts.roles import Role
from config.management.demo import names
from config.management.demo.population import Floats, Ints

DEMO_CODE = "DEMO"
# Known to everyone: it opens fictional data, and only under settings with DEMO on (see build_people).
DEMO_PASSWORD = "liangzhun-demo"  # noqa: S105
PARTNER_OF = "湖北中烟"
RETAILERS_PER_LINE = 150
REAL_PREFECTURE = 15_020
REAL_DEPARTMENTS = 27

# One person per role; the first line's customer manager is "manager".
PEOPLE = {
    Role.ADMINISTRATOR: ("admin", "系统管理员"),
    Role.PLANNER: ("planner", "计划员"),
    Role.APPROVER: ("approver", "审批人"),
    Role.COUNTY_MANAGER: ("county", "县级经理"),
    Role.CUSTOMER_MANAGER: ("manager", "客户经理"),
    Role.INSPECTOR: ("inspector", "稽查员"),
    Role.PARTNER: ("partner", "工业代表"),
    Role.AUDITOR: ("auditor", "审计员"),
}


def user_name(company: Company, name: str) -> str:
    """User names are shared by all companies, so only the one demo company has the short ones."""
    return name if company.code == DEMO_CODE else f"{company.code.lower()}-{name}"


@dataclass(frozen=True)
class Tree:
    """The lines, each with its department, county and customer manager, in order of their codes."""

    lines: list[OrgUnit]
    departments: list[OrgUnit]
    counties: list[OrgUnit]


def build_tree(company: Company, retailers: int) -> Tree:
    """Counties, market departments and lines, as many as a company of this size has."""
    line_count = max(1, round(retailers / RETAILERS_PER_LINE))
    county_count = min(len(names.COUNTIES), line_count)
    wanted = max(REAL_DEPARTMENTS * retailers / REAL_PREFECTURE, 1.3 * county_count)
    department_count = min(line_count, max(county_count, round(wanted)))
    shares = np.array(names.COUNTY_SHARES[:county_count])
    department_counts = _spread(department_count, shares)
    line_counts = np.maximum(_spread(line_count, shares), department_counts)
    tree = Tree([], [], [])
    for county_number in range(county_count):
        _build_county(
            company,
            tree,
            county_number,
            int(department_counts[county_number]),
            int(line_counts[county_number]),
        )
    return tree


def _spread(total: int, shares: Floats) -> Ints:
    """At least one each, the rest by share."""
    rest = total - len(shares)
    edges = np.rint(np.cumsum(shares) / shares.sum() * rest).astype(np.int64)
    counts: Ints = 1 + np.diff(edges, prepend=0)
    return counts


def _build_county(
    company: Company, tree: Tree, number: int, department_count: int, line_count: int
) -> None:
    county = _unit(company, None, names.COUNTIES[number], f"{number + 1:02d}")
    first = len(tree.departments)
    tree.counties.append(county)
    per_department = np.array_split(np.arange(line_count), department_count)
    for position, lines in enumerate(per_department):
        town = names.town_of(first + position)
        department = _unit(company, county, f"{town}市场部", f"{county.code}{position + 1:02d}")
        tree.departments.append(department)
        for step in range(len(lines)):
            line = _unit(
                company, department, f"{town}{step + 1}号线", f"{department.code}{step + 1:02d}"
            )
            tree.lines.append(line)


def _unit(company: Company, parent: OrgUnit | None, name: str, code: str) -> OrgUnit:
    level = OrgLevel.COUNTY if parent is None else OrgLevel(parent.level + 1)
    path = name if parent is None else f"{parent.path}/{name}"
    unit, _created = OrgUnit.objects.update_or_create(
        company=company,
        code=code,
        defaults={"parent": parent, "level": level, "name": name, "path": path, "is_active": True},
    )
    return unit


def build_people(company: Company, tree: Tree, rng: np.random.Generator) -> list[User]:
    """One user per role and a customer manager per line.

    Their password is published, so it is only set under settings with ``DEMO`` on; elsewhere these
    users cannot log in until an administrator gives them a password of their own.

    Returns:
        The customer managers, one per line in the order of ``tree.lines``.
    """
    password = make_password(DEMO_PASSWORD if getattr(settings, "DEMO", False) else None)
    for role, (name, title) in PEOPLE.items():
        if role != Role.CUSTOMER_MANAGER:
            _user(company, name, title, role, password, tree)
    given = names.person_names(rng, len(tree.lines))
    nobody = make_password(None)
    managers = []
    for number, person in enumerate(given):
        name = "manager" if number == 0 else f"manager{number + 1:03d}"
        secret = password if number == 0 else nobody
        managers.append(_user(company, name, person, Role.CUSTOMER_MANAGER, secret, tree))
    return managers


def _user(company: Company, name: str, title: str, role: Role, password: str, tree: Tree) -> User:
    username = user_name(company, name)
    other = User.objects.filter(username=username).exclude(company=company).first()
    if other is not None:
        raise ValueError(f"the user name {username} belongs to somebody outside the demo company")
    user, _created = User.objects.update_or_create(
        username=username,
        defaults={
            "company": company,
            "display_name": title,
            "role": role,
            "unit": tree.counties[0] if role == Role.COUNTY_MANAGER else None,
            "partner_of": PARTNER_OF if role == Role.PARTNER else "",
            "password": password,
            "is_active": True,
        },
    )
    return user
