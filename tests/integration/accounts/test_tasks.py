"""The task tray and its page: one's own jobs, one query for all of them, asked again only while they run."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import ResultFile
from accounts.roles import Role
from accounts.selectors.tasks import desk_counts, list_jobs, tray_tasks
from accounts.services import notices, results
from config.common import job_words
from config.common.models import JobRun
from config.common.nights import start_night
from tests.integration.accounts.desk import log_in, queries

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def planner(city):
    return city.people[Role.PLANNER]


@pytest.fixture
def job(city, planner):
    def make(**fields):
        fields.setdefault("requested_by", planner)
        fields.setdefault("kind", "list.export")
        return JobRun.objects.create(
            key=f"j:{JobRun.objects.count()}", company_id=city.company.pk, **fields
        )

    return make


def _tray(user):
    return log_in(user).get(reverse("task-tray"), headers=HTMX)


def _body(answer):
    return answer.content.decode()


def test_the_top_bar_says_of_which_night_the_figures_are(city, planner):
    assert desk_counts(planner).figures_at == city.night.finished_at
    page = _body(log_in(planner).get(reverse("help")))
    assert f"{timezone.localtime(city.night.finished_at):%m-%d %H:%M}" in page

    # A night that failed, a recomputation of some stages and another company's night are no source of figures.
    later = city.night.finished_at + dt.timedelta(hours=1)
    night = {"kind": "night", "business_date": city.night.business_date, "finished_at": later}
    JobRun.objects.create(key="n1", company_id=city.company.pk, status="failed", **night)
    JobRun.objects.create(key="n2", company_id=city.company.pk, status="succeeded", **night)
    JobRun.objects.create(key="n3", company_id=city.company.pk + 1, status="succeeded", **night)
    assert desk_counts(planner).figures_at == city.night.finished_at

    JobRun.objects.filter(pk=city.night.pk).update(status="failed")
    assert desk_counts(planner).figures_at is None


def test_everybody_sees_only_what_they_have_started(city, planner, job):
    mine = job()
    job(requested_by=city.people[Role.ADMINISTRATOR])
    job(requested_by=None)

    assert [task.job for task in tray_tasks(planner)] == [mine]
    assert list(list_jobs(planner)) == [mine]
    assert desk_counts(planner).running == 1
    assert desk_counts(city.people[Role.APPROVER]).running == 0


def test_a_night_is_one_task_and_its_stages_are_none(city, planner):
    night = start_night(company_id=city.company.pk, business_date=dt.date(2026, 11, 19), by=planner)

    assert [task.job for task in tray_tasks(planner)] == [night]
    assert desk_counts(planner).running == 1


def test_what_runs_stands_above_what_has_ended(planner, job):
    running = job(status="running")
    ended = job(status="succeeded")

    assert [task.job for task in tray_tasks(planner)] == [running, ended]


def test_the_tray_is_asked_for_again_only_while_something_is_at_work(planner, job):
    one = job(status="running", progress_done=1, progress_total=4)
    page = _body(_tray(planner))
    assert "every 3s" in page
    assert 'value="25"' in page

    JobRun.objects.filter(pk=one.pk).update(status="succeeded")

    assert "every" not in _body(_tray(planner))


def test_the_tray_takes_as_many_queries_for_many_jobs_as_for_one(planner, job):
    results.create(job=job(), user=planner, name="a.csv", write=lambda stream: stream.write(b"a"))
    client = log_in(planner)
    few = queries(lambda: client.get(reverse("task-tray"), headers=HTMX))
    few_page = queries(lambda: client.get(reverse("task-list")))
    for number in range(12):
        one = job(status="running" if number % 2 else "succeeded")
        results.create(job=one, user=planner, name="a.csv", write=lambda stream: stream.write(b"a"))

    assert queries(lambda: client.get(reverse("task-tray"), headers=HTMX)) == few <= 6
    assert queries(lambda: client.get(reverse("task-list"))) == few_page <= 8


def test_the_top_bar_costs_every_page_one_query(planner, job):
    job(status="running")

    assert queries(lambda: desk_counts(planner)) == 1


def test_the_number_at_work_stands_on_every_page(planner, job):
    job(status="running")

    page = log_in(planner).get("/products/").content.decode()

    assert 'id="tray-count"' in page
    assert ">1<span" in page.split('id="tray-count"')[1][:200]


def test_a_download_is_offered_while_the_file_is_there(planner, job):
    one = job(status="succeeded")
    file = results.create(
        job=one, user=planner, name="a.csv", write=lambda stream: stream.write(b"a")
    )
    url = reverse("result-download", args=[file.pk])
    assert url in _body(_tray(planner))

    ResultFile.objects.update(expires_at=timezone.now())

    assert url not in _body(_tray(planner))


def test_a_result_file_of_somebody_else_is_not_offered(city, planner, job):
    one = job(status="succeeded")
    other = city.people[Role.ADMINISTRATOR]
    results.create(job=one, user=other, name="a.csv", write=lambda stream: stream.write(b"a"))

    assert "/results/" not in _body(_tray(planner))


def test_a_failed_job_says_why_and_one_with_refused_rows_how_many(planner, job):
    job(status="failed", error="The delimiter is missing.")
    job(status="succeeded", summary={"refused": 3, "clashed": 1})

    page = _body(_tray(planner))

    assert "The delimiter is missing." in page
    assert [task.refused for task in tray_tasks(planner)] == [4, 0]


def test_a_kind_that_an_app_registers_is_shown_with_its_name_and_page(planner, job, monkeypatch):
    monkeypatch.setattr(job_words, "_kinds", dict(job_words._kinds))
    job_words.register("demo.purge", "Removal of sample data", lambda one: f"/x/{one.pk}/")
    one = job(kind="demo.purge", args={"title": "云泽"})

    [task] = tray_tasks(planner)

    assert (task.label, task.title, task.url) == (
        "Removal of sample data",
        "云泽",
        f"/x/{one.pk}/",
    )


def test_a_job_without_a_page_leads_to_its_run_only_for_who_may_see_runs(city, job):
    manager = city.people[Role.CUSTOMER_MANAGER]
    one = job(kind="something.new", requested_by=manager)

    assert tray_tasks(manager)[0].url == ""

    one.requested_by = city.people[Role.PLANNER]
    one.save()
    assert tray_tasks(one.requested_by)[0].url == reverse("run-detail", args=[one.pk])


def test_jobs_with_files_lead_to_their_file(city, planner, job):
    one = job(kind="import.apply", args={"file": city.file.pk})

    assert job_words.job_url(one) == reverse("file-detail", args=[city.file.pk])


def test_old_tasks_are_on_the_page_and_not_in_the_tray(planner, job):
    old = job(status="succeeded")
    JobRun.objects.filter(pk=old.pk).update(created_at=timezone.now() - dt.timedelta(days=8))

    assert tray_tasks(planner) == []
    page = log_in(planner).get(reverse("task-list"))
    assert [task.job for task in page.context["tasks"]] == [old]


def test_every_task_is_reached_once_by_turning_pages(planner, job):
    made = [job(status="succeeded").pk for _number in range(120)]
    client, seen, cursor = log_in(planner), [], ""
    while True:
        page = client.get(reverse("task-list"), {"cursor": cursor}).context["page"]
        seen += [one.pk for one in page.rows]
        cursor = page.next
        if not cursor:
            break

    assert seen == sorted(made, reverse=True)


def test_an_empty_tray_says_what_will_be_here(planner):
    page = _body(log_in(planner).get(reverse("task-list")))

    assert "empty-title" in page


def test_counts_say_who_is_logged_in(planner):
    answer = log_in(planner).get(reverse("desk-counts"), headers=HTMX)

    assert answer["X-Person"] == str(planner.pk)
    assert 'hx-swap-oob="true"' in _body(answer)


def test_notices_and_tasks_are_counted_side_by_side(planner, job):
    job(status="queued")
    notices.send(
        users=[planner], kind="job.done", params={"kind": "x"}, url="/tasks/", dedupe_key="1"
    )

    counts = desk_counts(planner)

    assert (counts.running, counts.unread) == (1, 1)
