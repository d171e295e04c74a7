"""Market observations on the page of a retailer."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from brands.models import MarketObservation


@pytest.fixture
def observe(city):
    def make(product: int, day: dt.date, retailer=None, **figures) -> MarketObservation:
        return MarketObservation.objects.create(
            company=city.company,
            retailer=retailer or city.eastern,
            product=city.products[product],
            observed_on=day,
            period=day.year * 100 + day.month,
            **figures,
        )

    return make


@pytest.fixture
def panel(client, city):
    def get(role=Role.CUSTOMER_MANAGER):
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client.get(reverse("panel-retailer-observations", args=[city.eastern.pk]))

    return get


def test_the_latest_observation_of_each_product_of_this_retailer_is_shown(city, observe, panel):
    observe(0, dt.date(2026, 11, 1), stock_cartons=1)
    latest = observe(0, dt.date(2026, 11, 9), stock_cartons=2, source="visit")
    observe(0, dt.date(2026, 11, 5), stock_cartons=3)
    other = observe(1, dt.date(2026, 10, 9), shelf=False)
    observe(2, dt.date(2026, 11, 9), retailer=city.retailers[1], shelf=True)

    assert panel().context["observations"] == [latest, other]


def test_carton_price_stands_beside_the_retail_price(city, observe, panel):
    retail = city.products[0].retail_price
    observe(
        0, dt.date(2026, 11, 9), carton_price=(retail * Decimal("0.9")).quantize(Decimal("0.01"))
    )
    observe(1, dt.date(2026, 11, 9), stock_cartons=0, shelf=True)

    page = panel(Role.INSPECTOR)

    assert page.context["observations"][0].price_gap == Decimal("-0.1")
    assert page.context["observations"][1].price_gap is None
    assert "-10.0 %" in page.content.decode()


def test_a_retailer_nobody_has_looked_at_says_so(panel):
    page = panel()

    assert page.context["observations"] == []
    assert 'class="empty"' in page.content.decode()


@pytest.mark.parametrize(
    ("role", "count"),
    [
        (Role.PLANNER, 2),
        (Role.COUNTY_MANAGER, 1),
        (Role.CUSTOMER_MANAGER, 1),
        (Role.PARTNER, 0),
    ],
)
def test_people_see_the_observations_of_their_own_retailers(city, observe, role, count):
    western = next(it for it in city.retailers if it.county_id == city.west.pk)
    observe(0, dt.date(2026, 11, 9), shelf=True)
    observe(0, dt.date(2026, 11, 9), retailer=western, shelf=True)

    assert MarketObservation.objects.visible_to(city.people[role]).count() == count
