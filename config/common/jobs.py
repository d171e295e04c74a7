"""Jobs as rows: who may claim one, how it runs, what happens when a worker dies.

reliability.md rules 1, 2, 5 and 6: the row is the queue of record; delivery may repeat, the effect may
not; results are replaced in one transaction that first proves the job is still ours; the business
date is on the row.
"""

import datetime as dt
import logging
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.common import faults, leases
from config.common.errors import ConflictError, DomainError, LostLeaseError
from config.common.models import FINISHED, JobRun, JobStatus, WorkerBeat

logger = logging.getLogger(__name__)

Handler = Callable[["JobContext"], "JobResult"]
_handlers: dict[str, Handler] = {}
_bells: list[Callable[[int], None]] = []


@dataclass(frozen=True)
class JobResult:
    """What a job leaves behind.

    Args:
        summary: Figures for people, JSON-serialisable.
        result_hash: Identifies the result: the same data give the same hash.
        held: A person must look before anything goes on; why.
    """

    summary: dict[str, Any] = field(default_factory=dict)
    result_hash: str = ""
    held: str = ""


def register(kind: str, handler: Handler) -> None:
    """Say which function does the jobs of a kind. Called from ``AppConfig.ready``."""
    _handlers[kind] = handler


def on_ring(bell: Callable[[int], None]) -> None:
    """Say how workers are woken. With no bell, ``run_due_jobs`` finds the row by itself."""
    _bells.append(bell)


def worker_name() -> str:
    """Names this process in job rows."""
    return f"{socket.gethostname()}:{os.getpid()}"


class JobContext:
    """What a handler sees of its job: arguments, progress, and proof that it is still the owner."""

    def __init__(self, job: JobRun) -> None:
        self.job = job
        self.attempt = job.attempts
        self._progress: tuple[int, int, str] = (0, 0, "")
        self._dirty = False
        self.listener: Callable[[int, int, str], None] | None = None

    @property
    def business_date(self) -> dt.date:
        """The day this job is about."""
        if self.job.business_date is None:
            raise ValueError(f"job {self.job.key} has no business date")
        return self.job.business_date

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Say how far it is. Written by the heartbeat, outside the results' transaction."""
        self._progress = (done, total, text[:200])
        self._dirty = True
        if self.listener is not None:
            self.listener(done, total, text)
        if not settings.JOB_HEARTBEAT_SECONDS and not connection.in_atomic_block:
            self.flush()

    def flush(self) -> bool:
        """Write progress and renew the lease; False when the job is no longer ours."""
        done, total, text = self._progress
        self._dirty = False
        return bool(
            self.owned().update(
                progress_done=done,
                progress_total=total,
                progress_text=text,
                lease_until=leases.lease_end(),
            )
        )

    @property
    def is_dirty(self) -> bool:
        """True when there is progress that nobody has written yet."""
        return self._dirty

    def assert_owner(self) -> None:
        """First statement of every transaction that writes results.

        From here to the end of the transaction nobody else can claim the job. On PostgreSQL the row
        itself stays unlocked, so that the heart can write progress during a long transaction.

        Raises:
            LostLeaseError: Another worker has taken over; the transaction must roll back.
        """
        leases.hold(self.job.pk)
        if connection.vendor == "postgresql":
            owned = self.owned().exists()
        else:
            owned = bool(self.owned().update(lease_until=leases.lease_end()))
        if not owned:
            raise LostLeaseError(self.job.key)

    def owned(self) -> QuerySet[JobRun]:
        """The job's row while it is ours; nothing afterwards."""
        return JobRun.objects.filter(
            pk=self.job.pk, status=JobStatus.RUNNING, attempts=self.attempt
        )


def create(
    *,
    kind: str,
    key: str,
    company_id: int | None,
    business_date: dt.date | None = None,
    args: dict[str, Any] | None = None,
    parent: JobRun | None = None,
    position: int = 0,
    by: Any = None,
) -> JobRun:
    """Put a job into the queue of record.

    Raises:
        ConflictError: The same job exists already, or a night of this company is under way.
    """
    try:
        with transaction.atomic():
            return JobRun.objects.create(
                kind=kind,
                key=key,
                company_id=company_id,
                business_date=business_date,
                args=args or {},
                parent=parent,
                position=position,
                requested_by=by,
            )
    except IntegrityError as error:
        raise _conflict(kind, key, company_id) from error


