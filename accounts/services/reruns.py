"""Starting a run again that ended badly, with an event that says who did and what had failed."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import BulkChange, BulkStatus, User
from accounts.services import record
from accounts.services.changes import CHANGE, UNDO
from accounts.services.exports import EXPORT
from config.common import reruns
from config.common.errors import ConflictError
from config.common.job_words import stage_label
from config.common.models import JobRun


@transaction.atomic
def rerun_job(*, job: JobRun, by: User) -> JobRun:
    """Put a run back into the queue; a night goes on with the stage that failed.

    Args:
        job: A run of its own that failed or was stopped.
        by: Who asks.

    Raises:
        ConflictError: It cannot be started again, or not now.
    """
    before = job.attempts
    again = reruns.rerun(job.pk)
    record(
        action="job.rerun",
        company_id=job.company_id,
        by=by,
        obj=again.job,
        object_label=f"#{job.pk} {job.key}",
        changes={"stage": again.stage.kind, "error": [again.error, None], "attempts": before},
    )
    return again.job


def stage_words(job: JobRun) -> str:
    """With what a run would go on, in words; "" for a job that begins anew."""
    stage = reruns.first_open_stage(job) if job.kind == "night" else None
    return stage_label(stage.kind) if stage is not None else ""


def _change_again(job: JobRun) -> None:
    _set_status(job, BulkStatus.FAILED, BulkStatus.QUEUED, {})


def _undo_again(job: JobRun) -> None:
    _set_status(job, BulkStatus.DONE, BulkStatus.UNDOING, {"undone_by": job.requested_by_id})


def _set_status(job: JobRun, now: str, wanted: str, more: dict[str, object]) -> None:
    changes = BulkChange.objects.filter(pk=job.args["change"], status=now)
    if not changes.update(status=wanted, **more):
        raise ConflictError(
            _("This change of many rows is in another state by now; begin a new one."),
            code="no_rerun",
        )


def register() -> None:
    """Called from ``AppConfig.ready``."""
    reruns.allow(EXPORT)
    reruns.allow(CHANGE, _change_again)
    reruns.allow(UNDO, _undo_again)
