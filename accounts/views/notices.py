"""Notices of a person: the list behind the bell, the page, what is muted."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from accounts.selectors import notices as reads
from accounts.selectors.tasks import desk_counts
from accounts.services import notices
from config.common import lists
from config.common.pages import crumb, render_panel

NEWEST_FIRST = lists.Sort(code="", field="id", label="", kind=int, descending=True)
LATEST = 8
NO_DAY = dt.date(2000, 1, 1)


def _crumbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        crumb(_("Home"), reverse("home")),
        crumb(_("Notices"), reverse("notice-list") if more else ""),
        *more,
    ]


def _line(folded: reads.Folded) -> dict[str, Any]:
    """A folded line with its words: one notice as itself, several as their number."""
    kind = notices.kind_of(folded.kind)
    alone = folded.count == 1
    return {
        "kind": kind,
        "count": folded.count,
        "unread": folded.unread,
        "at": folded.last.created_at,
        "text": notices.words(folded.last)
        if alone
        else notices.many_words(folded.kind, folded.count),
        "url": reverse("notice-open", args=[folded.last.pk])
        if alone
        else reverse("notice-day", args=[folded.day.isoformat(), folded.kind]),
    }


def _bell(request: PersonRequest) -> HttpResponse:
    lines, _more = reads.folded_notices(request.user, size=LATEST)
    context = {"lines": [_line(line) for line in lines], "desk": desk_counts(request.user)}
    return render_panel(request, "accounts/desk/_bell.html", context, title=_("Notices"))


@require_GET
@requires(Permission.VIEW_HOME)
def notice_bell(request: PersonRequest) -> HttpResponse:
    """The latest, for the list behind the bell."""
    return _bell(request)


@require_GET
@requires(Permission.VIEW_HOME)
def desk_state(request: PersonRequest) -> HttpResponse:
    """The numbers in the top bar, asked for once a minute by a page that is looked at.

    The page also learns who is logged in now: it may not be the person who opened it.
    """
    context = {"desk": desk_counts(request.user)}
    response = render_panel(request, "accounts/desk/_counts.html", context, title=_("Notices"))
    response["X-Person"] = str(request.user.pk)
    return response


@require_GET
@requires(Permission.VIEW_HOME)
def notice_list(request: PersonRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    unread_only = request.GET.get("show") == "unread"
    lines, following = reads.folded_notices(
        request.user,
        before=int(before[:18]) if before.isascii() and before.isdigit() else None,
        unread_only=unread_only,
    )
    context = {
        "days": [
            {"day": day.day, "lines": [_line(line) for line in day.entries]}
            for day in reads.by_day(lines)
        ],
        "following": following,
        "is_first": not before,
        "unread_only": unread_only,
        "crumbs": _crumbs(),
    }
    return render(request, "accounts/desk/notices.html", context)


def _day(text: str) -> dt.date:
    """A day in an address; one on which there is nothing where it is none."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return NO_DAY
    return day if NO_DAY < day < dt.date(2100, 1, 1) else NO_DAY


@require_GET
@requires(Permission.VIEW_HOME)
def notice_day(request: PersonRequest, day: str, kind: str) -> HttpResponse:
    """What is behind a folded line."""
    date = _day(day)
    found = reads.notices_of_day(request.user, date, kind)
    page = lists.read_page(found, NEWEST_FIRST, cursor=request.GET.get("cursor", ""))
    context = {
        "page": page,
        "day": date,
        "kind": notices.kind_of(kind),
        "lines": [
            {
                "text": notices.words(notice),
                "at": notice.created_at,
                "unread": notice.read_at is None,
                "url": reverse("notice-open", args=[notice.pk]),
            }
            for notice in page.rows
        ],
        "crumbs": _crumbs(crumb(f"{date}")),
    }
    status = 200 if page.rows or request.GET.get("cursor") else 404
    return render(request, "accounts/desk/notice_day.html", context, status=status)


@require_GET
@requires(Permission.VIEW_HOME)
def notice_open(request: PersonRequest, pk: int) -> HttpResponse:
    """Go where a notice leads; from then on it is read."""
    notice = get_object_or_404(reads.list_notices(request.user), pk=pk)
    notices.mark_read(user=request.user, notices=reads.list_notices(request.user).filter(pk=pk))
    return redirect(_safe(request, notice.url))


@require_POST
@requires(Permission.VIEW_HOME)
def notice_read(request: PersonRequest) -> HttpResponse:
    """Mark as read: the notices of one kind and day, or all of them."""
    found = reads.list_notices(request.user)
    day, kind = request.POST.get("day", ""), request.POST.get("kind", "")
    if day or kind:
        found = reads.notices_of_day(request.user, _day(day), kind)
    number = notices.mark_read(user=request.user, notices=found)
    if request.headers.get("HX-Request"):
        return _bell(request)
    words = ngettext("%(n)d notice is read now.", "%(n)d notices are read now.", number)
    messages.success(request, words % {"n": number})
    return redirect("notice-list")


@require_http_methods(["GET", "POST"])
@requires(Permission.VIEW_HOME)
def notice_settings(request: PersonRequest) -> HttpResponse:
    kinds = notices.kinds_for(request.user)
    if request.method == "POST":
        wanted = set(request.POST.getlist("kinds"))
        notices.mute(user=request.user, muted={kind.code for kind in kinds} - wanted)
        messages.success(request, _("Saved: you are told only what is ticked here."))
        return redirect("notice-settings")
    chosen = reads.muted_kinds(request.user)
    context = {
        "kinds": [
            (kind, not notices.is_muted(chosen, kind.code, default=not kind.default_on))
            for kind in kinds
        ],
        "crumbs": _crumbs(crumb(_("Which notices I get"))),
    }
    return render(request, "accounts/desk/notice_settings.html", context)


def _safe(request: PersonRequest, url: str) -> str:
    allowed = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()})
    return url if allowed and url.startswith("/") else reverse("notice-list")
