"""Ten tasks of a working day, done in a browser as a person does them; clicks and keys are counted.

docs/tasks.md says how many each takes. The counts are read from there, so the page stays true; what
counts as a click and as a key is said there, too.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import Comment, SavedView, User
from accounts.roles import Role
from accounts.services import ensure_unit
from config.common import jobs
from config.common.models import JobRun
from customers.models import HandOver, Retailer
from customers.services.contacts import save_contact
from segmentation.models import Assignment
from tests.factories import DAY, City, make_city
from tests.factories.handover import colleague_of
from tests.oracles.worked_tables import table_after

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tasks.md"
SHOPS = 200


class Hand:
    """What a person does with mouse and keyboard, counted (docs/tasks.md, "What is counted")."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.keys = 0

    def click(self, place: Locator | str) -> None:
        """One click; waits until the page, which may be a new one, takes clicks and keys."""
        self._ready()
        self._place(place).click()
        self.clicks += 1

    def double_click(self, place: Locator) -> None:
        self._ready()
        place.dblclick()
        self.clicks += 2

    def choose(self, place: Locator | str, label: str) -> None:
        """Open a field with choices and take one: two clicks."""
        self._ready()
        field = self._place(place)
        expect(field).to_be_visible()
        names = [name.strip() for name in field.locator("option").all_inner_texts()]
        index = next(at for at, name in enumerate(names) if re.fullmatch(label, name))
        field.select_option(index=index)
        self.clicks += 2

    def file(self, place: str, name: str, body: bytes) -> None:
        """Open the window of the computer and take a file: two clicks."""
        self._ready()
        self.page.set_input_files(place, {"name": name, "mimeType": "text/csv", "buffer": body})
        self.clicks += 2

    def type(self, text: str) -> None:
        """Any text at one go, where the focus is; in an empty or selected field."""
        self.page.keyboard.type(text)
        self.keys += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self._ready()
            self.page.keyboard.press(key)
            self.keys += 1

    def download(self, place: Locator | str) -> bytes:
        with self.page.expect_download() as download:
            self.click(place)
        return Path(download.value.path()).read_bytes()

    def _ready(self) -> None:
        expect(self.page.locator("html[data-ready='1']")).to_have_count(1)

    def _place(self, place: Locator | str) -> Locator:
        return self.page.locator(place) if isinstance(place, str) else place


@pytest.fixture
def city(site: str, language) -> City:
    language("en")
    return make_city()


@pytest.fixture
def hand(page: Page, visit) -> Hand:
    return Hand(page)


@pytest.fixture
def sits_down(log_in, visit) -> Callable[[User], None]:
    """Somebody logs in and has the home page before them, where every task begins."""

    def begin(user: User) -> None:
        log_in(user)
        visit("/")

    return begin


@pytest.fixture
def counted(hand) -> Iterator[Callable[[int], None]]:
    """Says that the steps of a task end here; compares their count with the page."""

    def end(number: int) -> None:
        found = (hand.clicks, hand.keys)
        hand.clicks = hand.keys = 0
        row = next(row for row in written() if row["no"] == str(number))
        assert found == (int(row["clicks"]), int(row["keys"])), f"task {number}: {row['task']}"

    return end


def written() -> list[dict[str, str]]:
    """The table of docs/tasks.md."""
    return table_after(PAGE, "<!-- tasks -->")


def work(job: JobRun | None) -> None:
    """Do what a worker would do."""
    assert job is not None
    assert jobs.run(job.pk) is not None


def menu(page: Page, name: str) -> Locator:
    return page.locator("#sidebar").get_by_role("link", name=name, exact=True)


