"""What should be done next about a retailer, for the head of its page.

An app registers in ``AppConfig.ready``::

    next_action.register(
        Provider(
            columns=order_columns,  # (user, today) -> {name: expression}, read with the retailer's row
            find=find_orders,  # (user, retailer, today) -> actions
        )
    )

What a provider must know is a subquery on the retailer's row (``OuterRef("pk")``), so that all of them
together cost the head no query of their own. ``find`` asks the database nothing.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.utils.functional import Promise


class Urgency(IntEnum):
    """What comes first, most urgent first."""

    STATUS = 10
    HAND_OVER = 20
    NO_MANAGER = 30
    NOT_ORDERED = 40
    QUOTA_LEFT = 50
    NO_CONTACT = 60
    CLASS_WAITS = 70
    ROUTINE = 90


@dataclass(frozen=True)
class Action:
    """Something to do, or to know, about a retailer.

    Args:
        urgency: Its place among the others.
        text: One translated sentence with its figures.
        url: Where to do it.
        icon: A symbol of the sprite.
        tone: ``info``, ``warn``, ``bad`` or ``neutral``.
    """

    urgency: int
    text: Promise | str
    url: str
    icon: str
    tone: str = "info"


def _no_columns(_user: Any, _today: dt.date) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Provider:
    """What an app finds to do.

    Args:
        find: The actions that this person may take; reads only the row and its columns.
        columns: What it needs besides the row: names that begin with ``next_``, and subqueries.
    """

    find: Callable[[Any, Any, dt.date], list[Action]]
    columns: Callable[[Any, dt.date], dict[str, Any]] = _no_columns


_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a source. Called from ``AppConfig.ready``."""
    _providers.append(provider)


def columns_for(user: Any, today: dt.date) -> dict[str, Any]:
    """What the retailer must be annotated with."""
    found: dict[str, Any] = {}
    for provider in _providers:
        found |= provider.columns(user, today)
    return found


def actions_for(user: Any, retailer: Any, today: dt.date) -> list[Action]:
    """What there is to do about a retailer that carries ``columns_for``, the most urgent first."""
    found = [one for provider in _providers for one in provider.find(user, retailer, today)]
    return sorted(found, key=lambda one: one.urgency)
