"""Reads of exports of lists."""

from django.db.models import QuerySet

from accounts.models import User
from config.common.models import JobRun


def list_exports(user: User) -> QuerySet[JobRun]:
    """The exports that this person asked for, with their files; nobody else's business."""
    jobs = JobRun.objects.filter(kind="list.export", requested_by=user)
    return jobs.select_related("result_file")
