"""Goes on with a night whose process was stopped, as Ctrl-C does."""

import os
import socket

from django.utils import timezone

from accounts.models import Company
from config.common.models import JobRun, JobStatus
from config.common.nights import NIGHT


def open_night(company: Company) -> JobRun | None:
    """The night of a company that has begun and not ended; None when there is none.

    A stage that a dead process of this machine still holds is set free, so that nobody waits two
    minutes for its lease to end.
    """
    night = JobRun.objects.filter(
        company_id=company.pk, kind=NIGHT, status__in=[JobStatus.QUEUED, JobStatus.RUNNING]
    ).first()
    if night is not None:
        for stage in night.children.filter(status=JobStatus.RUNNING):
            if is_dead_here(stage.worker):
                JobRun.objects.filter(
                    pk=stage.pk, status=JobStatus.RUNNING, attempts=stage.attempts
                ).update(lease_until=timezone.now())
    return night


def is_dead_here(worker: str) -> bool:
    """True when the worker was a process of this machine that does not exist any more."""
    host, _, pid = worker.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
