"""The night and its exports on the command line: summaries, exit codes, clear errors."""

import csv
import datetime as dt
import io
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from allocation.models import Plan
from allocation.services import approve_plan, publish_plan, revise_plan
from config.common import nights
from config.common.errors import ConflictError
from config.common.models import JobRun, JobStatus
from config.management.exports import safe, write_csv
from customers.models import Retailer
from segmentation.models import SegmentationRun
from segmentation.services import publish_run
from tests.integration.night.city import City, Line, history, make_city

pytestmark = pytest.mark.django_db
DAY = "2026-11-21"


@pytest.fixture
def city() -> City:
    city = make_city(retailers=12, products=3)
    history(city, first=202509, last=202610)
    return city


def nightly(*words: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("nightly", "--date", DAY, *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def publish(city: City) -> Plan:
    for run in SegmentationRun.objects.all():
        publish_run(run=run, by=city.planner)
    plan = Plan.objects.get(period=202611)
    return publish_plan(
        plan=approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash), by=city.planner
    )


# --- nightly ------------------------------------------------------------------------------


def test_the_night_tells_each_stage_and_its_hash(city):
    out, _err = nightly()

    night = JobRun.objects.get(kind="night")
    assert night.status == JobStatus.SUCCEEDED
    assert f"city company {DAY}: succeeded" in out
    for stage in ("sales", "segments", "demand", "allocation", "report"):
        assert re.search(rf"^  {stage} +succeeded +\d+\.\d s", out, re.MULTILINE)
    assert f"result {night.result_hash}" in out
    assert "12 retailers, A " in out


def test_a_replayed_night_prints_the_same_hash(city):
    first, second = nightly()[0], nightly()[0]

    assert first.splitlines()[-1] == second.splitlines()[-1]


def test_one_stage_alone(city):
    nightly("--stage", "sales")

    assert [stage.kind for stage in JobRun.objects.exclude(kind="night")] == ["night.sales"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--stage", "weather"], "no stage 'weather'. There are: sales, segments"),
        (["--company", "nowhere"], "no such company"),
        (["--date", "21.11.2026"], "written like 2026-11-21, got '21.11.2026'"),
        (["--date", "2026-02-30"], "written like 2026-11-21"),
        (["--date", "2099-01-01"], "2099-01-01 has not come yet"),
    ],
)
def test_what_does_not_exist_is_named_and_nothing_starts(city, words, message):
    with pytest.raises(CommandError, match=re.escape(message)):
        nightly(*words)

    assert not JobRun.objects.exists()


def test_a_failed_company_does_not_stop_the_others_and_the_exit_code_tells(city):
    other = make_city("other", retailers=2, products=3)
    city.company.policies.filter(code="demand.forecast").delete()

    with pytest.raises(CommandError, match=r"The night failed for: city$"):
        nightly()

    done = dict(JobRun.objects.filter(kind="night").values_list("company_id", "status"))
    assert done == {city.pk: JobStatus.FAILED, other.pk: JobStatus.SUCCEEDED}


