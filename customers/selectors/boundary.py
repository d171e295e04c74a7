"""Reads of the company's districts."""

from typing import Any

from accounts.models import User
from customers.core.coordinates import to_wgs84
from customers.models import Boundary


def boundary_of(user: User) -> Boundary | None:
    """The districts of this person's company; None where nobody has uploaded any."""
    return Boundary.objects.visible_to(user).first()


def areas_of(boundary: Boundary | None) -> list[dict[str, Any]]:
    """Name and rings of every area, as latitude and longitude in WGS-84."""
    if boundary is None:
        return []
    system = boundary.coordinate_system
    found = []
    for feature in boundary.geojson["features"]:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"]
        if geometry["type"] == "Polygon":
            polygons = [polygons]
        rings = [
            [[_placed(place, system) for place in ring] for ring in polygon] for polygon in polygons
        ]
        found.append({"name": feature["properties"]["name"], "polygons": rings})
    return found


def _placed(place: list[float], system: str) -> list[float]:
    latitude, longitude = to_wgs84(place[1], place[0], system)
    return [round(latitude, 6), round(longitude, 6)]
