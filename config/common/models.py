"""Technical tables: jobs. Tables of the business live in the apps."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Finished")
    HELD = "held", _("Held for a person")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


FINISHED = (JobStatus.SUCCEEDED, JobStatus.HELD, JobStatus.FAILED, JobStatus.CANCELLED)


class JobRun(models.Model):
    """One execution of something long. The row is the truth; Redis only rings the bell.

    A night is a job of kind ``night`` whose stages are its children, in the order of ``position``.
    A child may be claimed once all earlier children of its parent have ended well.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(
        max_length=120, unique=True, help_text="Says what is done once: a second one clashes."
    )
    company_id = models.BigIntegerField(null=True)
    business_date = models.DateField(null=True)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    position = models.PositiveSmallIntegerField(default=0)
    args = models.JSONField(default=dict, help_text="Primary keys and plain options, never rows.")

    status = models.CharField(max_length=10, choices=JobStatus, default=JobStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempts_before = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="Attempts before a person started it again; they count no more.",
    )
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, default="")
    not_before = models.DateTimeField(null=True)

    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    progress_text = models.CharField(max_length=200, default="")
    summary = models.JSONField(default=dict)
    result_hash = models.CharField(max_length=64, default="")
    error = models.TextField(default="")

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company_id"],
                condition=Q(kind="night", status__in=["queued", "running"]),
                name="common_jobrun_one_night_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=JobStatus.values), name="common_jobrun_known_status"
            ),
        ]
        indexes = [
            models.Index(
                fields=["status", "lease_until"],
                condition=Q(status__in=["queued", "running"]),
                name="common_jobrun_due",
            ),
            models.Index(fields=["company_id", "kind", "-created_at"], name="common_jobrun_list"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_finished(self) -> bool:
        """True when nobody will work on it any more."""
        return self.status in FINISHED

    @property
    def percent(self) -> int:
        """Progress from 0 to 100."""
        if self.status == JobStatus.SUCCEEDED:
            return 100
        if self.progress_total <= 0:
            return 0
        return min(100, int(100 * self.progress_done / self.progress_total))

    @property
    def seconds(self) -> float | None:
        """How long it took, or has taken so far; None before it started."""
        if self.started_at is None:
            return None
        until: dt.datetime = self.finished_at or timezone.now()
        return (until - self.started_at).total_seconds()

    def summary_value(self, name: str, default: Any = None) -> Any:
        """One figure of the summary."""
        return self.summary.get(name, default)


class WorkerBeat(models.Model):
    """When a worker was last seen, so that health checks notice a dead one."""

    name = models.CharField(max_length=120, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
