"""What people do on the pages of the main job, in a browser."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.roles import Role
from config.common.models import JobRun
from tests.access import TABLE
from tests.factories import PASSWORD, City, make_city


@pytest.fixture
def city(site: str) -> City:
    return make_city()


def _open(visit, name: str, city: City) -> Page:
    page = visit(reverse(name, kwargs=TABLE[name].of(city)))
    # Panels fetch themselves; the last one has come when no placeholder is left.
    expect(page.locator("[hx-trigger=load]")).to_have_count(0)
    expect(page.locator("[data-chart]:not([data-done])")).to_have_count(0)
    return page


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
