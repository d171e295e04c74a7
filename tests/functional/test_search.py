"""Search everything and the keys, in a browser."""

import re
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from customers.services.retailers import create_retailer
from tests.factories import City, make_city


@pytest.fixture
def city(site: str) -> City:
    found = make_city()
    create_retailer(
        company=found.company, code="YZ000009", name="长沙单记商行", by=None, county=found.east
    )
    return found


@pytest.fixture
def asked(page: Page) -> list[str]:
    """What the box has asked the server, in order."""
    found: list[str] = []

    def note(request) -> None:
        address = urlparse(request.url)
        if address.path == "/search/box/":
            found.append(parse_qs(address.query).get("q", [""])[0])

    page.on("request", note)
    return found


@pytest.fixture
def box(city, visit, page, log_in):
    """The open box of somebody on a page."""

    def open_box(path: str = "/", role: str = Role.PLANNER):
        log_in(city.people[role])
        visit(path)
        page.keyboard.press("Control+k")
        expect(page.locator("#palette-input")).to_be_focused()
        return page.locator("#palette")

    return open_box


def _options(page: Page):
    return page.locator("#palette [role=option]")


# --- the box --------------------------------------------------------------------------------


def test_a_shop_is_opened_by_its_initials_without_the_mouse(city, box, page):
    box("/plans/")
    page.keyboard.type("cssj", delay=20)
    first = _options(page).first
    expect(first).to_contain_text("长沙单记商行")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(page.locator("#palette-input")).to_have_attribute(
        "aria-activedescendant", "palette-option-0"
    )
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("长沙单记商行")
    expect(page).to_have_url(re.compile(r"/retailers/\d+/$"))


