"""The map of the retailers: whose points it holds, what stands beside them, and the districts."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from config.common.errors import DomainError
from customers.core.coordinates import to_wgs84, wgs84_to_gcj02
from customers.models import Boundary, Retailer
from customers.services.boundary import read_areas
from tests.factories import add_retailer, make_city

POINTS = "/retailers/map/points/"
SQUARE = [[[111.0, 30.0], [112.0, 30.0], [112.0, 31.0], [111.0, 30.0]]]


@pytest.fixture
def placed(city):
    """Every retailer but the last stands somewhere."""
    for number, retailer in enumerate(city.retailers[:-1]):
        Retailer.objects.filter(pk=retailer.pk).update(
            latitude=30 + number / 10, longitude=111 + number / 10, coordinate_system="WGS84"
        )
    return city


@pytest.fixture
def as_role(client, placed):
    def log_in(role):
        client.force_login(placed.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def _file(*areas):
    found = [
        {"type": "Feature", "properties": {"name": name, "secret": 1},
         "geometry": {"type": kind, "coordinates": places}}
        for name, kind, places in areas
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": found}).encode()


def test_points_hold_place_and_class_and_say_how_many_have_none(as_role, placed):
    data = as_role(Role.PLANNER).get(POINTS).json()

    assert data["id"] == [row.pk for row in placed.retailers[:3]]
    assert data["lat"] == [30.0, 30.1, 30.2]
    assert data["lon"] == [111.0, 111.1, 111.2]
    assert [data["classes"][at] for at in data["class"]] == ["A", "B", "C"]
    assert (data["missing"], data["cut"], data["areas"]) == (1, False, [])
    assert "Shop" not in json.dumps(data)


def test_points_are_those_of_the_lists_address(as_role, placed):
    client = as_role(Role.PLANNER)

    assert client.get(POINTS, {"abc": "B"}).json()["id"] == [placed.retailers[1].pk]
    assert client.get(POINTS, {"q": "sp2"}).json()["id"] == [placed.retailers[2].pk]
    without = client.get("/retailers/", {"place": "without"}).context["page"].rows
    assert [row.pk for row in without] == [placed.retailers[3].pk]
    assert client.get("/retailers/map/", {"abc": "B"}).context["list_url"] == "/retailers/?abc=B"


def test_a_county_sees_its_own_points_and_names_only(as_role, placed):
    client = as_role(Role.COUNTY_MANAGER)
    keys = ",".join(str(row.pk) for row in placed.retailers)

    points = client.get(POINTS).json()
    names = client.get("/retailers/map/names/", {"ids": keys}).json()["retailers"]

    assert points["id"] == [placed.retailers[0].pk, placed.retailers[2].pk]
    assert points["missing"] == 0
    assert [row["code"] for row in names] == ["R00000", "R00002"]
    assert names[0] == {
        "id": placed.eastern.pk, "code": "R00000", "name": "Shop 0", "recent": 1000,
        "url": reverse("retailer-detail", args=[placed.eastern.pk]),
    }  # fmt: skip


def test_an_inspector_sees_points_without_classes(as_role):
    data = as_role(Role.INSPECTOR).get(POINTS).json()

    assert {data["classes"][at] for at in data["class"]} <= {""}


@pytest.mark.parametrize("ids", ["", "x", "1,,x", "9" * 40, "-1"])
def test_names_of_nonsense_are_none(as_role, ids):
    answer = as_role(Role.PLANNER).get("/retailers/map/names/", {"ids": ids})

    assert answer.status_code == 200
    assert all(row["code"].startswith("R") for row in answer.json()["retailers"])


def test_names_are_200_at_most(as_role, placed):
    for number in range(10, 215):
        add_retailer(placed, number)
    keys = ",".join(str(row.pk) for row in placed.retailers)

    names = as_role(Role.PLANNER).get("/retailers/map/names/", {"ids": keys}).json()["retailers"]

    assert len(names) == 200


def test_more_points_are_no_more_queries(as_role, placed):
    client = as_role(Role.PLANNER)

    def asked():
        with CaptureQueriesContext(connection) as captured:
            client.get(POINTS)
        return len(captured), [q for q in captured.captured_queries if '"latitude"' in q["sql"]]

    asked()
    few, of_rows = asked()
    for number in range(10, 40):
        add_retailer(placed, number)

    assert asked()[0] == few <= 12
    assert len(of_rows) == 1


# --- coordinates --------------------------------------------------------------------------


def test_chinese_coordinates_come_back_to_where_the_receiver_was():
    # Tian'anmen: the two systems lie some 550 m apart there.
    moved = wgs84_to_gcj02(39.907333, 116.391083)

    assert moved == pytest.approx((39.908736, 116.397326), abs=2e-5)
    assert to_wgs84(*moved, "GCJ02") == pytest.approx((39.907333, 116.391083), abs=2e-5)
    assert to_wgs84(39.915085, 116.403694, "BD09") == pytest.approx((39.9073, 116.3911), abs=2e-4)
    assert to_wgs84(30.0, 111.0, "WGS84") == (30.0, 111.0)
    assert wgs84_to_gcj02(48.85, 2.35) == (48.85, 2.35)


def test_a_whole_city_is_converted_like_each_of_its_shops():
    latitudes, longitudes = [30.1, 48.85, 31.9, 25.03], [111.2, 2.35, 121.47, 121.56]
    for system in ("WGS84", "GCJ02", "BD09"):
        north, east = to_wgs84(latitudes, longitudes, system)

        one_by_one = [to_wgs84(*place, system) for place in zip(latitudes, longitudes, strict=True)]
        assert list(zip(north, east, strict=True)) == one_by_one


def test_points_of_other_systems_are_converted(as_role, placed):
    Retailer.objects.filter(pk=placed.eastern.pk).update(
        latitude="39.908736", longitude="116.397326", coordinate_system="GCJ02"
    )

    data = as_role(Role.PLANNER).get(POINTS).json()

    assert (data["lat"][0], data["lon"][0]) == pytest.approx((39.907333, 116.391083), abs=2e-5)


# --- districts ----------------------------------------------------------------------------


def test_districts_are_uploaded_by_who_may_and_shown_to_everybody_of_the_company(as_role, placed):
    file = SimpleUploadedFile("d.json", _file(("East", "Polygon", SQUARE)))

    answer = as_role(Role.ADMINISTRATOR).post(
        "/retailers/map/districts/", {"file": file, "system": "WGS84"}
    )

    assert answer.status_code == 302
    data = as_role(Role.INSPECTOR).get(POINTS).json()
    assert data["areas"] == [
        {
            "name": "East",
            "polygons": [[[[30.0, 111.0], [30.0, 112.0], [31.0, 112.0], [30.0, 111.0]]]],
        }
    ]
    assert "secret" not in json.dumps(Boundary.objects.get().geojson)
    assert AuditEvent.objects.filter(action="boundary.upload").count() == 1
    other = make_city("other", retailers=1)
    client = as_role(Role.INSPECTOR)
    client.force_login(
        other.people[Role.PLANNER], backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.get(POINTS).json()["areas"] == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"features": []}',
        b'{"features": 3}',
        b"\xff\xfe",
        _file(("", "Polygon", SQUARE)),
        _file(("East", "Point", [1, 2])),
        _file(("East", "Polygon", [])),
        _file(("East", "Polygon", [[]])),
        _file(("East", "Polygon", [[[181, 0]]])),
        _file(("East", "Polygon", [[["x", 0]]])),
        _file(("East", "Polygon", [[[1]]])),
        _file(("East", "MultiPolygon", SQUARE)),
        b'{"features": [{"properties": {"name": "a"}, "geometry": {"type": "Polygon", "coordinates": [[[NaN, 1]]]}}]}',
        _file(*[("East", "Polygon", SQUARE)] * 501),
        b"[" * 100_000,
    ],
)
def test_what_is_no_district_is_refused(data):
    with pytest.raises(DomainError):
        read_areas(data)


def test_a_refused_file_leaves_the_districts_as_they_were(as_role, placed):
    file = SimpleUploadedFile("d.json", b"{}")

    answer = as_role(Role.PLANNER).post(
        "/retailers/map/districts/", {"file": file, "system": "WGS84"}
    )

    assert answer.status_code == 422
    assert not Boundary.objects.exists()
