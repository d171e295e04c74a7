"""Reads of retailers for pages: always scoped to the person, relations loaded."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.common.listing import Sort
from customers.models import CodeItem, CodeKind, Contact, Retailer

SORTS = [
    Sort(code="code", field="code", label=_("Code"), kind=str),
    Sort(code="name", field="name", label=_("Name"), kind=str),
    Sort(
        code="recent",
        field="recent_cartons",
        label=_("Purchases of 3 months (cartons)"),
        kind=int,
        descending=True,
    ),
]

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
}


def list_retailers(user: User) -> QuerySet[Retailer]:
    """Retailers this person sees, with what a line of the list shows."""
    return Retailer.objects.visible_to(user).select_related(
        "county", "line", "manager", "format", "market_type"
    )


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
    for word in (wanted.get("q") or "").lower().split():
        retailers = retailers.filter(search_key__contains=word)
    return retailers


def list_codes(user: User) -> dict[str, list[tuple[int, str]]]:
    """Entries of the code lists by kind, as choices; one query."""
    found: dict[str, list[tuple[int, str]]] = {kind: [] for kind in CodeKind.values}
    items = CodeItem.objects.visible_to(user).filter(is_active=True)
    for pk, kind, name in items.values_list("pk", "kind", "name"):
        found[kind].append((pk, name))
    return found


def retailer_profile(user: User) -> QuerySet[Retailer]:
    """Retailers with everything the profile shows."""
    contacts = Contact.objects.order_by("-is_primary", "-is_key_man", "pk")
    return (
        list_retailers(user)
        .select_related("department", "trade_area", "compliance_grade", "company")
        .prefetch_related(Prefetch("contacts", queryset=contacts))
    )
