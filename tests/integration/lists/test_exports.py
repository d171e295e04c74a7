"""Export of what one sees: CSV at once, XLSX as a job."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.lists.page import columns_on_screen
from accounts.models import AuditEvent, ResultFile, SavedView
from accounts.roles import Role
from accounts.services import export_jobs, exports, results
from config.common import jobs
from config.common.lists import ListState
from config.common.models import JobRun, JobStatus
from customers.lists import RETAILERS
from customers.models import Contact, Retailer
from tests.factories import add_retailer

URL = "/lists/retailers/export/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client_of(city):
    def log_in(role: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture
def planner(client_of):
    return client_of(Role.PLANNER)


def rows_of(answer: Any) -> list[list[str]]:
    raw = b"".join(answer.streaming_content)
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def export(client: Client, **asked: str) -> list[list[str]]:
    answer = client.get(URL, asked)
    assert answer.status_code == 200
    return rows_of(answer)


def test_the_file_has_the_columns_filters_and_order_of_the_screen(city, planner):
    asked = {"q": "shop", "sort": "-recent", "cols": "name,code,recent"}
    page = planner.get("/retailers/", asked)
    heads = [str(head.column.label) for head in page.context["heads"]]
    shown = [row.code for row in page.context["page"].rows]

    head, *rows = export(planner, **asked)

    assert head == heads
    assert [row[1] for row in rows] == shown == ["R00000", "R00001", "R00002", "R00003"]
    assert rows[0] == ["Shop 0", "R00000", "1000"]


def test_a_saved_view_and_chosen_columns_are_what_is_exported(city, planner):
    view = SavedView.objects.create(
        company=city.company, owner=city.people[Role.PLANNER], list_name="retailers", name="v",
        query="sort=-code", layout={"columns": ["name", "licence"]},
    )  # fmt: skip

    head, *rows = export(planner, sort="-code", view=str(view.pk))

    assert rows[0] == ["Shop 3", "L000003"]
    assert len(head) == 2
    planner.post(reverse("list-layout", args=["retailers"]), {"column": ["name", "code"]})
    assert export(planner)[1] == ["Shop 0", "R00000"]


def test_names_have_their_codes_beside_them(city, planner):
    head, first, *_rows = export(planner, cols="name,county,manager")

    assert first == ["Shop 0", "East", "01", "Customer_Manager", "yun-customer_manager"]
    assert len(set(head)) == 5


def test_values_are_plain_and_nothing_runs_as_a_formula(city, planner):
    Retailer.objects.filter(code="R00000").update(
        name="=HYPERLINK(\"http://x\")", address="+86", recent_cartons=-12345,
        opened_on=dt.date(2020, 2, 1), prior_cartons=24690,
    )  # fmt: skip

    _head, first, *_rows = export(planner, cols="name,address,recent,opened,trend,weekday")

    assert first[:5] == ['\'=HYPERLINK("http://x")', "+86", "-12345", "2020-02-01", "-1.5000"]


def test_personal_data_are_not_in_any_file(city, planner):
    Contact.objects.update(phone="13987654321")
    every = ",".join(column.code for column in RETAILERS.columns(city.people[Role.PLANNER]))

    text = str(export(planner, cols=every))

    assert "13987654321" not in text
    assert "Wang" not in text


def test_only_rows_that_a_person_sees(city, client_of):
    county = client_of(Role.COUNTY_MANAGER)

    assert [row[1] for row in export(county, cols="name,code")[1:]] == ["R00000", "R00002"]


@pytest.mark.parametrize("role", [Role.CUSTOMER_MANAGER, Role.INSPECTOR, Role.PARTNER])
def test_without_the_permission_there_is_no_file(city, client_of, role):
    client = client_of(role)

    assert client.get(URL).status_code == 403
    assert client.post(URL).status_code == 403
    assert not AuditEvent.objects.filter(action="list.export").exists()


def test_the_trail_names_list_filters_columns_and_rows(city, planner):
    export(planner, q="shop", weekday="1", cols="name,code")

    event = AuditEvent.objects.get(action="list.export")
    assert event.actor == city.people[Role.PLANNER]
    assert event.changes["rows"] == [None, 1]
    assert event.changes["file_type"] == [None, "csv"]
    assert "shop" in event.changes["filters"][1]
    assert event.changes["columns"][1].count(",") == 1


def test_an_export_that_nobody_reads_to_its_end_is_in_the_trail_too(city, planner):
    assert planner.get(URL).streaming

    assert AuditEvent.objects.filter(action="list.export").count() == 1


def test_a_filter_that_is_not_valid_does_not_export_everything(city, planner):
    assert planner.get(URL, {"county": "999999"}).status_code == 400
    assert planner.post(URL, {"query": "?county=999999"}).status_code == 400


def test_an_empty_list_is_a_head(city, planner):
    assert len(export(planner, q="nothing-at-all")) == 1


def test_the_language_of_the_values_is_the_readers(city, planner):
    planner.cookies["django_language"] = "en"
    english = export(planner, cols="name,status")
    planner.cookies["django_language"] = "zh-hans"
    chinese = export(planner, cols="name,status")

    assert english[0] == ["Name", "Status"]
    assert english[1][1] == "Active"
    assert chinese[1][1] != "Active"


def test_queries_do_not_grow_with_rows_but_per_chunk(city, planner, monkeypatch):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            rows_of(planner.get(URL))
        return len(asked)

    few = queries()
    for number in range(4, 24):
        add_retailer(city, number)
    assert queries() == few
    monkeypatch.setattr(exports, "CHUNK", 8)
    per_chunk = (queries() - few) / 2  # three chunks instead of one
    assert 0 < per_chunk <= 6


@pytest.mark.parametrize("sort", ["code", "-code", "recent", "-recent", "tier", "-tier", "name"])
def test_chunks_keep_the_order_of_the_pages(city, planner, monkeypatch, sort):
    for number in range(4, 14):
        add_retailer(city, number)
    monkeypatch.setattr(exports, "CHUNK", 3)
    shown = [row.code for row in planner.get("/retailers/", {"sort": sort}).context["page"].rows]

    assert [row[1] for row in export(planner, sort=sort, cols="name,code")[1:]] == shown


def test_rows_that_leave_a_persons_sight_while_it_streams_are_left_out(city, monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 1)
    user = city.people[Role.COUNTY_MANAGER]
    state = ListState.parse(RETAILERS, user, "?cols=name,code")
    opened = exports.open_export(state=state, columns=columns_on_screen(state), by=user)
    stream = exports.stream_csv(opened)
    next(stream)
    next(stream)
    Retailer.objects.filter(code="R00002").update(county=city.west)

    assert b"R00002" not in b"".join(stream)


# --- XLSX -----------------------------------------------------------------------------------


def made(planner: Client, user: Any, query: str = "") -> tuple[JobRun, CalamineWorkbook]:
    answer = planner.post(URL, {"query": query})
    job = JobRun.objects.get(kind="list.export")
    assert answer["Location"] == f"/exports/{job.pk}/"
    done = jobs.run(job.pk)
    assert done is not None
    assert done.error == ""
    file = ResultFile.objects.get(job=job)
    _file, stream = results.open_for(user=user, pk=file.pk)
    with stream:
        return done, CalamineWorkbook.from_filelike(io.BytesIO(stream.read()))


def test_a_workbook_with_types_and_a_sheet_about_itself(city, planner):
    Retailer.objects.filter(code="R00000").update(
        licence_no="430100123456", opened_on=dt.date(2020, 2, 1), address="=1+1"
    )
    query = "?cols=name,licence,recent,opened,address,line&sort=code"

    job, book = made(planner, city.people[Role.PLANNER], query)

    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 5
    assert rows[1][:5] == ["Shop 0", "430100123456", 1000.0, dt.date(2020, 2, 1), "=1+1"]
    about = dict(row[:2] for row in book.get_sheet_by_index(1).to_python())
    assert "4" in about.values()
    assert job.summary == {"rows": 4}
    event = AuditEvent.objects.get(action="list.export")
    assert (event.changes["rows"], event.changes["file_type"]) == ([None, 4], [None, "xlsx"])


def test_csv_and_xlsx_hold_the_same(city, planner):
    query = "?sort=-recent&cols=name,code,status,county,weekday,recent"
    plain = export(planner, sort="-recent", cols="name,code,status,county,weekday,recent")

    _job, book = made(planner, city.people[Role.PLANNER], query)

    rows = [
        [str(int(one)) if isinstance(one, float) else str(one) for one in row]
        for row in book.get_sheet_by_index(0).to_python()
    ]
    assert rows == plain


def test_the_page_of_an_export_offers_its_file_to_that_person_only(city, planner, client_of):
    job, _book = made(planner, city.people[Role.PLANNER])
    page = reverse("export-detail", args=[job.pk])
    file = ResultFile.objects.get(job=job)

    assert reverse("result-download", args=[file.pk]).encode() in planner.get(page).content
    assert b"every 2s" not in planner.get(page, HTTP_HX_REQUEST="true").content
    assert client_of(Role.ADMINISTRATOR).get(page).status_code == 404


def test_a_permission_lost_before_the_job_ran_makes_no_file(city, planner):
    planner.post(URL, {"query": ""})
    user = city.people[Role.PLANNER]
    user.role = Role.INSPECTOR
    user.save()

    done = jobs.run(JobRun.objects.get(kind="list.export").pk)

    assert done is not None
    assert done.status == JobStatus.FAILED
    assert not ResultFile.objects.exists()
    assert not AuditEvent.objects.filter(action="list.export").exists()


def test_a_worker_that_dies_leaves_one_file_and_one_event(city, planner, settings):
    planner.post(URL, {"query": ""})
    job = JobRun.objects.get(kind="list.export")
    settings.FAULTS = {"job-end-list.export": "raise"}
    with pytest.raises(RuntimeError):
        jobs.run(job.pk)
    first = ResultFile.objects.get()
    long_ago = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    JobRun.objects.update(status="running", lease_until=long_ago)
    settings.FAULTS = {}

    done = jobs.run(job.pk)

    assert done is not None
    assert done.status == JobStatus.SUCCEEDED
    assert ResultFile.objects.get().pk == first.pk


def test_more_rows_than_a_sheet_holds_end_with_a_sentence(city, planner, monkeypatch):
    monkeypatch.setattr(export_jobs, "MOST_ROWS", 3)
    planner.post(URL, {"query": ""})

    done = jobs.run(JobRun.objects.get(kind="list.export").pk)

    assert done is not None
    assert done.status == JobStatus.FAILED
    assert "3" in done.error
