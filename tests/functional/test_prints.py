"""Sheets in a browser: on paper stands the sheet alone, on the screen it fits into its frame."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.roles import Role
from tests.factories import City, make_city


@pytest.fixture
def city(site: str) -> City:
    return make_city()


def _addresses(city: City) -> list[str]:
    retailer, plan = city.eastern.pk, city.plans["published"].pk
    names = ("retailer-sheet", "retailer-tier-notice", "retailer-quota-notice")
    return [
        *(reverse(name, args=[retailer]) for name in names),
        reverse("plan-sheet", args=[plan]),
        reverse("plan-posting", args=[plan]),
    ]


def test_on_paper_stands_the_sheet_alone(city, visit, page: Page, log_in):
    log_in(city.people[Role.PLANNER])
    for url in _addresses(city):
        page.emulate_media(media="screen")
        visit(url)
        expect(page.locator("[data-print]")).to_be_visible()

        page.emulate_media(media="print")

        expect(page.locator(".lz-sheet")).to_be_visible()
        frame = ".navbar, .lz-topbar, .page-header, .footer, .btn, .skip-link, .lz-demo"
        seen = [one for one in page.locator(frame).all() if one.is_visible()]
        assert seen == [], url
        assert page.locator(".lz-sheet").bounding_box()["y"] < 40
        page.emulate_media(media="screen")


@pytest.mark.parametrize(
    ("code", "width", "height"),
    [("zh-hans", 1440, 900), ("zh-hans", 1024, 768), ("en", 1440, 900), ("en", 1024, 768)],
)
def test_sheets_fit_the_screen_and_can_be_used_by_everybody(
    city, visit, page: Page, log_in, language, axe, sideways, code, width, height
):
    language(code)
    page.set_viewport_size({"width": width, "height": height})
    log_in(city.people[Role.PLANNER])
    for url in _addresses(city):
        visit(url)

        assert sideways() == 0, url
        assert axe() == [], url


def test_sheets_are_found_where_one_looks_for_them(city, visit, page: Page, log_in, language):
    language("en")
    log_in(city.people[Role.PLANNER])

    visit(reverse("retailer-detail", args=[city.eastern.pk]))
    page.get_by_role("button", name="Print").click()
    expect(page.locator(".page-header .dropdown-item")).to_have_text(
        ["Retailer sheet", "Notice of the tier", "Quota notice"]
    )
    page.get_by_role("link", name="Quota notice").click()
    expect(page.locator("h1")).to_have_text("Quota notice")

    visit(reverse("plan-detail", args=[city.plans["published"].pk]))
    page.get_by_role("button", name="Print").click()
    page.get_by_role("link", name="Public posting of quotas by tier").click()
    expect(page.locator(".lz-sheet")).to_contain_text("Tier D30")
    page.get_by_role("button", name="Tier D30").click()
    page.get_by_role("link", name="D1", exact=True).click()
    expect(page.locator(".lz-sheet")).to_contain_text("Tier D1")

    visit(reverse("plan-quotas", args=[city.plans["published"].pk]))
    page.get_by_role("link", name="Quota notice: Shop 0").click()
    expect(page.locator(".lz-sheet")).to_contain_text("Shop 0")
