"""Search everything: an app says what can be found in it, everybody finds what they may open.

An app registers in ``AppConfig.ready``::

    search.register(
        Provider(
            kind="product",
            label=gettext_lazy("Products"),
            icon="package",
            permission=Permission.VIEW_PRODUCTS,
            order=20,
            find=find_products,  # (user, query, limit) -> hits, scoped by ``visible_to(user)``
            recall=recall_products,  # (user, keys) -> hits, for what was opened before
            page="product-detail",
        )
    )
    search.register_action(Action(gettext_lazy("Upload a file"), "file-upload", "upload", …))

A provider asks as few queries as it can and never one per hit; a person without its permission never
reaches it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from config.common.pinyin import narrow, search_key

LONGEST = 200
PAGES, CODES = ">", "#"
# What a Chinese keyboard sends for the two signs.
_PREFIXES = {">": PAGES, "＞": PAGES, "》": PAGES, "#": CODES, "＃": CODES}


class Match(IntEnum):
    """How well a word fits, best first."""

    EXACT = 0
    PREFIX = 1
    CONTAINED = 2


@dataclass(frozen=True)
class Query:
    """What somebody looks for.

    Args:
        words: Small letters; all must occur.
        prefix: ``>`` for pages and actions only, ``#`` for codes only, or empty.
    """

    words: tuple[str, ...]
    prefix: str = ""

    @property
    def codes_only(self) -> bool:
        """True when names are not asked for."""
        return self.prefix == CODES


@dataclass(frozen=True)
class Hit:
    """Something that was found.

    Args:
        key: What it is called by within its kind, for the recent items.
        label: Its name.
        line: More to tell it from others: code, county, month.
        url: Its page.
        match: How well it fits.
        icon: A symbol of the sprite; the provider's if empty.
    """

    key: str
    label: Promise | str
    line: Promise | str
    url: str
    match: Match = Match.CONTAINED
    icon: str = ""


Find = Callable[[Any, Query, int], list[Hit]]
Recall = Callable[[Any, list[str]], list[Hit]]


@dataclass(frozen=True)
class Provider:
    """What an app lets people find.

    Args:
        kind: Short name, stored with recent items.
        label: Heading of its hits, translated.
        icon: Symbol of its hits.
        permission: Who may find them, a value of ``Permission``.
        order: Place among equally good groups.
        find: Best hits first, at most so many, only what this person may open.
        recall: Hits by key, only what this person may still open.
        page: Name of the address of a hit's page: opening it makes a recent item.
        page_key: Argument of that address which is the key.
        more: Address of a list with the same words, or "".
        is_page: True for pages and actions, which ``>`` asks for.
    """

    kind: str
    label: Promise | str
    icon: str
    permission: str
    order: int
    find: Find
    recall: Recall | None = None
    page: str = ""
    page_key: str = "pk"
    more: Callable[[str], str] | None = None
    is_page: bool = False


@dataclass(frozen=True)
class Action:
    """Something to do that has an address of its own, such as "Recompute now".

    Args:
        label: What is done, translated.
        url_name: Where.
        icon: Symbol.
        permission: Who may do it.
        words: More words it is found by, in both languages.
    """

    label: Promise | str
    url_name: str
    icon: str
    permission: str
    words: str = ""


@dataclass(frozen=True)
class Group:
    """Hits of one kind."""

    kind: str
    label: Promise | str
    hits: list[Hit]
    icon: str = ""
    more_url: str = ""


_providers: dict[str, Provider] = {}
_actions: list[Action] = []


def register(provider: Provider) -> None:
    """Add something that can be found. Called from ``AppConfig.ready``."""
    _providers[provider.kind] = provider


def register_action(action: Action) -> None:
    """Add something to do. Called from ``AppConfig.ready``."""
    _actions.append(action)


def providers_of(user: Any) -> list[Provider]:
    """What this person may look for, in order."""
    allowed = [one for one in _providers.values() if one.permission in user.permissions]
    return sorted(allowed, key=lambda provider: provider.order)


def actions_of(user: Any) -> list[Action]:
    """What this person may do."""
    return [action for action in _actions if action.permission in user.permissions]


def provider_of_page(url_name: str | None) -> Provider | None:
    """Whose hits have this page."""
    return next((one for one in _providers.values() if url_name and one.page == url_name), None)


# --- what was typed ------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    """The words of a text in small letters; wide letters and digits as the keyboard has them."""
    return list(dict.fromkeys(narrow(text[:LONGEST]).casefold().split()))


def parse(text: str) -> Query:
    """What somebody looks for: words, and what a leading ``>`` or ``#`` narrows it to."""
    text = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
    text = text.strip()
    prefix = _PREFIXES.get(text[:1], "")
    return Query(words=tuple(words_of(text[1:] if prefix else text)), prefix=prefix)


def match_of(words: Sequence[str], key: str) -> Match | None:
    """How well all words fit a search key (parts parted by blanks), or None if one is missing."""
    padded = f" {key} "
    found = Match.EXACT
    for word in words:
        if word not in padded:
            return None
        if f" {word} " not in padded:
            found = max(found, Match.PREFIX if f" {word}" in padded else Match.CONTAINED)
    return found


def whole_numbers(keys: Sequence[str]) -> list[int]:
    """Keys that can be primary keys."""
    return [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19]


def spoken(*labels: Promise | str) -> str:
    """What labels of ours are searched by: in each language, with initials of the Chinese."""
    keys = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            keys += [_spoken(str(label)) for label in labels]
    return " ".join(dict.fromkeys(keys))


@lru_cache(maxsize=2000)
def _spoken(label: str) -> str:
    return search_key(label)


# --- asking --------------------------------------------------------------------------------


def find(user: Any, query: Query, *, limit: int, kind: str = "") -> list[Group]:
    """What this person finds, by kind; the kinds with the best hits first.

    Args:
        user: Who asks.
        query: What for; without words it finds pages and actions only.
        limit: Hits per kind.
        kind: Only this one; empty for all.
    """
    groups = []
    for provider in providers_of(user):
        if (kind and provider.kind != kind) or not _is_asked(provider, query):
            continue
        hits = provider.find(user, query, limit)[:limit]
        if hits:
            full = len(hits) == limit and provider.more is not None and not query.prefix
            more = provider.more(" ".join(query.words)) if full and provider.more else ""
            groups.append(Group(provider.kind, provider.label, hits, provider.icon, more))
    return sorted(groups, key=lambda group: min(hit.match for hit in group.hits))


def _is_asked(provider: Provider, query: Query) -> bool:
    if query.prefix == PAGES:
        return provider.is_page
    if query.codes_only:
        return bool(query.words) and not provider.is_page
    return bool(query.words)


def recall(user: Any, seen: Sequence[tuple[str, str]]) -> list[Hit]:
    """What a person opened before, in this order; what they may not open any more is left out.

    Args:
        user: Who asks.
        seen: Kind and key.
    """
    found: dict[tuple[str, str], Hit] = {}
    for provider in providers_of(user):
        keys = [key for kind, key in seen if kind == provider.kind]
        if keys and provider.recall is not None:
            for hit in provider.recall(user, keys):
                icon = hit.icon or provider.icon
                found[(provider.kind, hit.key)] = Hit(
                    hit.key, hit.label, hit.line, hit.url, hit.match, icon
                )
    return [found[one] for one in seen if one in found]