def test_an_unexpected_error_fails_the_command_and_the_night(city, monkeypatch):
    def broken(**words: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("brands.nightly.refresh_sales", broken)

    with pytest.raises(CommandError, match="The night failed for: city"):
        nightly()

    assert JobRun.objects.get(kind="night").status == JobStatus.FAILED


def test_run_due_jobs_does_a_night_that_waits(city):
    night = nights.start_night(company_id=city.pk, business_date=dt.date(2026, 11, 21))

    call_command("run_due_jobs", stdout=io.StringIO(), stderr=io.StringIO())

    night.refresh_from_db()
    assert night.status == JobStatus.SUCCEEDED


# --- a night that is open already ---------------------------------------------------------

DAY_BEFORE = dt.date(2026, 11, 20)
ELSEWHERE = "another-machine:4711"


def open_night(
    city: City, *, lease: float | None, worker: str = ELSEWHERE, stages: list[str] | None = None
) -> JobRun:
    """A night of the day before, as a process leaves it that is killed in the first stage.

    Args:
        city: Whose.
        lease: Seconds from now to the end of the stage's lease; None: between two stages.
        worker: Who held the stage.
        stages: Which; default all.
    """
    night = nights.start_night(company_id=city.pk, business_date=DAY_BEFORE, stages=stages)
    begun = timezone.now() - dt.timedelta(hours=1)
    JobRun.objects.filter(kind__startswith="night").update(created_at=begun)
    JobRun.objects.filter(pk=night.pk).update(status=JobStatus.RUNNING, started_at=begun)
    if lease is not None:
        JobRun.objects.filter(pk=night.children.order_by("position")[0].pk).update(
            status=JobStatus.RUNNING,
            attempts=1,
            worker=worker,
            started_at=begun,
            lease_until=timezone.now() + dt.timedelta(seconds=lease),
        )
    return night


def nights_done() -> dict[str, str]:
    found = JobRun.objects.filter(kind="night").values_list("business_date", "status")
    return {str(day): status for day, status in found}


@pytest.mark.parametrize("lease", [-1, 0.7, None])
def test_a_night_whose_process_is_dead_is_finished_before_tonights(city, lease):
    open_night(city, lease=lease)

    out, _err = nightly()

    assert nights_done() == {"2026-11-20": "succeeded", DAY: "succeeded"}
    assert "city: goes on with the night of 2026-11-20, open since" in out
    assert out.index("city company 2026-11-20: succeeded") < out.index(f"company {DAY}: succeeded")
    assert ("waiting" in out) == (lease == 0.7)
    assert (ELSEWHERE in out) == (lease == 0.7)


def test_the_lease_of_a_dead_process_of_this_machine_is_not_waited_for(city):
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    open_night(city, lease=3600, worker=f"{socket.gethostname()}:{child.pid}")

    out, _err = nightly()

    assert nights_done() == {"2026-11-20": "succeeded", DAY: "succeeded"}
    assert "waiting" not in out


def test_a_dead_night_of_the_same_date_is_finished_and_not_done_twice(city):
    open_night(city, lease=-1)

    nightly("--date", str(DAY_BEFORE))

    assert nights_done() == {"2026-11-20": "succeeded"}
    assert JobRun.objects.filter(kind="night").count() == 1


def test_a_single_stage_that_was_left_open_does_not_stand_for_the_whole_night(city):
    open_night(city, lease=-1, stages=["sales"])

    nightly("--date", str(DAY_BEFORE))

    assert JobRun.objects.filter(kind="night", status=JobStatus.SUCCEEDED).count() == 2


def test_tonights_night_is_not_repeated_when_it_was_done_before_the_open_one(city):
    nightly()
    open_night(city, lease=-1)

    out, _err = nightly()

    assert JobRun.objects.filter(kind="night", business_date=DAY).count() == 1
    assert f"city: the night of {DAY} is done already" in out


def test_a_dead_night_that_fails_stops_neither_tonights_nor_the_exit_code(city, monkeypatch):
    night = open_night(city, lease=-1)
    night.children.filter(position=0).update(attempts=99)

    with pytest.raises(CommandError, match="The night failed for: city"):
        nightly()

    assert nights_done() == {"2026-11-20": "failed", DAY: "succeeded"}


def test_two_nights_at_once_the_second_is_refused_and_names_the_first(city, monkeypatch):
    night = open_night(city, lease=30)

    def a_heart_beats(_seconds: float) -> None:
        until = timezone.now() + dt.timedelta(seconds=60)
        night.children.filter(status=JobStatus.RUNNING).update(lease_until=until)

    monkeypatch.setattr("config.common.nights.time.sleep", a_heart_beats)
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.raises(CommandError, match="The night failed for: city"),
        translation.override("en"),
    ):
        call_command("nightly", "--date", DAY, stdout=out, stderr=err)

    assert nights_done() == {"2026-11-20": "running"}
    began = timezone.localtime(JobRun.objects.get(kind="night").started_at)
    refusal = err.getvalue().splitlines()[-1]
    assert refusal.startswith("city: The night of 2026-11-20 is under way")
    assert f"since {began:%Y-%m-%d %H:%M}" in refusal
    assert f"worker {ELSEWHERE}" in refusal
    assert "Wait until it has ended" in refusal


@pytest.mark.parametrize(("lease", "state"), [(30, f"(worker {ELSEWHERE})"), (None, "waits for")])
def test_who_starts_a_second_night_learns_which_one_is_in_the_way(city, lease, state):
    open_night(city, lease=lease)

    with pytest.raises(ConflictError) as caught, translation.override("en"):
        nights.start_night(company_id=city.pk, business_date=dt.date(2026, 11, 21))

    assert caught.value.message.startswith("The night of 2026-11-20 is ")
    assert state in caught.value.message


def test_a_night_that_another_worker_takes_up_meanwhile_is_alive(city, monkeypatch):
    night = open_night(city, lease=30)

    def somebody_goes_on(_seconds: float) -> None:
        night.children.filter(status=JobStatus.RUNNING).update(attempts=2, worker="third:1")

    monkeypatch.setattr("config.common.nights.time.sleep", somebody_goes_on)
    with pytest.raises(CommandError, match="The night failed for: city"):
        nightly()

    assert nights_done() == {"2026-11-20": "running"}


