"""Where retailers are, with their class: everything the map draws."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import (
    Case,
    FilteredRelation,
    FloatField,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from accounts.models import User
from accounts.roles import Permission
from config.common import bulk
from customers.core.coordinates import to_wgs84
from customers.models import CoordinateSystem, Retailer
from customers.selectors.retailers import list_retailers
from segmentation.models import SchemeKind
from segmentation.selectors.classes import published_run_ids

MOST = 60_000
MOST_NAMES = 200
CLASSES = ("A", "B", "C")
SYSTEMS = tuple(CoordinateSystem.values)
# A latitude and longitude that no place has.
NOWHERE = 999.0


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
    wanted = _with_class(rows.select_related(None).order_by("pk"), user).annotate(
        north=Coalesce(Cast("latitude", FloatField()), NOWHERE),
        east=Coalesce(Cast("longitude", FloatField()), NOWHERE),
        system=_number_of("coordinate_system", SYSTEMS),
    )
    found = bulk.read_queryset(
        wanted.values_list("pk", "north", "east", "system", "class_number")[: MOST + 1],
        {"pk": "i8", "north": "f8", "east": "f8", "system": "i4", "class_number": "i4"},
    )
    cut = {name: values[:MOST] for name, values in found.items()}
    known = np.flatnonzero((cut["north"] < NOWHERE) & (cut["east"] < NOWHERE))
    pk, north, east, system, classes = (values[known] for values in cut.values())
    for number, name in enumerate(SYSTEMS):
        of_it = np.flatnonzero(system == number)
        north[of_it], east[of_it] = to_wgs84(north[of_it], east[of_it], name)
    any_without = bool((classes == len(CLASSES)).any())
    return Places(
        ids=pk.tolist(),
        latitudes=np.round(north, 6).tolist(),
        longitudes=np.round(east, 6).tolist(),
        classes=classes.tolist(),
        codes=[*CLASSES, ""] if any_without else [*CLASSES],
        missing=len(cut["pk"]) - len(known),
        is_cut=len(found["pk"]) > MOST,
    )


def _with_class(rows: QuerySet[Retailer], user: User) -> QuerySet[Any]:
    """Adds ``class_number``: place of the class in ``CLASSES``, its length for who has none."""
    runs = (
        published_run_ids(user, SchemeKind.ABC)
        if Permission.VIEW_CLASSES in user.permissions
        else []
    )
    if not runs:
        return rows.annotate(class_number=Value(len(CLASSES)))
    return rows.annotate(
        abc_row=FilteredRelation("assignments", condition=Q(assignments__run__in=runs))
    ).annotate(class_number=_number_of("abc_row__class_code", CLASSES))


def _number_of(field: str, codes: Sequence[str]) -> Case:
    """Place of a field's text among some; their number for every other."""
    places = [When(**{field: code}, then=Value(place)) for place, code in enumerate(codes)]
    return Case(*places, default=Value(len(codes)), output_field=IntegerField())


def names_of(user: User, keys: list[int]) -> list[dict[str, Any]]:
    """Code, name and recent purchases of some retailers this person sees."""
    rows = list_retailers(user).select_related(None).filter(pk__in=keys[:MOST_NAMES])
    found: Any = rows.order_by("code").values("pk", "code", "name", "recent_cartons")
    return list(found)
