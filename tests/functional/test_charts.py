"""Every type of chart, its table twin and its CSV, and the units that people switch."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

Visit = Callable[[str], Page]
CHARTS = {
    "c-line": "line",
    "c-classes": "bar",
    "c-pareto": "bar",
    "c-stacked": "bar",
    "c-bar": "bar",
    "c-scatter": "scatter",
    "c-sankey": "sankey",
    "c-heatmap": "heatmap",
    "c-growth": "heatmap",
    "c-boxplot": "boxplot",
    "c-radar": "radar",
}
OPTION = "(id) => echarts.getInstanceByDom(document.getElementById(id)).getOption()"


@pytest.fixture(autouse=True)
def frame_only(settings) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.functional.frame_urls"
    expect.set_options(timeout=20_000)  # a dozen charts on one page, on a machine that may be busy
    yield
    expect.set_options(timeout=15_000)


@pytest.fixture
def table(page: Page) -> Callable[[str], list[list[str]]]:
    """Rows of a chart's table twin, the head first."""

    def rows(chart: str) -> list[list[str]]:
        if not page.locator(f"#{chart}-table").is_visible():
            page.click(f"[data-chart-toggle='{chart}']")
        expect(page.locator(f"#{chart}-table")).to_be_visible()
        found: list[list[str]] = page.evaluate(
            "(id) => [...document.querySelectorAll(`#${id}-table tr`)].map((row) => [...row.cells].map((cell) => cell.textContent))",
            chart,
        )
        return found

    return rows


@pytest.fixture
def sheet(page: Page) -> Callable[[str], list[list[str]]]:
    """Rows of a chart's CSV, the head first."""

    def rows(chart: str) -> list[list[str]]:
        with page.expect_download() as download:
            page.click(f"[data-chart-csv='{chart}']")
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
        return list(csv.reader(io.StringIO(text)))

    return rows


