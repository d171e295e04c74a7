"""Changes of many rows as pages: form, figures, confirmation, what became of it, undo."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import BulkChange, BulkChangeRow
from accounts.roles import Role
from config.common.models import JobRun
from customers.models import Retailer
from tests.factories import City, add_retailer, make_city, person
from tests.integration.lists.changing import changed, start, undone, work

WEDNESDAY = {"order_weekday": "3", "biweekly": "keep"}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def client_of(city: City, who: Any) -> Client:
    client = Client(raise_request_exception=False)
    user = city.people[who] if isinstance(who, str) else who
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def planner(city):
    return client_of(city, Role.PLANNER)


def url(action: str = "weekday") -> str:
    return reverse("list-change", args=["retailers", action])


def hidden(answer: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found, name
    return found[1]


def confirmed(client: Client, fields: dict[str, Any], action: str = "weekday") -> Any:
    """Look at the figures, then confirm them."""
    seen = client.post(url(action), {**fields, "step": "preview"})
    assert seen.status_code == 200, seen.content
    more = {"step": "confirm", "seen": hidden(seen, "seen"), "token": hidden(seen, "token")}
    return client.post(url(action), {**fields, **more})


def test_from_the_list_to_the_change_without_javascript(city, planner):
    first = planner.post(url(), {"all": "1", "query": "?q=shop"})
    assert first.status_code == 200
    assert b'name="order_weekday"' in first.content
    assert b'value="confirm"' not in first.content

    answer = confirmed(planner, {**WEDNESDAY, "all": "1", "query": "?q=shop"})

    change = BulkChange.objects.get()
    assert answer["Location"] == f"/changes/{change.pk}/"
    assert change.params == {"order_weekday": 3}
    assert len(change.selection["keys"]) == 4
    waiting = planner.get(answer["Location"])
    assert b"hx-trigger" in waiting.content
    work(change.job)
    done = planner.get(answer["Location"])
    assert b"every 2s" not in done.content
    assert done.content.decode().count("R0000") >= 4
    assert b'data-bs-target="#undo-change"' in done.content


def test_ticked_rows_only(city, planner):
    keys = [retailer.pk for retailer in city.retailers[:2]]

    confirmed(planner, {**WEDNESDAY, "keys": keys})

    assert BulkChange.objects.get().selection["keys"] == keys


def test_an_action_without_a_form_shows_its_figures_at_once(city, planner):
    answer = planner.post(url("suspend"), {"keys": [city.eastern.pk]})

    assert answer.status_code == 200
    assert b'value="confirm"' in answer.content


def test_what_was_typed_stays_when_the_reason_is_missing(city, planner):
    fields = {"keys": [city.eastern.pk]}

    answer = confirmed(planner, {**fields, "reason": " "}, "suspend")

    assert answer.status_code == 422
    assert b'aria-describedby="change_reason_error"' in answer.content
    assert not BulkChange.objects.exists()


def test_a_wrong_form_comes_back_with_its_error(city, planner):
    fields = {"keys": [city.eastern.pk], "order_weekday": "8", "biweekly": "keep"}

    answer = planner.post(url(), {**fields, "step": "preview"})

    assert answer.status_code == 422
    assert b"invalid-feedback" in answer.content


def test_a_form_that_changes_nothing_is_refused(city, planner):
    fields = {"keys": [city.eastern.pk], "order_weekday": "keep", "biweekly": "keep"}

    assert planner.post(url(), {**fields, "step": "preview"}).status_code == 422


def test_nothing_selected_says_so(city, planner):
    for fields in ({}, {"keys": [city.eastern.pk * 0]}, {"all": "1", "query": "?q=nothing-at-all"}):
        answer = planner.post(url(), fields)
        assert answer.status_code == 422
        assert b"alert" in answer.content


def test_where_nothing_would_change_there_is_no_button(city, planner):
    Retailer.objects.update(order_weekday=3)

    answer = planner.post(url(), {**WEDNESDAY, "all": "1", "step": "preview"})

    assert answer.status_code == 200
    assert b'value="confirm"' not in answer.content


def test_a_selection_that_has_changed_is_shown_anew_with_409(city, planner):
    fields = {**WEDNESDAY, "all": "1", "query": "?status=active", "reason": "a round"}
    seen = planner.post(url(), {**fields, "step": "preview"})
    add_retailer(city, 4)

    sent = {"step": "confirm", "seen": hidden(seen, "seen"), "token": hidden(seen, "token")}
    answer = planner.post(url(), {**fields, **sent})

    assert answer.status_code == 409
    assert b"a round" in answer.content
    assert hidden(answer, "seen") != hidden(seen, "seen")
    assert not BulkChange.objects.exists()
    again = planner.post(url(), {**fields, **sent, "seen": hidden(answer, "seen")})
    assert again.status_code == 302


def test_a_double_click_leads_to_the_one_change(city, planner):
    fields = {**WEDNESDAY, "all": "1"}
    seen = planner.post(url(), {**fields, "step": "preview"})
    sent = {"step": "confirm", "seen": hidden(seen, "seen"), "token": hidden(seen, "token")}

    first, second = (planner.post(url(), {**fields, **sent}) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert BulkChange.objects.count() == 1


def test_a_token_of_somebody_else_opens_nothing(city, planner):
    fields = {**WEDNESDAY, "all": "1"}
    seen = planner.post(url(), {**fields, "step": "preview"})
    sent = {"step": "confirm", "seen": hidden(seen, "seen"), "token": hidden(seen, "token")}
    planner.post(url(), {**fields, **sent})
    other = client_of(city, Role.ADMINISTRATOR)

    answer = other.post(url(), {**fields, **sent})

    assert answer.status_code == 409


def test_htmx_gets_the_form_alone_and_is_sent_on(city, planner):
    htmx = {"HTTP_HX_REQUEST": "true"}
    fields = {**WEDNESDAY, "all": "1"}
    seen = planner.post(url(), {**fields, "step": "preview"}, **htmx)
    assert seen.content.decode().lstrip().startswith("<form")

    sent = {"step": "confirm", "seen": hidden(seen, "seen"), "token": hidden(seen, "token")}
    answer = planner.post(url(), {**fields, **sent}, **htmx)

    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"/changes/{BulkChange.objects.get().pk}/"


def test_keys_of_another_county_are_named_as_missing_and_not_shown(city):
    county = client_of(city, Role.COUNTY_MANAGER)
    keys = [retailer.pk for retailer in city.retailers]

    answer = county.post(url(), {**WEDNESDAY, "keys": keys, "step": "preview"})

    assert b"R00000" in answer.content
    assert b"R00001" not in answer.content
    assert answer.context["prepared"].missing == 2


@pytest.mark.parametrize(
    "keys", [["x"], ["-1"], ["1e3"], ["９"], [str(2**63)], ["9" * 400], ["1"] * 1001, [""]]
)
def test_strange_keys_are_refused(city, planner, keys):
    assert planner.post(url(), {"keys": keys}).status_code == 400


@pytest.mark.parametrize("query", ["\x00", "?" * 3000, "a=%", "?county[]=1", "?sort=" + "x" * 2500])
def test_strange_addresses_are_no_error_of_ours(city, planner, query):
    for step in ("", "preview", "confirm"):
        answer = planner.post(url(), {**WEDNESDAY, "all": "1", "query": query, "step": step})
        assert answer.status_code < 500


@pytest.mark.parametrize("value", ["0", "-1", str(10**30), "x", "", "1\x00", "'"])
def test_strange_targets_are_refused(city, planner, value):
    answer = planner.post(url("line"), {"all": "1", "unit": value, "step": "preview"})

    assert answer.status_code == 422


def test_a_line_of_another_county_cannot_be_chosen(city):
    county = client_of(city, Role.COUNTY_MANAGER)

    answer = county.post(url("line"), {"all": "1", "unit": city.west.pk, "step": "preview"})

    assert answer.status_code == 422


def test_unknown_lists_and_actions_are_not_found(city, planner):
    assert planner.post(reverse("list-change", args=["nothing", "line"])).status_code == 404
    assert planner.post(url("nothing")).status_code == 404


# --- what became of it ------------------------------------------------------------------------


@pytest.fixture
def change(city):
    return changed("weekday", {"order_weekday": 3}, city.people[Role.PLANNER])


def test_the_page_filters_by_outcome_and_pages_by_key(city, planner, change):
    BulkChangeRow.objects.bulk_create(
        BulkChangeRow(change=change, object_id=10_000 + n, label=f"L{n}", outcome="refused")
        for n in range(60)
    )
    BulkChange.objects.update(refused=60)
    page = reverse("change-detail", args=[change.pk])

    same = planner.get(page, {"outcome": "same"})
    refused = planner.get(page, {"outcome": "refused"})

    assert [row.label for row, *_more in same.context["rows"]] == ["R00002 Shop 2"]
    assert len(refused.context["rows"]) == 50
    following = planner.get(page, {"outcome": "refused", "cursor": refused.context["page"].next})
    assert [row.label for row, *_more in following.context["rows"]] == [
        f"L{n}" for n in range(50, 60)
    ]
    assert planner.get(page, {"outcome": "nonsense"}).status_code == 200


def test_before_and_after_stand_in_words(city, planner, change):
    row = planner.get(reverse("change-detail", args=[change.pk])).context["rows"][0]

    assert (row[0].before, row[0].after) == ({"order_weekday": 1}, {"order_weekday": 3})
    assert row[1] != row[2]
    assert row[1].strip("–")


def test_pages_ask_as_many_queries_for_50_rows_as_for_4(city, planner, change):
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert planner.get(path).status_code == 200
        return len(asked)

    page, listed = reverse("change-detail", args=[change.pk]), reverse("change-list")
    few = queries(page), queries(listed)
    BulkChangeRow.objects.bulk_create(
        BulkChangeRow(
            change=change, object_id=10_000 + n, outcome="changed",
            before={"line_id": n}, after={"line_id": n + 1},
        )
        for n in range(60)
    )  # fmt: skip
    for _ in range(20):
        start("line", {"unit": city.west.pk}, city.people[Role.PLANNER])

    many = queries(page), queries(listed)

    assert many[1] == few[1]
    assert many[0] <= few[0] + 1  # the names of the lines, which there were none of before
    assert max(many) <= 12


def test_undo_asks_first_and_then_does_it(city, planner, change):
    undo = reverse("change-undo", args=[change.pk])
    assert planner.get(undo).status_code == 200
    assert Retailer.objects.filter(order_weekday=3).count() == 4

    answer = planner.post(undo)

    assert answer["Location"] == f"/changes/{change.pk}/"
    work(BulkChange.objects.get().undo_job)
    assert Retailer.objects.filter(order_weekday=3).count() == 1
    page = planner.get(answer["Location"])
    assert b"#undo-change" not in page.content
    assert planner.get(undo).status_code == 409
    assert planner.post(undo).status_code == 409


def test_while_it_is_at_work_the_progress_is_asked_for_and_then_the_page(city, planner):
    change = start("weekday", {"order_weekday": 3}, city.people[Role.PLANNER])
    page = reverse("change-detail", args=[change.pk])
    htmx = {"HTTP_HX_REQUEST": "true"}

    waiting = planner.get(page, {"part": "progress"}, **htmx)
    work(change.job)
    done = planner.get(page, {"part": "progress"}, **htmx)

    assert b"every 2s" in waiting.content
    assert "HX-Refresh" not in waiting
    assert done["HX-Refresh"] == "true"


def test_a_job_that_failed_says_why(city, planner):
    change = start("weekday", {"order_weekday": 3}, city.people[Role.PLANNER])
    JobRun.objects.filter(pk=change.job.pk).update(status="failed", error="The reason it failed.")
    BulkChange.objects.update(status="failed")

    answer = planner.get(reverse("change-detail", args=[change.pk]))

    assert b"The reason it failed." in answer.content


def test_who_sees_and_undoes_whose_changes(city, change):
    page, undo = (
        reverse("change-detail", args=[change.pk]),
        reverse("change-undo", args=[change.pk]),
    )
    colleague = person(city, "colleague", Role.PLANNER)
    seen = {
        Role.PLANNER: (200, 200),
        Role.ADMINISTRATOR: (200, 200),
        Role.APPROVER: (200, 403),
        Role.AUDITOR: (200, 403),
        Role.COUNTY_MANAGER: (404, 404),
        Role.INSPECTOR: (404, 404),
        Role.PARTNER: (404, 404),
    }

    found = {
        role: (
            client_of(city, role).get(page).status_code,
            client_of(city, role).post(undo).status_code,
        )
        for role in reversed(seen)
        if role not in (Role.PLANNER, Role.ADMINISTRATOR)
    }

    assert found == {role: both for role, both in seen.items() if role in found}
    assert client_of(city, colleague).get(page).status_code == 404
    assert client_of(city, Role.ADMINISTRATOR).get(undo).status_code == 200
    other = make_city("other", retailers=2)
    assert client_of(other, Role.ADMINISTRATOR).get(page).status_code == 404


def test_an_auditor_of_a_county_does_not_see_the_changes_of_others(city, change):
    auditor = person(city, "auditor2", Role.AUDITOR, unit=city.east)

    assert (
        client_of(city, auditor).get(reverse("change-detail", args=[change.pk])).status_code == 404
    )


def test_the_list_says_who_what_when_and_what_was_undone(city, planner, change):
    undone(change, city.people[Role.PLANNER])

    text = planner.get(reverse("change-list")).content.decode()

    assert f"/changes/{change.pk}/" in text
    assert "Planner" in text
    assert client_of(city, Role.COUNTY_MANAGER).get(reverse("change-list")).context["lines"] == []


def test_an_action_that_is_gone_still_has_its_page(city, planner, change):
    BulkChange.objects.update(action="gone")

    assert planner.get(reverse("change-detail", args=[change.pk])).status_code == 200
    assert planner.get(reverse("change-list")).status_code == 200
    assert planner.post(reverse("change-undo", args=[change.pk])).status_code == 400
