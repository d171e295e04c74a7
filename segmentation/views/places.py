"""The map of the retailers: the page, its points, the names of some, and the company's districts."""

from typing import Any

import orjson
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from accounts.selectors import working_company
from config.common.errors import DomainError
from config.common.lists import ListState
from config.common.pages import crumb
from customers.forms.boundary import BoundaryForm
from customers.lists import RETAILERS
from customers.selectors.boundary import areas_of, boundary_of
from customers.services.boundary import save_boundary
from segmentation.selectors import places


def _crumbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        crumb(_("Home"), reverse("home")),
        crumb(_("Retailers"), reverse("retailer-list")),
        crumb(_("Map"), reverse("retailer-map")),
        *more,
    ]


@require_GET
@requires(Permission.VIEW_RETAILERS)
def retailer_map(request: PersonRequest) -> HttpResponse:
    """The retailers of the list's address on the map; the points are fetched by the script."""
    state = ListState.of(RETAILERS, request.user, request.GET)
    address = state.address(cols=None, view=None, sort=None)
    context = {
        "chips": [
            {"label": words, "remove_url": state.address(**{name: None})}
            for name, words in state.chips()
        ],
        "list_url": reverse("retailer-list") + state.address(),
        "missing_url": reverse("retailer-list") + state.address(place="without"),
        "points_url": reverse("retailer-map-points") + address,
        "may_upload": Permission.MANAGE_RULES in request.user.permissions,
        "words": {
            "class": _("Class"),
            "none": _("Without class"),
            "open": _("Open the page"),
            "recent": _("Purchases of 3 months (cartons)"),
            "in": _("Zoom in"),
            "out": _("Zoom out"),
        },
        "crumbs": [*_crumbs()[:-1], crumb(_("Map"))],
    }
    return render(request, "segmentation/retailer_map.html", context)


@require_GET
@requires(Permission.VIEW_RETAILERS)
def map_points(request: PersonRequest) -> HttpResponse:
    """Places and classes as columns of numbers; names are asked for when somebody points at one."""
    state = ListState.of(RETAILERS, request.user, request.GET)
    found = places.places_of(state.rows(), request.user)
    columns = {
        "id": found.ids,
        "lat": found.latitudes,
        "lon": found.longitudes,
        "class": found.classes,
        "classes": found.codes,
        "missing": found.missing,
        "cut": found.is_cut,
        "areas": areas_of(boundary_of(request.user)),
    }
    return HttpResponse(orjson.dumps(columns), content_type="application/json")


@require_GET
@requires(Permission.VIEW_RETAILERS)
def map_names(request: PersonRequest) -> HttpResponse:
    """Code, name and purchases of the retailers whose keys the address holds (200 at most)."""
    keys = [int(key) for key in request.GET.get("ids", "").split(",") if key.isdecimal()]
    keys = [key for key in keys if key < 2**63]
    found = [
        {
            "id": row["pk"],
            "code": row["code"],
            "name": row["name"],
            "recent": row["recent_cartons"],
            "url": reverse("retailer-detail", args=[row["pk"]]),
        }
        for row in places.names_of(request.user, keys)
    ]
    return JsonResponse({"retailers": found})


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def map_boundary(request: PersonRequest) -> HttpResponse:
    """Upload the company's own districts; they stand instead of those before."""
    is_post = request.method == "POST"
    form = BoundaryForm(request.POST if is_post else None, request.FILES if is_post else None)
    if is_post and form.is_valid():
        file = form.cleaned_data["file"]
        company = working_company(request.user)
        if company is None:
            raise Http404
        try:
            save_boundary(
                company=company,
                name=file.name,
                data=file.read(3_000_001),
                system=form.cleaned_data["system"],
                by=request.user,
            )
        except DomainError as error:
            form.add_error("file", error.message)
        else:
            messages.success(request, _("The districts are on the map now."))
            return redirect("retailer-map")
    context = {
        "form": form,
        "boundary": boundary_of(request.user),
        "crumbs": _crumbs(crumb(_("Districts on the map"))),
    }
    status = 422 if form.errors else 200
    return render(request, "segmentation/map_boundary.html", context, status=status)
