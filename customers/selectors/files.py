"""Reads of imported files."""

import datetime as dt
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from accounts.selectors import history_of, policy_as_of
from config.common.periods import business_today
from customers.models import ImportedFile, RememberedMapping

# The company's rule ``files`` may say otherwise: {"revert_days": 3}.
REVERT_POLICY, REVERT_DAYS = "files", 7
# Large and only wanted by the page of one file.
_HEAVY = ("outcome", "preview", "undo", "mapping")


def list_files(user: User) -> QuerySet[ImportedFile]:
    """Files of this person's companies, with who uploaded them and their job."""
    return ImportedFile.objects.visible_to(user).select_related("uploaded_by", "job")


def count_checked_files(user: User) -> tuple[int, int]:
    """Checked files that wait: with refused rows, and without any."""
    refused = Count("pk", filter=Q(rejected__gt=0))
    checked = list_files(user).filter(status=ImportedFile.Status.CHECKED).order_by()
    found = checked.aggregate(refused=refused, whole=Count("pk"))
    return found["refused"], found["whole"] - found["refused"]


def filter_files(files: QuerySet[ImportedFile], wanted: dict[str, Any]) -> QuerySet[ImportedFile]:
    """The files that pass the filters of the list, without what only their own page shows.

    Args:
        files: Scoped.
        wanted: ``q`` (part of the name), ``kind``, ``status``, ``mine`` (a user), ``since`` (a day).
    """
    if wanted.get("q"):
        files = files.filter(name__icontains=wanted["q"])
    for name in ("kind", "status"):
        if wanted.get(name):
            files = files.filter(**{name: wanted[name]})
    if wanted.get("mine"):
        files = files.filter(uploaded_by=wanted["mine"])
    if wanted.get("since"):
        first = dt.datetime.combine(wanted["since"], dt.time.min)
        files = files.filter(uploaded_at__gte=timezone.make_aware(first))
    return files.defer(*_HEAVY)


def history_of_file(user: User, file: ImportedFile) -> list[AuditEvent]:
    """Everything that was done with a file, the newest first."""
    return history_of(user, object_type=file._meta.label_lower, object_id=file.pk)


def remembered_mapping(file: ImportedFile) -> RememberedMapping | None:
    """How the columns of the last file of the same source were read."""
    if not file.source or file.company_id is None:
        return None
    return (
        RememberedMapping.objects.filter(
            company_id=file.company_id, kind=file.kind, source=file.source
        )
        .select_related("used_by")
        .first()
    )


def revert_days(company_id: int | None) -> int:
    """For how many days a company's files can be taken back."""
    policy = company_id and policy_as_of(company_id, REVERT_POLICY, business_today())
    found = policy.params.get("revert_days", REVERT_DAYS) if policy else REVERT_DAYS
    return int(found)


def revertible_until(file: ImportedFile) -> dt.datetime | None:
    """Until when a file can be taken back; None where it cannot."""
    if file.status != ImportedFile.Status.APPLIED or not file.undo.get("tracked"):
        return None
    if file.applied_at is None:
        return None
    return file.applied_at + dt.timedelta(days=revert_days(file.company_id))


def why_not_revertible(file: ImportedFile) -> str:
    """Why a file cannot be taken back; empty when it can."""
    until = revertible_until(file)
    if until is None:
        return _(
            "%(name)s cannot be reverted: it is not applied, or came in by the command line."
        ) % {"name": file.name}
    if timezone.now() > until:
        return _("%(name)s could be reverted until %(day)s only.") % {
            "name": file.name,
            "day": timezone.localtime(until).date(),
        }
    return ""


def changes_out_of_time(now: dt.datetime) -> list[int]:
    """Files that cannot be taken back any more and whose changes are still kept."""
    kept = ImportedFile.objects.filter(changes__isnull=False).distinct()
    return [
        file.pk
        for file in kept.only("pk", "status", "applied_at", "company_id", "reverted_at")
        if _is_over(file, now)
    ]


def _is_over(file: ImportedFile, now: dt.datetime) -> bool:
    last = file.reverted_at or file.applied_at or now
    return now > last + dt.timedelta(days=revert_days(file.company_id))
