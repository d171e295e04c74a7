"""Changes of many rows: the form with what would happen, the page of a change, undo."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import PersonRequest, requires
from accounts.lists.views import spec_or_404
from accounts.models import BulkChange, BulkChangeRow, BulkOutcome, BulkStatus
from accounts.roles import Permission
from accounts.selectors import changes as reads
from accounts.services import changes
from accounts.services.change_files import lines
from accounts.services.change_jobs import find_action
from accounts.services.changes import Prepared, Selection
from config.common import lists
from config.common.errors import ConflictError, DomainError
from config.common.lists import BulkAction, ListSpec, ListState
from config.common.pages import Question, ask, crumb, reason_of

MOST_TICKED = 1000
TOKEN = re.compile(r"[0-9a-f]{32}")
NEWEST_FIRST = lists.Sort(code="", field="id", label="", kind=int, descending=True)
BY_KEY = lists.Sort(code="", field="object_id", label="", kind=int)


# --- asking for a change --------------------------------------------------------------------


@dataclass
class _Asked:
    """A change as it is being asked for."""

    request: PersonRequest
    spec: ListSpec
    action: BulkAction
    selection: Selection
    form: forms.Form
    prepared: Prepared | None = None
    problem: str = ""
    reason_missing: bool = False

    def page(self, status: int = 200) -> HttpResponse:
        """The form; a fragment for HTMX."""
        back = reverse(self.spec.url_name) + _address(self.spec, self.request, self.selection.query)
        context = {
            "spec": self.spec,
            "action": self.action,
            "selection": self.selection,
            "form": self.form,
            "prepared": self.prepared,
            "problem": self.problem,
            "reason": reason_of(self.request)[:300],
            "reason_missing": self.reason_missing,
            "token": _token(self.request) or uuid.uuid4().hex,
            "filters": self._filters(),
            "back": back,
            "crumbs": [
                crumb(_("Home"), reverse("home")),
                crumb(self.spec.title, back),
                crumb(self.action.label),
            ],
        }
        part = bool(self.request.headers.get("HX-Request"))
        template = "lists/_change_form.html" if part else "lists/change.html"
        return render(self.request, template, context, status=status)

    def _filters(self) -> list[str]:
        if not self.selection.everything:
            return []
        state = ListState.parse(self.spec, self.request.user, self.selection.query)
        return [words for _name, words in state.chips()]


@require_POST
def list_change(request: PersonRequest, name: str, action: str) -> HttpResponse:
    """What a change asks and what it would do; with ``step=confirm``, start it."""
    spec = spec_or_404(request, name)
    found = spec.action(action)
    if found is None:
        raise Http404
    changes.require(spec, found, request.user)
    step = request.POST.get("step", "")
    selection = _selection(request)
    bare = not found.form(request.user).fields
    form = found.form(request.user, request.POST if step or bare else None)
    asked = _Asked(request, spec, found, selection, form)
    if not form.is_bound:
        return _first_look(asked)
    if not form.is_valid():
        return asked.page(422)
    return _start(asked) if step == "confirm" else _preview(asked)


def _first_look(asked: _Asked) -> HttpResponse:
    """The empty form, if there is anything to change."""
    rows = changes.chosen_rows(asked.spec, asked.selection, asked.request.user)
    if not rows.exists():
        asked.problem = _("No row is selected. Tick rows in the list, or select all that match.")
        return asked.page(422)
    return asked.page()


def _preview(asked: _Asked, status: int = 200) -> HttpResponse:
    try:
        asked.prepared = changes.prepare_change(
            spec=asked.spec,
            action=asked.action,
            selection=asked.selection,
            params=asked.action.params(asked.form),
            by=asked.request.user,
        )
    except DomainError as error:
        if error.status == 403:
            raise
        asked.problem = error.message
        return asked.page(422)
    return asked.page(status)


def _start(asked: _Asked) -> HttpResponse:
    request, token = asked.request, _token(asked.request)
    before = reads.change_by_token(request.user, changes.CHANGE, token) if token else None
    if before is not None:  # sent twice, by a double click or going back
        return _go_to(request, before)
    if asked.action.needs_reason and not reason_of(request):
        asked.reason_missing = True
        return _preview(asked, 422)
    try:
        change = changes.start_change(
            spec=asked.spec,
            action=asked.action,
            selection=asked.selection,
            params=asked.action.params(asked.form),
            seen=request.POST.get("seen", ""),
            reason=reason_of(request),
            token=token,
            by=request.user,
        )
    except DomainError as error:
        if error.status == 403:
            raise
        asked.problem = error.message
        return _preview(asked, 409 if isinstance(error, ConflictError) else 422)
    return _go_to(request, change)


def _go_to(request: PersonRequest, change: BulkChange) -> HttpResponse:
    url = reverse("change-detail", args=[change.pk])
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def _token(request: PersonRequest) -> str:
    token = request.POST.get("token", "")
    return token if TOKEN.fullmatch(token) else ""


def _selection(request: PersonRequest) -> Selection:
    keys = request.POST.getlist("keys")
    if len(keys) > MOST_TICKED or not all(_is_key(key) for key in keys):
        raise DomainError(_("This selection cannot be read; select again."), code="invalid_keys")
    everything = request.POST.get("all") == "1"
    ticked = () if everything else tuple(dict.fromkeys(int(key) for key in keys))
    return Selection(ticked, everything, request.POST.get("query", "").replace("\x00", ""))


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < 2**63


def _address(spec: ListSpec, request: PersonRequest, query: str) -> str:
    return ListState.parse(spec, request.user, query).address()


# --- changes that were made -----------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """A change in the list of changes."""

    change: BulkChange
    list_title: str
    label: str
    sentence: str
    list_url: str = ""


@require_GET
@requires(Permission.VIEW_HOME)
def change_list(request: PersonRequest) -> HttpResponse:
    """Who changed what, when; own changes, or those of the company."""
    found = reads.list_changes(request.user)
    page = lists.read_page(found, NEWEST_FIRST, cursor=request.GET.get("cursor", ""))
    context = {
        "page": page,
        "lines": [_line(change) for change in page.rows],
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(_("Changes of many rows"))],
    }
    return render(request, "lists/change_list.html", context)


def _line(change: BulkChange, request: PersonRequest | None = None) -> _Line:
    try:
        spec, action = find_action(change)
    except DomainError:
        return _Line(change, change.list_name, change.action, "")
    if request is not None:
        sentence = action.describe(change.params, request.user)
    else:  # As it was said to the person: to say it anew for fifty changes would ask fifty times.
        sentence = str(change.job.args.get("sentence", "")) if change.job is not None else ""
    url = reverse(spec.url_name)
    return _Line(change, str(spec.title), str(action.label), sentence, url)


@require_GET
@requires(Permission.VIEW_HOME)
def change_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """What became of a change, row by row; while it is at work, HTMX asks for the head alone."""
    change = get_object_or_404(reads.list_changes(request.user), pk=pk)
    context = _head(request, _line(change, request))
    if request.headers.get("HX-Request") and request.GET.get("part") == "progress":
        response = render(request, "lists/_change_progress.html", context)
        if not context["running"]:
            response["HX-Refresh"] = "true"
        return response
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in BulkOutcome.values else ""
    rows = lists.read_page(
        reads.change_rows(change, outcome), BY_KEY, cursor=request.GET.get("cursor", "")
    )
    context |= {
        "page": rows,
        "rows": _rows(change, rows.rows, request),
        "remarks": any(row.message for row in rows.rows),
        "outcome": outcome,
        "outcomes": _outcomes(change, outcome),
        "crumbs": [
            crumb(_("Home"), reverse("home")),
            crumb(_("Changes of many rows"), reverse("change-list")),
            crumb(f"#{change.pk}"),
        ],
    }
    return render(request, "lists/change_detail.html", context)


def _head(request: PersonRequest, line: _Line) -> dict[str, Any]:
    change = line.change
    undoing = change.undo_job is not None and change.status != BulkStatus.DONE
    job = change.undo_job if undoing else change.job
    newest = change.undo_job or change.job
    file = getattr(newest, "result_file", None) if newest is not None else None
    why = changes.why_not_undone(change, request.user)
    return {
        "change": change,
        "line": line,
        "list_url": line.list_url,
        "job": job,
        "failed": newest if newest is not None and newest.error else None,
        "running": change.status in (BulkStatus.QUEUED, BulkStatus.UNDOING),
        "file": file if file is not None and file.user_id == request.user.pk else None,
        "why_not": why,
        "question": None if why else _undo_question(change),
        "last_moment": changes.last_moment(change),
        "left": change.changed - change.restored - change.clashed,
    }


def _rows(
    change: BulkChange, rows: Sequence[BulkChangeRow], request: PersonRequest
) -> list[tuple[BulkChangeRow, str, str, str]]:
    """Rows with their state before and after in words, and the address of their page."""
    try:
        spec, action = find_action(change)
    except DomainError:
        return [(row, "", "", "") for row in rows]
    shown = lines(rows, action, request.user)
    visible = spec.rows(request.user).in_bulk([row.object_id for row in rows])
    return [
        (row, line[2], line[3], _link(spec, visible.get(row.object_id)))
        for row, line in zip(rows, shown, strict=True)
    ]


def _link(spec: ListSpec, row: Any) -> str:
    return spec.link(row) if row is not None and spec.link is not None else ""


def _outcomes(change: BulkChange, chosen: str) -> list[dict[str, Any]]:
    """Which outcomes there are, as filters."""
    left = change.changed - change.restored - change.clashed
    numbers = {
        BulkOutcome.CHANGED: left,
        BulkOutcome.SAME: change.same,
        BulkOutcome.REFUSED: change.refused,
        BulkOutcome.RESTORED: change.restored,
        BulkOutcome.CLASH: change.clashed,
    }
    return [
        {"code": code.value, "label": code.label, "number": number, "chosen": code == chosen}
        for code, number in numbers.items()
        if number
    ]


def _undo_question(change: BulkChange) -> Question:
    left = change.changed - change.restored - change.clashed
    return Question(
        id="undo-change",
        title=_("Undo this change?"),
        text=_(
            "Every changed row gets the value back that it had before. Rows that somebody has changed "
            "since stay as they are and are listed. Undoing cannot be undone."
        ),
        url=reverse("change-undo", args=[change.pk]),
        label=_("Undo"),
        facts=[(_("Rows"), f"{left:,}")],
        danger=True,
        icon="arrow-back-up",
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.VIEW_HOME)
def change_undo(request: PersonRequest, pk: int) -> HttpResponse:
    """Undo a change, after a question."""
    change = get_object_or_404(reads.list_changes(request.user), pk=pk)
    spec, action = find_action(change)
    detail = reverse("change-detail", args=[pk])
    if request.method == "GET":
        changes.check_undo(change, request.user)
    crumbs = [
        crumb(_("Home"), reverse("home")),
        crumb(_("Changes of many rows"), reverse("change-list")),
        crumb(f"#{pk}", detail),
        crumb(_("Undo")),
    ]
    if asked := ask(request, _undo_question(change), crumbs=crumbs):
        return asked
    changes.start_undo(change=change, spec=spec, action=action, by=request.user)
    messages.success(request, _("Undoing is in the queue. This page shows how far it is."))
    return redirect(detail)
