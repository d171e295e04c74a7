"""What happened to a retailer: one stream, filtered by kind, page by page; also a page of its own."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from config.common import timeline
from config.common.pages import crumb, render_panel
from config.common.periods import business_today
from customers.models import Retailer
from customers.selectors.retailers import list_retailers

KIND, CURSOR = "show", "before"


@dataclass(frozen=True)
class Chip:
    """A switch of the filter: where it leads, and whether it is on."""

    label: Promise | str
    icon: str
    query: str
    on: bool


@require_GET
@requires(Permission.VIEW_RETAILERS)
def timeline_panel(request: PersonRequest, pk: int) -> HttpResponse:
    """A page of the stream. With a cursor and by htmx, only the earlier entries."""
    retailer: Retailer = get_object_or_404(list_retailers(request.user), pk=pk)
    kinds = _kinds(request)
    cursor = request.GET.get(CURSOR, "")
    page = timeline.read(request.user, retailer, kinds=kinds, cursor=cursor)
    is_fragment = bool(request.headers.get("HX-Request"))
    name = "_timeline_more" if is_fragment and page.day else "_panel_timeline"
    context = {
        "retailer": retailer,
        "page": page,
        "is_later": page.day is not None,
        "today": business_today(),
        "chips": _chips(request, kinds),
        "kinds": kinds,
        "url": reverse("panel-retailer-timeline", args=[retailer.pk]),
        "latest_query": _query(kinds),
        "more_query": _query(kinds, page.following) if page.following else "",
        "may_write": Permission.WRITE_COMMENTS in request.user.permissions,
        "crumbs": _crumbs(retailer),
    }
    answer = render_panel(request, f"customers/{name}.html", context, title=_("Timeline"))
    # Its filter belongs to the address of the page that the panel stands on.
    if is_fragment and (address := _address(request, retailer, kinds)):
        answer["HX-Replace-Url"] = address
    return answer


def _kinds(request: PersonRequest) -> list[str]:
    wanted = set(request.GET.getlist(KIND))
    return [one.kind for one in timeline.providers_of(request.user) if one.kind in wanted]


def _chips(request: PersonRequest, kinds: list[str]) -> list[Chip]:
    found = [Chip(_("All"), "", _query([]), on=not kinds)]
    for one in timeline.providers_of(request.user):
        on = one.kind in kinds
        others = [kind for kind in kinds if kind != one.kind]
        query = _query(others if on else [*others, one.kind])
        found.append(Chip(one.label, one.icon, query, on))
    return found


def _query(kinds: list[str], cursor: str = "") -> str:
    values: list[tuple[str, str]] = [(KIND, kind) for kind in kinds]
    if cursor:
        values.append((CURSOR, cursor))
    return f"?{urlencode(values)}"


def _address(request: PersonRequest, retailer: Retailer, kinds: list[str]) -> str:
    """The address of the retailer's page with these kinds, if that is where the panel stands."""
    now = urlsplit(request.headers.get("HX-Current-URL", ""))
    page = reverse("retailer-detail", args=[retailer.pk])
    if now.path != page:
        return ""
    query = QueryDict(now.query, mutable=True)
    if query.getlist(KIND) == kinds:
        return ""
    query.setlist(KIND, kinds)
    return f"{page}?{query.urlencode()}" if query.urlencode() else page


def _crumbs(retailer: Retailer) -> list[dict[str, Any]]:
    return [
        crumb(_("Home"), reverse("home")),
        crumb(_("Retailers"), reverse("retailer-list")),
        crumb(retailer.name, reverse("retailer-detail", args=[retailer.pk])),
        crumb(_("Timeline")),
    ]
