"""Where retailers are, with their class: everything the map draws."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet, Value

from accounts.models import User
from accounts.roles import Permission
from customers.core.coordinates import to_wgs84
from customers.models import Retailer
from customers.selectors.retailers import list_retailers
from segmentation.models import SchemeKind
from segmentation.selectors.classes import published_run_ids

MOST = 60_000
MOST_NAMES = 200


@dataclass
class Places:
    """Retailers on the map, as columns.

    Args:
        ids: Their keys.
        latitudes: WGS-84, degrees.
        longitudes: WGS-84, degrees.
        classes: Number of the class of each in ``codes``.
        codes: Class codes; "" for retailers without class.
        missing: How many have no coordinates.
        is_cut: True when there are more than ``MOST``.
    """

    ids: list[int] = field(default_factory=list)
    latitudes: list[float] = field(default_factory=list)
    longitudes: list[float] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    missing: int = 0
    is_cut: bool = False


def places_of(rows: QuerySet[Retailer], user: User) -> Places:
    """The retailers of a list on the map; one query."""
    found = Places()
    codes: dict[str, int] = {code: place for place, code in enumerate("ABC")}
    placed: Any = _with_class(rows.select_related(None).order_by("pk"), user)
    wanted = placed.values_list("pk", "latitude", "longitude", "coordinate_system", "abc_code")
    for pk, latitude, longitude, system, code in wanted[: MOST + 1].iterator(chunk_size=5000):
        if len(found.ids) + found.missing >= MOST:
            found.is_cut = True
            break
        if latitude is None or longitude is None:
            found.missing += 1
            continue
        north, east = to_wgs84(float(latitude), float(longitude), system)
        found.ids.append(pk)
        found.latitudes.append(round(north, 6))
        found.longitudes.append(round(east, 6))
        found.classes.append(codes.setdefault(code or "", len(codes)))
    found.codes = list(codes)
    return found


def _with_class(rows: QuerySet[Retailer], user: User) -> QuerySet[Any]:
    runs = (
        published_run_ids(user, SchemeKind.ABC)
        if Permission.VIEW_CLASSES in user.permissions
        else []
    )
    if not runs:
        return rows.annotate(abc_code=Value(""))
    return rows.annotate(
        abc_row=FilteredRelation("assignments", condition=Q(assignments__run__in=runs))
    ).annotate(abc_code=F("abc_row__class_code"))


def names_of(user: User, keys: list[int]) -> list[dict[str, Any]]:
    """Code, name and recent purchases of some retailers this person sees."""
    rows = list_retailers(user).select_related(None).filter(pk__in=keys[:MOST_NAMES])
    found: Any = rows.order_by("code").values("pk", "code", "name", "recent_cartons")
    return list(found)
