"""How far quotas differ within a tier."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from allocation import selectors
from allocation.models import RetailerQuota
from tests.factories import add_retailer


def _set(city, *pairs):
    """Give the retailers these (tier, cartons) of the first product in the draft."""
    rows = RetailerQuota.objects.filter(plan=city.plans["draft"], product=city.products[0])
    for retailer, (tier, cartons) in zip(city.retailers, pairs, strict=True):
        rows.filter(retailer=retailer).update(tier=tier, cartons=cartons)


def _spread(city, role):
    plan = city.plans["draft"]
    line = selectors.lines_of(plan).get(product=city.products[0])
    return selectors.quota_spread(city.people[role], plan, line)


def test_each_tier_has_its_five_figures_the_highest_tier_first(city):
    _set(city, (30, 20), (30, 10), (1, 4), (1, 8))

    found = _spread(city, Role.PLANNER)

    assert [(one.tier, one.retailers) for one in found] == [(30, 2), (1, 2)]
    assert found[0].five == (10, 12.5, 15, 17.5, 20)
    assert found[1].five == (4, 5, 6, 7, 8)


def test_a_county_manager_sees_the_quotas_of_their_county(city):
    _set(city, (30, 20), (30, 10), (1, 4), (1, 8))

    found = _spread(city, Role.COUNTY_MANAGER)

    assert [one.five[2] for one in found] == [20, 4]


def test_the_panel_shows_the_reference_quota_beside_the_boxes(
    client, city, django_assert_max_num_queries
):
    for number in range(4, 10):
        retailer = add_retailer(city, number)
        RetailerQuota.objects.create(
            plan=city.plans["draft"], retailer=retailer, product=city.products[0], tier=30,
            weight=1, upper=30, cartons=number,
        )  # fmt: skip
    client.force_login(
        city.people[Role.PLANNER], backend="django.contrib.auth.backends.ModelBackend"
    )
    url = reverse("panel-quota-spread", args=[city.plans["draft"].pk, city.products[0].pk])

    with django_assert_max_num_queries(12):
        chart = client.get(url, headers={"HX-Request": "true"}).context["chart"]

    assert chart["categories"] == ["D30", "D1"]
    assert chart["lines"][0]["data"] == [30, 1]
    assert chart["counts"] == [6, 4]


@pytest.mark.parametrize("role", [Role.PLANNER, Role.CUSTOMER_MANAGER])
def test_without_quotas_the_panel_says_so(client, city, role):
    RetailerQuota.objects.all().delete()
    client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("panel-quota-spread", args=[city.plans["draft"].pk, city.products[0].pk])

    response = client.get(url, headers={"HX-Request": "true"})

    assert response.context["chart"] is None
    assert "data-chart=" not in response.content.decode()
