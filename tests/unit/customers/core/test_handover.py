"""How far apart somebody's retailers lie."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.core.handover import KM_PER_DEGREE, mean_distance_km

NAN = math.nan


def great_circle_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The slow plain way: haversine on a sphere."""
    la1, lo1, la2, lo2 = map(math.radians, (*one, *other))
    h = math.sin((la2 - la1) / 2) ** 2
    h += math.cos(la1) * math.cos(la2) * math.sin((lo2 - lo1) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(h))


def test_three_shops_on_a_meridian():
    # Middle 30.0: 0.1, 0 and 0.1 degrees away.
    assert mean_distance_km([29.9, 30.0, 30.1], [113.0] * 3) == pytest.approx(
        2 * 0.1 * KM_PER_DEGREE / 3
    )


def test_degrees_of_longitude_are_shorter_towards_the_pole():
    at_equator = mean_distance_km([0.0, 0.0, 0.0], [112.9, 113.0, 113.1])
    at_sixty = mean_distance_km([60.0, 60.0, 60.0], [112.9, 113.0, 113.1])
    assert at_sixty == pytest.approx(at_equator / 2, rel=1e-6)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [([], []), ([30.0], [113.0]), ([30.0, NAN], [113.0, 113.1]), ([NAN, NAN], [NAN, NAN])],
)
def test_fewer_than_two_places_have_no_distance(latitude, longitude):
    assert mean_distance_km(latitude, longitude) is None


def test_unknown_places_do_not_count():
    known = mean_distance_km([30.0, 30.2, 30.4], [113.0, 113.1, 113.2])
    assert mean_distance_km([30.0, NAN, 30.2, 30.4], [113.0, 113.0, 113.1, 113.2]) == known


@given(st.lists(st.tuples(st.floats(27, 33), st.floats(110, 116)), min_size=2, max_size=30))
def test_agrees_with_the_great_circle(places):
    latitude, longitude = zip(*places, strict=True)
    middle = (float(np.median(latitude)), float(np.median(longitude)))
    plain = sum(great_circle_km(middle, place) for place in places) / len(places)

    found = mean_distance_km(latitude, longitude)

    # Over 300 km the tangent plane is wrong by a few per cent; within a city by less than a metre.
    assert found == pytest.approx(plain, rel=0.05, abs=0.001)
