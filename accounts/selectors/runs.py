"""Reads of runs for people who look for one."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from config.common.models import JobRun
from config.common.nights import NIGHT
from config.common.periods import SHANGHAI

CLOCK = "clock"


def filter_runs(runs: QuerySet[JobRun], wanted: dict[str, Any]) -> QuerySet[JobRun]:
    """Runs that pass the filters of the list.

    Args:
        runs: Scoped.
        wanted: ``kind`` (a kind, ``night`` or ``other``), ``status``, ``person`` (key or ``CLOCK``), and the
            days ``since`` and ``until`` on which they were asked for.
    """
    if wanted.get("kind") == "other":
        runs = runs.exclude(kind=NIGHT)
    elif wanted.get("kind"):
        runs = runs.filter(kind=wanted["kind"])
    if wanted.get("status"):
        runs = runs.filter(status=wanted["status"])
    if wanted.get("person") == CLOCK:
        runs = runs.filter(requested_by=None)
    elif wanted.get("person"):
        runs = runs.filter(requested_by=wanted["person"])
    if wanted.get("since"):
        runs = runs.filter(created_at__gte=_midnight(wanted["since"]))
    if wanted.get("until"):
        runs = runs.filter(created_at__lt=_midnight(wanted["until"] + dt.timedelta(days=1)))
    return runs


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=SHANGHAI)
