"""Pages made of panels: an app shows its part of a page that an app below it owns.

The page knows only this registry, so ``customers`` never imports ``allocation`` and still shows a
retailer's quotas. Apps register in ``AppConfig.ready``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise


@dataclass(frozen=True)
class Panel:
    """A part of a page, fetched as an HTMX fragment of its own.

    Args:
        page: Name of the page it belongs to: ``home``, ``retailer``, ``product``.
        code: Unique on the page; the id of its element.
        title: Shown while it loads, translated.
        permission: Who sees it, a value of ``Permission``.
        url_name: Answers with the fragment; gets the arguments of the page.
        order: Place on the page, from small to large.
        wide: Takes the whole width of the page instead of half of it.
        about: One line for whoever chooses cards.
        roles: Whose usual cards of the home page it belongs to; empty for everybody's. Others may add it.
    """

    page: str
    code: str
    title: Promise | str
    permission: str
    url_name: str
    order: int
    wide: bool = False
    about: Promise | str = ""
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Waiting:
    """Something a person should look at.

    Args:
        text: What it is, a translated sentence with its figures.
        url: Where to deal with it.
        tone: ``info``, ``warn`` or ``bad``.
    """

    text: str
    url: str
    tone: str = "info"


WaitingProvider = Callable[[Any], list[Waiting]]

_panels: list[Panel] = []
_waiting: list[WaitingProvider] = []
_alerts: list[WaitingProvider] = []


def register(panel: Panel) -> None:
    """Add a panel to a page."""
    _panels.append(panel)


def register_waiting(provider: WaitingProvider) -> None:
    """Add a source of the list "what waits for me". It gets the person and answers their entries."""
    _waiting.append(provider)


def register_alert(provider: WaitingProvider) -> None:
    """Add a source of the card "alerts": what looks wrong in the data, whoever deals with it."""
    _alerts.append(provider)


def registered(page: str, permissions: Iterable[str]) -> list[Panel]:
    """The panels of a page that a person may see, in their usual order."""
    allowed = set(permissions)
    found = [panel for panel in _panels if panel.page == page and panel.permission in allowed]
    return sorted(found, key=lambda panel: panel.order)


def addressed(panel: Panel, *args: Any) -> dict[str, Any]:
    """A panel as ``components/_panels.html`` wants it: with the address of its fragment."""
    return {
        "id": f"panel-{panel.code}",
        "title": panel.title,
        "wide": panel.wide,
        "url": reverse(panel.url_name, args=args),
    }


def panels_of(page: str, permissions: Iterable[str], *args: Any) -> list[dict[str, Any]]:
    """The panels of a page that a person may see, in order, with the address of each fragment.

    Args:
        page: Name of the page.
        permissions: What the person may do.
        args: Arguments of the page's address, such as the key of the retailer.
    """
    return [addressed(panel, *args) for panel in registered(page, permissions)]


def waiting_for(user: Any) -> list[Waiting]:
    """Everything that waits for a person, the gravest first."""
    return _gravest_first(_waiting, user)


def alerts_for(user: Any) -> list[Waiting]:
    """Everything that looks wrong in what a person sees, the gravest first."""
    return _gravest_first(_alerts, user)


def _gravest_first(providers: list[WaitingProvider], user: Any) -> list[Waiting]:
    gravity = {"bad": 0, "warn": 1, "info": 2}
    found = [entry for provider in providers for entry in provider(user)]
    return sorted(found, key=lambda entry: gravity[entry.tone])
