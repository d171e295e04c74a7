"""Every page in a browser: both languages, both sizes; and what people do with them."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.roles import Role
from config.common.models import JobRun
from tests.access import TABLE
from tests.factories import PASSWORD, City, make_city

# Pages that people look at; fragments, actions and machines' addresses are tested elsewhere.
PAGES = [
    "home",
    "search",
    "retailer-list",
    "retailer-detail",
    "product-list",
    "product-detail",
    "scheme-list",
    "scheme-detail",
    "plan-list",
    "plan-detail",
    "plan-line",
    "plan-quotas",
    "line-factor",
    "run-list",
    "run-detail",
    "run-start",
    "file-list",
    "file-detail",
    "file-upload",
    "audit-list",
    "run-publish",
]
VIEWS = [("zh-hans", 1440, 900), ("zh-hans", 1024, 768), ("en", 1440, 900), ("en", 1024, 768)]


@pytest.fixture
def city(site: str) -> City:
    return make_city()


def _open(visit, name: str, city: City) -> Page:
    page = visit(reverse(name, kwargs=TABLE[name].of(city)))
    # Panels fetch themselves; the last one has come when no placeholder is left.
    expect(page.locator("[hx-trigger=load]")).to_have_count(0)
    expect(page.locator("[data-chart]:not([data-done])")).to_have_count(0)
    return page


@pytest.mark.parametrize(("code", "width", "height"), VIEWS)
def test_every_page_keeps_the_policy_and_fits(
    city, visit, page, log_in, language, axe, sideways, code, width, height
):
    page.set_viewport_size({"width": width, "height": height})
    log_in(city.people[Role.ADMINISTRATOR])
    language(code)
    found = {}
    for name in PAGES:
        _open(visit, name, city)
        faults = [f"{sideways()} px sideways"] if sideways() else []
        if (code, width) in (("zh-hans", 1440), ("en", 1024)):
            faults += axe()
        if page.locator("[data-done=error]").count():
            faults.append("a chart failed")
        if faults:
            found[name] = faults

    assert found == {}


def test_somebody_logs_in_switches_the_language_and_logs_out(city, site, page, watch):
    page.goto(f"{site}/plans/")
    expect(page).to_have_url(re.compile(r"/login/\?next=%2Fplans%2F"))
    page.fill("#id_username", city.people[Role.PLANNER].username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    expect(page).to_have_url(f"{site}/plans/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.click("button[name=language]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(f"{site}/plans/")
    page.locator(".lz-topbar button[data-bs-toggle=dropdown]").click()
    page.click("form[action='/logout/'] button")
    expect(page).to_have_url(re.compile(r"/login/"))


def test_a_plan_is_published_only_after_the_question_was_answered(city, visit, page, log_in):
    log_in(city.people[Role.PLANNER])
    plan = city.plans["approved"]
    _open(visit, "plan-publish", city)
    page = visit(f"/plans/{plan.pk}/")
    page.click("[data-bs-target='#plan-publish']")
    expect(page.locator("#plan-publish")).to_be_visible()
    plan.refresh_from_db()
    assert plan.status == "approved"
    page.click("#plan-publish button[type=submit]")
    expect(page.locator("#messages .alert")).to_be_visible()
    plan.refresh_from_db()
    assert plan.status == "published"


def test_a_run_shows_its_progress_until_it_has_ended(city, visit, page, log_in):
    log_in(city.people[Role.PLANNER])
    night = JobRun.objects.create(
        kind="night", key="n", company_id=city.company.pk, status="running", progress_total=4
    )
    visit(f"/runs/{night.pk}/")
    expect(page.locator("#run-progress[hx-trigger]")).to_have_count(1)
    JobRun.objects.filter(pk=night.pk).update(progress_done=3)
    expect(page.locator("#run-progress progress").first).to_have_attribute("value", "3")
    JobRun.objects.filter(pk=night.pk).update(status="succeeded", progress_done=4)
    expect(page.locator("#run-progress:not([hx-trigger])")).to_have_count(1)


def test_filters_of_the_list_change_the_address_and_the_rows(city, visit, page, log_in):
    log_in(city.people[Role.PLANNER])
    visit("/retailers/")
    expect(page.locator("#list-rows tbody tr")).to_have_count(4)
    page.fill("#filter_q", "sp2")
    expect(page.locator("#list-rows tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=sp2"))
    page.click("#list-count a")
    expect(page.locator("#list-count [data-list-total]")).to_have_text(re.compile("1"))
