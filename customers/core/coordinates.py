"""Coordinates between WGS-84 (receivers), GCJ-02 (Chinese maps) and BD-09 (Baidu); degrees.

GCJ-02 moves places within China by some hundred metres. Its formula is public knowledge, its inverse
is found by taking the move at the moved place: good to about two metres, less than a shop is wide.

All functions take arrays of shape (n,) or plain numbers; a whole city is converted in one pass.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Degrees = NDArray[np.float64]

AXIS = 6_378_245.0
ECCENTRICITY = 0.006_693_421_622_965_943
BD_TURN = math.pi * 3000.0 / 180.0


def to_wgs84(latitude: ArrayLike, longitude: ArrayLike, system: str) -> tuple[Degrees, Degrees]:
    """Places in WGS-84.

    Args:
        latitude: In ``system``, shape (n,).
        longitude: In ``system``, shape (n,).
        system: ``WGS84``, ``GCJ02`` or ``BD09``.

    Returns:
        Latitudes and longitudes, shape (n,).
    """
    north, east = _degrees(latitude), _degrees(longitude)
    if system == "BD09":
        north, east = _bd09_to_gcj02(north, east)
    elif system != "GCJ02":
        return north, east
    moved = wgs84_to_gcj02(north, east)
    return 2 * north - moved[0], 2 * east - moved[1]


def wgs84_to_gcj02(latitude: ArrayLike, longitude: ArrayLike) -> tuple[Degrees, Degrees]:
    """The same places as Chinese maps say them; outside China nothing is moved."""
    north, east = _degrees(latitude), _degrees(longitude)
    inside = (north >= 0.8293) & (north <= 55.8271) & (east >= 72.004) & (east <= 137.8347)
    move_north, move_east = _move(north, east)
    return np.where(inside, north + move_north, north), np.where(inside, east + move_east, east)


def _move(latitude: Degrees, longitude: Degrees) -> tuple[Degrees, Degrees]:
    pi, sin = math.pi, np.sin
    x, y = longitude - 105.0, latitude - 35.0
    root = np.sqrt(np.abs(x))
    wave = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (wave + 20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (wave + 20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2 / 3.0
    turn = np.radians(latitude)
    bulge = 1 - ECCENTRICITY * sin(turn) ** 2
    north *= 180.0 / ((AXIS * (1 - ECCENTRICITY)) / (bulge * np.sqrt(bulge)) * pi)
    east *= 180.0 / (AXIS / np.sqrt(bulge) * np.cos(turn) * pi)
    return north, east


def _bd09_to_gcj02(latitude: Degrees, longitude: Degrees) -> tuple[Degrees, Degrees]:
    x, y = longitude - 0.0065, latitude - 0.006
    distance = np.hypot(x, y) - 0.000_02 * np.sin(y * BD_TURN)
    angle = np.arctan2(y, x) - 0.000_003 * np.cos(x * BD_TURN)
    return distance * np.sin(angle), distance * np.cos(angle)


def _degrees(values: Any) -> Degrees:
    return np.asarray(values, dtype=np.float64)
