"""Every page works before there is anything to show: no file, no night, nothing published."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from accounts.roles import Role
from accounts.services import create_company
from allocation.models import Plan
from segmentation.models import Scheme, SegmentationRun
from tests.access import TABLE
from tests.integration.night.city import history, make_city

ROLES = [Role.ADMINISTRATOR, Role.PLANNER, Role.APPROVER, Role.CUSTOMER_MANAGER, Role.PARTNER]


def client_of(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def plain_addresses() -> Iterator[str]:
    for name, rule in TABLE.items():
        if rule.get is None or name == "logout":
            continue
        try:
            yield reverse(name)
        except NoReverseMatch:
            continue


def failing(client: Client, addresses: list[str]) -> list[str]:
    wrong = []
    for address in addresses:
        answer = client.get(address)
        if answer.status_code >= 500:
            wrong.append(f"{address}: {answer.status_code}")
    return wrong


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_company_that_was_only_just_made(role):
    company = create_company(code="new", name="New")
    fields = {"partner_of": "Maker"} if role == Role.PARTNER else {}
    user = User.objects.create_user("somebody", "x", role=role, company=company, **fields)

    assert failing(client_of(user), list(plain_addresses())) == []


@pytest.mark.django_db
def test_an_installation_without_any_company():
    user = User.objects.create_superuser("root", "x")

    assert failing(client_of(user), list(plain_addresses())) == []


@pytest.mark.slow
@pytest.mark.django_db
def test_after_the_first_night_while_nothing_is_published():
    city = make_city(retailers=6, products=2)
    history(city, first=202608, last=202610)
    city.night(dt.date(2026, 11, 21))
    assert SegmentationRun.objects.exists()
    assert not Scheme.objects.exclude(published_run=None).exists()
    plan = Plan.objects.get(period=202611)
    line = plan.lines.first()
    assert line is not None
    addresses = [
        *plain_addresses(),
        *(reverse("scheme-detail", args=[scheme.pk]) for scheme in Scheme.objects.all()),
        reverse("plan-detail", args=[plan.pk]),
        reverse("plan-quotas", args=[plan.pk]),
        reverse("plan-line", args=[plan.pk, line.product_id]),
    ]
    retailer = reverse("retailer-detail", args=[city.retailers["R000"].pk])
    product = reverse("product-detail", args=[line.product_id])

    for user in (city.planner, city.approver):
        client = client_of(user)
        panels = [
            panel["url"]
            for page in ("/", retailer, product)
            for panel in client.get(page).context["panels"]
        ]
        assert failing(client, [*addresses, retailer, product, *panels]) == []
