"""Drafts: one's own, bounded, without secrets, gone when the form was sent."""

import datetime as dt
import json
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Draft
from accounts.roles import Role
from accounts.services import drafts
from config.common.errors import DomainError
from tests.integration.accounts.desk import log_in

KEY = "note:customers.retailer:1"


@pytest.fixture
def planner(city):
    return city.people[Role.PLANNER]


def _save(user, fields, key=KEY, client=None, **more):
    body = {"key": key, "person": str(user.pk), "fields": json.dumps(fields), **more}
    return (client or log_in(user)).post(reverse("draft-list"), body)


def _of(user):
    answer = log_in(user).get(reverse("draft-list"), {"key": KEY})
    return answer.json()["drafts"]


def test_what_was_typed_is_given_back_to_the_same_person(city, planner):
    _save(planner, {"text": "你好"})

    [draft] = _of(planner)
    assert draft["fields"] == {"text": "你好"}
    assert draft["saved"] == f"{timezone.localtime():%H:%M}"
    assert _of(city.people[Role.ADMINISTRATOR]) == []


def test_the_newest_text_replaces_the_older(planner):
    _save(planner, {"text": "a"})
    _save(planner, {"text": "b"})

    assert [draft.fields for draft in Draft.objects.all()] == [{"text": "b"}]


def test_a_draft_of_nothing_is_none(planner):
    _save(planner, {"text": "a"})
    _save(planner, {"text": ""})

    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "name", ["password", "old_password", "PASSWORD1", "csrfmiddlewaretoken", "api_secret", "_draft"]
)
def test_secrets_are_never_stored(planner, name):
    _save(planner, {name: "hidden", "text": "a"})

    assert Draft.objects.get().fields == {"text": "a"}


def test_a_draft_is_discarded_by_its_owner_alone(city, planner):
    _save(planner, {"text": "a"})
    other = city.people[Role.ADMINISTRATOR]

    log_in(other).post(reverse("draft-discard"), {"key": KEY, "person": str(other.pk)})
    assert Draft.objects.count() == 1

    log_in(planner).post(reverse("draft-discard"), {"key": KEY, "person": str(planner.pk)})
    assert not Draft.objects.exists()


def test_a_page_that_another_person_left_open_writes_nothing(city, planner):
    other = city.people[Role.ADMINISTRATOR]

    answer = _save(other, {"text": "a"}, client=log_in(planner))

    assert answer.status_code == 409
    assert not Draft.objects.exists()


def test_at_most_fifty_drafts_are_kept_and_the_oldest_go(planner):
    for number in range(53):
        drafts.save(user=planner, key=f"form:{number}", fields={"text": "a"})

    kept = set(Draft.objects.values_list("form_key", flat=True))
    assert len(kept) == 50
    assert "form:52" in kept
    assert "form:2" not in kept


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("", {"text": "a"}),
        ("k" * 121, {"text": "a"}),
        ("a\x00b", {"text": "a"}),
        (KEY, {"text": "字" * 14_000}),
        (KEY, {f"f{number}": "a" for number in range(61)}),
        (KEY, {"text": 1}),
        (KEY, {"text": ["a"]}),
        (KEY, {"text": {"a": "b"}}),
    ],
)
def test_what_is_too_much_or_no_text_is_refused(planner, key, fields):
    with pytest.raises(DomainError):
        drafts.save(user=planner, key=key, fields=fields)

    assert _save(planner, fields, key=key).status_code == 400
    assert not Draft.objects.exists()


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "1", "null", "[" * 100_000])
def test_a_body_that_is_no_draft_is_refused(planner, body):
    fields = {"key": KEY, "person": str(planner.pk), "fields": body}

    assert log_in(planner).post(reverse("draft-list"), fields).status_code == 400


def test_signs_that_a_database_cannot_store_are_left_out(planner):
    _save(planner, {"text": "a\x00b"})

    assert Draft.objects.get().fields == {"text": "ab"}


def test_the_sweep_forgets_drafts_of_a_month_ago(planner):
    drafts.save(user=planner, key="old", fields={"text": "a"})
    Draft.objects.update(saved_at=timezone.now() - dt.timedelta(days=31))
    drafts.save(user=planner, key="new", fields={"text": "a"})

    assert drafts.sweep() == 1
    assert Draft.objects.get().form_key == "new"


# --- with the form ------------------------------------------------------------------------------


@pytest.fixture
def factor(city, planner):
    """Sends the form of a factor whose draft is kept."""
    url = reverse("line-factor", args=[city.plans["draft"].pk, city.products[0].pk])
    drafts.save(user=planner, key=url, fields={"reason": "a"})

    def send(**fields):
        return log_in(planner).post(url, {"_draft": url, **fields})

    send.url = url
    return send


def test_a_form_that_was_taken_takes_its_draft_along(factor):
    answer = factor(factor="1.10", reason="festival")

    assert answer.status_code == 302
    assert not Draft.objects.exists()
    assert unquote(answer["X-Draft-Sent"]) == factor.url
    cookie = answer.cookies["lz-draft-sent"]
    assert unquote(cookie.value) == factor.url
    assert not cookie["httponly"]
    assert int(cookie["max-age"]) == 60


def test_a_form_that_came_back_with_errors_keeps_its_draft(factor):
    answer = factor(factor="x", reason="festival")

    assert answer.status_code == 422
    assert Draft.objects.exists()
    assert "X-Draft-Sent" not in answer


def test_a_form_sent_without_a_session_keeps_its_draft(client, factor):
    answer = client.post(factor.url, {"_draft": factor.url, "factor": "1.1", "reason": "x"})

    assert answer.status_code == 302
    assert Draft.objects.exists()


def test_a_form_takes_nobody_elses_draft_along(city, factor):
    other = log_in(city.people[Role.ADMINISTRATOR])

    other.post(factor.url, {"_draft": factor.url, "factor": "1.1", "reason": "x"})

    assert Draft.objects.count() == 1


# --- after an expired session ---------------------------------------------------------------


def test_who_sent_a_form_too_late_is_led_back_to_it_after_the_log_in(client, factor):
    page = f"http://testserver{factor.url}?x=1"

    answer = client.post(factor.url, {"reason": "x"}, headers={"Referer": page})

    assert unquote(answer["Location"]) == f"/login/?next={factor.url}?x=1"


@pytest.mark.parametrize(
    "referer", ["https://example.org/steal/", "http://testserver", "javascript:alert(1)", "//x/y"]
)
def test_a_foreign_page_is_no_way_back(client, factor, referer):
    answer = client.post(factor.url, {"reason": "x"}, headers={"Referer": referer})

    assert unquote(answer["Location"]) == "/login/?next=/"


def test_a_fragment_asked_for_too_late_leads_back_to_its_page(client, city):
    headers = {"HX-Request": "true", "Referer": "http://testserver/retailers/?q=a"}

    answer = client.get(reverse("task-tray"), headers=headers)

    assert answer.status_code == 401
    assert unquote(answer["HX-Redirect"]) == "/login/?next=/retailers/?q=a"


def test_scripts_are_told_401_and_not_led_to_the_log_in_page(client, city):
    answer = client.post(reverse("draft-list"), {"key": KEY}, headers={"HX-Request": "true"})

    assert answer.status_code == 401


def test_the_middleware_runs_after_the_session_is_known():
    order = settings.MIDDLEWARE

    assert order.index("config.common.drafts.DraftMiddleware") > order.index(
        "config.common.middleware.LoginRequiredMiddleware"
    )
