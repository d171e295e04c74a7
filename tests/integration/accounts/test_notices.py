"""Notices: told once, to the right people, in the reader's language; folded by day; muted for good."""

import datetime as dt

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Notification, Preference, User
from accounts.roles import Permission, Role
from accounts.selectors.notices import folded_notices
from accounts.selectors.people import people_with
from accounts.services import notices, results
from allocation.services import plans
from config.common import jobs
from config.common.errors import DomainError
from config.common.jobs import JobResult
from config.common.models import JobRun
from config.common.nights import start_night
from customers.models import ImportedFile
from segmentation.services.desk import tell_proposal
from tests.factories import make_city, person
from tests.integration.accounts.desk import log_in, queries

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def planner(city):
    return city.people[Role.PLANNER]


def _file(users, key="1", kind="file.checked", **fields):
    params = {"name": f"{key}.csv", "new": 1, "changed": 2, "refused": 3}
    return notices.send(
        users=users, kind=kind, params=params, url="/files/", dedupe_key=f"{kind}:{key}", **fields
    )


def _kinds(user):
    return sorted(Notification.objects.filter(user=user).values_list("kind", flat=True))


def _roles_told(kind):
    told = Notification.objects.filter(kind=kind).values_list("user__role", flat=True)
    return set(told)


# --- sending --------------------------------------------------------------------------------


def test_the_same_is_told_once(planner):
    _file([planner])
    _file([planner])

    assert Notification.objects.count() == 1


def test_who_did_it_and_who_is_inactive_are_not_told(city, planner):
    gone = city.people[Role.APPROVER]
    gone.is_active = False

    told = _file([planner, gone, city.people[Role.ADMINISTRATOR]], by=planner)

    assert told == 1
    assert Notification.objects.get().user == city.people[Role.ADMINISTRATOR]


def test_a_muted_kind_is_not_stored_and_others_are(planner):
    notices.mute(user=planner, muted={"file.checked"})

    _file([planner], "1", "file.checked")
    _file([planner], "2", "file.refused")

    assert _kinds(planner) == ["file.refused"]


def test_muting_holds_for_one_person_alone(city, planner):
    notices.mute(user=planner, muted={"file.checked"})

    _file([planner, city.people[Role.ADMINISTRATOR]])

    assert Notification.objects.get().user == city.people[Role.ADMINISTRATOR]


def test_a_kind_that_is_off_by_default_is_told_only_who_asked_for_it(city, planner, monkeypatch):
    monkeypatch.setattr(notices, "_kinds", dict(notices._kinds))
    notices.register("x.y", words=lambda params: "x", default_on=False)
    other = city.people[Role.ADMINISTRATOR]
    notices.mute(user=other, muted=set())

    notices.send(users=[planner, other], kind="x.y", params={}, url="/", dedupe_key="1")

    assert Notification.objects.get().user == other


def test_what_was_rolled_back_is_told_nobody(planner):
    with transaction.atomic():
        _file([planner])
        transaction.set_rollback(True)

    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    "url", ["https://example.org/", "//example.org/", "javascript:alert(1)", ""]
)
def test_a_notice_leads_nowhere_but_to_our_pages(planner, url):
    with pytest.raises(ValueError, match="not a path of ours"):
        notices.send(users=[planner], kind="job.done", params={}, url=url, dedupe_key="1")


def test_a_kind_that_nobody_registered_is_a_bug(planner):
    with pytest.raises(ValueError, match="not registered"):
        notices.send(users=[planner], kind="no.such", params={}, url="/", dedupe_key="1")


def test_telling_hundred_people_takes_as_many_queries_as_telling_one(city, planner):
    few = queries(lambda: _file([planner], "a"))
    crowd = [person(city, f"p{number}", Role.PLANNER) for number in range(100)]

    assert queries(lambda: _file(crowd, "b")) == few


def test_words_are_made_in_the_language_of_who_reads(planner):
    _file([planner])
    notice = Notification.objects.get()

    with translation.override("en"):
        assert notices.words(notice) == "1.csv is checked: 1 new, 2 changed, 3 refused."
    with translation.override("zh-hans"):
        assert notices.words(notice).startswith("1.csv 已检查")


