"""The night as rows: stages in order, one at a time, held or failed as a whole."""

import datetime as dt
from collections.abc import Callable

import pytest

from config.common import jobs, nights
from config.common.errors import ConflictError, DomainError
from config.common.jobs import JobContext, JobResult
from config.common.models import JobRun, JobStatus

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def done(monkeypatch) -> list[str]:
    """Stages that only note their name; returns the names in the order of their work."""
    seen: list[str] = []

    def stage(name: str) -> Callable[[JobContext], JobResult]:
        def work(context: JobContext) -> JobResult:
            seen.append(name)
            return JobResult(summary={"stage": name}, result_hash=f"hash of {name}")

        return work

    for name in ("sales", "segments", "demand", "allocation"):
        monkeypatch.setitem(jobs._handlers, f"night.{name}", stage(name))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    return seen


def replace_stage(monkeypatch, name: str, work: Callable[[JobContext], JobResult]) -> None:
    monkeypatch.setitem(jobs._handlers, f"night.{name}", work)


def start(**fields: object) -> JobRun:
    return nights.start_night(**{"company_id": 1, "business_date": DAY, **fields})


def stages_of(night: JobRun) -> dict[str, str]:
    return {stage.kind.split(".")[1]: stage.status for stage in night.children.order_by("position")}


def test_a_night_does_all_stages_in_order_and_succeeds(done):
    night = nights.run_inline(start())

    assert done == ["sales", "segments", "demand", "allocation"]
    assert night.status == JobStatus.SUCCEEDED
    assert set(stages_of(night).values()) == {JobStatus.SUCCEEDED}
    assert len(night.result_hash) == 64
    assert night.percent == 100
    assert night.started_at is not None


def test_stages_may_be_chosen_and_keep_the_order_of_the_pipeline(done):
    nights.run_inline(start(stages=["allocation", "sales"]))

    assert done == ["sales", "allocation"]


def test_an_unknown_stage_is_refused_and_named():
    with pytest.raises(DomainError, match="weather") as caught:
        start(stages=["sales", "weather"])

    assert caught.value.code == "unknown_stage"
    assert not JobRun.objects.exists()


def test_the_same_results_give_the_same_hash_and_others_another(done, monkeypatch):
    first = nights.run_inline(start())
    same = nights.run_inline(start())
    replace_stage(monkeypatch, "demand", lambda context: JobResult(result_hash="other"))
    other = nights.run_inline(start())

    assert first.result_hash == same.result_hash != other.result_hash
    assert len({first.key, same.key, other.key}) == 3


def test_a_stage_is_not_due_before_the_one_before_it_has_ended(done):
    night = start()
    first, second, *_rest = night.children.order_by("position")

    assert jobs.run(second.pk) is None
    assert done == []
    assert jobs.run(first.pk) is not None
    assert jobs.run(second.pk) is not None
    assert done == ["sales", "segments"]


def test_the_night_itself_is_never_claimed(done):
    assert jobs.claim(start().pk) is None


def test_the_night_says_that_it_runs_as_soon_as_its_first_stage_does(done, monkeypatch):
    seen = []
    night = start()

    def look(context: JobContext) -> JobResult:
        seen.append(JobRun.objects.get(pk=night.pk).status)
        return JobResult()

    replace_stage(monkeypatch, "sales", look)

    nights.run_inline(night)

    assert seen == [JobStatus.RUNNING]


def test_a_held_stage_lets_the_next_go_on_and_holds_the_night(done, monkeypatch):
    replace_stage(monkeypatch, "segments", lambda context: JobResult(held="too many moved"))

    night = nights.run_inline(start())

    assert night.status == JobStatus.HELD
    assert night.error == "too many moved"
    assert stages_of(night)["allocation"] == JobStatus.SUCCEEDED
    assert night.result_hash


def test_a_failed_stage_fails_the_night_and_cancels_the_rest(done, monkeypatch):
    def refuse(context: JobContext) -> JobResult:
        raise DomainError("no rule for this day")

    replace_stage(monkeypatch, "demand", refuse)

    night = nights.run_inline(start())

    assert night.status == JobStatus.FAILED
    assert "demand" in night.error
    assert "no rule for this day" in night.error
    assert stages_of(night) == {
        "sales": "succeeded",
        "segments": "succeeded",
        "demand": "failed",
        "allocation": "cancelled",
        "report": "cancelled",
    }
    assert done == ["sales", "segments"]


def test_a_stage_given_up_by_the_sweeper_fails_the_night(settings):
    night = start()
    stage = night.children.get(kind="night.sales")
    JobRun.objects.filter(pk=stage.pk).update(attempts=settings.JOB_MAX_ATTEMPTS)

    jobs.sweep()

    night.refresh_from_db()
    assert night.status == JobStatus.FAILED
    assert stages_of(night)["report"] == JobStatus.CANCELLED


def test_one_night_at_a_time_per_company(done):
    start()

    with pytest.raises(ConflictError):
        start(business_date=DAY + dt.timedelta(days=1))

    assert start(company_id=2).status == JobStatus.QUEUED


def test_after_a_night_has_ended_the_next_may_start(done):
    nights.run_inline(start())

    assert nights.run_inline(start()).status == JobStatus.SUCCEEDED


def test_the_clock_starts_one_night_per_date(done):
    first = nights.run_inline(start(scheduled=True))

    with pytest.raises(ConflictError) as caught:
        start(scheduled=True)

    assert caught.value.code == "job_exists"
    assert JobRun.objects.filter(kind="night").get() == first
    assert nights.run_inline(start()).status == JobStatus.SUCCEEDED, "a person still may"


def test_a_conflict_leaves_no_stages_behind(done):
    start()
    before = JobRun.objects.count()

    with pytest.raises(ConflictError):
        start()

    assert JobRun.objects.count() == before


def test_a_cancelled_night_does_nothing_more(done):
    night = start()
    jobs.run(night.children.get(kind="night.sales").pk)

    nights.cancel_night(night=night)

    night.refresh_from_db()
    assert night.status == JobStatus.CANCELLED
    assert nights.run_inline(night).status == JobStatus.CANCELLED
    assert done == ["sales"]
    assert stages_of(night)["sales"] == JobStatus.SUCCEEDED
    with pytest.raises(ConflictError):
        nights.cancel_night(night=night)


def test_a_stage_that_runs_while_its_night_is_cancelled_cannot_write(done, monkeypatch):
    night = start()
    written = []

    def cancelled_meanwhile(context: JobContext) -> JobResult:
        nights.cancel_night(night=night)
        context.assert_owner()
        written.append(1)
        return JobResult()

    replace_stage(monkeypatch, "sales", cancelled_meanwhile)

    nights.run_inline(night)

    assert written == []
    assert set(stages_of(night).values()) == {JobStatus.CANCELLED}


def test_the_report_tells_stages_seconds_and_holds(done, monkeypatch):
    replace_stage(monkeypatch, "segments", lambda context: JobResult(held="look"))

    night = nights.run_inline(start())

    report = night.children.get(kind="night.report").summary
    assert [row["stage"] for row in report["stages"]] == [*done[:1], "segments", *done[1:]]
    assert report["held"] == ["segments"]
    assert report["stages"][0]["summary"] == {"stage": "sales"}


def test_bringing_the_night_up_to_date_may_be_repeated(done):
    night = nights.run_inline(start())

    nights.after_stage(night.children.get(kind="night.report"))

    before = night.finished_at
    night.refresh_from_db()
    assert night.finished_at == before
