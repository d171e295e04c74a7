"""The cards of the home page: usual ones by role, chosen ones by person."""

import pytest
from django.test import Client

from accounts.roles import Role

URL = "/home/cards/"


@pytest.fixture
def as_role(city):
    def log_in(role: str) -> Client:
        client = Client()
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def cards(client: Client) -> list[str]:
    return [card["code"] for card in client.get("/").context["panels"]]


def test_a_card_for_the_whole_company_is_not_usual_for_a_county_but_may_be_chosen(as_role):
    assert "counties" in cards(as_role(Role.PLANNER))
    client = as_role(Role.COUNTY_MANAGER)
    assert "counties" not in cards(client)

    client.post(URL, {"card": ["counties", "waiting"]})

    assert cards(client) == ["counties", "waiting"]


def test_the_order_of_the_form_is_the_order_of_the_page(as_role):
    client = as_role(Role.PLANNER)

    client.post(URL, {"card": ["products", "sales", "products", "nonsense", "waiting"]})

    assert cards(client) == ["products", "sales", "waiting"]
    listed = [card["code"] for card in client.get(URL).context["cards"]]
    assert listed[:3] == ["products", "sales", "waiting"]
    assert len(listed) > 3, "the others are still offered"


def test_a_card_one_may_not_see_cannot_be_chosen(as_role):
    client = as_role(Role.PARTNER)

    client.post(URL, {"card": ["sales", "counties", "waiting"]})

    assert cards(client) == ["waiting"]


def test_an_empty_page_says_how_to_fill_it_and_the_usual_cards_come_back(as_role):
    client = as_role(Role.PLANNER)
    usual = cards(client)
    client.post(URL, {})
    assert cards(client) == []
    assert b"/home/cards/" in client.get("/").content

    client.post(URL, {"reset": "1"})

    assert cards(client) == usual