def button(page: Page | Locator, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("button", name=name, exact=isinstance(name, str))


# --- 1, 8: one shop ---------------------------------------------------------------------------


def test_a_shop_is_found_its_quota_explained_and_its_order_day_changed_and_taken_back(
    city, page, hand, sits_down, counted
):
    sits_down(city.people[Role.PLANNER])
    hand.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    hand.type("sp2")
    hand.press("Enter")
    expect(page.locator("h1")).to_contain_text("Shop 2")
    panel = page.locator("#panel-quotas")
    expect(panel).to_contain_text("Weight share")
    hand.click(panel.locator("details[open] a", has_text="Product 0"))
    expect(page.locator("h1")).to_contain_text("Product 0")
    counted(1)

    sits_down(city.people[Role.PLANNER])
    hand.click(menu(page, "Retailers"))
    cell = page.locator("#list-rows tbody tr", has_text="R00000").locator(
        "td[data-cell$='/weekday/']"
    )
    hand.double_click(cell)
    expect(cell.locator("select")).to_be_focused()
    hand.type("F")
    hand.press("Enter")
    expect(cell.locator("select")).to_have_count(0)  # its choices hold the same words
    expect(cell).to_contain_text("Friday")
    assert Retailer.objects.get(code="R00000").order_weekday == 5
    hand.click("#toasts button:has-text('Undo')")
    expect(cell).to_contain_text("Monday")
    assert Retailer.objects.get(code="R00000").order_weekday == 1
    counted(8)


# --- 2: a view --------------------------------------------------------------------------------


def test_a_view_of_falling_a_shops_is_saved_shared_and_exported(
    city, page, hand, sits_down, counted, log_in, visit
):
    falling, steady, small = city.retailers[0], city.retailers[2], city.retailers[1]
    Assignment.objects.filter(run=city.published["abc"], retailer=steady).update(class_code="A")
    Retailer.objects.filter(pk__in=[falling.pk, small.pk]).update(prior_cartons=2000)
    Retailer.objects.filter(pk=steady.pk).update(prior_cartons=900)
    sits_down(city.people[Role.PLANNER])

    hand.click(menu(page, "Retailers"))
    expect(page.locator("#list-rows tbody tr")).to_have_count(4)
    hand.choose("#list-filters select[name=abc]", "A")
    expect(page.locator("#list-rows tbody tr")).to_have_count(2)
    hand.choose("#list-filters select[name=trend]", "Falling.*")
    expect(page.locator("#list-rows tbody tr")).to_have_count(1)
    hand.click(button(page, "Views"))
    hand.click(button(page, "Save as a new view …"))
    expect(page.locator("#view-name")).to_be_focused()
    hand.type("A shops falling")
    hand.choose("#view-audience", ".*ompany.*")
    hand.click(page.locator("#view-save button[type=submit]"))
    expect(button(page, "A shops falling")).to_be_visible()
    hand.click(button(page, "Export"))
    sheet = hand.download("a.dropdown-item[href*='/export/']")
    counted(2)

    rows = list(csv.DictReader(io.StringIO(sheet.decode("utf-8-sig"))))
    assert [row["Code"] for row in rows] == [falling.code]
    assert rows[0]["On the 3 months before"] == "-0.5000"
    view = SavedView.objects.get()
    assert (view.name, view.audience) == ("A shops falling", "company")
    log_in(city.people[Role.APPROVER])
    visit("/retailers/")
    button(page, "Views").click()
    page.get_by_role("link", name=re.compile("A shops falling")).click()
    expect(page.locator("#list-rows tbody tr")).to_have_count(1)


# --- 3: many rows -----------------------------------------------------------------------------


def test_two_hundred_shops_pass_into_another_line_and_back(city, page, hand, sits_down, counted):
    line = ensure_unit(company=city.company, names=["East", "Market 1", "Line 7"])
    Retailer.objects.bulk_create(
        Retailer(
            company=city.company, county=city.west, code=f"W{number:05d}", name=f"New {number}",
            search_key=f"w{number:05d} new {number}",
        )
        for number in range(SHOPS)
    )  # fmt: skip
    before = list(Retailer.objects.order_by("pk").values_list("county", "line"))
    sits_down(city.people[Role.PLANNER])

    hand.click(menu(page, "Retailers"))
    hand.press("/")
    expect(page.locator("#list-filters input[name=q]")).to_be_focused()
    hand.type("new")
    expect(page.locator("#list-rows tbody")).not_to_contain_text("Shop")
    hand.click("[data-select-page]")
    hand.click("[data-select-all]")
    hand.click("[data-bulk-bar] [formaction$='/change/line/']")
    dialog = page.locator("dialog.lz-dialog-wide")
    hand.choose(dialog.locator("select[name=unit]"), ".*Line 7")
    hand.click(dialog.locator("button[value=preview]"))
    expect(dialog.locator("[data-outcome=changed]")).to_contain_text(str(SHOPS))
    expect(dialog.locator("textarea[name=reason]")).to_be_focused()
    hand.type("new round")
    hand.click(dialog.locator("button[value=confirm]"))
    expect(page).to_have_url(re.compile(r"/changes/\d+/$"))
    work(JobRun.objects.get(kind="list.change"))
    assert Retailer.objects.filter(line=line).count() == SHOPS
    hand.click("[data-bs-target='#undo-change']")
    hand.click("#undo-change button[type=submit]")
    expect(page.locator("#change-progress[hx-trigger]")).to_have_count(1)
    counted(3)

    work(JobRun.objects.get(kind="list.undo"))
    expect(page.locator("#change-progress:not([hx-trigger])")).to_contain_text("Restored")
    assert list(Retailer.objects.order_by("pk").values_list("county", "line")) == before


# --- 4: hand-over -----------------------------------------------------------------------------


def test_a_line_is_handed_over(city, page, hand, sits_down, counted):
    taker = colleague_of(city)
    line = ensure_unit(company=city.company, names=["East", "Market 1", "Line 7"])
    mine = Retailer.objects.filter(manager=city.people[Role.CUSTOMER_MANAGER])
    assert mine.update(line=line, department=line.parent) == 2

    sits_down(city.people[Role.COUNTY_MANAGER])
    hand.click(menu(page, "Hand-overs"))
    hand.click(page.get_by_role("link", name="Hand retailers over"))
    hand.choose("#id_line", ".*Line 7")
    hand.click(button(page, "Show the retailers"))
    hand.click(button(page, "Go on with the ticked retailers"))
    hand.choose("#id_to_manager", "Second.*")
    hand.click("#id_reason")
    hand.type("New areas")
    hand.click(button(page, "See what it means"))
    hand.click(button(page, "Send for approval"))
    expect(page).to_have_url(re.compile(r"/hand-overs/\d+/$"))
    sits_down(city.people[Role.APPROVER])
    hand.click(page.get_by_role("link", name=re.compile("hand-over waits for approval")))
    hand.click(button(page, "Approve"))
    hand.click(page.locator("#hand-over-approve").get_by_role("button", name="Approve", exact=True))
    expect(page.locator("#content")).to_contain_text("2 retailers have passed")
    counted(4)

    asked = HandOver.objects.get()
    assert (asked.status, asked.to_manager) == ("done", taker)
    assert Retailer.objects.filter(manager=taker, line=line).count() == 2


# --- 5: a file --------------------------------------------------------------------------------

FILE = """客户编码,客户名称,县区,订货日
R00000,Shop 0 renamed,East,1
N00001,New one,East,2
N00002,,East,2
N00003,Third,East,9
""".encode("gb18030")


def test_a_file_with_errors_is_read_applied_and_reverted(city, page, hand, sits_down, counted):
    sits_down(city.people[Role.PLANNER])
    hand.click(menu(page, "Files"))
    hand.click(page.get_by_role("link", name="Upload a file").first)
    hand.choose("#id_kind", "Retailers")
    hand.file("#id_upload", "零售户.csv", FILE)
    hand.click(button(page, "Upload"))
    expect(page).to_have_url(re.compile(r"/files/\d+/$"))
    work(JobRun.objects.get(kind="import.look"))
    expect(page).to_have_url(re.compile(r"/columns/$"))
    hand.click(button(page, "Start the dry run"))
    expect(page).to_have_url(re.compile(r"/files/\d+/$"))
    work(JobRun.objects.get(kind="import.check"))
    expect(page.locator("#file-rows")).to_contain_text("N00001")
    hand.click(page.locator("#file-rows .nav-link", has_text="Refused"))
    expect(page.locator("#file-rows tbody tr")).to_have_count(2)
    hand.click(button(page.locator("header"), "Apply the good rows"))
    hand.click(page.locator(".modal.show button[type=submit]"))
    expect(page.locator("#file-rows")).to_have_count(0)
    work(JobRun.objects.get(kind="import.apply"))
    assert Retailer.objects.filter(code="N00001").exists()
    assert not Retailer.objects.filter(code__in=["N00002", "N00003"]).exists()
    assert Retailer.objects.get(code="R00000").name == "Shop 0 renamed"
    hand.click(button(page.locator("header"), re.compile("Revert")))
    expect(page.locator(".modal.show textarea")).to_be_focused()
    hand.type("the wrong file")
    hand.click(page.locator(".modal.show button[type=submit]"))
    expect(page.locator("#file-rows")).to_have_count(0)
    work(JobRun.objects.get(kind="import.revert"))
    expect(page.locator("#content")).to_contain_text("What reverting did")
    counted(5)

    assert not Retailer.objects.filter(code="N00001").exists()
    assert Retailer.objects.get(code="R00000").name == "Shop 0"


# --- 6: who changed it ------------------------------------------------------------------------


def test_who_changed_a_telephone_number_is_found(city, page, hand, sits_down, counted):
    contact = city.eastern.contacts.get()
    save_contact(
        retailer=city.eastern,
        contact=contact,
        values={"phone": "13900001111"},
        by=city.people[Role.COUNTY_MANAGER],
    )
    sits_down(city.people[Role.AUDITOR])
    hand.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    hand.type("R00000")
    hand.press("Enter")
    row = page.locator("#panel-history tr", has_text="139****1111")
    expect(row).to_contain_text("County_Manager")
    expect(row).to_contain_text("138****5678")
    counted(6)


# --- 7, 10: plans and runs --------------------------------------------------------------------


def test_a_plan_is_read_approved_and_published(city, page, hand, sits_down, counted):
    plan = city.plans["draft"]
    sits_down(city.people[Role.APPROVER])
    hand.click(page.get_by_role("link", name=re.compile("2026-12")).first)
    expect(page.locator("h1")).to_contain_text("2026-12")
    hand.click(page.get_by_role("link", name="Product 0"))
    expect(page.locator("h1")).to_contain_text("Product 0")
    hand.click(page.locator(".breadcrumb").get_by_role("link", name=re.compile("2026-12")))
    expect(page.locator("h1")).to_contain_text("2026-12")
    hand.click(button(page.locator("header"), "Approve"))
    hand.click(page.locator(".modal.show button[type=submit]"))
    expect(page.locator("#messages .alert")).to_be_visible()
    plan.refresh_from_db()
    assert plan.status == "approved"
    sits_down(city.people[Role.PLANNER])
    hand.click(page.get_by_role("link", name=re.compile("2026-12")).first)
    hand.click(button(page.locator("header"), "Publish"))
    hand.click(page.locator(".modal.show button[type=submit]"))
    expect(page.locator("#messages .alert")).to_be_visible()
    plan.refresh_from_db()
    assert plan.status == "published"
    counted(7)


def test_a_failed_night_is_started_again_and_home_is_arranged(city, page, hand, sits_down, counted):
    JobRun.objects.filter(pk=city.night.pk).update(status="failed", error="disk full")
    last = JobRun.objects.filter(parent=city.night).order_by("-position")[0]
    JobRun.objects.filter(pk=last.pk).update(status="failed", error="disk full")
    sits_down(city.people[Role.PLANNER])
    hand.click(page.get_by_role("link", name=re.compile("failed")).first)
    expect(page.locator("h1")).to_contain_text(str(DAY))
    hand.click(page.locator("#run-progress [data-bs-toggle=modal]"))
    hand.click(page.locator(".modal.show button[type=submit]"))
    expect(page.locator("#run-progress[hx-trigger]")).to_have_count(1)
    assert JobRun.objects.get(pk=city.night.pk).status == "queued"
    sits_down(city.people[Role.PLANNER])
    cards = page.locator("main section[id^=panel-]")
    first = cards.nth(0).get_attribute("aria-label")
    second = cards.nth(1).get_attribute("aria-label")
    hand.click(page.get_by_role("link", name="Arrange", exact=True))
    hand.click(page.get_by_role("button", name=f"Further up: {second}", exact=True))
    hand.click(page.get_by_role("checkbox", name=re.compile(f"^{first}")))
    hand.click(button(page, "Save"))
    expect(page).to_have_url(re.compile(r"/$"))
    expect(cards.nth(0)).to_have_attribute("aria-label", second)
    expect(page.locator(f"section[aria-label='{first}']")).to_have_count(0)
    counted(10)


# --- 9: a note --------------------------------------------------------------------------------


def test_a_colleague_is_asked_in_a_note_and_answers_from_the_notice(
    city, page, hand, sits_down, counted
):
    sits_down(city.people[Role.PLANNER])
    hand.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    hand.type("R00000")
    hand.press("Enter")
    hand.click("#comment-text")
    hand.type("Closed? @yun-county")
    expect(page.locator("#comments [role=option]")).to_have_count(1)
    hand.press("Enter", "Control+Enter")
    expect(page.locator("#comments li")).to_have_count(1)
    sits_down(city.people[Role.COUNTY_MANAGER])
    hand.click("#bell > a")
    hand.click("#bell-list li a")
    expect(page.locator("#comments li")).to_contain_text("Closed?")
    hand.click("#comment-text")
    hand.type("Until Monday.")
    hand.press("Control+Enter")
    expect(page.locator("#comments li")).to_have_count(2)
    counted(9)

    asked, answer = Comment.objects.order_by("pk")
    assert (asked.author, answer.author) == (
        city.people[Role.PLANNER],
        city.people[Role.COUNTY_MANAGER],
    )


def test_every_task_of_the_page_is_done_here():
    source = Path(__file__).read_text(encoding="utf-8")
    done = {int(number) for number in re.findall(r"^    counted\((\d+)\)$", source, re.M)}

    assert sorted(done) == [int(row["no"]) for row in written()]