def test_a_night_that_ends_while_we_wait_is_not_in_the_way(city, monkeypatch):
    night = open_night(city, lease=30)

    def it_is_stopped(_seconds: float) -> None:
        nights.cancel_night(night=night)

    monkeypatch.setattr("config.common.nights.time.sleep", it_is_stopped)
    nightly()

    assert nights_done() == {"2026-11-20": "cancelled", DAY: "succeeded"}


def test_a_night_that_has_just_been_asked_for_waits_for_its_worker(city, monkeypatch):
    night = nights.start_night(company_id=city.pk, business_date=DAY_BEFORE)

    def a_worker_comes(_seconds: float) -> None:
        night.children.filter(position=0).update(
            status=JobStatus.RUNNING,
            attempts=1,
            worker=ELSEWHERE,
            started_at=timezone.now(),
            lease_until=timezone.now() + dt.timedelta(seconds=60),
        )

    monkeypatch.setattr("config.common.nights.time.sleep", a_worker_comes)
    with pytest.raises(CommandError, match="The night failed for: city"):
        nightly()

    assert JobRun.objects.filter(kind="night").count() == 1


def test_resume_finishes_what_is_open_and_starts_nothing_new(city):
    open_night(city, lease=-1)

    out, _err = nightly("--resume")

    assert nights_done() == {"2026-11-20": "succeeded"}
    assert "city company 2026-11-20: succeeded" in out
    assert f"city: nothing new is started; the night of {DAY} has not been run" in out


def test_resume_with_nothing_open_says_so(city):
    out, _err = nightly("--resume")

    assert nights_done() == {}
    assert "city: no night is open, nothing is started" in out


# --- export_classes -----------------------------------------------------------------------


def test_classes_come_with_rank_and_figures(city, capsys):
    nightly()
    capsys.readouterr()
    call_command("export_classes", "--scheme", "abc")

    captured = capsys.readouterr()
    rows = rows_of(captured.out)
    run = SegmentationRun.objects.get(scheme__code="abc")
    stored = {row.retailer.code: row for row in run.assignments.select_related("retailer")}
    assert len(rows) == 12
    for row in rows:
        assignment = stored[row["retailer_code"]]
        assert row["class"] == assignment.class_code
        assert int(row["rank"]) == assignment.rank
        assert json.loads(row["figures"]) == assignment.figures
        assert (row["business_date"], row["status"]) == (DAY, "computed")
    assert [int(row["rank"]) for row in rows] == sorted(int(row["rank"]) for row in rows)
    assert "12 retailers, abc as of 2026-11-21 (computed)" in captured.err


def test_published_classes_go_before_a_newer_proposal(city, capsys):
    nightly()
    publish(city)
    city.place("new", "R001", dt.date(2026, 10, 20), [Line("P000", 999, 99_900_000)])
    nightly()
    capsys.readouterr()

    call_command("export_classes", "--scheme", "abc")

    assert {row["status"] for row in rows_of(capsys.readouterr().out)} == {"published"}


def test_classes_as_of_a_day(city, capsys):
    nightly()
    capsys.readouterr()
    call_command("export_classes", "--scheme", "tier30", "--date", DAY)
    assert len(rows_of(capsys.readouterr().out)) == 12

    with pytest.raises(CommandError, match=f"proposal is as of {DAY}"):
        call_command("export_classes", "--scheme", "tier30", "--date", "2026-11-20")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--scheme", "xyz"], "no scheme 'xyz'. There are: abc, tier30"),
        (["--scheme", "abc"], "no classes yet"),
        (["--scheme", "abc", "--company", "nowhere"], "no such company"),
        (["--scheme", "abc", "--date", "today"], "written like 2026-11-21"),
    ],
)
def test_classes_that_do_not_exist_are_a_clear_error(city, words, message):
    with pytest.raises(CommandError, match=message):
        call_command("export_classes", *words)


