"""Help and the tour: for every role, with links that this role may open, and ticks that stay."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Preference
from accounts.roles import Role
from accounts.selectors.tour_steps import STEPS, steps_for
from config.common import lists

TOUR = "/help/tour/"


@pytest.fixture
def as_role(city):
    def log_in(role: str) -> Client:
        client = Client()
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def ticked(client: Client) -> list[str]:
    return [
        step.code for step, _places, is_ticked in client.get(TOUR).context["steps"] if is_ticked
    ]


@pytest.mark.parametrize("role", Role)
def test_every_link_of_the_tour_opens_for_whoever_is_shown_it(as_role, city, role):
    client = as_role(role)
    assert client.get("/help/").status_code == 200
    page = client.get(TOUR).content.decode()

    places = [place for _step, places in steps_for(city.people[role]) for place in places]

    assert len(places) >= 2
    assert page.count("data-tour-place") == len(places)
    assert {place.url: client.get(place.url).status_code for place in places} == {
        place.url: 200 for place in places
    }


def test_a_role_is_shown_what_it_can_do(city):
    shown = {role: [step.code for step, _places in steps_for(city.people[role])] for role in Role}

    assert shown[Role.PLANNER] == [step.code for step in STEPS]
    assert shown[Role.PARTNER] == ["figures", "home"]
    assert "file" not in shown[Role.CUSTOMER_MANAGER]
    assert "many" not in shown[Role.AUDITOR]


def test_ticks_are_remembered_for_one_person(as_role, city):
    planner = as_role(Role.PLANNER)

    answer = planner.post(TOUR, {"step": ["find", "plan", "nonsense"]})

    assert answer["Location"] == TOUR
    assert ticked(planner) == ["find", "plan"]
    assert ticked(as_role(Role.APPROVER)) == []
    planner.post(TOUR, {"step": ["plan"]}, headers={"HX-Request": "true"})
    assert ticked(planner) == ["plan"]
    planner.post(TOUR)
    assert ticked(planner) == []


@pytest.mark.parametrize("value", [None, {"a": 1}, "find", [1, None]])
def test_a_damaged_preference_means_nothing_is_ticked(as_role, city, value):
    Preference.objects.create(user=city.people[Role.PLANNER], key="help.tour", value=value or {})

    assert ticked(as_role(Role.PLANNER)) == []


def test_home_offers_the_tour_until_it_is_done_and_the_menu_always(as_role, city):
    client = as_role(Role.PARTNER)
    assert f'href="{TOUR}"' in client.get("/").content.decode()

    client.post(TOUR, {"step": ["figures", "home"]})

    home = client.get("/").content.decode()
    assert f'href="{TOUR}"' not in home
    assert f'href="{reverse("help")}"' in home


@pytest.mark.parametrize(
    ("name", "computed"),
    [
        ("retailers", {"recent", "trend", "stage", "class-abc", "class-tier30"}),
        ("products", {"sales", "buyers"}),
        ("plans", {"total", "released", "quotas"}),
    ],
)
def test_every_computed_column_says_what_it_means(city, name, computed):
    spec = lists.find(name)
    assert spec is not None
    columns = {one.code: one for one in spec.columns(city.people[Role.PLANNER])}

    assert computed <= set(columns)
    assert [code for code in computed if not columns[code].definition] == []
