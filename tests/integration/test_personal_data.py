"""Personal data by role and address: no page, part of a page, export, search, trail or REST answer shows
a whole telephone number; names of contacts stand only before those who may see personal data."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import ROLE_PERMISSIONS, Permission, Role
from customers.models import Contact
from customers.services.contacts import save_contact
from tests.access import TABLE
from tests.factories import PASSWORD, City, make_city

BEFORE, AFTER = "13812345678", "13987654321"
NAME = "叶明远"
STARTS = (
    "api-classes", "api-quota", "api-retailer", "audit", "change", "comment", "contact", "draft", "export",
    "file", "hand-over", "home", "list", "notice", "panel", "plan", "print", "result", "retailer", "run",
    "search", "stand-in", "task",
)  # fmt: skip
ADDRESSES = [name for name, rule in TABLE.items() if rule.get and name.startswith(STARTS)]
MORE = {
    "retailer-list": ["?q=5678", "?q=4321", "?cols=code,name,manager"],
    "search": ["?q=7654321", "?q=4321"],
    "search-box": ["?q=7654321", "?q=4321"],
    "audit-list": ["?q=4321", "?field=phone"],
    "list-export": ["?q=R"],
}


@pytest.fixture
def city(db) -> City:
    """Somebody has changed the number of a contact, so the trail and the stream know of both."""
    made = make_city()
    contact = made.eastern.contacts.first()
    Contact.objects.filter(pk=contact.pk).update(name=NAME, phone=BEFORE)
    contact.refresh_from_db()
    save_contact(
        retailer=made.eastern,
        contact=contact,
        values={"name": NAME, "relation": contact.relation, "phone": AFTER},
        by=made.people[Role.PLANNER],
    )
    return made


def answers(client: Client, city: City) -> dict[str, str]:
    """What every address answers, files included."""
    found = {}
    for name in ADDRESSES:
        path = reverse(name, kwargs=TABLE[name].of(city))
        for query in ["", *MORE.get(name, [])]:
            answer = client.get(path + query)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if answer.status_code == 200:
                found[name + query] = content.decode("utf-8", "replace")
    return found


@pytest.mark.parametrize("role", list(Role))
def test_no_address_shows_a_whole_number_or_a_name_to_whom_it_is_not_for(city, role):
    client = Client()
    client.login(username=city.people[role].username, password=PASSWORD)

    shown = answers(client, city)

    assert len(shown) > 5
    for number in (BEFORE, AFTER):
        assert [where for where, text in shown.items() if number in text] == []
    named = [where for where, text in shown.items() if NAME in text]
    if Permission.VIEW_PERSONAL_DATA in ROLE_PERMISSIONS[role]:
        assert "panel-retailer-contacts" in named
    else:
        assert named == []


def test_control_the_numbers_are_there_to_be_shown(city):
    client = Client()
    client.login(username=city.people[Role.PLANNER].username, password=PASSWORD)
    contact = city.eastern.contacts.first()

    assert AFTER in client.post(reverse("contact-reveal", args=[contact.pk])).content.decode()
    shown = answers(client, city)
    assert any("139****4321" in text for text in shown.values())
    assert any("138****5678" in text for where, text in shown.items() if "history" in where)
