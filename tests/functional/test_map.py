"""The map in a browser: it draws, its legend switches classes, and its table says the same."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from customers.models import Retailer
from tests.factories import City, make_city


@pytest.fixture
def city(site: str) -> City:
    return make_city()


def _place(city: City) -> None:
    for number, retailer in enumerate(city.retailers[:-1]):
        Retailer.objects.filter(pk=retailer.pk).update(
            latitude=30 + number / 100, longitude=111 + number / 100
        )


INK = """() => { const canvas = document.querySelector(".lz-map canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let ink = 0; for (let at = 3; at < data.length; at += 4) if (data[at]) ink += 1; return ink; }"""


def test_the_map_draws_points_and_its_legend_switches_them(
    city, visit, page: Page, log_in, language, axe, sideways
):
    _place(city)
    language("en")
    log_in(city.people[Role.PLANNER])
    visit("/retailers/?sort=-recent")
    page.get_by_role("link", name="Map", exact=True).click()
    expect(page.locator("[data-map][data-done='1']")).to_have_count(1)
    expect(page.locator("[data-status]")).to_have_text("3 / 3")
    expect(page.locator("[data-missing]")).to_have_text(
        "Retailers without coordinates, not on the map: 1"
    )
    drawn = page.evaluate(INK)
    assert drawn > 100
    assert sideways() == 0
    assert axe() == []

    page.get_by_label("A 1").uncheck()
    expect(page.locator("[data-status]")).to_have_text("2 / 3")
    expect(page.locator(".lz-map canvas")).to_be_visible()
    page.wait_for_timeout(200)
    fewer = page.evaluate(INK)
    assert 0 < fewer < drawn

    page.get_by_label("Show blank areas").check()
    page.wait_for_timeout(200)
    assert page.evaluate(INK) > fewer * 5

    page.get_by_text("Retailers in view as a table").click()
    rows = page.locator("[data-twin] tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Shop 1")
    page.get_by_role("link", name="Back to the list").click()
    expect(page).to_have_url(re.compile(r"/retailers/\?sort=-recent$"))


def test_a_click_on_a_point_names_the_shop_and_leads_to_it(
    city, visit, page: Page, log_in, language
):
    Retailer.objects.filter(pk=city.eastern.pk).update(latitude=30, longitude=111)
    language("en")
    log_in(city.people[Role.PLANNER])
    visit("/retailers/map/")
    expect(page.locator("[data-map][data-done='1']")).to_have_count(1)
    box = page.locator(".lz-map").bounding_box()
    assert box is not None

    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    popup = page.locator(".leaflet-popup")
    expect(popup).to_contain_text("Shop 0")
    popup.get_by_role("link", name="Open the page").click()
    expect(page).to_have_url(re.compile(rf"/retailers/{city.eastern.pk}/$"))


def test_without_any_coordinates_the_page_says_so(city, visit, page: Page, log_in, language, axe):
    language("en")
    log_in(city.people[Role.PLANNER])
    visit("/retailers/map/")

    expect(page.get_by_text("No retailer here has coordinates")).to_be_visible()
    assert axe() == []
