"""What people do on the pages of the main job, in a browser."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from accounts.roles import Role
from config.common import jobs
from config.common.models import JobRun
from tests.access import TABLE
from tests.factories import PASSWORD, City, add_retailer, make_city


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
    expect(page.locator("#list-count")).to_have_count(0)


def test_a_list_of_several_pages_is_counted_on_demand(city, visit, page, log_in):
    for number in range(60):
        add_retailer(city, 100 + number)
    log_in(city.people[Role.PLANNER])
    visit("/retailers/")
    page.click("#list-count a")
    expect(page.locator("#list-count [data-list-total]")).to_have_text(re.compile("64"))


LONG_NAME = (
    "云泽市青石坡镇第三人民医院东门对面二楼 老张家 Happy Family 烟酒副食百货综合商行（总店）"
)


def test_a_long_name_stays_where_it_is_and_can_be_clicked_at_its_end(city, visit, page, log_in):
    """A row that changes when it is pointed at runs away from the pointer."""
    city.eastern.name = LONG_NAME
    city.eastern.save()
    log_in(city.people[Role.PLANNER])
    visit("/retailers/")
    link = page.locator("#list-rows td.lz-name > a", has_text=LONG_NAME)
    expect(link.locator("xpath=..")).to_have_attribute("title", LONG_NAME)
    row = link.locator("xpath=ancestor::tr")
    link.scroll_into_view_if_needed()
    before, box = row.bounding_box(), link.bounding_box()
    end = (box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    page.mouse.move(*end)
    for _frame in range(5):
        page.wait_for_timeout(30)
        assert (row.bounding_box(), link.bounding_box()) == (before, box)
    page.keyboard.press("Tab")
    link.focus()
    assert row.bounding_box() == before
    page.mouse.click(*end)
    expect(page).to_have_url(re.compile(rf"/retailers/{city.eastern.pk}/"))


# Faster than the pause before a preview is asked for.
CHOOSE_AND_SEND = """() => {
  for (const id of ["date", "number"]) {
    const select = document.getElementById(id);
    select.selectedIndex = 1;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }
  document.querySelector(".lz-actions button[value=check]").click();
}"""
COLUMNS = "客户编码,客户名称,县区,订货日\nR00000,Shop 0,East,1\n".encode("gb18030")


def test_columns_that_were_sent_are_not_previewed_any_more(city, visit, page, log_in):
    """The file is in the next step by then: the late question would be answered by 409."""
    planner = city.people[Role.PLANNER]
    client = Client()
    client.force_login(planner, backend="django.contrib.auth.backends.ModelBackend")
    upload = SimpleUploadedFile("零售户.csv", COLUMNS)
    fields = {"company": city.company.pk, "kind": "retailers", "upload": upload}
    address = client.post(reverse("file-upload"), fields)["Location"]
    jobs.run(JobRun.objects.get(kind="import.look").pk)
    log_in(planner)
    visit(f"{address}columns/")
    held: list[Route] = []
    late: list[str] = []

    def hold(route: Route) -> None:
        if route.request.is_navigation_request() and route.request.method == "POST":
            held.append(route)
            return
        if held:
            late.append(route.request.url)
        route.continue_()

    page.route("**/columns/", hold)
    page.evaluate(CHOOSE_AND_SEND)
    page.wait_for_timeout(1000)
    held[0].continue_()
    expect(page).to_have_url(re.compile(rf"{address}$"))
    assert late == []
