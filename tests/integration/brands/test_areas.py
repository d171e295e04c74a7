"""Sales by area and month on the home page."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import OrgLevel
from accounts.roles import Role
from brands.models import RetailerMonth
from brands.selectors.areas import area_months
from config.common import periods
from customers.models import Retailer
from tests.factories import add_retailer


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def ask(client, city):
    logged_in = []

    def get(role):
        if logged_in != [role]:
            logged_in[:] = [role]
            user = city.people[role]
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client.get(reverse("panel-area-sales"), headers={"HX-Request": "true"})

    return get


def _sum(retailers, period):
    rows = RetailerMonth.objects.filter(retailer__in=retailers, period=period)
    return sum(row.cartons for row in rows)


def test_a_cell_is_the_sum_of_the_retailers_of_the_county_in_the_month(city):
    found = area_months(city.people[Role.PLANNER], 202610)

    assert found.level == OrgLevel.COUNTY
    assert found.names == ["East", "West"]
    assert found.months == periods.period_range(202511, 202610)
    east, west = city.retailers[0::2], city.retailers[1::2]
    assert found.cartons[0][-1] == _sum(east, 202610)
    assert found.cartons[1][0] == _sum(west, 202511)
    # The city has sales since 2025-10: one month has a year before.
    assert found.year_before[0] == [None] * 11 + [_sum(east, 202510)]


def test_growth_is_the_change_on_the_same_month_of_the_year_before(city):
    RetailerMonth.objects.filter(period=202510, retailer__in=city.retailers[0::2]).update(
        cartons=49
    )
    now = _sum(city.retailers[0::2], 202610)

    growth = area_months(city.people[Role.PLANNER], 202610).growth

    assert growth[0][-1] == pytest.approx(now / 98 - 1, abs=1e-4)
    assert growth[0][0] is None


def test_without_sales_a_year_before_there_is_no_growth(city):
    RetailerMonth.objects.filter(period=202510).update(cartons=0)

    assert area_months(city.people[Role.PLANNER], 202610).growth[0][-1] is None


def test_a_county_manager_sees_the_departments_of_their_county_only(city):
    found = area_months(city.people[Role.COUNTY_MANAGER], 202610)

    assert found.level == OrgLevel.DEPARTMENT
    # Retailers of the test city stand in no department.
    assert found.names == ["–"]
    assert found.cartons[0][-1] == _sum(city.retailers[0::2], 202610)


def test_a_customer_manager_sees_the_lines_of_their_own_retailers(city):
    Retailer.objects.filter(pk=city.retailers[2].pk).update(manager=None)

    found = area_months(city.people[Role.CUSTOMER_MANAGER], 202610)

    assert found.level == OrgLevel.LINE
    assert found.cartons[0][-1] == _sum([city.retailers[0]], 202610)


def test_the_panel_hands_cartons_to_the_charts_and_asks_at_most_12_queries(
    ask, city, django_assert_max_num_queries
):
    ask(Role.PLANNER)
    cache.clear()
    with django_assert_max_num_queries(12):
        context = ask(Role.PLANNER).context

    assert (context["sales"]["unit"], context["sales"]["shown_in"]) == ("cartons", "boxes")
    assert context["sales"]["rows"] == context["growth"]["rows"] == ["East", "West"]
    assert context["growth"]["diverging"]
    assert context["has_year_before"]


def test_the_companys_figures_are_remembered_until_sales_are_computed_anew(
    city, django_assert_num_queries
):
    planner = city.people[Role.PLANNER]
    first = area_months(planner, 202610)
    RetailerMonth.objects.filter(period=202610).update(cartons=1)
    assert area_months(planner, 202610).cartons == first.cartons

    city.night.children.filter(kind="night.sales").update(finished_at="2026-11-22T01:00:00Z")

    assert area_months(planner, 202610).cartons[0][-1] == 2


def test_the_number_of_queries_does_not_grow_with_the_retailers(ask, city):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            ask(Role.PLANNER)
        return len(captured)

    ask(Role.PLANNER)
    few = count()
    for number in range(4, 24):
        add_retailer(city, number)

    assert count() == few


def test_without_sales_the_panel_says_so(ask, city):
    RetailerMonth.objects.all().delete()

    response = ask(Role.PLANNER)

    assert response.context["is_empty"]
    assert "empty" in response.content.decode()
