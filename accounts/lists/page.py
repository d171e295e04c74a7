"""The page of any list: its rows, columns and filters as the address asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.http import PersonRequest
from accounts.lists import render as cells
from accounts.models import SavedView, ViewAudience
from accounts.roles import Permission, Role
from accounts.selectors import saved_views as reads
from config.common.lists import (
    Column,
    ListSpec,
    ListState,
    Order,
    find,
    joined,
    neighbours,
    read_page,
)
from config.common.pages import crumb

NO_VIEW = "0"


@dataclass(frozen=True)
class Head:
    """Head of a column: where a click on it leads, and how the list is ordered now."""

    column: Column
    url: str
    direction: str
    width: int


@dataclass(frozen=True)
class Row:
    """A row as HTML."""

    pk: int
    label: str
    cells: list[SafeString]


def list_page(
    request: PersonRequest,
    spec: ListSpec,
    *,
    template: str = "lists/page.html",
    extra: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The page of a list. Views of apps check the permission and call this."""
    views = reads.list_views(request.user, spec.name)
    if not request.GET:
        start = reads.default_view(request.user, views)
        if start is not None:
            return redirect(address_of_view(spec, start))
    state = ListState.of(spec, request.user, request.GET)
    view = _open_view(views, request.GET.get("view", ""))
    layout = view.layout if view else reads.layout_of(request.user, spec.name)
    columns = state.columns(list(layout.get("columns", [])))
    page = read_page(
        joined(state.rows(), columns), state.order, cursor=request.GET.get("cursor", "")
    )
    actions = spec.actions(request.user)
    page_actions = spec.page_actions(request.user)
    context = {
        "spec": spec,
        "page": page,
        "state": state,
        "heads": [_head(column, state, layout) for column in columns],
        "rows": _rows(state, columns, page.rows),
        "chips": [
            {"label": words, "remove_url": state.address(**{name: None})}
            for name, words in state.chips()
        ],
        "shown": spec.counted(len(page.rows)),
        "actions": actions,
        "page_actions": page_actions,
        "has_actions": bool(actions or page_actions),
        "may_export": Permission.EXPORT_LISTS in request.user.permissions,
        "address": state.address(),
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(spec.title)],
        **_chooser(state, columns),
        **_views_context(request, state, views, view),
        **(extra or {}),
    }
    return render(request, template, context)


def address_of_view(spec: ListSpec, view: SavedView) -> str:
    """The address that opens a saved view."""
    joint = "&" if view.query else ""
    return f"{reverse(spec.url_name)}?{view.query}{joint}view={view.pk}"


def columns_on_screen(state: ListState) -> list[Column]:
    """The columns that the page of this address shows: what an export of it holds."""
    views = reads.list_views(state.user, state.spec.name)
    view = _open_view(views, state.query.get("view", ""))
    layout = view.layout if view else reads.layout_of(state.user, state.spec.name)
    return state.columns(list(layout.get("columns", [])))


def _open_view(views: list[SavedView], wanted: str) -> SavedView | None:
    return next((view for view in views if str(view.pk) == wanted), None)


def _head(column: Column, state: ListState, layout: dict[str, Any]) -> Head:
    width = int(layout.get("widths", {}).get(column.code, 0))
    if column.sort is None:
        return Head(column, "", "", width)
    order = Order.usual(column.sort)
    direction = ""
    if state.order.sort.code == column.sort.code:
        direction = "desc" if state.order.descending else "asc"
        order = Order(column.sort, not state.order.descending)
    return Head(column, state.address(sort=order.code), direction, width)


def _rows(state: ListState, columns: list[Column], rows: list[Any]) -> list[Row]:
    values = [(column, column.read(rows, state.user)) for column in columns]
    back = quote(state.address().removeprefix("?"), safe="")
    found = []
    for row in rows:
        page = state.spec.link(row) if state.spec.link else ""
        link = f"{page}?in={back}" if page else ""
        found.append(
            Row(
                row.pk,
                state.spec.label(row),
                [
                    cells.cell(column, read.get(row.pk), link if column.link else "")
                    for column, read in values
                ],
            )
        )
    return found


def _chooser(state: ListState, columns: list[Column]) -> dict[str, Any]:
    """All columns for the chooser: those that are shown in their order, then the others."""
    shown = [column.code for column in columns]
    others = [one for one in state.offered if one.code not in shown]
    return {"chosen": columns, "others": others}


def _views_context(
    request: PersonRequest, state: ListState, views: list[SavedView], view: SavedView | None
) -> dict[str, Any]:
    user = request.user
    audiences = [(ViewAudience.PRIVATE.value, ViewAudience.PRIVATE.label)]
    if Permission.SHARE_VIEWS in user.permissions and user.company_id is not None:
        audiences.append((ViewAudience.COMPANY.value, ViewAudience.COMPANY.label))
    if Permission.MANAGE_RULES in user.permissions and user.company_id is not None:
        audiences.append((ViewAudience.ROLE.value, ViewAudience.ROLE.label))
    return {
        "views": [(one, address_of_view(state.spec, one)) for one in views],
        "presets": [
            (label, f"{reverse(state.spec.url_name)}?{query}")
            for label, query in state.spec.presets(user)
        ],
        "view": view,
        "view_is_changed": bool(view and _is_changed(state, view)),
        "may_change_view": bool(view and reads.may_change(user, view)),
        "audiences": audiences,
        "roles": Role.choices,
    }


def _is_changed(state: ListState, view: SavedView) -> bool:
    """True when filters, order or columns are no longer those of the view."""
    if state.filters != view.query:
        return True
    asked = state.query.get("cols", "")
    return bool(asked) and asked.split(",") != view.layout.get("columns", [])


# --- a row's own page ---------------------------------------------------------------------


def place_in_list(request: PersonRequest, name: str, key: int) -> dict[str, str]:
    """Addresses of the list a row's page was opened from, and of the rows before and after it.

    Empty when it was opened from elsewhere. Two queries, however long the list is.
    """
    asked = request.GET.get("in")
    spec = find(name)
    if asked is None or spec is None:
        return {}
    state = ListState.parse(spec, request.user, asked)
    before, after = neighbours(state.rows(), state.order, key)
    address = state.address().removeprefix("?")
    query = f"?in={quote(address, safe='')}"
    # Only the key differs between a row's address and its neighbour's.
    this = request.path
    return {
        "list_url": f"{reverse(spec.url_name)}?{address}" if address else reverse(spec.url_name),
        "previous_url": _other(this, key, before) + query if before else "",
        "next_url": _other(this, key, after) + query if after else "",
    }


def _other(path: str, key: int, wanted: int) -> str:
    return path.replace(f"/{key}/", f"/{wanted}/", 1)
