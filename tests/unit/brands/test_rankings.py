"""Rankings of counties and products against the year before."""

import datetime as dt

import pytest

from accounts.models import OrgUnit
from accounts.roles import Role
from brands.models import RetailerMonth
from brands.selectors.rankings import Ranked, ends, rank_counties, rank_products
from brands.services.sales import refresh_sales
from customers.models import Retailer
from tests.integration.night.city import Line, make_city

pytestmark = pytest.mark.django_db
PERIOD = 202610


@pytest.fixture
def city():
    made = make_city(retailers=2, products=2)
    unit = OrgUnit.objects.create(
        company=made.company, level=1, code="77", name="Elsewhere", path="Elsewhere"
    )
    Retailer.objects.filter(code="R001").update(county=unit)
    made.place("a", "R000", dt.date(2026, 10, 6), [Line("P000", 60, 1), Line("P001", 5, 1)])
    made.place("b", "R001", dt.date(2026, 10, 7), [Line("P000", 10, 1)])
    made.place("c", "R000", dt.date(2025, 10, 8), [Line("P000", 50, 1), Line("P001", 40, 1)])
    made.place("d", "R000", dt.date(2025, 11, 8), [Line("P000", 999, 1)])
    refresh_sales(company_id=made.pk, progress=lambda *_: None, assert_owner=lambda: None)
    return made


def test_counties_by_their_difference_to_the_year_before(city):
    ranked = rank_counties(city.planner, PERIOD)

    figures = [(one.cartons, one.before, one.difference) for one in ranked]
    assert figures == [(10, 0, 10), (65, 90, -25)]
    assert ranked[0].change is None, "nothing was sold there a year ago"
    assert ranked[1].change == pytest.approx(65 / 90 - 1)


def test_products_of_the_company_and_of_a_county(city):
    whole = {one.name: one.difference for one in rank_products(city.planner, PERIOD)}
    assert sorted(whole.values()) == [-35, 20]

    county = OrgUnit.objects.get(code="77")
    manager = city.person("east", Role.COUNTY_MANAGER)
    manager.unit = county
    manager.save()
    assert [one.cartons for one in rank_products(manager, PERIOD)] == [10]
    assert len(rank_counties(manager, PERIOD)) == 1


def test_the_companys_counties_are_remembered_until_sales_are_computed_anew(city):
    city.night(dt.date(2026, 11, 21), stages=["sales"])
    first = rank_counties(city.planner, PERIOD)
    RetailerMonth.objects.update(cartons=1)
    OrgUnit.objects.filter(code="77").update(name="Renamed")

    again = rank_counties(city.planner, PERIOD)

    assert [one.cartons for one in again] == [one.cartons for one in first] == [10, 65]
    assert again[0].name == "Renamed"
    city.night(dt.date(2026, 11, 22), stages=["sales"])
    assert [one.cartons for one in rank_counties(city.planner, PERIOD)] == [1, 1]


def test_nobody_stands_at_both_ends():
    rows = [Ranked(number, str(number), 100 - number, 50) for number in range(1, 8)]

    top, bottom = ends(rows)

    assert [one.key for one in top] == [1, 2, 3]
    assert [one.key for one in bottom] == [7, 6, 5, 4]
    assert ends(rows[:1]) == (rows[:1], [])
    assert ends([]) == ([], [])