def test_every_kind_has_words_in_both_languages_and_a_symbol(settings):
    icons = (settings.BASE_DIR / "tools" / "icons.txt").read_text().split()

    for kind in notices._kinds.values():
        assert kind.icon in icons, kind.code
        assert kind.tone in ("info", "good", "warn", "bad"), kind.code
        for many in (1, 7):
            with translation.override("zh-hans"):
                assert notices.many_words(kind.code, many), kind.code
        with translation.override("zh-hans"):
            chinese = str(kind.label)
        with translation.override("en"):
            assert chinese != str(kind.label), f"{kind.code} has no Chinese name"


# --- whom ------------------------------------------------------------------------------------


def test_people_are_found_by_company_and_role(city):
    other = make_city("other", retailers=1)
    installation = User.objects.create_user("root", "x" * 12, role=Role.ADMINISTRATOR)

    found = people_with(city.company.pk, Permission.START_RUNS)

    assert set(found) == {
        city.people[Role.ADMINISTRATOR],
        city.people[Role.PLANNER],
        installation,
    }
    assert other.people[Role.PLANNER] not in found


def test_steps_of_a_plan_are_told_to_who_goes_on_with_it(city, planner):
    approver = city.people[Role.APPROVER]
    plan = city.plans["draft"]
    plans.approve_plan(plan=plan, by=approver, seen_hash=plan.result_hash)
    assert _roles_told("plan.approved") == {Role.PLANNER}

    plans.reopen_plan(plan=plan, by=approver, reason="supply was cut")
    assert _roles_told("plan.reopened") == {Role.PLANNER, Role.ADMINISTRATOR}
    text = notices.words(Notification.objects.filter(kind="plan.reopened")[0])
    assert "supply was cut" in text
    assert "2026-12" in text


def test_a_published_plan_is_told_to_everybody_who_sees_plans_but_its_publisher(city, planner):
    plans.publish_plan(plan=city.plans["approved"], by=planner)

    assert _roles_told("plan.published") == {
        Role.ADMINISTRATOR,
        Role.APPROVER,
        Role.COUNTY_MANAGER,
        Role.CUSTOMER_MANAGER,
        Role.AUDITOR,
    }
    notice = Notification.objects.filter(kind="plan.published")[0]
    assert notice.url == reverse("plan-detail", args=[city.plans["approved"].pk])


def test_a_computed_draft_waits_for_the_approvers_once(city):
    from allocation.services.desk import tell_waiting

    tell_waiting(city.plans["draft"])
    tell_waiting(city.plans["draft"])

    notice = Notification.objects.get(kind="plan.waiting")
    assert notice.user == city.people[Role.APPROVER]


def test_proposed_and_held_classes_are_told_to_who_publishes_them(city):
    city.proposal.status = "held"
    tell_proposal(city.proposal)
    assert _roles_told("classes.held") == {Role.PLANNER, Role.ADMINISTRATOR}

    city.proposal.status = "computed"
    tell_proposal(city.proposal)
    tell_proposal(city.proposal)
    assert Notification.objects.filter(kind="classes.proposed").count() == 2


def _end(job, monkeypatch, handler):
    monkeypatch.setitem(jobs._handlers, job.kind, handler)
    return jobs.run(job.pk)


def _fail(context):
    raise DomainError("The data are gone.")


@pytest.fixture
def job(city, planner):
    return jobs.create(
        kind="list.export",
        key="e:1",
        company_id=city.company.pk,
        args={"title": "零售户"},
        by=planner,
    )


def test_who_asked_for_a_job_is_told_that_its_file_is_ready(job, planner, monkeypatch):
    def export(context):
        results.create(
            job=context.job,
            user=planner,
            name="a.csv",
            write=lambda stream: stream.write(b"12345") and 4000,
        )
        return JobResult(summary={"refused": 2})

    _end(job, monkeypatch, export)

    notice = Notification.objects.get()
    assert (notice.user, notice.kind) == (planner, "job.ready")
    assert notice.url == reverse("result-download", args=[job.result_file.pk])
    with translation.override("en"):
        text = notices.words(notice)
    assert "零售户" in text
    assert "(4,000 rows)" in text
    assert "2 rows were refused" in text


