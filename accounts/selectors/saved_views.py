"""Reads of saved views and layouts of lists."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import Preference, SavedView, User, ViewAudience
from accounts.roles import Permission


def list_views(user: User, list_name: str) -> list[SavedView]:
    """The views of a list that this person may open: own ones first, then shared ones."""
    views = SavedView.objects.visible_to(user).filter(list_name=list_name).select_related("owner")
    return sorted(views, key=lambda view: (view.owner_id != user.pk, view.name.casefold()))


def views_of(user: User) -> QuerySet[SavedView]:
    """Every view this person may open."""
    return SavedView.objects.visible_to(user)


def default_view(user: User, views: list[SavedView]) -> SavedView | None:
    """What opens when a list is opened by its bare address: one's own choice, else the role's."""
    own = [view for view in views if view.owner_id == user.pk and _is_own_default(view)]
    of_role = [view for view in views if _is_default_of_role(view, user.role)]
    return next(iter([*own, *of_role]), None)


def _is_own_default(view: SavedView) -> bool:
    return view.is_default and view.audience == ViewAudience.PRIVATE


def _is_default_of_role(view: SavedView, role: str) -> bool:
    return view.is_default and view.audience == ViewAudience.ROLE and view.role == role


def may_change(user: User, view: SavedView) -> bool:
    """Own views may be changed; those of a role also by whoever sets the rules."""
    if view.owner_id == user.pk:
        return True
    return view.audience == ViewAudience.ROLE and user.has(Permission.MANAGE_RULES)


def layout_of(user: User, list_name: str) -> dict[str, Any]:
    """Columns and widths as this person last left the list."""
    found = Preference.objects.filter(user=user, key=layout_key(list_name)).first()
    value = found.value if found else {}
    return value if isinstance(value, dict) else {}


def layout_key(list_name: str) -> str:
    """Under which the layout of a list is kept."""
    return f"list.{list_name}"
