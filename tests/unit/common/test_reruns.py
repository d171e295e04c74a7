"""Starting again what failed: the same row, from the failed stage, with attempts that never repeat."""

import datetime as dt

import pytest
from django.utils import timezone

from config.common import jobs, nights, reruns
from config.common.errors import ConflictError, DomainError
from config.common.jobs import JobResult
from config.common.models import JobRun, JobStatus

DAY = dt.date(2026, 11, 20)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stages(monkeypatch):
    """Every stage of the night notes that it ran; those in ``broken`` fail."""
    ran, broken = [], set()

    def handler(context):
        name = context.job.kind.removeprefix("night.")
        ran.append(name)
        if name in broken:
            raise DomainError(f"{name} is broken")
        return JobResult(result_hash=f"h-{name}")

    handlers = dict.fromkeys([f"night.{name}" for name in nights.stage_names()], handler)
    monkeypatch.setattr(jobs, "_handlers", handlers | {"test.kind": handler})
    return ran, broken


def failed_night(broken, name="segments"):
    broken.add(name)
    night = nights.start_night(company_id=1, business_date=DAY)
    night = nights.run_inline(night)
    assert night.status == JobStatus.FAILED
    return night


def test_a_night_goes_on_with_the_stage_that_failed(stages):
    ran, broken = stages
    names = nights.stage_names()
    night = failed_night(broken)
    assert ran == names[:2]
    broken.clear()
    ran.clear()

    again = reruns.rerun(night.pk)
    ended = nights.run_inline(again.job)

    assert again.error == "Stage segments failed: segments is broken" or again.error
    assert again.stage.kind == "night.segments"
    assert ran == names[1:]
    assert ended.pk == night.pk
    assert ended.status == JobStatus.SUCCEEDED
    assert ended.error == ""


def test_it_ends_with_the_hash_of_a_night_that_never_failed(stages):
    _ran, broken = stages
    night = failed_night(broken)
    broken.clear()
    reruns.rerun(night.pk)
    ended = nights.run_inline(JobRun.objects.get(pk=night.pk))

    clean = nights.run_inline(nights.start_night(company_id=2, business_date=DAY))

    assert ended.result_hash == clean.result_hash


def test_a_stopped_night_goes_on_where_it_stopped(stages):
    ran, _broken = stages
    night = nights.start_night(company_id=1, business_date=DAY)
    jobs.run(night.children.order_by("position").first().pk)
    nights.cancel_night(night=night)
    ran.clear()

    reruns.rerun(night.pk)
    ended = nights.run_inline(JobRun.objects.get(pk=night.pk))

    assert ran == nights.stage_names()[1:]
    assert ended.status == JobStatus.SUCCEEDED


def test_attempts_go_on_counting_and_those_before_do_not_use_up_new_ones(stages, settings):
    _ran, broken = stages
    night = failed_night(broken)
    stage = night.children.get(kind="night.segments")
    JobRun.objects.filter(pk=stage.pk).update(attempts=settings.JOB_MAX_ATTEMPTS)
    broken.clear()

    reruns.rerun(night.pk)
    nights.run_inline(JobRun.objects.get(pk=night.pk))

    stage.refresh_from_db()
    assert stage.status == JobStatus.SUCCEEDED
    assert stage.attempts == settings.JOB_MAX_ATTEMPTS + 1


def test_a_worker_that_was_believed_dead_does_not_own_the_job_again(stages):
    _ran, broken = stages
    night = failed_night(broken)
    zombie = jobs.JobContext(night.children.get(kind="night.segments"))
    assert zombie.attempt == 1

    reruns.rerun(night.pk)
    jobs.claim(zombie.job.pk)

    assert not zombie.owned().exists()


def test_after_three_new_deaths_it_is_given_up_again(stages, settings):
    job = JobRun.objects.create(kind="test.kind", key="k", status="failed", attempts=3)
    reruns.allow("test.kind")
    reruns.rerun(job.pk)

    for _death in range(settings.JOB_MAX_ATTEMPTS):
        assert jobs.claim(job.pk) is not None
        JobRun.objects.filter(pk=job.pk).update(
            lease_until=timezone.now() - dt.timedelta(minutes=5)
        )

    assert jobs.claim(job.pk) is None
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED


@pytest.mark.parametrize("status", ["queued", "running", "succeeded", "held"])
def test_what_did_not_end_badly_is_not_started_again(status):
    job = JobRun.objects.create(kind="night", key="n", company_id=1, status=status)

    with pytest.raises(ConflictError):
        reruns.rerun(job.pk)


def test_a_kind_that_nobody_allowed_is_not_started_again():
    job = JobRun.objects.create(kind="test.unknown", key="k", status="failed")

    assert not reruns.may_rerun(job)
    with pytest.raises(ConflictError):
        reruns.rerun(job.pk)


def test_a_night_is_not_started_again_beside_another_one(stages):
    _ran, broken = stages
    night = failed_night(broken)
    nights.start_night(company_id=1, business_date=DAY)

    with pytest.raises(ConflictError) as error:
        reruns.rerun(night.pk)

    assert error.value.code == "night_open"
    assert JobRun.objects.get(pk=night.pk).status == JobStatus.FAILED
    assert night.children.get(kind="night.segments").status == JobStatus.FAILED


def test_an_older_night_does_not_write_over_a_later_one(stages):
    _ran, broken = stages
    night = failed_night(broken)
    broken.clear()
    nights.run_inline(nights.start_night(company_id=1, business_date=DAY + dt.timedelta(days=1)))

    with pytest.raises(ConflictError) as error:
        reruns.rerun(night.pk)

    assert error.value.code == "overtaken"


def test_of_two_who_start_it_again_one_is_told(stages):
    _ran, broken = stages
    night = failed_night(broken)
    reruns.rerun(night.pk)

    with pytest.raises(ConflictError):
        reruns.rerun(night.pk)
