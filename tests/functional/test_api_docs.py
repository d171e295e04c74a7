"""The page to try the API, in a browser, under the policy of every page."""

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from tests.factories import make_city


@pytest.fixture
def planner(site):
    city = make_city()
    return city.people[Role.PLANNER]


def test_swagger_ui_draws_and_calls_without_a_violation(page, site, planner, log_in, watch):
    log_in(planner)
    page.goto(site + "/api/docs/")

    expect(page.locator(".opblock").first).to_be_visible()
    expect(page.locator(".opblock")).to_have_count(12)
    products = page.locator("#operations-products-list_products")
    products.locator(".opblock-summary-control").click()
    products.get_by_role("button", name="Try it out").click()
    products.get_by_role("button", name="Execute").click()

    expect(
        products.locator(".live-responses-table tbody .response-col_status").first
    ).to_contain_text("200")


def test_authorize_dialog_opens_without_a_violation(page, site, planner, log_in, watch):
    log_in(planner)
    page.goto(site + "/api/docs/")

    page.locator("button.authorize").first.click()

    expect(page.get_by_role("heading", name="oauth2", exact=False).first).to_be_visible()
