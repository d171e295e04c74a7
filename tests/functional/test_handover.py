"""Hand-overs in a browser: the whole process with two people, and how its pages look and fit."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from config.common.periods import business_today
from customers.models import HandOver, Retailer, StandIn
from tests.factories import City, make_city
from tests.factories.handover import colleague_of, hand_over_of


@pytest.fixture
def city(site: str) -> City:
    return make_city()


def test_a_hand_over_from_the_list_of_managers_to_the_new_ones_first_look(
    city, visit, page: Page, log_in, language
):
    taker = colleague_of(city)
    manager = city.people[Role.CUSTOMER_MANAGER]
    language("en")

    # The county's manager asks.
    log_in(city.people[Role.COUNTY_MANAGER])
    visit("/hand-overs/")
    page.get_by_role("link", name="Hand retailers over").click()
    page.select_option("#id_manager", str(manager.pk))
    page.get_by_role("button", name="Show the retailers").click()
    boxes = page.locator("#hand-over-rows input[name=keys]")
    expect(boxes).to_have_count(2)
    boxes.nth(1).uncheck()
    page.get_by_role("button", name="Go on with the ticked retailers").click()
    page.select_option("#id_to_manager", str(taker.pk))
    page.fill("#id_effective_on", business_today().isoformat())
    page.fill("#id_accompany_until", (business_today() + dt.timedelta(days=7)).isoformat())
    page.fill("#id_reason", "New areas")
    page.get_by_role("button", name="See what it means").click()
    expect(page.locator("[data-chart][data-done='1']")).to_have_count(2)
    expect(page.get_by_role("row", name=re.compile("^Retailers"))).to_contain_text("2 → 1")
    assert not HandOver.objects.exists()
    page.get_by_role("button", name="Change").click()
    expect(page.locator("#id_reason")).to_have_value("New areas")
    page.get_by_role("button", name="See what it means").click()
    page.get_by_role("button", name="Send for approval").click()
    expect(page).to_have_url(re.compile(r"/hand-overs/\d+/$"))
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    url = page.url

    # Somebody else finds it at home and approves it.
    log_in(city.people[Role.APPROVER])
    visit("/")
    page.get_by_role("link", name=re.compile("1 hand-over waits for approval")).click()
    expect(page).to_have_url(re.compile(re.escape(url)))
    page.get_by_role("button", name="Approve", exact=True).click()
    dialog = page.locator("#hand-over-approve")
    expect(dialog).to_be_visible()
    assert HandOver.objects.get().status == "requested"
    dialog.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator("#content")).to_contain_text(
        "1 retailer has passed to the new customer manager"
    )

    # The new manager sees the shop, with its history; the one before still does.
    log_in(taker)
    visit("/retailers/")
    page.get_by_role("link", name="Shop 0").click()
    panel = page.locator("#panel-ownership")
    expect(panel).to_contain_text("Second")
    expect(panel).to_contain_text("New areas")
    expect(panel).to_contain_text("accompanies")
    log_in(manager)
    visit(f"/retailers/{city.eastern.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Shop 0")
    assert Retailer.objects.get(pk=city.eastern.pk).manager == taker


def test_a_selection_of_the_list_of_retailers_is_handed_over(city, visit, page: Page, log_in):
    log_in(city.people[Role.PLANNER])
    visit("/retailers/")
    rows = page.locator("#list-rows input[name=keys]")
    rows.nth(0).check()
    rows.nth(2).check()
    page.locator("button[formaction='/hand-overs/new/']").click()
    expect(page.locator("#id_to_manager")).to_be_visible()
    expect(page.locator("input[name=keys]")).to_have_value(
        f"{city.retailers[0].pk},{city.retailers[2].pk}"
    )


def test_a_stand_in_is_arranged_and_ended(city, visit, page: Page, log_in, language):
    taker = colleague_of(city)
    language("en")
    log_in(city.people[Role.COUNTY_MANAGER])
    visit("/hand-overs/stand-ins/")
    page.get_by_role("link", name="Arrange a stand-in").click()
    page.select_option("#id_absent", str(city.people[Role.CUSTOMER_MANAGER].pk))
    page.select_option("#id_stand_in", str(taker.pk))
    page.fill("#id_until_on", business_today().isoformat())
    page.fill("#id_reason", "Annual leave")
    page.get_by_role("button", name="Arrange a stand-in").click()
    expect(page.locator("table")).to_contain_text("Annual leave")
    page.get_by_role("button", name="End now").first.click()
    page.locator(".modal.show button[type=submit]").click()
    expect(page.get_by_role("button", name="End now")).to_have_count(0)
    assert StandIn.objects.get().ended_at is not None


def test_the_sheet_prints_without_frame_and_buttons(city, visit, page: Page, log_in):
    log_in(city.people[Role.PLANNER])
    hand_over = hand_over_of(city)
    visit(f"/hand-overs/{hand_over.pk}/sheet/")
    page.evaluate("window.print = () => { window.printed = true }")
    page.click("[data-print]")
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    for selector in ("#sidebar", ".lz-topbar", "[data-print]", ".breadcrumb"):
        expect(page.locator(selector)).to_be_hidden()
    expect(page.locator(".lz-signatures")).to_be_visible()
    expect(page.get_by_role("cell", name=city.eastern.code)).to_be_visible()


@pytest.mark.parametrize(("code", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_steps_of_a_hand_over_keep_the_policy_and_fit(
    city, visit, page, log_in, language, judge, code, theme
):
    """Its other pages are opened by the sweep; these stand behind a posted form."""
    page.emulate_media(color_scheme=theme)
    taker = colleague_of(city)
    log_in(city.people[Role.PLANNER])
    language(code)
    found = {}
    visit(f"/hand-overs/new/?manager={city.people[Role.CUSTOMER_MANAGER].pk}")
    page.locator("#hand-over-rows button[type=submit]").click()
    expect(page.locator("#id_to_manager")).to_be_visible()
    found["terms"] = judge()
    page.select_option("#id_to_manager", str(taker.pk))
    page.fill("#id_reason", "Very long words " * 18)
    page.locator("button[value=preview]").click()
    expect(page.locator("[data-chart]:not([data-done])")).to_have_count(0)
    expect(page.locator("button[value=send]")).to_be_visible()
    found["preview"] = judge()

    assert found == {"terms": [], "preview": []}