def choose(page: Page, preference: str) -> None:
    """Choose a unit in the account menu."""
    page.locator(".lz-topbar [data-bs-toggle=dropdown]").last.click()
    button = page.locator(f".lz-topbar [data-set-preference='{preference}']")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_type_of_chart_draws_without_a_fault(visit: Visit, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    visit("/")
    for chart, kind in CHARTS.items():
        expect(page.locator(f"#{chart}[data-done='1'] canvas").first).to_be_visible()
        assert page.evaluate(OPTION, chart)["series"][0]["type"] == kind
        page.hover(f"#{chart}", position={"x": 200, "y": 130})
    expect(page.locator("#c-empty canvas")).to_have_count(0)
    expect(page.locator("#c-empty")).to_contain_text("暂无数据")


def test_a_class_has_one_colour_on_every_chart(visit: Visit, page: Page) -> None:
    def colours() -> list[str]:
        series = page.evaluate(OPTION, "c-classes")["series"]
        points = page.evaluate(OPTION, "c-scatter")["series"]
        nodes = page.evaluate(OPTION, "c-sankey")["series"][0]["data"]
        return [
            next(one["itemStyle"]["color"] for one in series if one["name"] == "A"),
            next(one["itemStyle"]["color"] for one in points if one["name"] == "A"),
            nodes[0]["itemStyle"]["color"],
            nodes[3]["itemStyle"]["color"],
        ]

    visit("/")
    light = colours()
    assert len(set(light)) == 1
    page.click("[data-toggle-theme]")
    expect(page.locator("html[data-bs-theme=dark]")).to_have_count(1)
    expect(page.locator("[data-chart]:not([data-done])")).to_have_count(0)
    page.wait_for_timeout(300)
    dark = colours()
    assert len(set(dark)) == 1
    assert dark != light


def test_tables_hold_what_the_charts_show(visit: Visit, table) -> None:
    visit("/")
    assert table("c-sankey") == [
        ["2026-09-30 → 2026-10-31", "A", "B", "C"],
        ["A", "812", "61", "4"],
        ["B", "74", "1,190", "120"],
        ["C", "9", "133", "2,410"],
    ]
    heat = table("c-heatmap")
    assert heat[0][1] == "2026-06 (箱)"
    assert heat[1][1:] == ["176.48", "175.60", "172.40", "209.20", "184.84", "179.92"]
    assert heat[3][-1] == "–"
    assert table("c-growth")[1][1:3] == ["2", "5"]
    box = table("c-boxplot")
    assert box[1] == ["D30", "120", "12", "18", "22", "26", "34", "24"]
    assert box[-1] == ["D26", "720", "–", "–", "–", "–", "–", "8"]
    assert [row[1] for row in table("c-radar")[1:]] == ["182", "34", "100", "41,250", "8"]
    points = table("c-scatter")
    assert points[1] == ["P-01", "A", "1,240", "12"]
    # Beyond the end of the axis: drawn at its edge, but written as it is.
    assert points[7] == ["P-07", "C", "120", "95"]


def test_csv_holds_the_same_figures_in_full(visit: Visit, sheet) -> None:
    visit("/")
    assert sheet("c-sankey")[2] == ["B", "74", "1190", "120"]
    assert sheet("c-heatmap")[1][1:3] == ["176.48", "175.6"]
    assert sheet("c-boxplot")[5][2] == ""
    assert sheet("c-scatter")[7] == ["P-07", "C", "120", "95"]
    assert sheet("c-radar")[1][1:] == ["182", "150.4"]


def test_units_change_charts_tables_csv_and_figures_and_are_remembered(
    visit: Visit, page: Page, table, sheet
) -> None:
    visit("/")
    expect(page.locator("#sg-units")).to_contain_text("49.38 箱")
    assert table("c-line")[0][1].endswith("(条)")
    choose(page, "quantity:boxes")
    choose(page, "money:wan")
    expect(page.locator("#c-line-table th").nth(1)).to_contain_text("(箱)")
    assert table("c-line")[1][1] == "192.84"
    assert table("c-radar")[1][1] == "0.73"
    assert table("c-radar")[4][:2] == ["单箱值 (万元/箱)", "4.13"]
    assert sheet("c-line")[1][1] == "192.84"
    visit("/")
    assert page.evaluate(OPTION, "c-line")["series"][0]["data"][0] == 192.84
    expect(page.locator("[data-chart-units=c-line] [data-units-now]")).to_have_text("箱")
    choose(page, "quantity:cases")
    expect(page.locator("#sg-units")).to_contain_text("246.90 件")
    expect(page.locator("#sg-units")).to_contain_text("987.65 万元")
    choose(page, "quantity:cartons")
    choose(page, "money:yuan")
    expect(page.locator("#sg-units")).to_contain_text("12,345 条")
    expect(page.locator("#sg-units")).to_contain_text("9,876,543.21 元")
    expect(page.locator("#sg-units")).to_contain_text("200,011 元/箱")
    choose(page, "quantity:auto")
    choose(page, "money:auto")
    expect(page.locator("#sg-units")).to_contain_text("49.38 箱")


def test_the_menu_of_units_stands_where_there_is_something_to_switch(
    visit: Visit, page: Page
) -> None:
    visit("/")
    expect(page.locator("[data-chart-units=c-stacked]")).to_be_hidden()
    menu = page.locator("[data-chart-units=c-heatmap]")
    expect(menu).to_be_visible()
    menu.locator("button.dropdown-toggle").click()
    expect(menu.locator("[data-unit-group=quantity]")).to_be_visible()
    expect(menu.locator("[data-unit-group=money]")).to_be_hidden()
    menu.locator("[data-set-preference='quantity:cartons']").click()
    expect(menu.locator("[data-units-now]")).to_have_text("条")
    expect(page.locator("[data-chart-units=c-line] [data-units-now]")).to_have_text("条")


def test_a_point_leads_to_what_it_stands_for(visit: Visit, page: Page, table) -> None:
    visit("/")
    page.locator("#c-scatter").scroll_into_view_if_needed()
    at = page.evaluate(
        "() => echarts.getInstanceByDom(document.getElementById('c-scatter')).convertToPixel({seriesIndex: 0}, [1240, 0.12])"
    )
    page.wait_for_timeout(500)
    page.click("#c-scatter", position={"x": at[0], "y": at[1]})
    expect(page).to_have_url(re.compile("#1$"))
    table("c-scatter")
    expect(page.locator("#c-scatter-table a").nth(1)).to_have_attribute("href", "#2")


def test_every_chart_can_be_saved_as_a_picture(visit: Visit, page: Page) -> None:
    visit("/")
    for chart in CHARTS:
        with page.expect_download(timeout=60_000) as download:
            page.click(f"[data-chart-png='{chart}']")
        assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
