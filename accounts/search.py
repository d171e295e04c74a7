"""What accounts lets people find: runs, pages of the menu, actions; and what they opened last."""

import datetime as dt
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Permission
from accounts.selectors import list_runs
from accounts.selectors.recent import list_recent
from accounts.services.recent import KEPT, remember
from config.common import administration, navigation, search
from config.common.job_words import run_label
from config.common.models import JobRun
from config.common.search import Action, Hit, Match, Provider, Query
from config.common.templatetags.lz import moment

logger = logging.getLogger(__name__)

_DAY = re.compile(r"(20\d\d)[-/.年]?(\d\d?)[-/.月]?(\d\d?)日?")
_RUN = re.compile(r"[0-9]{1,18}", re.ASCII)


# --- runs ----------------------------------------------------------------------------------


def find_runs(user: User, query: Query, limit: int) -> list[Hit]:
    """Runs of a day (2026-11-20), or by number (#12)."""
    if len(query.words) != 1:
        return []
    [word] = query.words
    wanted: dict[str, Any] = {}
    if query.codes_only and _RUN.fullmatch(word):
        wanted["pk"] = int(word)
    elif not query.codes_only and (day := _day_of(word)):
        wanted["business_date"] = day
    if not wanted:
        return []
    runs = list_runs(user).select_related(None).filter(**wanted).order_by("-pk")
    return [_run(row) for row in runs[:limit]]


def _day_of(word: str) -> dt.date | None:
    if match := _DAY.fullmatch(word):
        with suppress(ValueError):
            return dt.date(int(match[1]), int(match[2]), int(match[3]))
    return None


def _run(row: JobRun) -> Hit:
    facts = [row.business_date.isoformat() if row.business_date else "", row.get_status_display()]
    facts.append(moment(row.created_at))
    return Hit(
        key=str(row.pk),
        label=f"#{row.pk} {run_label(row)}",
        line=" · ".join(fact for fact in facts if fact),
        url=reverse("run-detail", args=[row.pk]),
        match=Match.EXACT,
    )


# --- pages and actions ---------------------------------------------------------------------


def find_pages(user: User, query: Query, limit: int) -> list[Hit]:
    """Entries of the menu, and pages of the administration, that this person may open."""
    places = {
        page.url_name: (page.title, page.text, page.icon)
        for page in administration.pages_of(user.permissions)
    } | {item.url_name: (item.label, item.group, item.icon) for item in navigation.items_of(user)}
    found = []
    for name, (label, line, icon) in places.items():
        match = search.match_of(query.words, search.spoken(label))
        if match is not None:
            found.append(Hit(name, label, line, reverse(name), match, icon))
    return sorted(found, key=lambda hit: hit.match)[:limit]


def find_actions(user: User, query: Query, limit: int) -> list[Hit]:
    """What this person may do and that has a page of its own."""
    found = []
    for action in search.actions_of(user):
        key = f"{search.spoken(action.label)} {action.words.casefold()}"
        match = search.match_of(query.words, key)
        if match is not None:
            url = reverse(action.url_name)
            found.append(Hit(action.url_name, action.label, "", url, match, action.icon))
    return sorted(found, key=lambda hit: hit.match)[:limit]


# --- what was opened last ------------------------------------------------------------------


def recent_hits(user: User, limit: int) -> list[Hit]:
    """What this person opened last and may still open, the latest first."""
    return search.recall(user, list_recent(user, KEPT))[:limit]


class RememberOpenedMiddleware:
    """Remembers the pages of things that can be found, once the person has their answer.

    A provider names its page; the views know nothing of it. The row is written when the answer has
    been sent, so that nobody waits for it: SQLite has one writer, and a night may be it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        provider = search.provider_of_page(match.url_name) if match else None
        user = getattr(request, "user", None)
        if (
            match is None
            or provider is None
            or not isinstance(user, User)
            or request.method != "GET"
            or response.status_code != 200
            or request.headers.get("HX-Request")
        ):
            return response
        kind, key = provider.kind, str(match.kwargs[provider.page_key])
        late: list[Callable[[], None]] = response._resource_closers  # type: ignore[attr-defined]
        late.append(lambda: _remember(user, kind, key))
        return response


def _remember(user: User, kind: str, key: str) -> None:
    try:
        remember(kind=kind, key=key, by=user)
    except DatabaseError:
        logger.warning("what was opened could not be remembered", exc_info=True)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    search.register(
        Provider(
            kind="run",
            label=gettext_lazy("Runs"),
            icon="activity",
            permission=Permission.VIEW_RUNS,
            order=70,
            find=find_runs,
        )
    )
    search.register(
        Provider(
            kind="action",
            label=gettext_lazy("Actions"),
            icon="bolt",
            permission=Permission.VIEW_HOME,
            order=80,
            find=find_actions,
            is_page=True,
        )
    )
    search.register(
        Provider(
            kind="page",
            label=gettext_lazy("Go to page"),
            icon="arrow-right",
            permission=Permission.VIEW_HOME,
            order=90,
            find=find_pages,
            is_page=True,
        )
    )
    search.register_action(
        Action(
            gettext_lazy("Recompute now"),
            "run-start",
            "player-play",
            Permission.START_RUNS,
            words="night run recompute 夜间 计算 重算",
        )
    )
