"""Notes: as visible as their object, told to who is meant, changed and deleted by their author alone."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Comment, Notification, User
from accounts.roles import Permission, Role
from accounts.services import comments
from config.common import storage
from config.common.errors import DomainError, NotFoundError
from tests.factories import add_retailer, make_city, person
from tests.integration.accounts.desk import log_in, queries

HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.7\n..."


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def planner(city):
    return city.people[Role.PLANNER]


@pytest.fixture
def panel(city):
    return reverse("comment-panel", args=["customers.retailer", city.eastern.pk])


@pytest.fixture
def write(city):
    def note(user, text="a note", upload=None, retailer=None):
        thread = comments.thread(
            user=user,
            object_type="customers.retailer",
            object_id=str((retailer or city.eastern).pk),
        )
        return comments.write(thread=thread, text=text, upload=upload, by=user).comment

    return note


@pytest.fixture
def western_manager(city):
    return person(city, "west", Role.COUNTY_MANAGER, unit=city.west)


def _told(kind="comment.mention"):
    found = Notification.objects.filter(kind=kind).values_list("user__username", flat=True)
    return sorted(found)


def _folder():
    return sorted(path.name for path in storage.folder(comments.FOLDER).iterdir())


# --- who ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_reads_or_writes_about_a_shop_they_cannot_see(
    panel, write, planner, western_manager, method
):
    write(planner, "only for East")

    answer = getattr(log_in(western_manager), method)(panel, {"text": "x"})

    assert answer.status_code == 404
    assert "only for East" not in answer.content.decode()
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("name", ["comment-open", "comment-edit", "comment-delete", "comment-file"])
def test_a_note_is_not_found_by_its_number_either(write, planner, western_manager, name):
    note = write(planner, upload=SimpleUploadedFile("a.pdf", PDF))

    url = reverse(name, args=[note.pk])

    assert log_in(western_manager).get(url).status_code == 404


def test_who_loses_sight_of_a_shop_loses_its_notes(city, panel, write):
    manager = city.people[Role.CUSTOMER_MANAGER]
    note = write(manager)
    city.eastern.manager = None
    city.eastern.save()
    client = log_in(manager)

    assert client.get(panel).status_code == 404
    assert client.get(reverse("comment-edit", args=[note.pk])).status_code == 404
    delete = client.post(reverse("comment-delete", args=[note.pk]))
    assert delete.status_code == 404


def test_a_note_of_another_company_is_not_found(write, planner):
    note = write(planner)
    other = make_city("other", retailers=1)

    for role in (Role.PLANNER, Role.ADMINISTRATOR):
        client = log_in(other.people[role])
        assert client.get(reverse("comment-open", args=[note.pk])).status_code == 404


def test_an_auditor_reads_and_does_not_write(city, panel, write, planner):
    write(planner, "something")
    client = log_in(city.people[Role.AUDITOR])

    page = client.get(panel)
    assert "something" in page.content.decode()
    assert "<textarea" not in page.content.decode()
    assert client.post(panel, {"text": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("object_type", "object_id"),
    [
        ("customers.retailer", "0"),
        ("customers.retailer", "1 OR 1=1"),
        ("customers.retailer", "９"),
        ("customers.retailer", "9" * 40),
        ("customers.retailer", "-1"),
        ("accounts.user", "1"),
        ("no.such", "1"),
    ],
)
def test_what_cannot_be_commented_on_is_not_found(planner, object_type, object_id):
    url = reverse("comment-panel", args=[object_type, object_id])

    assert log_in(planner).get(url).status_code == 404


def test_a_number_with_zeros_is_the_same_object(city, planner):
    url = reverse("comment-panel", args=["customers.retailer", f"00{city.eastern.pk}"])
    log_in(planner).post(url, {"text": "a"})

    assert Comment.objects.get().object_id == str(city.eastern.pk)


def test_a_plan_is_commented_on_by_who_sees_plans(city, planner):
    url = reverse("comment-panel", args=["allocation.plan", city.plans["draft"].pk])

    answer = log_in(planner).post(url, {"text": "supply of P1 is late"})

    assert answer["Location"].startswith(reverse("plan-detail", args=[city.plans["draft"].pk]))
    assert log_in(city.people[Role.INSPECTOR]).get(url).status_code == 403


# --- writing -----------------------------------------------------------------------------------


def test_a_note_is_written_with_and_without_htmx(panel, planner):
    client = log_in(planner)

    page = client.post(panel, {"text": "first\nline"}, headers=HTMX)
    assert "first<br>line" in page.content.decode()
    assert client.post(panel, {"text": "second"}).status_code == 302
    assert Comment.objects.count() == 2


@pytest.mark.parametrize("text", ["", "   \n ", "字" * 4001, "a\x00b"])
def test_a_note_that_cannot_be_taken_comes_back_with_what_was_typed(panel, planner, text):
    answer = log_in(planner).post(panel, {"text": text}, headers=HTMX)

    assert answer.status_code == 422
    assert "comment-error" in answer.content.decode()
    assert text.replace("\x00", "").strip()[:50] in answer.content.decode()
    assert not Comment.objects.exists()


def test_what_is_typed_is_shown_as_text(panel, planner):
    page = log_in(planner).post(panel, {"text": "<script>alert(1)</script> & <b>"}, headers=HTMX)

    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in page.content.decode()


def test_the_panel_takes_as_many_queries_for_twenty_notes_as_for_one(city, panel, write, planner):
    colleague = city.people[Role.COUNTY_MANAGER]
    write(planner, f"@{colleague.username} look", SimpleUploadedFile("a.pdf", PDF))
    client = log_in(planner)
    few = queries(lambda: client.get(panel, headers=HTMX))
    for number in range(30):
        author = person(city, f"w{number}", Role.PLANNER)
        write(author, f"@{colleague.username} {number}")

    assert queries(lambda: client.get(panel, headers=HTMX)) == few <= 10


def test_earlier_notes_are_reached_once_and_pinned_ones_stay_on_top(panel, write, planner):
    made = [write(planner, str(number)) for number in range(50)]
    Comment.objects.filter(pk=made[0].pk).update(pinned_at=timezone.now())
    client, seen, before = log_in(planner), [], ""
    while True:
        context = client.get(panel, {"before": before}, headers=HTMX).context
        seen += [item["comment"].pk for item in context["items"]]
        before = context["following"]
        if not before:
            break

    rest = [note.pk for note in reversed(made[1:])]
    assert seen == [made[0].pk, *rest]


# --- changing and deleting ------------------------------------------------------------------


def test_ones_own_note_is_changed_while_it_is_fresh(write, planner):
    note = write(planner, "first")

    log_in(planner).post(reverse("comment-edit", args=[note.pk]), {"text": "second"})

    note.refresh_from_db()
    assert note.text == "second"
    assert note.edited_at is not None


def test_after_a_quarter_of_an_hour_a_note_stays_as_it_is(panel, write, planner):
    note = write(planner, "first")
    Comment.objects.update(created_at=timezone.now() - dt.timedelta(minutes=16))
    client = log_in(planner)

    answer = client.post(reverse("comment-edit", args=[note.pk]), {"text": "second"})

    assert answer.status_code == 409
    note.refresh_from_db()
    assert note.text == "first"
    assert "/edit/" not in client.get(panel).content.decode()


def test_nobody_changes_or_deletes_the_note_of_somebody_else(city, panel, write, planner):
    note = write(planner, "first")
    client = log_in(city.people[Role.ADMINISTRATOR])

    for name in ("comment-edit", "comment-delete"):
        url = reverse(name, args=[note.pk])
        assert client.get(url).status_code == 403
        assert client.post(url, {"text": "x"}).status_code == 403
    note.refresh_from_db()
    assert (note.text, note.deleted_at) == ("first", None)


def test_a_deleted_note_is_gone_for_everybody_and_the_trail_says_so(
    city, panel, write, planner, django_capture_on_commit_callbacks
):
    note = write(planner, "a secret", SimpleUploadedFile("a.pdf", PDF))
    client = log_in(planner)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("comment-delete", args=[note.pk]), headers=HTMX)

    assert answer.content == b""
    assert "a secret" not in client.get(panel).content.decode()
    assert client.get(reverse("comment-file", args=[note.pk])).status_code == 404
    assert _folder() == []
    event = AuditEvent.objects.get(action="comment.delete")
    assert (event.object_type, event.object_id) == ("customers.retailer", str(city.eastern.pk))
    assert "a secret" not in str(event.changes)


def test_a_note_is_deleted_only_after_the_question(write, planner):
    note = write(planner)
    url = reverse("comment-delete", args=[note.pk])
    client = log_in(planner)

    assert "questi" in client.get(url).templates[0].name
    note.refresh_from_db()
    assert note.deleted_at is None
    assert client.post(url).status_code == 302


@pytest.mark.parametrize(
    ("role", "status"), [(Role.COUNTY_MANAGER, 302), (Role.CUSTOMER_MANAGER, 403)]
)
def test_who_may_change_the_shop_may_pin(city, write, planner, role, status):
    note = write(planner)
    url = reverse("comment-pin", args=[note.pk])

    answer = log_in(city.people[role]).post(url, {"pinned": "1"})

    assert answer.status_code == status
    note.refresh_from_db()
    assert (note.pinned_at is not None) == (status == 302)
    assert AuditEvent.objects.filter(action="comment.pin").exists() == (status == 302)


# --- mentions ---------------------------------------------------------------------------------


def test_who_is_mentioned_is_told_once_and_led_to_the_note(city, write, planner):
    manager = city.people[Role.COUNTY_MANAGER]

    note = write(planner, f"@{manager.username} and again @{manager.username}")

    notice = Notification.objects.get(user=manager)
    assert notice.kind == "comment.mention"
    answer = log_in(manager).get(notice.url)
    assert (
        answer["Location"]
        == f"{reverse('retailer-detail', args=[city.eastern.pk])}#comment-{note.pk}"
    )
    assert list(note.mentions.all()) == [manager]


def test_a_name_ends_where_no_longer_name_fits(city, write, planner):
    wang = User.objects.create_user(
        "wang", "x" * 12, role=Role.PLANNER, company=city.company, display_name="王明"
    )
    write(planner, "请@wang看一下")
    assert _told() == ["wang"]

    User.objects.create_user("wang看", "x" * 12, role=Role.PLANNER, company=city.company)
    write(planner, "请@wang看一下。@wang.")
    assert _told() == ["wang", "wang", "wang看"]
    assert wang.username == "wang"


@pytest.mark.parametrize(
    "text", ["mail to a@yun-approver.cn", "yun-approver", "@nobody", "@", "@@@"]
)
def test_what_is_no_mention_tells_nobody(write, planner, text):
    write(planner, text)

    assert _told() == []


def test_who_cannot_see_the_shop_is_not_told_and_the_author_hears_so(
    panel, planner, western_manager
):
    page = log_in(planner).post(panel, {"text": f"@{western_manager.username} hi"}, headers=HTMX)

    assert _told() == []
    assert not Comment.objects.get().mentions.exists()
    assert f"@{western_manager.username}" in page.content.decode().split("<textarea")[0]


def test_a_notice_holds_nothing_of_the_text(write, planner, city):
    write(planner, f"@{city.people[Role.COUNTY_MANAGER].username} 13812345678")

    assert "13812345678" not in str(Notification.objects.get().params)


def test_who_is_mentioned_only_by_a_change_is_told_then(city, write, planner):
    manager = city.people[Role.COUNTY_MANAGER]
    note = write(planner, "hi")
    url = reverse("comment-edit", args=[note.pk])

    log_in(planner).post(url, {"text": f"hi @{manager.username}"})
    log_in(planner).post(url, {"text": f"hello @{manager.username}"})

    assert _told() == [manager.username]


def test_who_commented_before_is_told_of_the_next_unless_mentioned(city, write, planner):
    manager, admin = city.people[Role.COUNTY_MANAGER], city.people[Role.ADMINISTRATOR]
    write(manager, "first")
    write(admin, "second")
    Notification.objects.all().delete()

    write(planner, f"@{admin.username} third")

    assert _told("comment.reply") == [manager.username]
    assert _told() == [admin.username]


def test_who_commented_before_and_sees_the_shop_no_more_is_not_told(city, write, planner):
    manager = city.people[Role.CUSTOMER_MANAGER]
    write(manager, "first")
    city.eastern.manager = None
    city.eastern.save()

    write(planner, "second")

    assert _told("comment.reply") == []


def test_many_mentions_are_bounded(city, planner, panel):
    names = [person(city, f"m{number}", Role.PLANNER).username for number in range(25)]

    log_in(planner).post(panel, {"text": " ".join(f"@{name}" for name in names)})

    assert len(_told()) == comments.MAX_MENTIONS


# --- completion ------------------------------------------------------------------------------


def _people(user, retailer, wanted=""):
    url = reverse("comment-people", args=["customers.retailer", retailer.pk])
    return [one["username"] for one in log_in(user).get(url, {"q": wanted}).json()["people"]]


def test_names_are_completed_by_user_name_name_and_initials(city, planner):
    User.objects.create_user(
        "u1", "x" * 12, role=Role.PLANNER, company=city.company, display_name="王小明"
    )

    for wanted in ("u1", "王", "wxm", "小明"):
        assert _people(planner, city.eastern, wanted) == ["u1"], wanted


def test_only_colleagues_who_see_the_shop_are_offered(city, planner, western_manager):
    far = person(city, "far", Role.CUSTOMER_MANAGER)
    inactive = person(city, "gone", Role.PLANNER, is_active=False)
    make_city("other", retailers=1)

    offered = set(_people(planner, city.eastern, "yun"))

    assert offered.isdisjoint(
        {western_manager.username, far.username, inactive.username, planner.username}
    )
    assert city.people[Role.PARTNER].username not in offered
    assert city.people[Role.CUSTOMER_MANAGER].username in offered


def test_those_offered_are_exactly_those_who_find_the_shop(city, planner, western_manager):
    west = add_retailer(city, 40)
    west.county, west.manager = city.west, person(city, "mw", Role.CUSTOMER_MANAGER)
    west.save()
    everybody = list(User.objects.filter(company=city.company))
    for retailer in (city.eastern, west):
        thread = comments.thread(
            user=planner, object_type="customers.retailer", object_id=str(retailer.pk)
        )

        assert set(thread.people) == {user for user in everybody if thread.is_seen_by(user)}


def test_the_completion_takes_as_many_queries_for_many_people(city, planner):
    url = reverse("comment-people", args=["customers.retailer", city.eastern.pk])
    client = log_in(planner)
    few = queries(lambda: client.get(url, {"q": "yun"}))
    for number in range(50):
        person(city, f"p{number}", Role.PLANNER)

    assert queries(lambda: client.get(url, {"q": "yun"})) == few
    assert len(client.get(url, {"q": "yun"}).json()["people"]) == 8


def test_who_may_not_write_asks_for_no_names(city):
    url = reverse("comment-people", args=["customers.retailer", city.eastern.pk])

    assert log_in(city.people[Role.AUDITOR]).get(url).status_code == 403


# --- files --------------------------------------------------------------------------------------


def _zip(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


XLSX = _zip("[Content_Types].xml", "xl/workbook.xml")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("合同.pdf", PDF),
        ("照片.JPEG", b"\xff\xd8\xff\xe0abc"),
        ("a.png", b"\x89PNG\r\n\x1a\nabc"),
        ("表.xlsx", XLSX),
        ("a.docx", _zip("[Content_Types].xml", "word/document.xml")),
        ("a.csv", "编码,名称\n1,店".encode()),
        ("a.txt", "编码".encode("gb18030")),
    ],
)
def test_a_file_is_kept_below_a_generated_name_and_given_back_as_an_attachment(
    city, panel, planner, name, content
):
    client = log_in(planner)
    client.post(panel, {"text": "", "upload": SimpleUploadedFile(name, content)})

    note = Comment.objects.get()
    assert (note.file_name, note.file_bytes) == (name, len(content))
    assert Path(note.file_path).stem != Path(name).stem
    answer = client.get(reverse("comment-file", args=[note.pk]))
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("evil.html", b"<script>alert(1)</script>"),
        ("evil.svg", b"<svg onload='alert(1)'/>"),
        ("evil.pdf", b"MZ\x90\x00"),
        ("evil.pdf", b"<html>"),
        ("evil.png", PDF),
        ("evil.exe", b"MZ\x90\x00"),
        ("evil.pdf.exe", PDF),
        ("noending", PDF),
        ("evil.txt", b"a\x00b"),
        ("evil.csv", bytes([0x80, 0xFF, 0xFE, 0x81])),
        ("evil.zip", _zip("a")),
        ("evil.xlsx", _zip("a")),
        ("evil.xlsx", b"PK\x03\x04broken"),
        ("macro.xlsx", _zip("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")),
        ("empty.pdf", b""),
    ],
)
def test_what_is_not_what_it_says_is_refused_with_the_text_kept(panel, planner, name, content):
    answer = log_in(planner).post(
        panel, {"text": "my words", "upload": SimpleUploadedFile(name, content)}, headers=HTMX
    )

    assert answer.status_code == 422
    assert "my words" in answer.content.decode()
    assert not Comment.objects.exists()
    assert _folder() == []


def test_a_file_of_more_than_ten_megabytes_is_refused(write, planner):
    big = SimpleUploadedFile("a.pdf", PDF + b"x" * 10 * 1024 * 1024)

    with pytest.raises(DomainError, match="10 MB"):
        write(planner, upload=big)

    assert _folder() == []


@pytest.mark.parametrize("name", ["../../etc/cron.d/x.pdf", "..\\..\\x.pdf", "a\r\nX: y.pdf"])
def test_a_hostile_name_leads_nowhere(write, planner, name):
    upload = SimpleUploadedFile("x.pdf", PDF)
    upload._name = name  # Django's own class would tidy it

    note = write(planner, upload=upload)

    assert storage.absolute(note.file_path).parent == storage.folder(comments.FOLDER)
    assert not any(sign in note.file_name for sign in "/\\\r\n")
    answer = log_in(planner).get(reverse("comment-file", args=[note.pk]))
    answer.close()
    assert "\n" not in answer["Content-Disposition"]


def test_a_stored_path_that_was_tampered_with_is_not_followed(write, planner):
    note = write(planner, upload=SimpleUploadedFile("a.pdf", PDF))
    note.file_path = "../../../../etc/passwd"

    with pytest.raises(NotFoundError):
        comments.open_file(comment=note)


def test_a_note_that_is_not_stored_leaves_no_file(write, planner, monkeypatch):
    def fail(**_fields):
        raise RuntimeError("gone")

    monkeypatch.setattr("accounts.services.comments.notices.send", fail)

    with pytest.raises(RuntimeError):
        write(planner, upload=SimpleUploadedFile("a.pdf", PDF))

    assert _folder() == []
    assert not Comment.objects.exists()
    assert Permission.WRITE_COMMENTS in planner.permissions
