"""Celery's side of jobs: a task only says "look at row N" (reliability.md, rule 1)."""

import logging
import time

from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from config.common import housekeeping, jobs

logger = logging.getLogger(__name__)

# After a broker did not answer, do not let every request wait for it again.
_resting_until = 0.0


@shared_task(name="liangzhun.run_job.v1")
def run_job(job_id: int) -> None:
    """Do the job if it is ours to do."""
    jobs.beat_worker()
    jobs.run(job_id)


@shared_task(name="liangzhun.sweep.v1")
def sweep() -> None:
    """Ring what is due, leave a sign of life, and once an hour clear away what is over."""
    jobs.beat_worker()
    jobs.sweep()
    housekeeping.tidy_when_due()


def ring_by_broker(job_id: int) -> None:
    """Wake a worker. Without a broker, or with a broken one, the sweeper finds the row."""
    global _resting_until
    if not settings.CELERY_BROKER_URL or time.monotonic() < _resting_until:
        return
    try:
        run_job.delay(job_id)
    except (OperationalError, OSError) as error:
        _resting_until = time.monotonic() + settings.BROKER_REST_SECONDS
        logger.warning("broker did not take job %s: %s", job_id, error)
