"""What apps bring to the administration: pages with a card, choices, and what ties a person or unit.

``accounts`` draws the pages and owns people and units; the apps above know what hangs on them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Words = Promise | str


@dataclass(frozen=True)
class AdminPage:
    """A page of the administration, as a card of its overview and an entry of the menu.

    Args:
        title: What it is called.
        text: What one does there, in a sentence.
        icon: Name of a symbol of the sprite.
        url_name: Where it is.
        permission: Who may open it.
        order: Place, from small to large.
        figure: A figure for the card: ``user -> "12 people, 1 locked"``; "" shows none.
        in_menu: False for pages that are reached from the overview only.
    """

    title: Words
    text: Words
    icon: str
    url_name: str
    permission: str
    order: int
    figure: Callable[[Any], str] | None = None
    in_menu: bool = True


@dataclass(frozen=True)
class Tie:
    """Something that hangs on a person or a unit.

    Args:
        words: What and how much: "looks after 152 retailers".
        url: Where to see it; "" for nowhere.
        holds: True when it must be moved away first (before a role changes, before a unit is closed).
    """

    words: str
    url: str = ""
    holds: bool = True


_pages: list[AdminPage] = []
_person_ties: list[Callable[[int], list[Tie]]] = []
_unit_ties: list[Callable[[Any], list[Tie]]] = []
_retailers_by_unit: Callable[[int], dict[int, int]] | None = None
_manufacturers: Callable[[], list[str]] | None = None


def register(page: AdminPage) -> None:
    """Add a page. Called from ``AppConfig.ready``."""
    _pages.append(page)


def pages_of(permissions: frozenset[Any]) -> list[AdminPage]:
    """The pages somebody with these permissions may open, in order."""
    allowed = [page for page in _pages if page.permission in permissions]
    return sorted(allowed, key=lambda page: page.order)


def on_person_ties(source: Callable[[int], list[Tie]]) -> None:
    """Say what hangs on a person (by primary key). Called from ``AppConfig.ready``."""
    _person_ties.append(source)


def person_ties(person_id: int) -> list[Tie]:
    """Everything that hangs on a person."""
    return [tie for source in _person_ties for tie in source(person_id)]


def on_unit_ties(source: Callable[[Any], list[Tie]]) -> None:
    """Say what hangs on a unit of the organisation. Called from ``AppConfig.ready``."""
    _unit_ties.append(source)


def unit_ties(unit: Any) -> list[Tie]:
    """Everything that hangs on a unit."""
    return [tie for source in _unit_ties for tie in source(unit)]


def on_retailers_by_unit(source: Callable[[int], dict[int, int]]) -> None:
    """Say how many retailers every unit of a company has. Called from ``AppConfig.ready``."""
    global _retailers_by_unit
    _retailers_by_unit = source


def retailers_by_unit(company_id: int) -> dict[int, int]:
    """Retailers by unit (all levels); a unit without any is missing."""
    return _retailers_by_unit(company_id) if _retailers_by_unit is not None else {}


def on_manufacturers(source: Callable[[], list[str]]) -> None:
    """Say which manufacturers there are, for industry partners. Called from ``AppConfig.ready``."""
    global _manufacturers
    _manufacturers = source


def manufacturers() -> list[str]:
    """Names of the manufacturers, in order."""
    return _manufacturers() if _manufacturers is not None else []
