"""Reads of the API about retailers."""

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from accounts.roles import Permission
from customers.models import Contact, Retailer

_RELATED = (
    "format",
    "market_type",
    "trade_area",
    "compliance_grade",
    "county",
    "department",
    "line",
)


def list_retailers(user: User) -> QuerySet[Retailer]:
    """Retailers this caller sees, with what their representation needs."""
    found = Retailer.objects.visible_to(user).select_related(*_RELATED)
    if user.has(Permission.VIEW_PERSONAL_DATA):
        found = found.prefetch_related(
            Prefetch("contacts", queryset=Contact.objects.order_by("-is_primary", "pk"))
        )
    return found


def in_class(retailers: QuerySet[Retailer], scheme: str, class_code: str) -> QuerySet[Retailer]:
    """Those whose published class of a scheme is this one.

    Classes belong to ``segmentation``, which lies above; the relation is followed by name only.
    """
    return retailers.filter(
        assignments__class_code=class_code,
        assignments__run__scheme__code=scheme,
        assignments__run__status="published",
    )
