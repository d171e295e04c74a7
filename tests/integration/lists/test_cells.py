"""One cell of a list changed in place; a clash shows both values."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from customers.models import CodeItem, CodeKind, Retailer
from tests.factories import City

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def client_of(city):
    def log_in(role: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture
def planner(client_of):
    return client_of(Role.PLANNER)


def url(city: City, code: str = "weekday") -> str:
    return reverse("list-cell", args=["retailers", city.eastern.pk, code])


def save(
    client: Client, city: City, value: Any, seen: Any, code: str = "weekday", **more: Any
) -> Any:
    return client.post(
        url(city, code), {"value": value, "seen": json.dumps(seen)}, **(more or HTMX)
    )


def stored(city: City, field: str = "order_weekday") -> Any:
    return Retailer.objects.values_list(field, flat=True).get(pk=city.eastern.pk)


def test_the_list_marks_cells_that_this_person_may_change(city, client_of):
    county, manager = client_of(Role.COUNTY_MANAGER), client_of(Role.CUSTOMER_MANAGER)

    assert url(city) in county.get("/retailers/").content.decode()
    assert "data-cell" not in manager.get("/retailers/").content.decode()


def test_the_cell_gives_its_field_and_takes_a_new_value(city, planner):
    form = planner.get(url(city), **HTMX).content.decode()
    assert form.startswith("<td")
    assert 'data-seen="1"' in form
    assert 'form="lz-none"' in form  # the list around it is a form of its own

    answer = save(planner, city, "3", 1)

    assert answer.status_code == 200
    assert answer.content.decode().startswith("<td")
    assert stored(city) == 3
    event = AuditEvent.objects.get(action="retailer.update")
    assert (event.changes, event.actor) == ({"order_weekday": [1, 3]}, city.people[Role.PLANNER])


def test_what_was_changed_can_be_taken_back_from_the_notice(city, planner):
    told = json.loads(save(planner, city, "3", 1)["HX-Trigger"])["lz:cell-saved"]
    assert "R00000" in told["text"]

    planner.post(told["url"], {"value": told["value"], "seen": told["seen"]}, **HTMX)

    assert stored(city) == 1


def test_the_header_of_the_notice_is_ascii_whatever_the_name(city, planner):
    Retailer.objects.filter(pk=city.eastern.pk).update(name="云泽𠮷便利店")

    header = save(planner, city, "3", 1)["HX-Trigger"]

    assert header.isascii()
    assert "云泽𠮷便利店" in json.loads(header)["lz:cell-saved"]["text"]


def test_a_value_that_somebody_has_changed_is_not_overwritten(city, planner):
    Retailer.objects.filter(pk=city.eastern.pk).update(order_weekday=5)

    answer = save(planner, city, "3", 1)

    text = answer.content.decode()
    assert answer.status_code == 409
    assert text.startswith("<td")
    assert "<dialog" in text
    assert 'data-value="3" data-seen="5"' in text
    assert stored(city) == 5
    assert save(planner, city, "3", 5).status_code == 200
    assert stored(city) == 3


def test_both_wanted_the_same_is_no_clash(city, planner):
    Retailer.objects.filter(pk=city.eastern.pk).update(order_weekday=3)

    answer = save(planner, city, "3", 1)

    assert answer.status_code == 200
    assert "HX-Trigger" not in answer
    assert not AuditEvent.objects.filter(action="retailer.update").exists()


@pytest.mark.parametrize("value", ["8", "x", "0", "-1", "1.5"])
def test_a_wrong_value_comes_back_at_the_field(city, planner, value):
    answer = save(planner, city, value, 1)

    assert answer.status_code == 422
    assert b"invalid-feedback" in answer.content
    assert stored(city) == 1


def test_an_address_keeps_its_limits(city, planner):
    assert save(planner, city, "新华路 1 号", "", "address").status_code == 200
    assert stored(city, "address") == "新华路 1 号"
    assert save(planner, city, "a" * 201, "新华路 1 号", "address").status_code == 422
    assert save(planner, city, "a\x00b", "新华路 1 号", "address").status_code == 422
    hostile = '"><script>alert(1)</script>'
    answer = save(planner, city, hostile, "新华路 1 号", "address")
    assert b"<script" not in answer.content


def test_weeks_and_trade_area(city, planner):
    area = CodeItem.objects.filter(company=city.company, kind=CodeKind.TRADE_AREA).first()
    grade = CodeItem.objects.filter(company=city.company, kind=CodeKind.COMPLIANCE).first()

    assert save(planner, city, "odd", "", "weeks").status_code == 200
    assert save(planner, city, area.pk, None, "trade-area").status_code == 200
    assert (stored(city, "biweekly"), stored(city, "trade_area")) == ("odd", area.pk)
    assert save(planner, city, grade.pk, area.pk, "trade-area").status_code == 422
    assert save(planner, city, "", area.pk, "trade-area").status_code == 200
    assert stored(city, "trade_area") is None


def test_an_entry_that_is_not_offered_any_more_can_stay(city, planner):
    area = CodeItem.objects.filter(company=city.company, kind=CodeKind.TRADE_AREA).first()
    Retailer.objects.filter(pk=city.eastern.pk).update(trade_area=area)
    area.is_active = False
    area.save()

    assert f'value="{area.pk}" selected' in planner.get(url(city, "trade-area")).content.decode()
    assert save(planner, city, area.pk, area.pk, "trade-area").status_code == 200
    assert stored(city, "trade_area") == area.pk


@pytest.mark.parametrize("code", ["status", "line", "tier", "class", "name", "code", "manager"])
def test_what_decides_about_quotas_is_no_cell(city, planner, code):
    assert planner.get(url(city, code)).status_code == 404
    assert save(planner, city, "1", None, code).status_code == 404


@pytest.mark.parametrize("seen", ["", "x", "{", '"' * 3, "[" * 5000])
def test_strange_seen_values_are_refused(city, planner, seen):
    answer = planner.post(url(city), {"value": "3", "seen": seen}, **HTMX)

    assert answer.status_code == 400
    assert stored(city) == 1


def test_cells_of_rows_that_are_not_ones_own_are_not_found(city, client_of):
    county = client_of(Role.COUNTY_MANAGER)
    western = reverse("list-cell", args=["retailers", city.retailers[1].pk, "weekday"])

    assert county.get(western).status_code == 404
    assert county.post(western, {"value": "3", "seen": "2"}).status_code == 404
    assert client_of(Role.CUSTOMER_MANAGER).get(url(city)).status_code == 403


def test_without_javascript_it_is_a_page(city, planner):
    page = planner.get(url(city), HTTP_REFERER="http://testserver/retailers/?weekday=1")
    assert b"<h1" in page.content
    assert b'name="back" value="http://testserver/retailers/?weekday=1"' in page.content
    fields = {"value": "3", "seen": "1", "back": "http://testserver/retailers/?weekday=1"}

    answer = planner.post(url(city), fields)

    assert answer["Location"] == "http://testserver/retailers/?weekday=1"
    assert stored(city) == 3
    clash = planner.post(url(city), fields)
    assert clash.status_code == 302  # it is so already
    Retailer.objects.filter(pk=city.eastern.pk).update(order_weekday=5)
    clash = planner.post(url(city), fields)
    assert clash.status_code == 409
    assert b"<h1" in clash.content


def test_the_way_back_leads_to_no_foreign_host(city, planner):
    for foreign in ("https://evil.example/retailers/", "//evil.example/retailers/", "javascript:x"):
        answer = planner.post(url(city), {"value": "3", "seen": "1", "back": foreign})
        assert answer["Location"] == "/retailers/"


def test_giving_up_shows_the_cell_as_it_is_now(city, planner):
    Retailer.objects.filter(pk=city.eastern.pk).update(order_weekday=5)

    answer = planner.get(url(city), {"show": "1"}, **HTMX)

    assert answer.content.decode().startswith("<td")
    assert b"<select" not in answer.content
