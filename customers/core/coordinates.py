"""Coordinates between WGS-84 (receivers), GCJ-02 (Chinese maps) and BD-09 (Baidu); degrees.

GCJ-02 moves places within China by some hundred metres. Its formula is public knowledge, its inverse
is found by taking the move at the moved place: good to about two metres, less than a shop is wide.
"""

import math

AXIS = 6_378_245.0
ECCENTRICITY = 0.006_693_421_622_965_943
BD_TURN = math.pi * 3000.0 / 180.0


def to_wgs84(latitude: float, longitude: float, system: str) -> tuple[float, float]:
    """A place in WGS-84.

    Args:
        latitude: In ``system``.
        longitude: In ``system``.
        system: ``WGS84``, ``GCJ02`` or ``BD09``.
    """
    if system == "BD09":
        latitude, longitude = _bd09_to_gcj02(latitude, longitude)
    elif system != "GCJ02":
        return latitude, longitude
    moved = wgs84_to_gcj02(latitude, longitude)
    return 2 * latitude - moved[0], 2 * longitude - moved[1]


def wgs84_to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """The same place as Chinese maps say it; outside China nothing is moved."""
    if not (0.8293 <= latitude <= 55.8271 and 72.004 <= longitude <= 137.8347):
        return latitude, longitude
    x, y = longitude - 105.0, latitude - 35.0
    root = math.sqrt(abs(x))
    wave = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (wave + 20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (wave + 20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2 / 3.0
    turn = math.radians(latitude)
    bulge = 1 - ECCENTRICITY * math.sin(turn) ** 2
    north *= 180.0 / ((AXIS * (1 - ECCENTRICITY)) / (bulge * math.sqrt(bulge)) * math.pi)
    east *= 180.0 / (AXIS / math.sqrt(bulge) * math.cos(turn) * math.pi)
    return latitude + north, longitude + east


def _bd09_to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    x, y = longitude - 0.0065, latitude - 0.006
    distance = math.hypot(x, y) - 0.000_02 * math.sin(y * BD_TURN)
    angle = math.atan2(y, x) - 0.000_003 * math.cos(x * BD_TURN)
    return distance * math.sin(angle), distance * math.cos(angle)
