"""Changing one retailer and its contacts; what is personal is masked until somebody reveals it."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from config.common.personal import masked_name, masked_phone
from customers.models import CodeItem, Contact, Retailer

NUMBER = "13812345678"


@pytest.fixture
def as_role(city):
    def log_in(role: str) -> Client:
        client = Client()
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture
def contact(city) -> Contact:
    found = city.eastern.contacts.get()
    Contact.objects.filter(pk=found.pk).update(name="叶明远", phone=NUMBER, is_primary=True)
    found.refresh_from_db()
    return found


def opened(client: Client, url: str) -> dict[str, str]:
    """The fields of a form as a browser would send them unchanged."""
    form = client.get(url).context["form"]
    fields: dict[str, str] = {}
    for bound in form:
        tags = str(bound) + (bound.as_hidden() if bound.is_hidden else "")
        tags += bound.as_widget(only_initial=True) if bound.field.show_hidden_initial else ""
        value = bound.value()
        fields[bound.html_name] = "" if value is None else str(value)
        if bound.field.show_hidden_initial:
            hidden = str(bound.as_hidden(only_initial=True))
            match = re.search(r'value="([^"]*)"', hidden)
            fields[bound.html_initial_name] = match.group(1) if match else ""
    return fields


# --- base facts ---------------------------------------------------------------------------


def test_only_what_was_changed_is_written_and_recorded(as_role, city):
    client = as_role(Role.PLANNER)
    url = reverse("retailer-edit", args=[city.eastern.pk])
    fields = opened(client, url)

    answer = client.post(url, {**fields, "address": "Lake Road 5", "reason": "moved"})

    assert answer.status_code == 302
    city.eastern.refresh_from_db()
    assert city.eastern.address == "Lake Road 5"
    event = AuditEvent.objects.get(action="retailer.update")
    assert list(event.changes) == ["address"]
    assert event.reason == "moved"


def test_saving_without_a_change_records_nothing(as_role, city):
    client = as_role(Role.PLANNER)
    url = reverse("retailer-edit", args=[city.eastern.pk])

    assert client.post(url, opened(client, url)).status_code == 302

    assert not AuditEvent.objects.filter(action="retailer.update").exists()


def test_two_people_at_different_fields_both_get_their_way(as_role, city):
    url = reverse("retailer-edit", args=[city.eastern.pk])
    first, second = as_role(Role.PLANNER), as_role(Role.COUNTY_MANAGER)
    seen = opened(first, url), opened(second, url)

    assert first.post(url, {**seen[0], "address": "Lake Road 5"}).status_code == 302
    assert second.post(url, {**seen[1], "name": "Sun Shop"}).status_code == 302

    city.eastern.refresh_from_db()
    assert (city.eastern.address, city.eastern.name) == ("Lake Road 5", "Sun Shop")


def test_two_people_at_one_field_the_second_is_asked_and_loses_nothing(as_role, city):
    url = reverse("retailer-edit", args=[city.eastern.pk])
    client = as_role(Role.PLANNER)
    fields = {**opened(client, url), "address": "mine", "name": "Mine"}
    Retailer.objects.filter(pk=city.eastern.pk).update(address="theirs")

    asked = client.post(url, fields)

    assert asked.status_code == 409
    assert [stored for _label, stored in asked.context["clashes"]] == ["theirs"]
    assert asked.context["form"]["address"].value() == "mine"
    city.eastern.refresh_from_db()
    assert (city.eastern.address, city.eastern.name != "Mine") == ("theirs", True)
    again = {**fields, "initial-address": "theirs"}
    assert client.post(url, again).status_code == 302
    city.eastern.refresh_from_db()
    assert (city.eastern.address, city.eastern.name) == ("mine", "Mine")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("longitude", "181"),
        ("longitude", "113"),  # without latitude
        ("order_weekday", "8"),
        ("opened_on", "2026-02-30"),
        ("format", "999999"),
    ],
)
def test_a_wrong_value_is_refused_at_the_form_and_what_was_typed_stays(as_role, city, field, value):
    url = reverse("retailer-edit", args=[city.eastern.pk])
    client = as_role(Role.PLANNER)
    before = Retailer.objects.values().get(pk=city.eastern.pk)

    fields = {**opened(client, url), field: value, "address": "kept"}
    answer = client.post(url, fields)

    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert b"kept" in answer.content
    assert Retailer.objects.values().get(pk=city.eastern.pk) == before


def test_an_entry_of_another_company_cannot_be_chosen(as_role, city):
    from accounts.services import create_company

    other = create_company(code="other", name="Other")
    foreign = CodeItem.objects.filter(company=other, kind="format").first()
    url = reverse("retailer-edit", args=[city.eastern.pk])
    client = as_role(Role.PLANNER)

    answer = client.post(url, {**opened(client, url), "format": str(foreign.pk)})

    assert answer.status_code == 422


# --- contacts -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.PLANNER, Role.AUDITOR, Role.INSPECTOR])
def test_a_number_is_nowhere_on_the_pages_of_a_retailer(as_role, city, contact, role):
    client = as_role(role)
    pages: list[str] = [reverse("retailer-detail", args=[city.eastern.pk]), "/retailers/"]
    detail = client.get(pages[0])
    pages += [panel["url"] for panel in detail.context["panels"]]

    for page in pages:
        assert NUMBER not in client.get(page).content.decode(), page


def test_who_may_not_see_personal_data_sees_no_name_either(as_role, city, contact):
    url = reverse("panel-retailer-contacts", args=[city.eastern.pk])

    assert "叶明远" in as_role(Role.PLANNER).get(url).content.decode()
    page = as_role(Role.AUDITOR).get(url).content.decode()
    assert "叶**" in page
    assert "叶明远" not in page


def test_revealing_a_number_is_recorded_with_who_and_whose(as_role, city, contact):
    answer = as_role(Role.PLANNER).post(reverse("contact-reveal", args=[contact.pk]))

    assert NUMBER in answer.content.decode()
    event = AuditEvent.objects.get(action="personal.reveal")
    assert event.actor == city.people[Role.PLANNER]
    assert event.object_id == str(city.eastern.pk)
    assert NUMBER not in str(event.changes)
    assert (
        as_role(Role.AUDITOR).post(reverse("contact-reveal", args=[contact.pk])).status_code == 403
    )


def save(client: Client, contact: Contact, **fields: str) -> Any:
    values = {"name": contact.name, "relation": contact.relation, "phone": "", **fields}
    return client.post(reverse("contact-edit", args=[contact.pk]), values)


def test_an_empty_number_keeps_the_stored_one(as_role, contact):
    assert save(as_role(Role.PLANNER), contact, relation="Owner").status_code == 302

    contact.refresh_from_db()
    assert (contact.phone, contact.relation) == (NUMBER, "Owner")


def test_who_changed_a_number_can_be_found_and_the_number_cannot_be_read(as_role, contact):
    save(as_role(Role.PLANNER), contact, phone="13900001111")

    event = AuditEvent.objects.get(action="contact.update")
    assert event.changes["phone"] == ["138****5678", "139****1111"]


def test_there_is_one_first_contact(as_role, city, contact):
    url = reverse("contact-add", args=[city.eastern.pk])
    fields = {"name": "Li", "phone": "073112345", "is_primary": "on", "is_key_man": "on"}

    assert as_role(Role.PLANNER).post(url, fields).status_code == 302

    primary = city.eastern.contacts.filter(is_primary=True)
    assert [one.name for one in primary] == ["Li"]


@pytest.mark.parametrize("fields", [{}, {"name": "Li", "phone": "call me"}, {"phone": "12"}])
def test_a_contact_needs_something_to_call(as_role, city, fields):
    url = reverse("contact-add", args=[city.eastern.pk])
    before = city.eastern.contacts.count()

    assert as_role(Role.PLANNER).post(url, fields).status_code == 422
    assert city.eastern.contacts.count() == before


def test_removing_a_contact_needs_a_reason_and_leaves_no_name(as_role, city, contact):
    client = as_role(Role.PLANNER)
    url = reverse("contact-remove", args=[contact.pk])

    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "left"}).status_code == 302

    assert not city.eastern.contacts.exists()
    event = AuditEvent.objects.get(action="contact.remove")
    assert "叶明远" not in str(event.changes)


def test_masks():
    assert masked_phone(NUMBER) == "138****5678"
    assert masked_phone("123") == "***"
    assert masked_name("叶明远") == "叶**"
    assert masked_name("") == masked_phone("") == ""
