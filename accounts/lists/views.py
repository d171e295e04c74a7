"""What every list can do besides being read: count, columns, saved views."""

from typing import Any

import orjson
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PersonRequest
from accounts.lists.page import address_of_view, columns_on_screen
from accounts.models import SavedView
from accounts.selectors.saved_views import layout_of, views_of
from accounts.services import saved_views
from config.common.errors import DomainError
from config.common.lists import ListSpec, ListState, find


def spec_or_404(request: PersonRequest, name: str) -> ListSpec:
    """The list of this name, if this person may see it."""
    spec = find(name)
    if spec is None:
        raise Http404
    if spec.permission not in request.user.permissions:
        raise PermissionDenied
    return spec


@require_GET
def count(request: PersonRequest, name: str) -> HttpResponse:
    """How many rows pass the filters: asked for when somebody wants to know, as it reads them all."""
    spec = spec_or_404(request, name)
    number = ListState.of(spec, request.user, request.GET).rows().count()
    return render(request, "lists/_count.html", {"words": spec.counted(number), "number": number})


@require_POST
def layout(request: PersonRequest, name: str) -> HttpResponse:
    """Keep columns or widths for this person; ``reset`` goes back to the usual ones."""
    spec = spec_or_404(request, name)
    if request.POST.get("reset"):
        saved_views.forget_layout(list_name=spec.name, by=request.user)
        return redirect(_without_columns(request, spec))
    if "widths" in request.POST:
        widths = _widths(request)
        saved_views.remember_layout(
            list_name=spec.name, columns=None, widths=widths, by=request.user
        )
        return HttpResponse(status=204)
    columns = request.POST.getlist("column")
    saved_views.remember_layout(list_name=spec.name, columns=columns, widths=None, by=request.user)
    state = ListState.parse(spec, request.user, request.POST.get("query", ""))
    if state.query.get("view"):  # a view has its own columns: show the new ones beside it
        return redirect(reverse(spec.url_name) + state.address(cols=",".join(columns)))
    return redirect(_without_columns(request, spec))


def _widths(request: HttpRequest) -> dict[str, Any]:
    try:
        found = orjson.loads(request.POST["widths"])
    except orjson.JSONDecodeError as error:
        raise DomainError(_("These widths cannot be read."), code="invalid_widths") from error
    return found if isinstance(found, dict) else {}


def _without_columns(request: PersonRequest, spec: ListSpec) -> str:
    state = ListState.parse(spec, request.user, request.POST.get("query", ""))
    return reverse(spec.url_name) + state.address(cols=None)


def _present_layout(request: PersonRequest, state: ListState) -> dict[str, Any]:
    columns = [column.code for column in columns_on_screen(state)]
    widths = layout_of(request.user, state.spec.name).get("widths", {})
    return saved_views.clean_layout(columns, widths)


@require_POST
def view_save(request: PersonRequest, name: str) -> HttpResponse:
    """Keep what the list shows now under a new name."""
    spec = spec_or_404(request, name)
    state = ListState.parse(spec, request.user, request.POST.get("query", ""))
    view = saved_views.save_view(
        list_name=spec.name,
        name=request.POST.get("name", "").replace("\x00", "")[:60],
        query=state.filters,
        layout=_present_layout(request, state),
        audience=request.POST.get("audience", "private"),
        role=request.POST.get("role", ""),
        is_default=bool(request.POST.get("is_default")),
        by=request.user,
    )
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return redirect(address_of_view(spec, view))


def _view_or_404(request: PersonRequest, pk: int) -> tuple[SavedView, ListSpec]:
    view: SavedView = get_object_or_404(views_of(request.user), pk=pk)
    return view, spec_or_404(request, view.list_name)


@require_POST
def view_update(request: PersonRequest, pk: int) -> HttpResponse:
    """Keep what the list shows now in a view that exists."""
    view, spec = _view_or_404(request, pk)
    state = ListState.parse(spec, request.user, request.POST.get("query", ""))
    version = request.POST.get("version", "")
    saved_views.update_view(
        view=view,
        query=state.filters,
        layout=_present_layout(request, state),
        version=int(version) if version.isdecimal() and len(version) < 10 else 0,
        by=request.user,
    )
    messages.success(request, _("The view “%(name)s” is updated.") % {"name": view.name})
    return redirect(address_of_view(spec, view))


@require_POST
def view_delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove a view; the list itself stays as it is."""
    view, spec = _view_or_404(request, pk)
    saved_views.delete_view(view=view, by=request.user)
    messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
    query = QueryDict(view.query).urlencode()
    return redirect(f"{reverse(spec.url_name)}?{query or 'view=0'}")
