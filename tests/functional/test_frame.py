"""The frame and all components, on the style guide page."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

Visit = Callable[[str], Page]


@pytest.fixture(autouse=True)
def frame_only(settings) -> None:
    settings.ROOT_URLCONF = "tests.functional.frame_urls"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768)])
def test_styleguide_is_accessible_and_fits(
    visit: Visit, page: Page, axe, sideways, language, scheme, width, height
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": height})
    language("en" if width == 1024 else "zh-hans")
    visit("/")
    assert axe() == []
    assert sideways() == 0


@pytest.mark.parametrize("path", ["/login/", "/error/403/", "/error/500/"])
def test_public_page_is_accessible(visit: Visit, watch, axe, sideways, path: str) -> None:
    watch.allow("the server responded with a status of")
    visit(path)
    assert axe() == []
    assert sideways() == 0


def test_menus_modal_and_definition_open_without_breaking_the_policy(visit, page, axe) -> None:
    visit("/")
    page.locator(".lz-topbar [data-bs-toggle=dropdown]").click()
    expect(page.locator(".lz-topbar .dropdown-menu")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".lz-def summary").first.click()
    expect(page.locator(".lz-def > div").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".lz-def > div").first).to_be_hidden()
    page.click("[data-bs-target='#publish']")
    expect(page.locator("#publish")).to_be_visible()
    page.wait_for_timeout(400)
    assert axe() == []


def test_theme_density_and_sidebar_are_remembered(visit, page: Page) -> None:
    root = visit("/").locator("html")
    page.click("[data-toggle-theme]")
    page.click("[data-toggle-sidebar]")
    page.locator(".lz-topbar [data-bs-toggle=dropdown]").click()
    page.click("[data-set-preference='density:comfortable']")
    visit("/")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    expect(root).to_have_attribute("data-bs-sidebar", "folded")
    expect(root).to_have_attribute("data-density", "comfortable")


def test_language_switch_changes_the_page(visit, page: Page) -> None:
    visit("/login/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.click("button[name=language][value=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Log in")


def test_slash_focuses_the_filter_of_a_list_but_not_while_typing(visit, page: Page) -> None:
    visit("/")
    page.keyboard.press("/")
    expect(page.locator("#sg-q")).to_be_focused()
    page.focus("#f-name")
    page.keyboard.press("/")
    expect(page.locator("#f-name")).to_have_value("/")


def test_charts_draw_and_show_their_table(visit, page: Page, watch) -> None:
    visit("/")
    expect(page.locator("[data-chart][data-done='1']")).to_have_count(12)
    page.hover("#c-line", position={"x": 150, "y": 120})
    page.wait_for_timeout(300)
    page.click("[data-chart-toggle='c-pareto']")
    table = page.locator("#c-pareto-table")
    expect(table).to_be_visible()
    expect(page.locator("#c-pareto")).to_be_hidden()
    expect(table.locator("tbody tr").nth(2)).to_have_text(re.compile(r"P-04\s*A\s*8,700\s*68\.5"))
    page.click("[data-toggle-theme]")
    expect(page.locator("[data-chart][data-done='1']")).to_have_count(12)


def test_chart_downloads_are_csv_and_png(visit, page: Page) -> None:
    visit("/")
    with page.expect_download() as download:
        page.click("[data-chart-csv='c-line']")
    raw = Path(download.value.path()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[1] == ["2025-12", "48210", "47000", "91"]
    assert rows[-1] == ["2026-12", "", "47500", ""]
    with page.expect_download() as download:
        page.click("[data-chart-png='c-line']")
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_confirmation_holds_the_form_back_until_it_is_given(visit, page: Page) -> None:
    visit("/")
    page.fill("#f-name", "11")
    page.click("button[data-confirm]")
    dialog = page.locator("dialog.lz-dialog")
    expect(dialog).to_be_visible()
    dialog.locator("button").first.click()
    expect(dialog).to_have_count(0)
    assert "name=11" not in page.url
    page.click("button[data-confirm]")
    page.locator("dialog.lz-dialog button[value=yes]").click()
    expect(page).to_have_url(re.compile("name=11"))


def test_unsaved_changes_are_asked_about(visit, page: Page) -> None:
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    visit("/")
    page.fill("#f-name", "new")
    visit("/login/")
    assert asked == ["beforeunload"]


def test_filter_submits_itself(visit, page: Page) -> None:
    visit("/")
    page.select_option("#sg-class", "A")
    expect(page).to_have_url(re.compile("class=A"))


@pytest.mark.parametrize("status", [403, 404, 409, 500])
def test_htmx_error_is_said_with_the_servers_sentence(visit, watch, page: Page, status) -> None:
    watch.allow(f"status of {status}")
    watch.allow("Response Status Error Code")
    visit("/")
    page.evaluate(
        "(path) => { htmx.ajax('GET', path, {target: '#messages'}) }", f"/answer/{status}/"
    )
    toast = page.locator("#toasts .alert")
    expect(toast).to_contain_text("detail of the server")
    expect(toast).to_contain_text("参考编号")


def test_htmx_says_that_the_network_is_lost(visit, watch, page: Page, context) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    watch.allow("htmx:")
    watch.allow("undefined")
    visit("/")
    context.set_offline(True)
    page.evaluate("() => { htmx.ajax('GET', '/answer/200/', {target: '#messages'}) }")
    expect(page.locator("#toasts .alert")).to_contain_text("无法连接服务器")
