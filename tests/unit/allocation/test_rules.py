"""Rules as of a date, and node factors from the festival calendar."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import PolicyVersion
from allocation.core.defaults import POLICIES
from allocation.models import NodeFactor
from allocation.services.rules import (
    computed_factor,
    ensure_node_factors,
    festival_dates,
    newest_node_factors,
    params_as_of,
)
from brands.models import PriceClass
from tests.integration.night.city import City, make_city


@pytest.fixture
def city(db) -> City:
    return make_city(retailers=0, products=0)


def test_festivals_are_on_their_published_dates():
    found = festival_dates(range(2024, 2028))

    assert found["spring_festival"] == [
        dt.date(2024, 2, 10),
        dt.date(2025, 1, 29),
        dt.date(2026, 2, 17),
        dt.date(2027, 2, 6),
    ]
    assert found["mid_autumn"] == [
        dt.date(2024, 9, 17),
        dt.date(2025, 10, 6),
        dt.date(2026, 9, 25),
        dt.date(2027, 9, 15),
    ]
    assert {day.strftime("%m-%d") for day in found["national_day"]} == {"10-01"}


def test_a_new_company_has_every_rule(city):
    for code, params in POLICIES.items():
        assert params_as_of(city.pk, code, dt.date(2026, 11, 21)) == (params, 1)


def test_what_a_version_does_not_say_comes_from_the_defaults(city):
    PolicyVersion.objects.create(
        company=city.company,
        code="allocation.tiers",
        version=2,
        effective_from=dt.date(2026, 11, 1),
        params={"min_width": 5},
    )

    params, version = params_as_of(city.pk, "allocation.tiers", dt.date(2026, 11, 21))

    assert version == 2
    assert params == {**POLICIES["allocation.tiers"], "min_width": 5}


def test_the_spring_festival_moves_trade_from_january_to_february_in_2026(city):
    """29 January 2025, 17 February 2026: all 20 days of the window lay in January, then 16 in February."""
    middle = PriceClass.objects.get(code="3")

    january = computed_factor(city.pk, 202601, middle).factor
    february = computed_factor(city.pk, 202602, middle).factor

    assert february == Decimal("1.24")
    assert january == ((1 + Decimal("0.3") * 4 / 20) / Decimal("1.3")).quantize(Decimal("0.01"))


def test_higher_price_classes_feel_a_festival_more(city):
    factors = [
        computed_factor(city.pk, 202602, price_class).factor
        for price_class in PriceClass.objects.order_by("code")
    ]

    assert factors == sorted(factors, reverse=True)
    assert factors[0] > factors[-1] > 1


def test_factors_are_made_once_and_a_persons_version_stays(city):
    first = ensure_node_factors(city.pk, 202602)
    top = PriceClass.objects.get(code="1")
    NodeFactor.objects.create(
        company=city.company, period=202602, price_class=top, version=2, factor=Decimal("1.50")
    )

    again = ensure_node_factors(city.pk, 202602)

    assert len(first) == PriceClass.objects.count()
    assert again[top.pk].factor == Decimal("1.50")
    assert NodeFactor.objects.count() == len(first) + 1
    assert newest_node_factors(city.pk, 202602) == again
    assert first[top.pk].reason.startswith("spring_festival 2026-02-17 (16/20)")
