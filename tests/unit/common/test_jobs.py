"""Job rows: claimed once, counted before work, given up, taken over, swept."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from config.common import jobs
from config.common.errors import ConflictError, DomainError, LostLeaseError
from config.common.jobs import JobContext, JobResult
from config.common.models import JobRun, JobStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(monkeypatch) -> Callable[[Callable[[JobContext], JobResult]], str]:
    """Registers a handler for the kind ``test`` until the test has ended."""

    def register(handler: Callable[[JobContext], JobResult]) -> str:
        monkeypatch.setitem(jobs._handlers, "test", handler)
        return "test"

    register(lambda context: JobResult())
    return register


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def new(key: str = "k", **fields: object) -> JobRun:
    return jobs.create(kind="test", key=key, company_id=None, **fields)


def expire(job: JobRun) -> None:
    JobRun.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))


# --- creating and claiming ----------------------------------------------------------------


def test_the_same_key_twice_is_a_conflict_and_leaves_one_row(kind):
    new("once")

    with pytest.raises(ConflictError) as caught:
        new("once")

    assert caught.value.code == "job_exists"
    assert JobRun.objects.filter(key="once").count() == 1


def test_a_job_is_claimed_once(kind):
    job = new()

    first, second = jobs.claim(job.pk), jobs.claim(job.pk)

    assert first is not None
    assert first.status == JobStatus.RUNNING
    assert first.attempts == 1
    assert second is None


def test_an_unknown_job_cannot_be_claimed():
    assert jobs.claim(10**9) is None
    assert jobs.run(10**9) is None


def test_a_job_is_not_due_before_its_time(kind):
    job = new()
    JobRun.objects.filter(pk=job.pk).update(not_before=timezone.now() + dt.timedelta(hours=1))

    assert jobs.claim(job.pk) is None
    assert not jobs.due().exists()
    assert jobs.due(timezone.now() + dt.timedelta(hours=2)).get() == job


def test_a_job_with_a_living_owner_cannot_be_claimed_but_one_whose_lease_ended_can(kind):
    job = new()
    jobs.claim(job.pk)
    assert jobs.claim(job.pk) is None

    expire(job)

    taken = jobs.claim(job.pk)
    assert taken is not None
    assert taken.attempts == 2


def test_the_attempt_is_counted_before_the_work(kind):
    seen = []

    def look(context: JobContext) -> JobResult:
        seen.append(JobRun.objects.get(pk=context.job.pk).attempts)
        return JobResult()

    kind(look)

    jobs.run(new().pk)

    assert seen == [1]


# --- running ------------------------------------------------------------------------------


def test_a_run_leaves_its_result_and_a_second_run_does_nothing(kind):
    calls = []

    def work(context: JobContext) -> JobResult:
        calls.append(context.attempt)
        context.progress(3, 4, "three of four")
        return JobResult(summary={"rows": 7}, result_hash="abc")

    kind(work)
    job = new()

    ended = jobs.run(job.pk)
    again = jobs.run(job.pk)

    assert ended is not None
    assert (ended.status, ended.summary, ended.result_hash) == (
        JobStatus.SUCCEEDED,
        {"rows": 7},
        "abc",
    )
    assert ended.progress_total == 4
    assert ended.lease_until is None
    assert ended.percent == 100
    assert again is None
    assert calls == [1]


def test_progress_is_on_the_row_while_the_job_runs_and_told_to_the_listener(kind):
    seen, told = [], []

    def work(context: JobContext) -> JobResult:
        context.progress(1, 2, "half")
        seen.append(JobRun.objects.values_list("progress_done", "progress_text").get())
        return JobResult()

    kind(work)

    jobs.run(new().pk, listener=lambda *words: told.append(words))

    # Inside a test's transaction nothing is flushed at once; the listener hears it all the same.
    assert told == [(1, 2, "half")]
    assert len(seen) == 1


def test_a_held_job_says_why(kind):
    kind(lambda context: JobResult(held="look at it"))

    ended = jobs.run(new().pk)

    assert ended is not None
    assert (ended.status, ended.error) == (JobStatus.HELD, "look at it")


def test_an_expected_error_fails_the_job_with_its_message(kind):
    def refuse(context: JobContext) -> JobResult:
        raise DomainError("the file is half")

    kind(refuse)

    ended = jobs.run(new().pk)

    assert ended is not None
    assert (ended.status, ended.error) == (JobStatus.FAILED, "the file is half")


def test_an_unexpected_error_fails_the_job_and_rises(kind):
    def broken(context: JobContext) -> JobResult:
        raise ZeroDivisionError("a bug")

    kind(broken)
    job = new()

    with pytest.raises(ZeroDivisionError):
        jobs.run(job.pk)

    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert str(job.pk) in job.error
    assert "a bug" not in job.error


@pytest.mark.django_db(transaction=True)
def test_a_job_that_lost_the_database_is_queued_again_with_its_attempt_counted(kind):
    def lost(context: JobContext) -> JobResult:
        raise OperationalError("server closed the connection")

    kind(lost)
    job = new()

    with pytest.raises(OperationalError):
        jobs.run(job.pk)

    job.refresh_from_db()
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 1)


def test_an_error_that_would_only_repeat_is_not_tried_again(kind):
    def repeated(context: JobContext) -> JobResult:
        raise IntegrityError("duplicate key")

    kind(repeated)
    job = new()

    with pytest.raises(IntegrityError):
        jobs.run(job.pk)

    job.refresh_from_db()
    assert job.status == JobStatus.FAILED


# --- giving up and taking over ------------------------------------------------------------


def test_a_job_is_given_up_when_its_attempts_are_used_up(kind, settings):
    job = new()
    for _attempt in range(settings.JOB_MAX_ATTEMPTS):
        assert jobs.claim(job.pk) is not None
        expire(job)

    assert jobs.claim(job.pk) is None

    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert str(settings.JOB_MAX_ATTEMPTS) in job.error


def test_who_was_taken_over_may_write_nothing_and_changes_nothing(kind):
    """The first worker stalls, the second finishes; what the first does then has no effect."""
    job = new()

    def stalls(context: JobContext) -> JobResult:
        expire(job)
        kind(lambda later: JobResult(summary={"by": "second"}))
        jobs.run(job.pk)
        context.assert_owner()
        raise AssertionError("never reached")

    kind(stalls)

    assert jobs.run(job.pk) is None

    job.refresh_from_db()
    assert (job.status, job.summary, job.attempts) == (JobStatus.SUCCEEDED, {"by": "second"}, 2)


def test_who_was_taken_over_and_never_asked_cannot_end_the_job(kind):
    job = new()

    def never_asks(context: JobContext) -> JobResult:
        expire(job)
        jobs.claim(job.pk)
        return JobResult(summary={"by": "first"})

    kind(never_asks)

    jobs.run(job.pk)

    job.refresh_from_db()
    assert (job.status, job.attempts, job.summary) == (JobStatus.RUNNING, 2, {})


def test_assert_owner_passes_for_the_owner_and_fails_after_the_end(kind):
    job = new()
    claimed = jobs.claim(job.pk)
    assert claimed is not None
    context = JobContext(claimed)
    context.assert_owner()

    JobRun.objects.filter(pk=job.pk).update(status=JobStatus.CANCELLED)

    with pytest.raises(LostLeaseError):
        context.assert_owner()


# --- sweeping -----------------------------------------------------------------------------


def test_the_sweeper_rings_what_is_due_and_nothing_else(kind, monkeypatch):
    waiting, running, stale, done = new("a"), new("b"), new("c"), new("d")
    for job in (running, stale):
        jobs.claim(job.pk)
    expire(stale)
    JobRun.objects.filter(pk=done.pk).update(status=JobStatus.SUCCEEDED)
    rung: list[int] = []
    monkeypatch.setattr(jobs, "ring", rung.append)

    assert jobs.sweep() == [waiting.pk, stale.pk]
    assert rung == [waiting.pk, stale.pk]


def test_the_sweeper_gives_up_what_was_tried_too_often(kind, settings):
    job = new()
    jobs.claim(job.pk)
    expire(job)
    JobRun.objects.filter(pk=job.pk).update(attempts=settings.JOB_MAX_ATTEMPTS)

    assert jobs.sweep() == []

    job.refresh_from_db()
    assert job.status == JobStatus.FAILED


def test_bells_ring_after_the_commit_only(kind, monkeypatch, django_capture_on_commit_callbacks):
    rung: list[int] = []
    monkeypatch.setattr(jobs, "_bells", [rung.append])

    with django_capture_on_commit_callbacks(execute=True):
        jobs.ring(5)
        assert rung == []

    assert rung == [5]
