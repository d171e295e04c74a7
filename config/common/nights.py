"""The night as rows: a parent job and one child per stage, claimed in order."""

import datetime as dt
import hashlib
import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from config.common import jobs, leases
from config.common.errors import ConflictError, DomainError
from config.common.models import FINISHED, JobRun, JobStatus

NIGHT = "night"


def stage_names() -> list[str]:
    """The stages in their order, as ``config/nightly.py`` lists them."""
    return list(import_string(settings.NIGHT_PIPELINE))


def start_night(
    *,
    company_id: int,
    business_date: dt.date,
    by: Any = None,
    stages: list[str] | None = None,
    scheduled: bool = False,
) -> JobRun:
    """Put a night (or some of its stages) into the queue.

    Args:
        company_id: Whose night.
        business_date: As of the close of which day.
        by: Who asked; None for the clock or the command line.
        stages: Which stages; default all. They run in the order of the pipeline.
        scheduled: True for the one night that the clock starts for a date: a second beat, or a beat
            that comes back, then clashes instead of running it twice.

    Raises:
        ConflictError: A night of this company is under way, or the clock's night exists already.
        DomainError: An unknown stage.
    """
    known = stage_names()
    chosen = stages or known
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        raise DomainError(
            _("Unknown stage: %(stage)s. There are: %(known)s.")
            % {"stage": unknown[0], "known": ", ".join(known)},
            code="unknown_stage",
        )
    with transaction.atomic():
        base = f"{NIGHT}:{company_id}:{business_date}"
        key = f"{base}:{'clock' if scheduled else _next_number(base)}"
        night = jobs.create(
            kind=NIGHT, key=key, company_id=company_id, business_date=business_date, by=by
        )
        for position, name in enumerate(known):
            if name in chosen:
                jobs.create(
                    kind=f"{NIGHT}.{name}",
                    key=f"{key}:{name}",
                    company_id=company_id,
                    business_date=business_date,
                    parent=night,
                    position=position,
                    by=by,
                )
        first = night.children.order_by("position").first()
        if first is not None:
            jobs.ring(first.pk)
    return night


def is_done(*, company_id: int, business_date: dt.date, stages: list[str] | None = None) -> bool:
    """Whether a night of this date has ended well that had all these stages (default: all)."""
    ended = JobRun.objects.filter(
        kind=NIGHT,
        company_id=company_id,
        business_date=business_date,
        status__in=[JobStatus.SUCCEEDED, JobStatus.HELD],
    )
    return any(covers(night, stages) for night in ended.prefetch_related("children"))


def covers(night: JobRun, stages: list[str] | None) -> bool:
    """Whether a night has all these stages (default: all)."""
    kinds = {stage.kind for stage in night.children.all()}
    return kinds >= {f"{NIGHT}.{name}" for name in stages or stage_names()}


def wait_until_free(night: JobRun, *, tell: Callable[[int, str], None]) -> bool:
    """Wait until nobody holds an open night any more; at most as long as a lease lasts.

    A living worker shows itself meanwhile: it renews the lease, or begins the next stage.

    Args:
        night: The parent row.
        tell: Told, when there is something to wait for, the seconds and who holds the night.

    Returns:
        True when one may go on with it, False when it has ended meanwhile.

    Raises:
        ConflictError: It is alive.
    """
    seen = _hold(night)
    longest = min(seen.until, leases.lease_end())
    left = (longest - timezone.now()).total_seconds()
    if left > 0:
        tell(math.ceil(left), seen.worker)
    while timezone.now() <= longest:
        time.sleep(min(1, max(0.01, (longest - timezone.now()).total_seconds())))
        night.refresh_from_db()
        if night.is_finished:
            return False
        if _hold(night) != seen:
            raise jobs.night_under_way(night)
    if seen.until > timezone.now():
        raise jobs.night_under_way(night)
    return True


class _Hold(NamedTuple):
    """Who holds a night, in which attempt at which stage, and until when without a sign of life."""

    until: dt.datetime
    worker: str = ""
    stage: int = 0
    attempt: int = 0


def _hold(night: JobRun) -> _Hold:
    stages = list(night.children.all())
    for stage in stages:
        if stage.status == JobStatus.RUNNING and stage.lease_until is not None:
            return _Hold(stage.lease_until, stage.worker, stage.pk, stage.attempts)
    # Between two stages nobody has a lease; whoever does the night gets as long as one to show himself.
    signs = [night.created_at, *(stage.finished_at for stage in stages if stage.finished_at)]
    return _Hold(max(signs) + dt.timedelta(seconds=settings.JOB_LEASE_SECONDS))


