"""Reads of the company's districts."""

from typing import Any

import numpy as np

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
        rings = [[_placed(ring, system) for ring in polygon] for polygon in polygons]
        found.append({"name": feature["properties"]["name"], "polygons": rings})
    return found


def _placed(ring: list[list[float]], system: str) -> list[list[float]]:
    east, north = np.array([place[:2] for place in ring], dtype=np.float64).T
    placed: list[list[float]] = np.round(
        np.stack(to_wgs84(north, east, system), axis=1), 6
    ).tolist()
    return placed