def test_who_asked_for_a_job_is_told_that_it_failed(job, planner, monkeypatch):
    _end(job, monkeypatch, _fail)

    assert _kinds(planner) == ["job.failed"]


def test_a_job_that_nobody_asked_for_is_told_nobody(city, monkeypatch):
    job = jobs.create(kind="list.export", key="e:2", company_id=city.company.pk)

    _end(job, monkeypatch, lambda context: JobResult())

    assert not Notification.objects.exists()


def test_a_failed_night_is_told_to_who_can_start_it_again(city, monkeypatch):
    night = start_night(company_id=city.company.pk, business_date=dt.date(2026, 11, 19))
    stage = night.children.order_by("position")[0]

    _end(stage, monkeypatch, _fail)

    assert _roles_told("night.failed") == {Role.PLANNER, Role.ADMINISTRATOR}
    notice = Notification.objects.filter(kind="night.failed")[0]
    assert notice.url == reverse("run-detail", args=[night.pk])
    assert "2026-11-19" in notices.words(notice)


def test_who_started_a_night_is_told_its_end_once_and_not_the_end_of_its_stages(
    city, planner, monkeypatch
):
    night = start_night(company_id=city.company.pk, business_date=dt.date(2026, 11, 19), by=planner)
    for stage in night.children.order_by("position"):
        _end(stage, monkeypatch, lambda context: JobResult())

    assert _kinds(planner) == ["job.done"]


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        ("import.check", "checked", "file.checked"),
        ("import.check", "refused", "file.refused"),
        ("import.apply", "applied", "file.applied"),
        ("import.apply", "failed", "file.refused"),
    ],
)
def test_who_uploaded_a_file_is_told_what_came_of_it(
    city, planner, monkeypatch, kind, status, told
):
    job = jobs.create(
        kind=kind, key="f:1", company_id=city.company.pk, args={"file": city.file.pk}, by=planner
    )

    def handle(context):
        ImportedFile.objects.filter(pk=city.file.pk).update(status=status)
        if status in ("refused", "failed"):
            raise DomainError("The columns are unknown.")
        return JobResult()

    _end(job, monkeypatch, handle)

    notice = Notification.objects.get(user=planner)
    assert notice.kind == told
    assert notice.url == reverse("file-detail", args=[city.file.pk])
    with translation.override("en"):
        assert notices.words(notice).startswith("orders.csv ")


# --- reading ---------------------------------------------------------------------------------


def _age(notice, days):
    at = timezone.now() - dt.timedelta(days=days)
    Notification.objects.filter(pk=notice.pk).update(created_at=at)


def test_several_of_one_kind_on_one_day_are_one_line(planner):
    for number in range(7):
        _file([planner], str(number))
    _file([planner], "x", "file.refused")

    lines, following = folded_notices(planner)

    assert [(line.kind, line.count, line.unread) for line in lines] == [
        ("file.refused", 1, 1),
        ("file.checked", 7, 7),
    ]
    assert following is None
    page = log_in(planner).get(reverse("notice-list"))
    [day] = page.context["days"]
    with translation.override("zh-hans"):
        assert [line["text"] for line in day["lines"]][1] == "7 个文件已检查"


def test_another_day_is_another_line(planner):
    for number in range(2):
        _file([planner], str(number))
    _age(Notification.objects.earliest("pk"), 1)

    days = log_in(planner).get(reverse("notice-list")).context["days"]

    assert [len(day["lines"]) for day in days] == [1, 1]


def test_a_folded_line_opens_its_notices(planner):
    for number in range(3):
        _file([planner], str(number))
    [line] = log_in(planner).get(reverse("notice-bell"), headers=HTMX).context["lines"]

    page = log_in(planner).get(line["url"])

    assert [one["text"].split()[0] for one in page.context["lines"]] == ["2.csv", "1.csv", "0.csv"]


def test_every_line_is_reached_once_by_turning_pages(planner):
    for number in range(70):
        _file([planner], str(number))
        _age(Notification.objects.latest("pk"), 70 - number)
    client, seen, before = log_in(planner), [], ""
    while True:
        page = client.get(reverse("notice-list"), {"before": before}).context
        seen += [day["day"] for day in page["days"]]
        before = page["following"]
        if not before:
            break

    assert len(seen) == 70
    assert seen == sorted(seen, reverse=True)


