"""Many rows changed from the list and back, what is exported, and cells changed in place, in a browser."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import BulkChange
from accounts.roles import Role
from accounts.services import create_company, ensure_unit
from config.common import jobs
from config.common.models import JobRun
from customers.models import Retailer
from tests.factories import City, add_retailer, make_city
from tests.integration.lists.changing import changed

COLUMNS = "name,code,weekday,weeks,address,trade_area,line"


@pytest.fixture
def city(site: str) -> City:
    return make_city()


@pytest.fixture
def planner(city, log_in, language):
    log_in(city.people[Role.PLANNER])
    language("en")
    return city.people[Role.PLANNER]


def work(job: JobRun | None) -> None:
    """Do what a worker would do."""
    assert job is not None
    assert jobs.run(job.pk) is not None


def cell(page: Page, code: str = "R00000", field: str = "weekday"):
    row = page.locator("#list-rows tbody tr", has_text=code)
    return row.locator(f"td[data-cell$='/{field}/']")


def day(code: str = "R00000") -> int | None:
    return Retailer.objects.values_list("order_weekday", flat=True).get(code=code)


# --- many rows ------------------------------------------------------------------------------


def test_the_line_of_all_matching_shops_is_changed_and_undone(city, planner, visit, page, axe):
    line = ensure_unit(company=city.company, names=["East", "Market 1", "Line 7"])
    for number in range(4, 60):
        add_retailer(city, number)
    before = list(Retailer.objects.order_by("pk").values_list("county", "line"))
    visit("/retailers/?q=shop&cols=name,code,line")

    page.check("[data-select-page]")
    page.click("[data-select-all]")
    page.click("[data-bulk-bar] [formaction$='/change/line/']")
    dialog = page.locator("dialog.lz-dialog-wide")
    expect(dialog).to_be_visible()
    dialog.locator("select[name=unit]").select_option(str(line.pk))
    dialog.locator("button[value=preview]").click()
    expect(dialog.locator("[data-outcome=changed]")).to_contain_text("60")
    expect(dialog.locator("textarea[name=reason]")).to_be_focused()
    assert axe() == []
    page.keyboard.type("new round")
    dialog.locator("button[value=confirm]").click()

    expect(page).to_have_url(re.compile(r"/changes/\d+/$"))
    expect(page.locator("#change-progress[hx-trigger]")).to_have_count(1)
    change = BulkChange.objects.get()
    assert (change.expected, change.reason) == (60, "new round")
    work(change.job)
    expect(page.locator("#change-progress:not([hx-trigger])")).to_have_count(1)
    assert set(Retailer.objects.values_list("line", flat=True)) == {line.pk}

    page.click("[data-bs-target='#undo-change']")
    expect(page.locator("#undo-change")).to_be_visible()
    page.click("#undo-change button[type=submit]")
    expect(page.locator("#change-progress[hx-trigger]")).to_have_count(1)
    change.refresh_from_db()
    work(change.undo_job)
    expect(page.locator("#change-progress:not([hx-trigger])")).to_have_count(1)
    expect(page.locator("[data-bs-target='#undo-change']")).to_have_count(0)
    assert list(Retailer.objects.order_by("pk").values_list("county", "line")) == before


def test_a_selection_that_went_stale_is_shown_anew_in_the_dialog(city, planner, visit, page, watch):
    watch.allow("status of 409")
    visit("/retailers/?status=active")
    page.check("[data-select-page]")
    page.click("[data-bulk-bar] [formaction$='/change/suspend/']")
    dialog = page.locator("dialog.lz-dialog-wide")
    dialog.locator("textarea").fill("a visit")
    city.eastern.status = "closed"
    city.eastern.save()
    # Ticked rows are the same rows; only when one is gone the figures are shown again.
    other = create_company(code="other", name="Other")
    Retailer.objects.filter(code="R00003").update(company=other)

    dialog.locator("button[value=confirm]").click()

    expect(dialog.locator(".alert")).to_be_visible()
    expect(dialog.locator("textarea")).to_have_value("a visit")
    expect(dialog.locator("[data-outcome=changed]")).to_contain_text("2")
    expect(dialog.locator("[data-outcome=refused]")).to_contain_text("1")
    dialog.locator("button[value=confirm]").click()
    expect(page).to_have_url(re.compile(r"/changes/\d+/$"))


def test_escape_and_cancel_leave_the_list_as_it_was(city, planner, visit, page):
    visit("/retailers/")
    page.check("[data-select-page]")
    for way in ("escape", "cancel"):
        page.click("[data-bulk-bar] [formaction$='/change/weekday/']")
        expect(page.locator("dialog.lz-dialog-wide")).to_be_visible()
        if way == "escape":
            page.keyboard.press("Escape")
        else:
            page.click("dialog.lz-dialog-wide [data-change-cancel]")
        expect(page.locator("dialog.lz-dialog-wide")).to_have_count(0)
    expect(page.locator("#list-rows input[name=keys]:checked")).to_have_count(4)
    assert not BulkChange.objects.exists()


# --- export ---------------------------------------------------------------------------------


def test_what_is_exported_is_what_the_screen_shows(city, planner, visit, page):
    visit("/retailers/?sort=-code&weekday=1&cols=name,code,recent,status,weekday")
    heads = page.locator(
        "[data-list-table] th[data-column] a, [data-list-table] th[data-column]:not(:has(a))"
    )
    shown_heads = [text.strip() for text in heads.all_inner_texts()]
    shown = [
        [one.strip().replace(",", "") for one in row.locator("td").all_inner_texts()][1:]
        for row in page.locator("[data-list-table] tbody tr").all()
    ]
    page.click("text=Export")
    with page.expect_download() as download:
        page.click("a.dropdown-item[href*='/export/']")

    raw = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    head, *rows = list(csv.reader(io.StringIO(raw)))

    assert rows == shown
    assert [one.split("\n")[0] for one in shown_heads] == head


def test_an_xlsx_is_made_in_the_background_and_offered(city, planner, visit, page):
    visit("/retailers/?cols=name,code")
    page.click("text=Export")
    page.click("form[action*='/export/'] button")
    expect(page.locator("#export-progress[hx-trigger]")).to_have_count(1)

    work(JobRun.objects.get(kind="list.export"))

    with page.expect_download() as download:
        page.click("#export-progress a[href*='/results/']")
    assert download.value.suggested_filename.endswith(".xlsx")
    assert Path(download.value.path()).read_bytes().startswith(b"PK")


# --- cells ----------------------------------------------------------------------------------


def test_a_cell_is_changed_by_keyboard_and_taken_back(city, planner, visit, page):
    visit(f"/retailers/?cols={COLUMNS}")
    cell(page).locator(".lz-cell-edit").focus()
    page.keyboard.press("Enter")
    expect(cell(page).locator("select")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert day() == 1  # arrows decide nothing
    page.keyboard.press("Enter")

    expect(cell(page)).to_contain_text("Wednesday")
    expect(cell(page).locator(".lz-cell-saved")).to_be_visible()
    expect(cell(page).locator(".lz-cell-edit")).to_be_focused()
    assert day() == 3
    page.click("#toasts button:has-text('Undo')")
    expect(cell(page)).to_contain_text("Monday")
    assert day() == 1


def test_leaving_the_field_saves_and_escape_does_not(city, planner, visit, page):
    visit(f"/retailers/?cols={COLUMNS}")
    cell(page, field="address").dblclick()
    cell(page, field="address").locator("input").fill("1 New Road")
    page.keyboard.press("Escape")
    expect(cell(page, field="address").locator("input")).to_have_count(0)
    assert Retailer.objects.get(code="R00000").address == ""
    cell(page, field="address").dblclick()
    cell(page, field="address").locator("input").fill("2 New Road")
    page.locator("h1").click()
    expect(cell(page, field="address")).to_contain_text("2 New Road")
    assert Retailer.objects.get(code="R00000").address == "2 New Road"
    cell(page, field="address").dblclick()
    expect(cell(page, field="address").locator("input")).to_be_focused()
    page.locator("h1").click()  # nothing was changed: nothing is sent
    expect(cell(page, field="address").locator("input")).to_have_count(0)


def test_a_wrong_value_stays_in_the_field_with_its_error(city, planner, visit, page, watch):
    watch.allow("status of 422")
    visit(f"/retailers/?cols={COLUMNS}")
    cell(page, field="address").dblclick()
    field = cell(page, field="address").locator("input")
    field.evaluate("(input) => input.removeAttribute('maxlength')")
    field.fill("a" * 201)
    page.keyboard.press("Enter")
    expect(cell(page, field="address").locator(".invalid-feedback")).to_be_visible()
    expect(cell(page, field="address").locator("input")).to_have_value("a" * 201)
    assert Retailer.objects.get(code="R00000").address == ""


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_second_person_was_faster(city, planner, visit, page, watch, axe, choice):
    watch.allow("status of 409")
    visit(f"/retailers/?cols={COLUMNS}")
    cell(page).dblclick()
    cell(page).locator("select").focus()
    Retailer.objects.filter(code="R00000").update(order_weekday=5)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    dialog = page.locator("[data-cell-clash]")
    expect(dialog).to_be_visible()
    expect(dialog.locator("[data-clash-stored]")).to_have_text("Friday")
    expect(dialog.locator("[data-clash-mine]")).to_have_text("Tuesday")
    assert axe() == []
    assert day() == 5
    dialog.locator(f"[data-cell-{choice}]").click()

    expect(dialog).to_have_count(0)
    expect(cell(page)).to_contain_text("Tuesday" if choice == "mine" else "Friday")
    assert day() == (2 if choice == "mine" else 5)


def test_a_lost_network_keeps_what_was_typed(city, planner, visit, page, watch, context):
    watch.allow("ERR_INTERNET_DISCONNECTED")
    watch.allow("htmx:")
    watch.allow("undefined")
    visit(f"/retailers/?cols={COLUMNS}")
    cell(page, field="address").dblclick()
    cell(page, field="address").locator("input").fill("3 New Road")
    context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("#toasts .alert").first).to_be_visible()
    expect(cell(page, field="address").locator("input")).to_have_value("3 New Road")
    context.set_offline(False)
    cell(page, field="address").locator("[data-cell-save]").click()
    expect(cell(page, field="address")).to_contain_text("3 New Road")


# --- all pages ------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_pages_of_ones_own_changes_keep_the_policy_and_fit(
    city, visit, page, log_in, language, judge, code, theme
):
    """The sweep opens the list; these belong to one person."""
    page.emulate_media(color_scheme=theme)
    Retailer.objects.filter(code="R00000").update(name="云泽市" + "长名字" * 20)
    change = changed("weekday", {"order_weekday": 3}, city.people[Role.PLANNER])
    job = JobRun.objects.create(
        kind="list.export", key="e", company_id=city.company.pk, status="running",
        requested_by=city.people[Role.PLANNER], args={"list": "retailers", "query": "?q=a"},
    )  # fmt: skip
    log_in(city.people[Role.PLANNER])
    language(code)
    found = {}
    for path in (
        reverse("change-detail", args=[change.pk]),
        reverse("change-undo", args=[change.pk]),
        reverse("export-detail", args=[job.pk]),
    ):
        visit(path)
        found[path] = judge()

    assert not any(found.values()), found
