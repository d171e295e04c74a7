"""Work in hand in a browser: tray, bell, drafts that survive, notes with @mention, the guard."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Comment, Draft, Notification, User
from accounts.roles import Role
from accounts.services import comments, notices, results
from config.common import maintenance
from config.common.models import JobRun
from tests.factories import City, make_city

LONG = "这家店的老板下周不在，请先电话联系。"


@pytest.fixture
def city(site: str) -> City:
    return make_city()


@pytest.fixture
def planner(city, log_in) -> User:
    user = city.people[Role.PLANNER]
    log_in(user)
    return user


def _job(city: City, user: User, **fields) -> JobRun:
    number = JobRun.objects.count()
    return JobRun.objects.create(
        kind="import.check",
        key=f"test:{number}",
        company_id=city.company.pk,
        requested_by=user,
        args={"file": city.file.pk, "title": "orders.csv"},
        **fields,
    )


def _tell(user: User, number: int = 1, kind: str = "file.checked") -> None:
    for one in range(number):
        notices.send(
            users=[user],
            kind=kind,
            params={"name": f"f{one}.csv", "new": 1, "changed": 0, "refused": 0},
            url="/files/",
            dedupe_key=f"{kind}:{one}",
        )


def _notes(visit, city: City) -> Page:
    page = visit(reverse("retailer-detail", args=[city.eastern.pk]))
    expect(page.locator("#comments")).to_have_count(1)
    expect(page.locator("#comments form[data-draft-ready]")).to_have_count(1)
    return page


# --- tray and bell --------------------------------------------------------------------------


def test_the_tray_shows_progress_until_the_end_and_then_asks_no_more(city, visit, planner, axe):
    job = _job(city, planner, status="running", progress_done=1, progress_total=4)
    page = visit("/tasks/")
    expect(page.locator("#tray-count")).to_contain_text("1")
    page.click("#tray > a")
    tray = page.locator("#tray-list")
    expect(tray.locator("progress")).to_have_attribute("value", "25")
    assert axe() == []
    JobRun.objects.filter(pk=job.pk).update(progress_done=3)
    expect(tray.locator("progress")).to_have_attribute("value", "75")
    JobRun.objects.filter(pk=job.pk).update(status="succeeded")
    expect(tray.locator("progress")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("orders.csv")
    expect(page.locator("#tray-count")).to_have_text("")
    expect(tray).not_to_have_attribute("hx-trigger", re.compile("every"))


def test_a_result_file_is_downloaded_from_the_tray(city, visit, planner, page):
    job = _job(city, planner, status="succeeded")
    results.create(
        job=job, user=planner, name="零售户.csv", write=lambda stream: stream.write(b"a,b")
    )
    visit("/notices/")
    page.click("#tray > a")
    with page.expect_download() as download:
        page.click("#tray-list a[href^='/results/']")

    assert download.value.suggested_filename == "零售户.csv"


def test_the_bell_counts_folds_and_is_read(city, visit, planner, page, axe, language):
    language("en")
    _tell(planner, 7)
    visit("/tasks/")
    expect(page.locator("#bell-count")).to_contain_text("7")
    page.click("#bell > a")
    expect(page.locator("#bell-list li")).to_have_count(1)
    expect(page.locator("#bell-list li")).to_contain_text("7 files checked")
    assert axe() == []
    page.click("#bell-list form button")
    expect(page.locator("#bell-count")).to_have_text("")
    assert not Notification.objects.filter(user=planner, read_at=None).exists()


def test_tray_and_bell_are_links_that_work_by_keyboard(city, visit, planner, page):
    _tell(planner)
    visit("/tasks/")
    page.locator("#bell > a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#bell-list li a")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#bell .dropdown-menu")).to_be_hidden()


# --- drafts -----------------------------------------------------------------------------------


def _type(page: Page, text: str = LONG) -> None:
    page.fill("#comment-text", text)


def _offered(page: Page):
    return page.locator("#comments .lz-draft-offer")


def test_a_draft_survives_a_reload_and_goes_when_it_was_sent(city, visit, planner, page):
    _notes(visit, city)
    _type(page)
    expect(page.locator("#comments form[data-draft-state=saved]")).to_have_count(1, timeout=8000)
    assert Draft.objects.get(user=planner).fields == {"text": LONG}
    _notes(visit, city)
    expect(page.locator("#comment-text")).to_have_value("")
    _offered(page).locator("button").first.click()
    expect(page.locator("#comment-text")).to_have_value(LONG)
    page.click("#comments button[type=submit]")
    expect(page.locator("#comments li")).to_contain_text(LONG)
    assert Comment.objects.get().text == LONG
    assert not Draft.objects.exists()
    _notes(visit, city)
    expect(_offered(page)).to_have_count(0)


def test_a_note_sent_by_keyboard_leaves_no_draft(city, visit, planner, page):
    """The answer takes the focused field away, which then says that it was changed."""
    _notes(visit, city)
    page.locator("#comment-text").press_sequentially(LONG)
    expect(page.locator("#comments form[data-draft-state=saved]")).to_have_count(1, timeout=8000)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#comments li")).to_contain_text(LONG)
    page.wait_for_timeout(2500)  # longer than a draft waits for the next key
    _notes(visit, city)
    expect(_offered(page)).to_have_count(0)
    assert not Draft.objects.exists()


def test_a_draft_that_is_discarded_is_gone(city, visit, planner, page):
    Draft.objects.create(
        user=planner,
        form_key=f"note:customers.retailer:{city.eastern.pk}",
        fields={"text": "old"},
    )
    _notes(visit, city)
    expect(_offered(page)).to_be_visible()
    _offered(page).locator("button").nth(1).click()
    expect(_offered(page)).to_have_count(0)
    _notes(visit, city)
    expect(_offered(page)).to_have_count(0)
    assert not Draft.objects.exists()


def test_text_is_kept_in_the_tab_until_the_network_is_back(city, visit, planner, page, watch):
    watch.allow("net::ERR_INTERNET_DISCONNECTED")
    _notes(visit, city)
    page.context.set_offline(True)
    _type(page)
    expect(page.locator("#comments form[data-draft-state=offline]")).to_have_count(1)
    assert not Draft.objects.exists()
    page.context.set_offline(False)
    expect(page.locator("#comments form[data-draft-state=saved]")).to_have_count(1)
    assert Draft.objects.get().fields == {"text": LONG}


def test_an_expired_session_loses_nothing(city, visit, site, planner, page, watch, log_in):
    watch.allow("status of 401")
    _notes(visit, city)
    Session.objects.all().delete()
    _type(page)
    bar = page.locator(".lz-session")
    expect(bar).to_be_visible()
    assert not Draft.objects.exists()
    expect(page.locator("#comment-text")).to_have_value(LONG)
    # In another tab somebody logs in: the CSRF token changes with it.
    log_in(planner)
    token = "a" * 32
    page.context.add_cookies([{"name": "csrftoken", "value": token, "url": site}])
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(bar).to_have_count(0)
    expect(page.locator("#comments form[data-draft-state=saved]")).to_have_count(1)
    page.click("#comments button[type=submit]")
    expect(page.locator("#comments li")).to_contain_text(LONG)
    assert not Draft.objects.exists()


def test_a_form_sent_after_the_session_has_ended_offers_its_text_after_the_log_in(
    city, visit, site, planner, page, log_in
):
    line = reverse("line-factor", args=[city.plans["draft"].pk, city.products[0].pk])
    visit(line)
    expect(page.locator("form[data-draft-ready]")).to_have_count(1)
    Session.objects.all().delete()
    page.fill("#id_reason", LONG)
    page.click("main form button[type=submit]")
    expect(page).to_have_url(re.compile(r"/login/\?next="))
    log_in(planner)
    visit(line)
    page.locator(".lz-draft-offer button").first.click()
    expect(page.locator("#id_reason")).to_have_value(LONG)


@pytest.mark.parametrize("lost", ["network", "session", "session of which the page knows nothing"])
def test_a_form_that_cannot_arrive_is_not_sent_and_keeps_what_was_typed(
    city, visit, planner, page, watch, log_in, language, lost
):
    """A form with personal data, which is never kept as a draft."""
    watch.allow("net::ERR_INTERNET_DISCONNECTED")
    watch.allow("status of 401")
    language("en")
    visit(reverse("contact-add", args=[city.eastern.pk]))
    page.fill("#id_name", "何大姐")
    if lost == "network":
        page.context.set_offline(True)
    else:
        Session.objects.all().delete()
    if lost == "session":
        page.evaluate("htmx.trigger('#desk-poll', 'lz:counts')")
        expect(page.locator(".lz-session")).to_be_visible()
    page.fill("#id_phone", "13900001234")
    page.click("main form button[type=submit]")
    if lost == "network":
        expect(page.locator("#toasts .alert")).to_contain_text("The server cannot be reached")
        page.context.set_offline(False)
    else:
        expect(page.locator(".lz-session a")).to_be_focused()
        log_in(planner)
        page.evaluate("dispatchEvent(new Event('focus'))")
        expect(page.locator(".lz-session")).to_have_count(0)
    expect(page.locator("#id_name")).to_have_value("何大姐")
    expect(page.locator("#id_phone")).to_have_value("13900001234")
    page.click("main form button[type=submit]")
    expect(page).to_have_url(re.compile(r"/retailers/\d+/$"))
    assert city.eastern.contacts.get(name="何大姐").phone == "13900001234"


def test_a_draft_is_kept_through_maintenance_and_saved_afterwards(
    city, visit, planner, page, watch, settings, tmp_path
):
    settings.MAINTENANCE_FILE = tmp_path / "maintenance"
    watch.allow("status of 503")
    watch.allow("Code 503")
    _notes(visit, city)
    maintenance.switch_on(until="22:30")
    _type(page)
    expect(page.locator("#comments form[data-draft-state=offline]")).to_have_count(1)
    page.click("#comments button[type=submit]")
    expect(page.locator("#toasts .alert")).to_be_visible()
    expect(page.locator("#comment-text")).to_have_value(LONG)
    maintenance.switch_off()
    page.click("#comments button[type=submit]")
    expect(page.locator("#comments li")).to_contain_text(LONG)


def test_a_form_that_was_taken_leaves_no_draft_behind(city, visit, planner, page):
    line = reverse("line-factor", args=[city.plans["draft"].pk, city.products[0].pk])
    visit(line)
    expect(page.locator("form[data-draft-ready]")).to_have_count(1)
    page.fill("#id_factor", "1.20")
    page.fill("#id_reason", LONG)
    expect(page.locator("form[data-draft-state=saved]")).to_have_count(1)
    page.click("main form button[type=submit]")
    expect(page.locator("#messages .alert")).to_be_visible()
    assert not Draft.objects.exists()
    visit(line)
    expect(page.locator("form[data-draft-ready]")).to_have_count(1)
    expect(page.locator(".lz-draft-offer")).to_have_count(0)


def test_another_person_in_the_same_tab_is_offered_nothing(city, visit, planner, page, log_in):
    _notes(visit, city)
    _type(page)
    log_in(city.people[Role.COUNTY_MANAGER])
    _notes(visit, city)

    expect(_offered(page)).to_have_count(0)


# --- notes ------------------------------------------------------------------------------------


def test_a_colleague_is_mentioned_by_keyboard_and_told(city, visit, planner, page, axe):
    colleague = city.people[Role.COUNTY_MANAGER]
    _notes(visit, city)
    page.locator("#comment-text").press_sequentially("请看一下 @yun-county")
    expect(page.locator("#comments [role=option]")).to_have_count(1)
    assert axe() == []
    page.keyboard.press("Enter")
    expect(page.locator("#comment-text")).to_have_value(f"请看一下 @{colleague.username} ")
    expect(page.locator("#comments [role=listbox]")).to_be_hidden()
    page.click("#comments button[type=submit]")
    expect(page.locator("#comments .lz-mention")).to_have_text(f"@{colleague}")
    notice = Notification.objects.get(user=colleague)
    assert notice.kind == "comment.mention"


def test_a_notice_leads_to_the_note_itself(city, visit, planner, page):
    thread = comments.thread(
        user=planner, object_type="customers.retailer", object_id=str(city.eastern.pk)
    )
    author = city.people[Role.COUNTY_MANAGER]
    for number in range(12):
        mention = f"@{planner.username}" if not number else ""
        text = f"{number} {mention}"
        comments.write(thread=thread, text=text, upload=None, by=author)
    notice = Notification.objects.get(user=planner, kind="comment.mention")
    visit(reverse("notice-open", args=[notice.pk]))
    note = Comment.objects.earliest("pk")

    expect(page.locator(f"#comment-{note.pk}")).to_be_focused()
    expect(page.locator(f"#comment-{note.pk}")).to_be_in_viewport()


def test_a_note_is_changed_pinned_and_deleted(city, visit, planner, page):
    _notes(visit, city)
    _type(page, "first")
    page.click("#comments button[type=submit]")
    note = page.locator("#comments li")
    expect(note).to_contain_text("first")
    note.locator("a[hx-get*='/edit/']").click()
    note.locator("textarea").fill("second")
    note.locator("button[type=submit]").click()
    expect(note).to_contain_text("second")
    note.locator("form[hx-post*='/pin/'] button").click()
    expect(page.locator("#comments li.lz-unread")).to_have_count(1)
    page.locator("#comments li a[hx-post*='/delete/']").click()
    page.click("dialog button[value=yes]")
    expect(page.locator("#comments li")).to_have_count(0)
    assert Comment.objects.get().deleted_at is not None


def test_a_file_is_attached_and_downloaded(city, visit, planner, page):
    _notes(visit, city)
    pdf = {"name": "合同.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}
    page.set_input_files("#comment-upload", pdf)
    page.click("#comments button[type=submit]")
    with page.expect_download() as download:
        page.click("#comments a[href*='/file/']")

    assert download.value.suggested_filename == "合同.pdf"


def test_a_refused_note_keeps_its_text(city, visit, planner, page, watch):
    watch.allow("status of 422")
    _notes(visit, city)
    _type(page)
    evil = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00"}
    page.set_input_files("#comment-upload", evil)
    page.click("#comments button[type=submit]")
    expect(page.locator("#comment-error")).to_be_visible()
    expect(page.locator("#comment-text")).to_have_value(LONG)


# --- the guard --------------------------------------------------------------------------------


def _dirty(visit, page: Page) -> list[str]:
    """The page of settings with one tick changed; what the browser asks is collected."""
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    visit("/notices/settings/")
    page.locator("main input[type=checkbox]").first.click()
    return asked


def test_leaving_a_changed_form_is_asked_about(city, visit, planner, page, site):
    asked = _dirty(visit, page)
    page.goto(f"{site}/tasks/")

    assert asked == ["beforeunload"]


def test_going_back_from_a_changed_form_is_asked_about(city, visit, planner, page):
    visit("/tasks/")
    asked = _dirty(visit, page)
    page.go_back()

    assert asked == ["beforeunload"]


def test_a_form_that_was_saved_or_put_back_is_left_without_a_question(
    city, visit, planner, page, site
):
    asked = _dirty(visit, page)
    page.locator("main input[type=checkbox]").first.click()
    page.goto(f"{site}/tasks/")
    assert asked == []
    visit("/notices/settings/")
    page.locator("main input[type=checkbox]").first.click()
    page.click("main form button[type=submit]")
    expect(page.locator("#messages .alert")).to_be_visible()
    page.goto(f"{site}/tasks/")
    assert asked == []


def test_an_htmx_answer_does_not_silently_replace_what_was_typed(city, visit, planner, page):
    Comment.objects.create(
        company=city.company,
        author=planner,
        text="first",
        object_type="customers.retailer",
        object_id=str(city.eastern.pk),
    )
    _notes(visit, city)
    _type(page)
    page.locator("#comments form[hx-post*='/pin/'] button").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    dialog.locator("button").first.click()
    expect(page.locator("#comment-text")).to_have_value(LONG)


# --- every page of it -----------------------------------------------------------------------


@pytest.mark.parametrize(("code", "width"), [("zh-hans", 1440), ("en", 1024)])
def test_pages_keep_the_policy_and_fit(
    city, visit, planner, page, language, axe, sideways, code, width
):
    page.set_viewport_size({"width": width, "height": 900 if width == 1440 else 768})
    language(code)
    _tell(planner, 3)
    _tell(planner, 1, "file.refused")
    _job(city, planner, status="failed", error="x" * 300)
    _job(city, planner, status="running", progress_total=5, progress_done=2)
    day = Notification.objects.earliest("pk").created_at.date()
    found = {}
    for path in [
        "/tasks/",
        "/notices/",
        "/notices/?show=unread",
        "/notices/settings/",
        f"/notices/{day}/file.checked/",
        reverse("comment-panel", args=["customers.retailer", city.eastern.pk]),
    ]:
        visit(path)
        faults = axe() + ([f"{sideways()} px"] if sideways() else [])
        if faults:
            found[path] = faults

    assert found == {}


def test_everything_works_without_javascript(city, browser, site, planner):
    client = Client()
    client.force_login(planner, backend="django.contrib.auth.backends.ModelBackend")
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}]
    )
    page = context.new_page()
    page.goto(site + reverse("comment-panel", args=["customers.retailer", city.eastern.pk]))
    page.fill("#comment-text", "plain")
    page.click("#comments button[type=submit]")
    expect(page).to_have_url(re.compile(rf"/retailers/{city.eastern.pk}/#comment-"))
    page.click("#bell > a")
    expect(page).to_have_url(f"{site}/notices/")
    page.click("#tray > a")
    expect(page).to_have_url(f"{site}/tasks/")
    context.close()
    assert Comment.objects.get().text == "plain"
