"""The tour in a browser: ticks are kept without a button, and the pages keep the policy and fit."""

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from accounts.selectors.tour import ticked_steps
from tests.factories import City, make_city


@pytest.fixture
def city(site: str) -> City:
    return make_city()


def test_a_tick_is_kept_at_once_and_found_again(city, visit, page, log_in, language):
    language("en")
    planner = city.people[Role.PLANNER]
    log_in(planner)
    visit("/")
    page.get_by_role("link", name="Ten-minute tour").click()
    expect(page.locator("html[data-ready='1']")).to_have_count(1)
    page.get_by_label("Ask a colleague in a note").check()
    expect(page.locator("#tour-done")).to_contain_text("1 of 12")
    assert ticked_steps(planner) == {"note"}
    visit("/help/tour/")
    expect(page.get_by_label("Ask a colleague in a note")).to_be_checked()


@pytest.mark.parametrize(("code", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_its_pages_keep_the_policy_and_fit(
    city, visit, page, log_in, language, axe, sideways, code, theme
):
    page.set_viewport_size({"width": 1024, "height": 768})
    page.emulate_media(color_scheme=theme)
    language(code)
    log_in(city.people[Role.PLANNER])
    found = {}
    for path in ("/help/", "/help/tour/", f"/plans/{city.plans['draft'].pk}/"):
        visit(path)
        found[path] = axe() + ([f"{sideways()} px"] if sideways() else [])

    assert {path: faults for path, faults in found.items() if faults} == {}
