"""What makes a hand-over heavy: limits, and how far apart somebody's retailers lie."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

KM_PER_DEGREE = 111.195  # of latitude, on a sphere of 6,371 km


@dataclass(frozen=True)
class HandOverRules:
    """Limits of a company (rule ``customers.hand_over``); what goes beyond is warned of or refused.

    Attributes:
        most_retailers: A customer manager looks after no more, or the preview warns.
        most_per_weekday: No more of a manager's retailers order on one weekday, or it warns.
        not_back_months: It warns when a retailer goes back to who gave it away less than so many
            months ago.
        accompany_days: The former manager accompanies for so many days at most.
        stand_in_days: Somebody stands in for so many days at most; longer is a hand-over.
    """

    most_retailers: int = 200
    most_per_weekday: int = 60
    not_back_months: int = 6
    accompany_days: int = 92
    stand_in_days: int = 184


def mean_distance_km(latitude: ArrayLike, longitude: ArrayLike) -> float | None:
    """How far the retailers of one person lie from the middle of their area, on average.

    A straight line on a plane tangent to the middle (the median of both coordinates): for one city
    right to some metres, which is far less than roads add. The mean, not the way of a round.

    Args:
        latitude: Degrees, shape (n,); NaN where it is not known.
        longitude: Degrees, shape (n,).

    Returns:
        Kilometres; None when fewer than two places are known.
    """
    places = np.column_stack([np.asarray(latitude, float), np.asarray(longitude, float)])
    known = places[~np.isnan(places).any(axis=1)]
    if len(known) < 2:
        return None
    middle = np.median(known, axis=0)
    away = (known - middle) * KM_PER_DEGREE
    away[:, 1] *= np.cos(np.radians(middle[0]))
    return float(np.hypot(away[:, 0], away[:, 1]).mean())