def test_enter_before_the_answer_opens_what_was_typed(city, box, page):
    box()
    page.route("**/search/box/**", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.keyboard.type("r00003")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Shop 3")


def test_enter_without_a_hit_shows_the_page_of_results(city, box, page):
    box()
    page.keyboard.type("nothing of the kind")
    expect(page.locator("#palette-message")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=nothing%20of%20the%20kind"))
    expect(page.locator(".empty")).to_be_visible()


def test_arrows_choose_and_go_round(city, box, page):
    box()
    page.keyboard.type("shop")
    expect(_options(page).last).to_contain_text("“shop”")
    count = _options(page).count()
    page.keyboard.press("ArrowUp")
    expect(_options(page).nth(count - 1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(_options(page).nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#palette [aria-selected=true]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Shop 1")


def test_nothing_is_asked_in_the_middle_of_a_syllable(city, box, page, asked):
    box()
    expect(_options(page)).not_to_have_count(0)
    asked.clear()
    # What an input method does: letters that are not yet a word, then the word.
    typing = page.context.new_cdp_session(page)
    for part in ("c", "ch", "chang", "chang sha"):
        typing.send(
            "Input.imeSetComposition",
            {"text": part, "selectionStart": len(part), "selectionEnd": len(part)},
        )
        page.wait_for_timeout(150)
    page.keyboard.press("ArrowDown")
    assert asked == []
    typing.send("Input.insertText", {"text": "长沙"})
    expect(_options(page).first).to_contain_text("长沙单记商行")
    assert asked == ["长沙"]


def test_an_answer_that_comes_late_is_dropped(city, box, page, asked):
    box()

    def slow(route) -> None:
        if "q=shop%201" in route.request.url:
            page.wait_for_timeout(700)
        route.continue_()

    page.route("**/search/box/**", slow)
    page.fill("#palette-input", "shop 1")
    page.wait_for_timeout(200)
    page.fill("#palette-input", "shop 3")
    expect(_options(page).first).to_contain_text("Shop 3")
    page.wait_for_timeout(800)
    expect(_options(page).first).to_contain_text("Shop 3")
    assert asked[-2:] == ["shop 1", "shop 3"]


def test_what_was_opened_stands_in_the_empty_box(city, visit, page, log_in):
    log_in(city.people[Role.PLANNER])
    visit(f"/retailers/{city.retailers[1].pk}/")
    visit(f"/products/{city.products[0].pk}/")
    page.keyboard.press("Control+k")
    expect(_options(page).nth(0)).to_contain_text("Product 0")
    expect(_options(page).nth(1)).to_contain_text("Shop 1")


def test_signs_narrow_the_box_to_pages_or_codes(city, box, page):
    box()
    page.keyboard.type(">")
    expect(page.locator("#palette [role=group]").first).to_contain_text("操作")
    page.keyboard.type("投放")
    expect(_options(page).first).to_contain_text("投放计划")
    page.fill("#palette-input", "#yz0")
    expect(_options(page).first).to_contain_text("长沙单记商行")


def test_escape_gives_the_focus_back_and_the_button_closes(city, box, page):
    box("/retailers/")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.focus("#content form[role=search] input[name=q]")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#content form[role=search] input[name=q]")).to_be_focused()
    page.click("#global-search")
    expect(page.locator("#palette")).to_be_visible()
    page.locator("#palette [data-close-dialog]").click()
    expect(page.locator("#palette")).to_be_hidden()


def test_a_lost_session_and_a_lost_network_are_said(city, box, page, watch):
    watch.allow("status of 401")
    watch.allow("ERR_INTERNET_DISCONNECTED")
    box("/retailers/")  # a page that fetches nothing more by itself
    expect(_options(page)).not_to_have_count(0)
    page.context.set_offline(True)
    page.keyboard.type("a")
    expect(page.locator("#palette-message")).to_contain_text("网络")
    page.context.set_offline(False)
    page.context.clear_cookies(name="sessionid")
    page.keyboard.type("b")
    expect(page.locator("#palette-message")).to_contain_text("登录")


def test_a_partner_is_offered_no_shop(city, box, page):
    box(role=Role.PARTNER)
    page.keyboard.type("shop")
    expect(page.locator("#palette-message")).to_be_visible()


@pytest.mark.parametrize(("code", "scheme"), [("zh-hans", "light"), ("en", "dark")])
def test_box_sheet_and_page_are_accessible(city, box, page, axe, language, sideways, code, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1024, "height": 768})
    language(code)
    box("/retailers/")
    expect(_options(page)).not_to_have_count(0)
    faults = axe()
    page.keyboard.type("shop")
    expect(_options(page).first).to_contain_text("Shop")
    faults += axe()
    page.fill("#palette-input", "zzz")
    expect(page.locator("#palette-message")).to_be_visible()
    faults += axe()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    faults += axe()
    page.keyboard.press("Escape")
    page.goto(page.url.split("/retailers/")[0] + "/search/?q=shop")
    faults += axe()
    assert faults == []
    assert sideways() == 0


def test_without_scripts_the_box_of_the_top_bar_leads_to_the_page(
    city, site, browser, log_in, page
):
    log_in(city.people[Role.PLANNER])
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(f"{site}/")
    plain.fill("#global-search", "sp2")
    plain.press("#global-search", "Enter")
    expect(plain).to_have_url(re.compile(r"/search/\?q=sp2"))
    plain.click("text=Shop 2")
    expect(plain.locator("h1")).to_contain_text("Shop 2")
    context.close()


# --- keys -----------------------------------------------------------------------------------


def test_the_sheet_opens_with_a_question_mark_but_not_while_typing(city, visit, page, log_in):
    log_in(city.people[Role.PLANNER])
    visit("/retailers/")
    sheet = page.locator("#shortcuts")
    page.keyboard.press("?")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("Ctrl")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.focus("#content form[role=search] input[name=q]")
    page.keyboard.type("?/g")
    expect(sheet).to_be_hidden()
    expect(page.locator("#content form[role=search] input[name=q]")).to_have_value("?/g")
    page.locator(".lz-topbar [data-bs-toggle=dropdown]").last.click()
    page.click("[data-open-shortcuts]")
    expect(sheet).to_be_visible()


def test_keys_lead_to_pages_and_to_the_filter(city, site, visit, page, log_in):
    log_in(city.people[Role.PLANNER])
    visit("/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_url(f"{site}/retailers/")
    expect(page.locator("html[data-ready='1']")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.locator("#content form[role=search] input[name=q]")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("x")
    page.keyboard.press("p")
    expect(page).to_have_url(f"{site}/retailers/")
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page).to_have_url(f"{site}/products/")
    visit("/")
    page.keyboard.press("/")
    expect(page.locator("#global-search")).to_be_focused()


def test_alt_and_arrows_follow_the_links_to_previous_and_next(city, visit, page, log_in):
    log_in(city.people[Role.PLANNER])
    visit("/retailers/")
    page.locator("#list-rows tbody tr").nth(0).locator("a").first.click()
    expect(page.locator("h1")).to_contain_text("Shop 0")
    expect(page.locator("html[data-ready='1']")).to_have_count(1)
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("h1")).to_contain_text("Shop 1")
    expect(page.locator("html[data-ready='1']")).to_have_count(1)
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("h1")).to_contain_text("Shop 0")


def test_control_and_enter_send_the_form_in_which_one_types(city, visit, page, log_in):
    log_in(city.people[Role.PLANNER])
    visit("/runs/start/")
    page.focus("#content form[method=post] input[name=business_date]")
    page.fill("#content form[method=post] input[name=business_date]", "2026-11-19")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/runs/\d+/$"))
