"""Pages that say what happened: in both languages, with a reference number, for people and programs."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from tests.factories import City, make_city
from tests.integration.ops.error_urls import RAISED

HEADINGS = {
    400: "This request could not be read",
    403: "You may not open this",
    404: "Nothing found here",
    409: "Someone else was faster",
    413: "The file is too large",
    500: "Something went wrong on the server",
    503: "The system is busy",
}


@pytest.fixture(autouse=True)
def _failing(settings):
    settings.ROOT_URLCONF = "tests.integration.ops.error_urls"


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


def heading(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    assert found is not None
    return found[1].strip()


@pytest.mark.parametrize("status", RAISED)
def test_a_page_says_what_happened_and_what_to_do(db, browser, status):
    said = {}
    for language in ("zh-hans", "en"):
        browser.cookies["django_language"] = language
        answer = browser.get(f"/fail/{status}/")
        page = answer.content.decode()
        said[language] = heading(page)
        assert answer.status_code == status
        assert f'<code id="reference">{answer["X-Request-Id"]}</code>' in page
        assert "a secret of the program" not in page
        assert '<a class="btn btn-primary" href="/"' in page
        next_step = "What to do next" if language == "en" else "下一步"
        assert next_step in page

    assert said["en"] == HEADINGS[status]
    assert re.search(r"[\u4e00-\u9fff]", said["zh-hans"])


@pytest.mark.parametrize("status", RAISED)
def test_a_fragment_and_a_program_are_told_the_same(db, browser, status):
    fragment = browser.get(f"/fail/{status}/", headers={"HX-Request": "true"})
    program = browser.get(f"/api/fail/{status}/")

    assert (fragment.status_code, program.status_code) == (status, status)
    assert fragment["X-Request-Id"] in fragment.content.decode()
    assert program["Content-Type"] == "application/problem+json"
    body = program.json()
    assert (body["status"], body["request_id"]) == (status, program["X-Request-Id"])
    assert body["detail"]
    assert body["code"]


@pytest.mark.parametrize("path", ["/fail/500/", "/api/fail/500/"])
def test_a_fault_is_told_without_the_database(browser, path):
    browser.cookies["sessionid"] = "somebody"
    with connection.execute_wrapper(_gone):
        answer = browser.get(path)

    assert answer.status_code == 500
    assert answer["X-Request-Id"] in answer.content.decode()


def _gone(*args):
    raise AssertionError("the database was asked")


def test_back_to_where_one_was_after_a_lost_race(db, browser):
    came_from = {"referer": "http://testserver/retailers/?q=a"}

    page = browser.get("/fail/409/", headers=came_from).content.decode()

    assert 'href="/retailers/?q=a"' in page
    assert "Somebody was here." in page


def test_a_role_that_may_not_and_a_form_that_is_too_old(db, browser):
    city: City = make_city()
    browser.force_login(
        city.people[Role.PARTNER], backend="django.contrib.auth.backends.ModelBackend"
    )
    strict = Client(enforce_csrf_checks=True)

    refused = browser.get(reverse("retailer-list"))
    old = strict.post("/login/", {"username": "a", "password": "b"})

    for answer in (refused, old):
        assert answer.status_code == 403
        assert answer["X-Request-Id"] in answer.content.decode()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "锁定"), ("en", "locked")])
def test_a_lock_out_says_for_how_long_and_whom_to_ask(db, browser, settings, language, words):
    settings.AXES_ENABLED = True
    browser.cookies["django_language"] = language
    for _try in range(settings.AXES_FAILURE_LIMIT):
        answer = browser.post("/login/", {"username": "somebody", "password": "wrong"})

    assert answer.status_code == 429
    page = answer.content.decode()
    assert words in heading(page)
    assert "15" in page
    assert answer["X-Request-Id"] in page


def test_an_ended_session_leads_back_to_the_page_of_the_form(db, browser):
    page = reverse("hand-over-new")
    form = browser.post(
        page, {"step": "terms"}, headers={"referer": f"http://testserver{page}?line=3"}
    )
    fragment = browser.get("/tasks/tray/", headers={"HX-Request": "true"})
    program = browser.get("/api/v1/retailers/")

    assert form["Location"] == "/login/?next=%2Fhand-overs%2Fnew%2F%3Fline%3D3"
    assert (fragment.status_code, program.status_code) == (401, 401)
    assert program.json()["request_id"] == program["X-Request-Id"]
