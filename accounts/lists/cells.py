"""One cell of a list, changed in place: its field, the new value, and both values when they clash."""

import json
from dataclasses import dataclass
from typing import Any

import orjson
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import PersonRequest
from accounts.lists import render as cells
from accounts.lists.views import spec_or_404
from config.common.errors import ConflictError, DomainError
from config.common.lists import Column, InlineEdit, ListSpec
from config.common.pages import crumb

SAVED = "lz:cell-saved"


@dataclass(frozen=True)
class _Cell:
    """A cell that this person may change."""

    request: PersonRequest
    spec: ListSpec
    edit: InlineEdit
    column: Column
    row: Any

    @property
    def url(self) -> str:
        """Its address."""
        return cell_url(self.spec, self.row.pk, self.edit.code)

    @property
    def part(self) -> bool:
        """True when only the cell is asked for."""
        return bool(self.request.headers.get("HX-Request"))

    def text(self) -> str:
        """Its value as people read it."""
        value = self.column.read([self.row], self.request.user).get(self.row.pk)
        return cells.text_of(self.column, value)

    def display(self, extra: SafeString | str = "", status: int = 200) -> HttpResponse:
        """The cell as it stands in the list; ``extra`` stands in it, too."""
        value = self.column.read([self.row], self.request.user).get(self.row.pk)
        return HttpResponse(cells.cell(self.column, value, extra=extra), status=status)

    def form(self, data: Any = None) -> forms.Form:
        """Its field, with the value now."""
        form = forms.Form(data, auto_id=f"cell-{self.row.pk}-{self.edit.code}-%s")
        field = self.edit.field(self.row, self.request.user)
        field.label = str(self.column.label)
        if self.part:
            # The list is a form already, and the field must not be sent with it.
            field.widget.attrs["form"] = "lz-none"
        form.fields["value"] = field
        form.initial = {"value": self.edit.value(self.row)}
        return form

    def ask(self, form: forms.Form, seen: Any, status: int = 200) -> HttpResponse:
        """The field; without JavaScript on a page of its own."""
        context = {
            "url": self.url,
            "form": form,
            "seen": orjson.dumps(seen).decode(),
            "column": self.column,
            "label": self.spec.label(self.row),
            "back": _back(self.request, self.spec),
            "crumbs": self.crumbs(),
        }
        template = "lists/_cell_form.html" if self.part else "lists/cell.html"
        return render(self.request, template, context, status=status)

    def crumbs(self) -> list[dict[str, Any]]:
        """Where the page of the cell is."""
        return [
            crumb(_("Home"), reverse("home")),
            crumb(self.spec.title, reverse(self.spec.url_name)),
            crumb(self.spec.label(self.row)),
        ]


def cell_url(spec: ListSpec, pk: int, code: str) -> str:
    """The address of a cell."""
    return reverse("list-cell", kwargs={"name": spec.name, "pk": pk, "code": code})


@require_http_methods(["GET", "POST"])
def list_cell(request: PersonRequest, name: str, pk: int, code: str) -> HttpResponse:
    """GET: the cell's field, with ``show=1`` the cell. POST: the new value with the one that was seen."""
    cell = _cell_or_404(request, name, pk, code)
    if request.method == "POST":
        return _save(cell)
    if request.GET.get("show"):
        return cell.display()
    return cell.ask(cell.form(), cell.edit.value(cell.row))


def _cell_or_404(request: PersonRequest, name: str, pk: int, code: str) -> _Cell:
    spec = spec_or_404(request, name)
    edit = next((one for one in spec.inline if one.code == code), None)
    if edit is None:
        raise Http404
    if edit.permission not in request.user.permissions:
        raise PermissionDenied
    columns = spec.columns(request.user)
    column = next((one for one in columns if one.edit == code), None)
    if column is None or pk >= 2**63:
        raise Http404
    row = get_object_or_404(spec.rows(request.user), pk=pk)
    return _Cell(request, spec, edit, column, row)


def _save(cell: _Cell) -> HttpResponse:
    seen = _seen(cell.request)
    form = cell.form(cell.request.POST)
    if not form.is_valid():
        return cell.ask(form, seen, status=422)
    before, text_before = cell.edit.value(cell.row), cell.text()
    new = form.cleaned_data["value"]
    try:
        cell.edit.save(cell.row, new, seen, cell.request.user)
    except ConflictError:
        return _clash(_again(cell), form, new)
    except DomainError as error:
        form.add_error("value", error.message)
        return cell.ask(form, seen, status=422)
    return _saved(_again(cell), before, text_before)


def _again(cell: _Cell) -> _Cell:
    """The same cell with what is stored now."""
    row = get_object_or_404(cell.spec.rows(cell.request.user), pk=cell.row.pk)
    return _Cell(cell.request, cell.spec, cell.edit, cell.column, row)


def _saved(cell: _Cell, before: Any, text_before: str) -> HttpResponse:
    text = _("Changed to “%(value)s”") % {"value": cell.text()}
    if not cell.part:
        messages.success(cell.request, f"{cell.spec.label(cell.row)}: {text}")
        return redirect(_back(cell.request, cell.spec))
    response = cell.display(render_to_string("lists/_cell_saved.html"))
    now = cell.edit.value(cell.row)
    if now != before:
        told = {
            "text": f"{cell.spec.label(cell.row)}: {text}",
            "detail": _("Before: %(value)s") % {"value": text_before},
            "undo": _("Undo"),
            "url": cell.url,
            "value": "" if before is None else str(before),
            "seen": orjson.dumps(now).decode(),
        }
        # A header holds ASCII only, so not orjson.
        response["HX-Trigger"] = json.dumps({SAVED: told})
    return response


def _clash(cell: _Cell, form: forms.Form, mine: Any) -> HttpResponse:
    """Both values, and who is asked to choose."""
    stored = cell.edit.value(cell.row)
    context = {
        "url": cell.url,
        "column": cell.column,
        "label": cell.spec.label(cell.row),
        "mine": words_of(form.fields["value"], mine),
        "mine_value": form.data.get("value", ""),
        "stored": cell.text(),
        "stored_seen": orjson.dumps(stored).decode(),
        "back": _back(cell.request, cell.spec),
        "crumbs": cell.crumbs(),
    }
    if not cell.part:
        return render(cell.request, "lists/cell_clash.html", context, status=409)
    extra = render_to_string("lists/_cell_clash.html", context, cell.request)
    return cell.display(extra, 409)


def words_of(field: forms.Field, value: Any) -> str:
    """A value of a field as people read it."""
    choices: Any = getattr(field, "choices", ())
    words = {str(code): str(word) for code, word in choices}
    plain = "" if value is None else str(value)
    return words.get(plain, plain) or cells.NOTHING


def _seen(request: HttpRequest) -> Any:
    try:
        return orjson.loads(request.POST.get("seen", ""))
    except orjson.JSONDecodeError as error:
        raise DomainError(
            _("The value that you saw is missing; open the cell again."), code="no_seen"
        ) from error


def _back(request: HttpRequest, spec: ListSpec) -> str:
    """The list as it was left, without JavaScript."""
    asked = request.POST.get("back", "") or request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    return asked if own and reverse(spec.url_name) in asked else reverse(spec.url_name)
