"""Celery's side of jobs: a task only says "look at row N" (reliability.md, rule 1)."""

import logging

from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from config.common import jobs

logger = logging.getLogger(__name__)


@shared_task(name="liangzhun.run_job.v1")
def run_job(job_id: int) -> None:
    """Do the job if it is ours to do."""
    jobs.beat_worker()
    jobs.run(job_id)


@shared_task(name="liangzhun.sweep.v1")
def sweep() -> None:
    """Ring what is due and leave a sign of life."""
    jobs.beat_worker()
    jobs.sweep()


def ring_by_broker(job_id: int) -> None:
    """Wake a worker. Without a broker, or with a broken one, the sweeper finds the row."""
    if not settings.CELERY_BROKER_URL:
        return
    try:
        run_job.delay(job_id)
    except (OperationalError, OSError, TimeoutError) as error:
        logger.warning("broker did not take job %s: %s", job_id, error)