def _next_number(base: str) -> int:
    earlier = JobRun.objects.filter(kind=NIGHT, key__startswith=f"{base}:")
    tails = [key.rpartition(":")[2] for key in earlier.values_list("key", flat=True)]
    return max((int(tail) for tail in tails if tail.isdigit()), default=0) + 1


def cancel_night(*, night: JobRun) -> None:
    """Stop a night before its next stage; a stage that runs is finished or given up by its worker.

    Raises:
        ConflictError: It has ended already.
    """
    with transaction.atomic():
        now = timezone.now()
        open_states = [JobStatus.QUEUED, JobStatus.RUNNING]
        # Stages first, as a stage that ends does: two orders of locking would be a deadlock.
        JobRun.objects.filter(parent=night, status__in=open_states).update(
            status=JobStatus.CANCELLED, finished_at=now
        )
        changed = JobRun.objects.filter(pk=night.pk, status__in=open_states).update(
            status=JobStatus.CANCELLED, finished_at=now
        )
        if not changed:
            raise ConflictError(_("This night has ended already."), code="ended")


def after_stage(stage: JobRun) -> None:
    """Bring the night's own row up to date and wake the next stage. Safe to repeat."""
    if stage.parent_id is None or not stage.kind.startswith(f"{NIGHT}."):
        return
    children = list(JobRun.objects.filter(parent_id=stage.parent_id).order_by("position"))
    broken = [child for child in children if child.status == JobStatus.FAILED]
    waiting = [child for child in children if child.status == JobStatus.QUEUED]
    unfinished = [child for child in children if not child.is_finished]
    open_night = JobRun.objects.filter(
        pk=stage.parent_id, status__in=[JobStatus.QUEUED, JobStatus.RUNNING]
    )
    if broken:
        with transaction.atomic():
            JobRun.objects.filter(parent_id=stage.parent_id, status=JobStatus.QUEUED).update(
                status=JobStatus.CANCELLED, finished_at=timezone.now()
            )
            open_night.update(
                status=JobStatus.FAILED,
                error=_("Stage %(stage)s failed: %(why)s")
                % {"stage": broken[0].kind.split(".")[1], "why": broken[0].error},
                finished_at=timezone.now(),
            )
    elif not unfinished:
        held = [child for child in children if child.status == JobStatus.HELD]
        open_night.update(
            status=JobStatus.HELD if held else JobStatus.SUCCEEDED,
            error=" ".join(child.error for child in held),
            result_hash=night_hash(children),
            progress_done=len(children),
            progress_total=len(children),
            progress_text="",
            finished_at=timezone.now(),
        )
    else:
        open_night.update(
            status=JobStatus.RUNNING,
            started_at=children[0].started_at,
            progress_done=len(children) - len(unfinished),
            progress_total=len(children),
        )
        if waiting:
            jobs.ring(waiting[0].pk)


def night_hash(stages: list[JobRun]) -> str:
    """One hash for the whole night; the report, which tells times, does not count."""
    digest = hashlib.sha256()
    for stage in stages:
        digest.update(f"{stage.kind}={stage.result_hash};".encode())
    return digest.hexdigest()


def report_stage(context: jobs.JobContext) -> jobs.JobResult:
    """What the night did, how long it took, what it held: figures for the report page."""
    earlier = JobRun.objects.filter(
        parent_id=context.job.parent_id, position__lt=context.job.position
    ).order_by("position")
    stages = [
        {
            "stage": stage.kind.split(".")[1],
            "status": stage.status,
            "seconds": round(stage.seconds or 0, 1),
            "attempts": stage.attempts,
            "summary": stage.summary,
            "hold": stage.error,
        }
        for stage in earlier
    ]
    return jobs.JobResult(
        summary={
            "stages": stages,
            "seconds": round(sum(float(str(stage["seconds"])) for stage in stages), 1),
            "held": [stage["stage"] for stage in stages if stage["status"] == JobStatus.HELD],
        }
    )


def run_inline(
    night: JobRun, *, listener: Callable[[JobRun, int, int, str], None] | None = None
) -> JobRun:
    """Do a night in this process, stage after stage, as ``manage.py nightly`` does.

    Another worker may take a stage at the same time; then this waits until it has ended.

    Args:
        night: The parent row.
        listener: Told (stage, done, total, text).

    Returns:
        The ended night.
    """
    while True:
        night.refresh_from_db()
        if night.is_finished:
            return night
        stage = night.children.exclude(status__in=FINISHED).order_by("position").first()
        if stage is None:
            after_stage(night.children.order_by("-position")[0])
            continue

        def tell(done: int, total: int, text: str, stage: JobRun = stage) -> None:
            if listener is not None:
                listener(stage, done, total, text)

        if jobs.run(stage.pk, listener=tell) is None:
            time.sleep(1)
