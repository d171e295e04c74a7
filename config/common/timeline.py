"""What happened to a retailer as one stream: an app says what it knows, a person sees what they may.

An app registers in ``AppConfig.ready``::

    timeline.register(
        Provider(
            kind="order",
            label=gettext_lazy("Orders"),
            icon="shopping-cart",
            permission=Permission.VIEW_SALES,
            order=60,
            find=find_orders,  # (user, retailer, before, limit) -> entries, the newest first
        )
    )

Who may see the retailer is asked before; a person without the permission of a kind never reaches its
provider. Each is asked for one entry more than a page holds, so the number of queries does not depend
on what happened. At one moment, kinds stand in their order and entries of a kind by their key, the
largest first: the place of every entry is exact, and "earlier ones" neither repeats nor leaves one out.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from config.common.periods import SHANGHAI

PAGE = 20
_NONE_OF_THEM, _ALL_OF_THEM = -1, 2**63 - 1
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FUTURE = dt.datetime(2999, 12, 31, tzinfo=dt.UTC)
_CURSOR = re.compile(r"(\d{1,17})\.([a-z_]{1,20})\.(\d{1,19})", re.ASCII)


@dataclass(frozen=True)
class Before:
    """Where a page begins, for one kind: entries before this moment, or at it with a smaller key."""

    at: dt.datetime
    key: int

    def condition(self, at: str = "at", key: str = "pk") -> Q:
        """Rows that come now, by the column of the moment and the column of the key."""
        at_it = Q(**{at: self.at, f"{key}__lt": self.key})
        # The first part alone is what an index can use.
        return Q(**{f"{at}__lte": self.at}) & (Q(**{f"{at}__lt": self.at}) | at_it)

    @property
    def is_first(self) -> bool:
        """True for the first page."""
        return self.at == _FUTURE

    @property
    def last_day(self) -> dt.date:
        """For entries that have a day only (``day_start``, key 0): the last day that comes now."""
        day = self.at.astimezone(SHANGHAI).date()
        is_over = self.at == day_start(day) and self.key <= 0
        return day - dt.timedelta(days=1) if is_over else day

    def admits(self, entry: "Entry") -> bool:
        """Does this entry come now?"""
        return (entry.at, entry.key) < (self.at, self.key)


@dataclass(frozen=True)
class Entry:
    """Something that happened.

    Args:
        at: When; ``day_start`` where only the day is known.
        key: Tells entries of one kind at one moment apart; a whole number from 0 on.
        title: What happened, a translated sentence; safe where figures can be switched.
        text: More, below it.
        changes: As in an audit event: from what to what.
        by: Who did it.
        reason: Why, in their words.
        url: Where to see more.
        icon: A symbol of the sprite; the provider's if empty.
        day_only: True when the time of the day is not known.
        pinned: It stands on top of the first page, whenever it was.
        file: Name and address of a file.
        pin_url: Where it is pinned and let go, for who may.
    """

    at: dt.datetime
    key: int
    title: Promise | SafeString | str
    text: SafeString | str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    reason: str = ""
    url: str = ""
    icon: str = ""
    day_only: bool = False
    pinned: bool = False
    file: tuple[str, str] | None = None
    pin_url: str = ""


Find = Callable[[Any, Any, Before, int], Iterable[Entry]]


@dataclass(frozen=True)
class Provider:
    """What an app knows of a retailer's past.

    Args:
        kind: Short name in addresses, small letters.
        label: What such entries are called, on the filter.
        icon: Symbol of its entries.
        permission: Who sees them, a value of ``Permission``.
        order: Place of the filter, and among entries at one moment.
        find: The newest entries before a place, at most so many (pinned ones beyond that); of the
            retailer, and only what this person may see.
    """

    kind: str
    label: Promise | str
    icon: str
    permission: str
    order: int
    find: Find


@dataclass(frozen=True)
class Line:
    """An entry with whose it is."""

    provider: Provider
    entry: Entry

    @cached_property
    def icon(self) -> str:
        """Symbol of the sprite."""
        return self.entry.icon or self.provider.icon

    @cached_property
    def day(self) -> dt.date:
        """The day it stands under."""
        return self.entry.at.astimezone(SHANGHAI).date()


@dataclass(frozen=True)
class Page:
    """A page of the stream.

    Args:
        pinned: What stays on top; only on the first page.
        lines: The others, the newest first.
        following: Cursor of the earlier ones; "" at the end.
        day: The day under which the page before has ended, or None.
    """

    pinned: list[Line]
    lines: list[Line]
    following: str
    day: dt.date | None

    @property
    def days(self) -> list[tuple[dt.date, list[Line]]]:
        """The lines by day."""
        found: dict[dt.date, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.day, []).append(line)
        return list(found.items())


_providers: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Add a kind of entries. Called from ``AppConfig.ready``."""
    _providers[provider.kind] = provider


def providers_of(user: Any) -> list[Provider]:
    """The kinds that this person may see, in order."""
    return [one for one in _ordered() if one.permission in user.permissions]


def _ordered() -> list[Provider]:
    return sorted(_providers.values(), key=lambda one: (one.order, one.kind))


def day_start(day: dt.date) -> dt.datetime:
    """The moment of an entry of which only the day is known: it stands below the others of its day."""
    return dt.datetime.combine(day, dt.time(), tzinfo=SHANGHAI)


def read(
    user: Any,
    retailer: Any,
    *,
    kinds: Sequence[str] = (),
    cursor: str = "",
    limit: int = PAGE,
) -> Page:
    """A page of what happened to a retailer that this person may see.

    Args:
        user: Who asks.
        retailer: Of what; scoped.
        kinds: Only these; none for all.
        cursor: ``following`` of the page before; one that cannot be read begins anew.
        limit: Entries of a page.
    """
    place = _place(cursor)
    ranks = {one.kind: rank for rank, one in enumerate(_ordered())}
    asked = [one for one in providers_of(user) if not kinds or one.kind in kinds]
    found = [
        Line(provider, entry)
        for provider in asked
        for entry in provider.find(user, retailer, _before(place, provider, ranks), limit + 1)
    ]
    others = [line for line in found if not line.entry.pinned]
    others.sort(key=lambda line: (line.entry.at, -ranks[line.provider.kind], line.entry.key))
    others.reverse()
    pinned = [] if place else [line for line in found if line.entry.pinned]
    more = len(others) > limit
    lines = others[:limit]
    day = place[0].astimezone(SHANGHAI).date() if place else None
    return Page(pinned, lines, _cursor(lines[-1]) if more else "", day)


def _before(
    place: tuple[dt.datetime, str, int] | None, provider: Provider, ranks: dict[str, int]
) -> Before:
    """Where the page begins for this kind: at one moment, kinds further on have not been shown yet."""
    if place is None:
        return Before(_FUTURE, _NONE_OF_THEM)
    at, kind, key = place
    if kind == provider.kind:
        return Before(at, key)
    is_to_come = ranks[provider.kind] > ranks[kind]
    return Before(at, _ALL_OF_THEM if is_to_come else _NONE_OF_THEM)


def _cursor(line: Line) -> str:
    microseconds = (line.entry.at - _EPOCH) // dt.timedelta(microseconds=1)
    return f"{microseconds}.{line.provider.kind}.{line.entry.key}"


def _place(cursor: str) -> tuple[dt.datetime, str, int] | None:
    match = _CURSOR.fullmatch(cursor)
    if match is None or match[2] not in _providers:
        return None
    at = _EPOCH + dt.timedelta(microseconds=int(match[1]))
    key = int(match[3])
    return (at, match[2], key) if at <= _FUTURE and key <= _ALL_OF_THEM else None
