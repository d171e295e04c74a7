"""Starting a job again that failed or was stopped: the same row goes on, a night from its failed stage.

Attempts are never counted anew, so that a worker that was believed dead and comes back still finds that
the job is no longer its own; ``attempts_before`` says how many of them count no more.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from config.common import jobs
from config.common.errors import ConflictError
from config.common.models import JobRun, JobStatus
from config.common.nights import NIGHT

ENDED_BADLY = (JobStatus.FAILED, JobStatus.CANCELLED)
ENDED_WELL = (JobStatus.SUCCEEDED, JobStatus.HELD)

# Brings what the job works on back to where it can begin; raises DomainError when that cannot be.
Prepare = Callable[[JobRun], None]
_allowed: dict[str, Prepare] = {}


@dataclass(frozen=True)
class Rerun:
    """What was started again.

    Args:
        job: The row, which waits in the queue now.
        stage: The stage that a night goes on with; the job itself otherwise.
        error: Why it had failed.
    """

    job: JobRun
    stage: JobRun
    error: str


def allow(kind: str, prepare: Prepare = lambda job: None) -> None:
    """Say that jobs of a kind may be started again. Called from ``AppConfig.ready``."""
    _allowed[kind] = prepare


def may_rerun(job: JobRun) -> bool:
    """True for a job of its own that ended badly and whose kind can be started again."""
    known = job.kind == NIGHT or job.kind in _allowed
    return known and job.parent_id is None and job.status in ENDED_BADLY


def first_open_stage(night: JobRun) -> JobRun | None:
    """The stage that a night would go on with; None when all of them ended well."""
    return night.children.exclude(status__in=ENDED_WELL).order_by("position").first()


@transaction.atomic
def rerun(job_id: int) -> Rerun:
    """Put a job back into the queue; a night goes on with the stage that failed.

    Raises:
        ConflictError: It did not end badly, cannot be started again, a night of this company is under
            way, or a later night has ended meanwhile.
    """
    job = JobRun.objects.get(pk=job_id)
    if not may_rerun(job):
        raise ConflictError(
            _("This run cannot be started again: it is %(status)s.")
            % {"status": job.get_status_display()},
            code="no_rerun",
        )
    error = job.error
    stage = _again_night(job) if job.kind == NIGHT else _again(job)
    job.refresh_from_db()
    jobs.ring(stage.pk)
    return Rerun(job, stage, error)


def _again(job: JobRun) -> JobRun:
    # First the claim on the row: of two people who ask at once, one gets the error.
    _reset(JobRun.objects.filter(pk=job.pk, status__in=ENDED_BADLY), job)
    job.refresh_from_db()
    _allowed[job.kind](job)
    return job


def _again_night(night: JobRun) -> JobRun:
    _refuse_overtaken(night)
    stage = first_open_stage(night)
    if stage is None:
        raise ConflictError(
            _("Every stage of this night has ended well; start a new one."), code="no_rerun"
        )
    # Stages before the night itself, as everything that locks both.
    _reset(night.children.exclude(status__in=ENDED_WELL), night)
    try:
        with transaction.atomic():
            _reset(JobRun.objects.filter(pk=night.pk, status__in=ENDED_BADLY), night)
    except IntegrityError as error:
        raise ConflictError(
            _("Another night of this company is under way; wait until it has ended."),
            code="night_open",
        ) from error
    return stage


def _refuse_overtaken(night: JobRun) -> None:
    """An older night would put its figures over those of a later one."""
    later = JobRun.objects.filter(
        kind=NIGHT,
        company_id=night.company_id,
        status__in=ENDED_WELL,
        created_at__gt=night.created_at,
    )
    newest = later.order_by("-created_at").first()
    if newest is not None:
        raise ConflictError(
            _("Run #%(id)d has ended well since; start a new night instead of this one.")
            % {"id": newest.pk},
            code="overtaken",
        )


def _reset(rows: QuerySet[JobRun], job: JobRun) -> None:
    changed = rows.update(
        status=JobStatus.QUEUED,
        attempts_before=F("attempts"),
        lease_until=None,
        not_before=None,
        started_at=None,
        finished_at=None,
        error="",
        result_hash="",
        summary={},
        progress_done=0,
        progress_total=0,
        progress_text="",
    )
    if not changed:
        raise ConflictError(
            _("Somebody has started run #%(id)d again already.") % {"id": job.pk}, code="no_rerun"
        )