def test_a_day_before_the_first_publication_names_the_days_there_are(city):
    nightly()
    proposal = SegmentationRun.objects.get(scheme__code="abc")
    publish_run(run=proposal, by=city.planner)
    # A proposal that gave way: superseded, and never published.
    SegmentationRun.objects.create(
        company=proposal.company,
        scheme=proposal.scheme,
        version=proposal.version,
        business_date=dt.date(2019, 12, 1),
        window_from=201901,
        window_to=201911,
        status="superseded",
        result_hash="x",
    )
    shanghai = dt.timezone(dt.timedelta(hours=8))
    published = dt.datetime(2026, 11, 21, 0, 30, tzinfo=shanghai)
    SegmentationRun.objects.filter(pk=proposal.pk).update(published_at=published)

    message = r"published by 2020-01-01. Published on: 2026-11-21\."
    with pytest.raises(CommandError, match=message):
        call_command("export_classes", "--scheme", "abc", "--date", "2020-01-01")


def test_a_day_before_the_proposal_names_the_day_of_the_proposal(city):
    nightly()

    with pytest.raises(CommandError, match=f"proposal is as of {DAY}"):
        call_command("export_classes", "--scheme", "abc", "--date", "2020-01-01")


def test_several_companies_must_be_told_apart(city):
    make_city("second", retailers=0)

    with pytest.raises(CommandError, match="say which with --company: city, second"):
        call_command("export_classes", "--scheme", "abc")


# --- export_quotas ------------------------------------------------------------------------


def test_quotas_of_a_month_add_up_to_the_released_totals(city, capsys):
    nightly()
    capsys.readouterr()
    call_command("export_quotas", "--month", "2026-11")

    rows = rows_of(capsys.readouterr().out)
    plan = Plan.objects.get(period=202611)
    assert len(rows) == plan.quota_rows > 0
    for line in plan.lines.select_related("product"):
        own = [row for row in rows if row["product_code"] == line.product.code]
        assert sum(int(row["quota_cartons"]) for row in own) == line.released_cartons
        assert {row["released_cartons"] for row in own} == {str(line.released_cartons)}
        assert {row["total_cartons"] for row in own} == {str(line.total_cartons)}
    keys = [(row["product_code"], row["retailer_code"]) for row in rows]
    assert keys == sorted(keys)
    assert {row["status"] for row in rows} == {"draft"}


def test_quotas_of_one_product(city, capsys):
    nightly()
    capsys.readouterr()

    call_command("export_quotas", "--month", "2026-11", "--product", "P001")

    assert {row["product_code"] for row in rows_of(capsys.readouterr().out)} == {"P001"}


def test_the_published_plan_goes_before_its_revision(city, capsys):
    nightly()
    revise_plan(plan=publish(city), by=city.planner, reason="more supply")
    nightly()
    capsys.readouterr()

    call_command("export_quotas", "--month", "2026-11")

    rows = rows_of(capsys.readouterr().out)
    assert {(row["status"], row["plan_version"]) for row in rows} == {("published", "1")}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--month", "2026-10"], "no plan of 2026-10"),
        (["--month", "202611"], "written like 2026-11, got '202611'"),
        (["--month", "2026-11", "--product", "X"], "no product 'X'"),
        (["--month", "2026-11", "--company", "nowhere"], "no such company"),
    ],
)
def test_quotas_that_do_not_exist_are_a_clear_error(city, words, message):
    nightly()

    with pytest.raises(CommandError, match=re.escape(message)):
        call_command("export_quotas", *words)


# --- files --------------------------------------------------------------------------------


def test_names_that_a_spreadsheet_would_run_are_made_harmless(city, tmp_path):
    Retailer.objects.filter(code="R001").update(name='=HYPERLINK("http://x","y")')
    Retailer.objects.filter(code="R002").update(name="＋1,2\n3")
    nightly()
    target = tmp_path / "classes.csv"

    call_command("export_classes", "--scheme", "abc", "--output", str(target), stderr=io.StringIO())

    names = {
        row["retailer_code"]: row["retailer_name"] for row in rows_of(target.read_text("utf-8"))
    }
    assert names["R001"] == '\'=HYPERLINK("http://x","y")'
    assert names["R002"] == "'＋1,2\n3"
    assert names["R003"] == "零售户3"


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "－1"])
def test_risky_texts_get_an_apostrophe(value):
    assert safe(value) == f"'{value}"


@pytest.mark.parametrize("value", [-5, 0, 1.5, "", "a=b", "R001", None])
def test_numbers_and_plain_texts_stay(value):
    assert safe(value) == value


def test_an_export_that_breaks_off_leaves_the_old_file_and_no_half_one(tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("old")

    def rows():
        yield ["a"]
        raise RuntimeError("broken off")

    with pytest.raises(RuntimeError):
        write_csv(str(target), ["h"], rows())

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_does_not_exist_is_a_clear_error(tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        write_csv(str(tmp_path / "missing" / "out.csv"), ["h"], [])

    assert not Path(tmp_path / "missing").exists()
