"""Search everything: a page that needs no script, and the list of the box that Ctrl+K opens."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from accounts.search import recent_hits
from config.common import search
from config.common.pages import crumb
from config.common.search import Group

IN_BOX, ON_PAGE, OF_ONE_KIND = 6, 10, 50
RECENT = 8


def _asked(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[: search.LONGEST]


def _groups(request: PersonRequest, text: str, *, limit: int, kind: str = "") -> list[Group]:
    """What was found; before anything is typed, what was opened last."""
    query = search.parse(text)
    if query.prefix == search.PAGES:
        limit = OF_ONE_KIND
    if query.words or query.prefix:
        return search.find(request.user, query, limit=limit, kind=kind)
    recent = recent_hits(request.user, RECENT)
    groups = [Group("recent", _("Opened last"), recent, "history")] if recent else []
    return groups + search.find(request.user, search.parse(search.PAGES), limit=OF_ONE_KIND)


@require_GET
@requires(Permission.VIEW_HOME)
def search_page(request: PersonRequest) -> HttpResponse:
    """Everything that was found, by kind; ``kind`` shows more of one."""
    text, kind = _asked(request), request.GET.get("kind", "")
    limit = OF_ONE_KIND if kind else ON_PAGE
    groups = _groups(request, text, limit=limit, kind=kind)
    context: dict[str, Any] = {
        "text": text,
        "kind": kind,
        "groups": [
            (group, "" if kind or len(group.hits) < limit else _address(text, group.kind))
            for group in groups
        ],
        "all_url": _address(text),
        "is_asked": bool(search.parse(text).words),
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(_("Search"))],
    }
    return render(request, "accounts/search.html", context)


def _address(text: str, kind: str = "") -> str:
    wanted = {"q": text, "kind": kind} if kind else {"q": text}
    return f"{reverse('search')}?{urlencode(wanted)}"


@require_GET
@requires(Permission.VIEW_HOME)
def search_box(request: PersonRequest) -> HttpResponse:
    """The options of the box for what has been typed so far."""
    text = _asked(request)
    context = {
        "text": text,
        "groups": _groups(request, text, limit=IN_BOX),
        "all_url": _address(text) if search.parse(text).words else "",
    }
    return render(request, "accounts/search_box.html", context)
