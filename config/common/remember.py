"""Figures that take long and change only when a night has run: kept in the cache, never trusted to it.

A cache that does not answer costs time, not the page.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache

from config.common.models import JobRun, JobStatus

logger = logging.getLogger(__name__)

Figures = TypeVar("Figures")
HALF_A_DAY = 12 * 3600


def remembered(key: str, compute: Callable[[], Figures], *, seconds: int = HALF_A_DAY) -> Figures:
    """What was computed under this key, or what is computed now.

    Args:
        key: Names the figures, whose they are and the state of the data (``sales_state``).
        compute: Gives plain values (numbers, texts, lists, dicts), never None.
        seconds: How long they are kept.
    """
    found: Figures | None = _asked(lambda: cache.get(key))
    if found is not None:
        return found
    computed = compute()
    _asked(lambda: cache.set(key, computed, seconds))
    return computed


def _asked(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except Exception as error:  # noqa: BLE001 - any cache library may raise its own errors here
        logger.warning("figures are not remembered, the cache does not answer: %s", error)
        return None


def sales_state(company_id: int) -> str:
    """Changes whenever the sales of a company were computed anew; empty while they never were."""
    job = (
        JobRun.objects.filter(kind="night.sales", company_id=company_id, status=JobStatus.SUCCEEDED)
        .order_by("-finished_at")
        .values_list("pk", "finished_at")
        .first()
    )
    return f"{company_id}:{job[0]}:{job[1].timestamp()}" if job and job[1] else ""
