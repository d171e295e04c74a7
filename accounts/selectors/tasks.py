"""Reads of the jobs that a person started, for the task tray and its page."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, DateTimeField, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Notification, ResultFile, User
from accounts.roles import Permission
from accounts.selectors import figures_of_company
from config.common.job_words import job_title, job_url, run_label
from config.common.models import JobRun, JobStatus
from config.common.nights import NIGHT, stage_names

OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)
TRAY_ROWS = 8
TRAY_DAYS = 7


@dataclass(frozen=True)
class Task:
    """A job as its owner sees it.

    Args:
        job: The job; its result file is loaded.
        label: What kind of job it is.
        title: What it is about.
        url: Its page, or "".
        file: What it made, while it can be downloaded.
        refused: Rows that it could not do.
    """

    job: JobRun
    label: str
    title: str
    url: str
    file: ResultFile | None
    refused: int

    @property
    def text(self) -> str:
        """Kind and subject: "Import of a file: orders.csv"."""
        if not self.title:
            return self.label
        return _("%(label)s: %(title)s") % {"label": self.label, "title": self.title}

    @property
    def is_open(self) -> bool:
        """True while it waits or runs."""
        return self.job.status in OPEN


@dataclass(frozen=True)
class Counts:
    """What the top bar shows.

    Args:
        running: Jobs of this person that wait or run.
        unread: Notices that are new.
        figures_at: When the night ended whose classes, quotas and sums all pages show; None before the first.
    """

    running: int = 0
    unread: int = 0
    figures_at: dt.datetime | None = None


def list_jobs(user: User) -> QuerySet[JobRun]:
    """Jobs that this person asked for, with their result files; stages of a night are part of it."""
    stages = JobRun.objects.filter(
        parent=OuterRef("pk"), kind__in=[f"{NIGHT}.{name}" for name in stage_names()]
    )
    counted = stages.order_by().values("parent").annotate(number=Count("kind", distinct=True))
    return (
        JobRun.objects.filter(requested_by=user, parent=None)
        .select_related("result_file")
        .annotate(stages_of_night=Coalesce(Subquery(counted.values("number")), 0))
    )


def tray_tasks(user: User) -> list[Task]:
    """The latest tasks, those at work first; one query."""
    since = timezone.now() - dt.timedelta(days=TRAY_DAYS)
    recent = list_jobs(user).filter(created_at__gte=since).order_by("-pk")[: TRAY_ROWS * 3]
    tasks = sorted(as_tasks(user, recent), key=lambda task: not task.is_open)
    return tasks[:TRAY_ROWS]


def as_tasks(user: User, jobs: Any) -> list[Task]:
    """Jobs of ``list_jobs`` as their owner sees them; asks the database nothing more."""
    now = timezone.now()
    return [_task(user, job, now) for job in jobs]


def _task(user: User, job: JobRun, now: dt.datetime) -> Task:
    file: ResultFile | None = getattr(job, "result_file", None)
    live = file is not None and file.expires_at > now and file.user_id == user.pk
    url = job_url(job)
    if not url and Permission.VIEW_RUNS in user.permissions:
        url = reverse("run-detail", args=[job.pk])
    refused = sum(
        value
        for name in ("refused", "rejected", "clashed")
        if isinstance(value := job.summary.get(name), int)
    )
    return Task(job, run_label(job), job_title(job), url, file if live else None, refused)


def desk_counts(user: User) -> Counts:
    """What the top bar shows of a person's work and of the age of all figures; one query, all on indexes."""
    unread = Notification.objects.filter(user=OuterRef("pk"), read_at=None).order_by()
    running = JobRun.objects.filter(
        requested_by=OuterRef("pk"), parent=None, status__in=OPEN
    ).order_by()
    found = (
        User.objects.filter(pk=user.pk)
        .annotate(
            desk_running=_count(running, "requested_by"),
            desk_unread=_count(unread, "user"),
            desk_figures_at=_newest_figures(user),
        )
        .values_list("desk_running", "desk_unread", "desk_figures_at")
        .first()
    )
    return Counts(*found) if found else Counts()


def _newest_figures(user: User) -> Subquery | Value:
    if user.company_id is None:
        return Value(None, output_field=DateTimeField())
    return Subquery(figures_of_company(user.company_id).values("finished_at")[:1])


def _count(rows: QuerySet[Any], by: str) -> Coalesce:
    counted = rows.values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))
