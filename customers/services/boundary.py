"""The company's own districts on the map: an uploaded GeoJSON file, checked before it is kept."""

import json
import math
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.services import record
from config.common.errors import DomainError
from customers.models import Boundary

MOST_BYTES = 3_000_000
MOST_AREAS = 500
MOST_POINTS = 50_000
DEPTH = {"Polygon": 1, "MultiPolygon": 2}


def save_boundary(*, company: Company, name: str, data: bytes, system: str, by: User) -> Boundary:
    """Keep the districts of a file instead of those before.

    Raises:
        DomainError: It is no GeoJSON of named polygons, or too large.
    """
    areas = read_areas(data)
    with transaction.atomic():
        boundary, _made = Boundary.objects.update_or_create(
            company=company,
            defaults={
                "name": name[:200],
                "geojson": {"type": "FeatureCollection", "features": areas},
                "coordinate_system": system,
                "uploaded_by": by,
            },
        )
        record(
            action="boundary.upload",
            company_id=company.pk,
            by=by,
            obj=boundary,
            changes={"name": name[:200], "areas": len(areas), "coordinate_system": system},
        )
    return boundary


def read_areas(data: bytes) -> list[dict[str, Any]]:
    """The named polygons of a file, without anything else that it holds.

    Raises:
        DomainError: See ``save_boundary``.
    """
    if len(data) > MOST_BYTES:
        raise _refused(_("The file is larger than 3 MB."))
    try:
        features = json.loads(data)["features"]
        areas = [_area(feature) for feature in features]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise _refused(
            _("It is no GeoJSON file of polygons, each with a name (FeatureCollection).")
        ) from error
    points = sum(_points(area["geometry"]["coordinates"]) for area in areas)
    if not areas or len(areas) > MOST_AREAS or points > MOST_POINTS:
        raise _refused(_("It must hold 1 to 500 areas with 50,000 points at most."))
    return areas


def _refused(message: str) -> DomainError:
    return DomainError(message, code="bad_boundary")


def _area(feature: dict[str, Any]) -> dict[str, Any]:
    geometry = feature["geometry"]
    coordinates = _checked(geometry["coordinates"], DEPTH[geometry["type"]])
    name = str(feature["properties"]["name"]).strip()[:100]
    if not name:
        raise ValueError("an area without name")
    return {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {"type": geometry["type"], "coordinates": coordinates},
    }


def _checked(part: list[Any], depth: int) -> list[Any]:
    """Lists of rings of places; heights are dropped."""
    if depth >= 0 and not part:
        raise ValueError("an empty part")
    if depth > 0:
        return [_checked(inner, depth - 1) for inner in part]
    ring = [[float(place[0]), float(place[1])] for place in part]
    for longitude, latitude in ring:
        inside = abs(longitude) <= 180 and abs(latitude) <= 90
        if not (math.isfinite(longitude) and math.isfinite(latitude) and inside):
            raise ValueError("a place that is not on earth")
    return ring


def _points(part: list[Any]) -> int:
    if isinstance(part[0], float):
        return 1
    return sum(_points(inner) for inner in part)