def test_the_page_takes_as_many_queries_for_many_notices_as_for_few(planner):
    _file([planner], "a")
    client = log_in(planner)
    few = queries(lambda: client.get(reverse("notice-list")))
    for number in range(40):
        _file([planner], str(number))
        _age(Notification.objects.latest("pk"), number)

    assert queries(lambda: client.get(reverse("notice-list"))) == few <= 8


def test_opening_a_notice_leads_on_and_marks_it_read(planner):
    _file([planner])
    notice = Notification.objects.get()

    answer = log_in(planner).get(reverse("notice-open", args=[notice.pk]))

    assert answer["Location"] == "/files/"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_a_stored_address_that_was_tampered_with_leads_to_the_list(planner):
    _file([planner])
    Notification.objects.update(url="//example.org/")

    answer = log_in(planner).get(reverse("notice-open", args=[Notification.objects.get().pk]))

    assert answer["Location"] == reverse("notice-list")


def test_nobody_opens_or_marks_the_notices_of_somebody_else(city, planner):
    _file([planner])
    notice = Notification.objects.get()
    other = log_in(city.people[Role.ADMINISTRATOR])

    assert other.get(reverse("notice-open", args=[notice.pk])).status_code == 404
    other.post(reverse("notice-read"))
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_or_those_of_a_day_and_kind_are_marked_read(planner):
    _file([planner], "1")
    _file([planner], "2", "file.refused")
    client = log_in(planner)
    day = timezone.localdate().isoformat()

    client.post(reverse("notice-read"), {"day": day, "kind": "file.checked"})
    assert list(Notification.objects.filter(read_at=None).values_list("kind", flat=True)) == [
        "file.refused"
    ]

    client.post(reverse("notice-read"))
    assert not Notification.objects.filter(read_at=None).exists()


@pytest.mark.parametrize("day", ["yesterday", "0001-01-01", "9999-12-31", "2026-13-01", ""])
def test_a_strange_day_marks_and_shows_nothing(planner, day):
    _file([planner])
    client = log_in(planner)

    client.post(reverse("notice-read"), {"day": day, "kind": "file.checked"})

    assert Notification.objects.filter(read_at=None).exists()
    if day:
        page = client.get(reverse("notice-day", args=[day, "file.checked"]))
        assert page.status_code == 404


def test_settings_show_only_kinds_that_a_role_can_get(city, planner):
    def offered(user):
        kinds = log_in(user).get(reverse("notice-settings")).context["kinds"]
        return {kind.code for kind, _on in kinds}

    assert "file.checked" in offered(planner)
    assert "file.checked" not in offered(city.people[Role.INSPECTOR])
    assert "comment.mention" in offered(city.people[Role.INSPECTOR])


def test_what_is_unticked_is_muted_and_what_is_ticked_again_is_not(planner):
    client = log_in(planner)
    every = [kind.code for kind in notices.kinds_for(planner)]

    client.post(reverse("notice-settings"), {"kinds": [k for k in every if k != "file.checked"]})
    _file([planner], "1")
    client.post(reverse("notice-settings"), {"kinds": [*every, "no.such.kind"]})
    _file([planner], "2")

    assert [one.dedupe_key for one in Notification.objects.all()] == ["file.checked:2"]
    shown = dict(client.get(reverse("notice-settings")).context["kinds"])
    assert all(shown.values())


def test_a_damaged_preference_mutes_nothing(planner):
    Preference.objects.create(user=planner, key="notices.muted", value=["file.checked"])

    _file([planner])

    assert Notification.objects.count() == 1
    assert log_in(planner).get(reverse("notice-settings")).status_code == 200


def test_notices_of_a_kind_that_is_gone_are_still_listed(planner):
    Notification.objects.create(user=planner, kind="gone.kind", url="/", dedupe_key="1")

    assert log_in(planner).get(reverse("notice-list")).status_code == 200


def test_the_sweep_forgets_what_was_told_half_a_year_ago(planner):
    _file([planner], "1")
    _file([planner], "2")
    _age(Notification.objects.earliest("pk"), 181)

    assert notices.sweep() == 1
    assert Notification.objects.get().dedupe_key == "file.checked:2"
    assert JobRun.objects.exists()