def _conflict(kind: str, key: str, company_id: int | None) -> ConflictError:
    nights = JobRun.objects.filter(kind="night", company_id=company_id).exclude(status__in=FINISHED)
    if kind == "night" and (night := nights.first()) is not None:
        return night_under_way(night)
    return ConflictError(
        _("This job is already waiting or running, or was done before: %(key)s.") % {"key": key},
        code="job_exists",
        extra={"key": key},
    )


def night_under_way(night: JobRun) -> ConflictError:
    """The refusal of a night because of another one: which, since when, who has it, what to do."""
    stage = night.children.filter(status=JobStatus.RUNNING).first()
    begun = timezone.localtime(night.started_at or night.created_at)
    words = {"date": night.business_date, "since": f"{begun:%Y-%m-%d %H:%M}"}
    if stage is None:
        text = _(
            "The night of %(date)s is open since %(since)s and waits for a worker. Wait until it has ended, "
            "or stop it on its page under “Runs”."
        )
    else:
        words["worker"] = stage.worker
        text = _(
            "The night of %(date)s is under way since %(since)s (worker %(worker)s). Wait until it has ended, "
            "or stop it on its page under “Runs”."
        )
    return ConflictError(text % words, code="job_exists", extra={"key": night.key})


def ring(job_id: int) -> None:
    """Wake a worker after the commit. Losing the message costs time, never work."""

    def after_commit() -> None:
        for bell in _bells:
            bell(job_id)

    transaction.on_commit(after_commit)


def due(now: dt.datetime | None = None) -> QuerySet[JobRun]:
    """Jobs that may be claimed now: their turn has come and no living worker holds them."""
    now = now or timezone.now()
    earlier_unfinished = JobRun.objects.filter(
        parent=OuterRef("parent"), position__lt=OuterRef("position")
    ).exclude(status__in=[JobStatus.SUCCEEDED, JobStatus.HELD])
    return (
        JobRun.objects.filter(
            Q(status=JobStatus.QUEUED) | Q(status=JobStatus.RUNNING, lease_until__lt=now)
        )
        .filter(Q(not_before=None) | Q(not_before__lte=now))
        .exclude(kind="night")
        .filter(~Exists(earlier_unfinished))
        .order_by("created_at", "pk")
    )


@transaction.atomic
def claim(job_id: int) -> JobRun | None:
    """Take a job, by one conditional UPDATE.

    The attempt is counted before any work, so that a job that kills its worker cannot do so for ever.

    Returns:
        The job, now ours; None when somebody else has it, its turn has not come, or it has ended.
    """
    now = timezone.now()
    found = due(now).filter(pk=job_id)
    candidate = found.values_list("attempts", "attempts_before", "status").first()
    if candidate is None or not leases.try_hold(job_id):
        return None
    attempts, before, status = candidate
    if attempts - before >= settings.JOB_MAX_ATTEMPTS:
        _give_up(job_id, attempts)
        return None
    won = (
        JobRun.objects.filter(pk=job_id, attempts=attempts, status=status)
        .filter(Q(status=JobStatus.QUEUED) | Q(lease_until__lt=now))
        .update(
            status=JobStatus.RUNNING,
            attempts=F("attempts") + 1,
            lease_until=leases.lease_end(),
            worker=worker_name(),
            started_at=now,
            progress_done=0,
            progress_total=0,
            progress_text="",
            error="",
        )
    )
    if not won:
        return None
    job = JobRun.objects.select_related("parent").get(pk=job_id)
    # Whoever waits for the whole sees that it has begun, not only when its first part has ended.
    if job.parent is not None:
        JobRun.objects.filter(pk=job.parent.pk, status=JobStatus.QUEUED).update(
            status=JobStatus.RUNNING, started_at=now
        )
    return job


@transaction.atomic
def _give_up(job_id: int, attempts: int) -> None:
    message = _(
        "Given up after %(attempts)d attempts; each time the worker or the database was lost."
    ) % {"attempts": settings.JOB_MAX_ATTEMPTS}
    changed = (
        JobRun.objects.filter(pk=job_id, attempts=attempts)
        .filter(
            Q(status=JobStatus.QUEUED) | Q(status=JobStatus.RUNNING, lease_until__lt=timezone.now())
        )
        .update(
            status=JobStatus.FAILED,
            finished_at=timezone.now(),
            lease_until=None,
            error=message,
        )
    )
    if changed:
        _after_end(JobRun.objects.get(pk=job_id))


