"""The menu. Apps register their entries; a person sees what they may open."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise


@dataclass(frozen=True)
class NavItem:
    """An entry of the menu.

    Args:
        label: Shown text, translated.
        url_name: Where it leads.
        icon: Name of a symbol of the icon sprite.
        permission: Who sees it, a value of ``Permission``.
        order: Place in the menu, from small to large.
        group: Heading it stands under.
        badge: Counts what waits, for this request; 0 shows nothing.
        key: Letter that opens it after "g"; empty for none.
    """

    label: Promise | str
    url_name: str
    icon: str
    permission: str
    order: int
    group: Promise | str = ""
    badge: Callable[[HttpRequest], int] | None = None
    key: str = ""


_items: list[NavItem] = []


def register(item: NavItem) -> None:
    """Add an entry. Called from ``AppConfig.ready``."""
    _items.append(item)


def items_of(user: Any) -> list[NavItem]:
    """The entries that this person may open, in order."""
    allowed = [item for item in _items if item.permission in user.permissions]
    return sorted(allowed, key=lambda item: item.order)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: the menu, version and demo mark."""
    context: dict[str, Any] = {
        "version": settings.VERSION,
        "is_demo": getattr(settings, "DEMO", False),
        "request_id": getattr(request, "request_id", ""),
        "nav": [],
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
    context["user_title"] = user.get_role_display()
    groups: dict[str, dict[str, Any]] = {}
    for item in items_of(user):
        url = reverse(item.url_name)
        group = groups.setdefault(str(item.group), {"label": item.group, "items": []})
        group["items"].append(
            {
                "label": item.label,
                "url": url,
                "icon": item.icon,
                "active": request.path == url or (url != "/" and request.path.startswith(url)),
                "badge": item.badge(request) if item.badge else 0,
                "key": item.key,
            }
        )
    context["nav"] = list(groups.values())
    return context
