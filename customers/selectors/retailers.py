"""Reads of retailers for pages: always scoped to the person, relations loaded."""

import datetime as dt
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import named
from config.common import next_action
from customers.models import CodeItem, CodeKind, LifeCycleStage, Retailer, RetailerStatus
from customers.selectors.search import match_retailers

# Filter of the page: condition on the row.
EXACT = {
    "county": "county",
    "department": "department",
    "line": "line",
    "format": "format",
    "market_type": "market_type",
    "status": "status",
    "stage": "life_cycle_stage",
    "weekday": "order_weekday",
    "trade_area": "trade_area",
    "grade": "compliance_grade",
}


def list_retailers(user: User) -> QuerySet[Retailer]:
    """Retailers this person sees, with the names that most pages show.

    The entries of the code lists are joined only where they are wanted (``Column.needs``):
    PostgreSQL plans the eight tables together for 80 ms, whatever it then reads.
    """
    return Retailer.objects.visible_to(user).select_related("county", "line", "manager")


def filter_retailers(retailers: QuerySet[Retailer], wanted: dict[str, Any]) -> QuerySet[Retailer]:
    """Retailers that pass the filters.

    Args:
        retailers: From ``list_retailers``.
        wanted: Values by filter name, see ``EXACT``; ``q`` holds words that must all occur in the
            code, name, pinyin initials or licence number. Empty values do not filter.
    """
    for name, field in EXACT.items():
        if wanted.get(name):
            retailers = retailers.filter(**{field: wanted[name]})
    return match_retailers(retailers, wanted.get("q") or "")


def list_codes(user: User) -> dict[str, list[tuple[int, str]]]:
    """Entries of the code lists by kind, as choices; one query."""
    found: dict[str, list[tuple[int, str]]] = {kind: [] for kind in CodeKind.values}
    items = CodeItem.objects.visible_to(user).filter(is_active=True)
    for pk, kind, name in items.values_list("pk", "kind", "name"):
        found[kind].append((pk, name))
    return found


def list_managers(user: User) -> list[tuple[int, str]]:
    """Customer managers this person may choose from, as choices; one query."""
    people = User.objects.filter(role=Role.CUSTOMER_MANAGER, is_active=True)
    scope = user.scope
    if not scope.everything:
        people = people.filter(company=scope.company_id) if scope.company_id else people.none()
    if scope.manager_id is not None:
        people = people.filter(pk=scope.manager_id)
    return named(people.order_by("display_name", "username"))


def count_alone_and_faded(user: User, since: dt.date) -> tuple[int, int]:
    """Retailers of this person's area that want attention; one query.

    Returns:
        Active ones that nobody looks after, and those that came into the stage of decline on ``since`` or later.
    """
    found = Retailer.objects.visible_to(user).aggregate(
        alone=Count("pk", filter=Q(status=RetailerStatus.ACTIVE, manager=None)),
        faded=Count(
            "pk", filter=Q(life_cycle_stage=LifeCycleStage.DECLINE, life_cycle_since__gte=since)
        ),
    )
    return found["alone"], found["faded"]


def retailer_head(user: User, today: dt.date) -> QuerySet[Retailer]:
    """Retailers with what the head of their page says, and what tells what to do next; one query."""
    return list_retailers(user).annotate(**next_action.columns_for(user, today))


def retailer_profile(user: User) -> QuerySet[Retailer]:
    """Retailers with everything the profile shows; entries of code lists by name, as ``format_name``."""
    names = {
        f"{field}_name": Subquery(
            CodeItem.objects.filter(pk=OuterRef(f"{field}_id")).values("name")[:1]
        )
        for field in ("format", "market_type", "trade_area", "compliance_grade")
    }
    return list_retailers(user).select_related("department", "company").annotate(**names)