def run(job_id: int, *, listener: Callable[[int, int, str], None] | None = None) -> JobRun | None:
    """Claim a job and do it; a second call for the same job does nothing.

    Returns:
        The ended job, or None when it was not ours to do.
    """
    job = claim(job_id)
    if job is None:
        return None
    context = JobContext(job)
    context.listener = listener
    heart = leases.Heart(f"heart-{job.pk}", context.flush, lambda: context.is_dirty)
    heart.start()
    try:
        faults.point(f"job-start-{job.kind}")
        result = _handlers[job.kind](context)
        faults.point(f"job-end-{job.kind}")
        status = JobStatus.HELD if result.held else JobStatus.SUCCEEDED
        _end(context, status, result=result, error=result.held)
    except LostLeaseError:
        logger.warning("job %s was taken over by another worker", job.key)
        return None
    except DomainError as error:
        _end(context, JobStatus.FAILED, error=error.message)
    except Exception as error:
        logger.exception("job %s failed", job.key)
        if _lost_database(error):
            _retry_later(context)
        else:
            _end(context, JobStatus.FAILED, error=_unexpected(job))
        raise
    finally:
        heart.stop()
    job.refresh_from_db()
    return job


def _unexpected(job: JobRun) -> str:
    return _("Unexpected error; the log has the details under job %(id)d.") % {"id": job.pk}


def _lost_database(error: Exception) -> bool:
    """True when trying again may help: the connection, a lock or the server was lost.

    Errors of the statement itself (a broken constraint, a wrong column) would only repeat.
    """
    permanent = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
    return isinstance(error, DatabaseError | InterfaceError) and not isinstance(error, permanent)


def _retry_later(context: JobContext) -> None:
    """Give the job back. Cannot that be written, the sweeper takes it when the lease has run out."""
    for pause in (0, 1, 2, 4, 8):
        time.sleep(pause)
        close_old_connections()
        try:
            with transaction.atomic():
                given_back = context.owned().update(status=JobStatus.QUEUED, lease_until=None)
                if given_back:
                    ring(context.job.pk)
        except (DatabaseError, InterfaceError):
            continue
        return
    logger.warning("job %s stays claimed until its lease ends", context.job.key)


@transaction.atomic
def _end(
    context: JobContext, status: JobStatus, *, result: JobResult | None = None, error: str = ""
) -> None:
    # One transaction with what the listeners write: else a kill in between leaves a night for ever open.
    result = result or JobResult()
    done, total, text = context._progress
    changed = context.owned().update(
        status=status,
        finished_at=timezone.now(),
        lease_until=None,
        summary=result.summary,
        result_hash=result.result_hash,
        error=error,
        progress_done=total or done,
        progress_total=total,
        progress_text=text,
    )
    if changed:
        context.job.refresh_from_db()
        _after_end(context.job)


_end_listeners: list[Callable[[JobRun], None]] = []


def on_end(listener: Callable[[JobRun], None]) -> None:
    """Be told when a job has ended (the night rings its next stage this way)."""
    _end_listeners.append(listener)


def _after_end(job: JobRun) -> None:
    for listener in _end_listeners:
        listener(job)


def sweep() -> list[int]:
    """Ring every job that is due, and give up those whose attempts are used up.

    Runs from beat (15 seconds in production, else 60), and in ``run_due_jobs``.
    """
    rung = []
    for job_id, attempts, before in due().values_list("pk", "attempts", "attempts_before"):
        if attempts - before >= settings.JOB_MAX_ATTEMPTS:
            _give_up(job_id, attempts)
        else:
            ring(job_id)
            rung.append(job_id)
    return rung


def beat_worker() -> None:
    """Leave a sign of life for the health check; forget workers that are gone since yesterday."""
    now = timezone.now()
    WorkerBeat.objects.update_or_create(name=worker_name(), defaults={"seen_at": now})
    WorkerBeat.objects.filter(seen_at__lt=now - dt.timedelta(days=1)).delete()


def last_beat() -> dt.datetime | None:
    """When any worker was last seen; None when none ever was."""
    return WorkerBeat.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
