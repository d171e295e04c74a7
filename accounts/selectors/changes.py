"""Reads of bulk changes."""

from django.db.models import QuerySet

from accounts.models import BulkChange, BulkChangeRow, User
from accounts.roles import Permission


def list_changes(user: User) -> QuerySet[BulkChange]:
    """Own changes, and those of the whole company for who reads its audit trail; people and jobs loaded.

    The frozen keys, which may be a hundred thousand, are left out.
    """
    changes: QuerySet[BulkChange] = BulkChange.objects.visible_to(user)
    if not (user.has(Permission.VIEW_AUDIT) and user.scope.whole_company):
        changes = changes.filter(requested_by=user)
    return changes.defer("selection").select_related(
        "job__result_file", "undo_job__result_file", "requested_by", "undone_by"
    )


def change_by_token(user: User, kind: str, token: str) -> BulkChange | None:
    """The change that this confirmation of this person has started already."""
    own = list_changes(user).filter(requested_by=user)
    return own.filter(job__key=f"{kind}:{token}").first()


def change_rows(change: BulkChange, outcome: str = "") -> QuerySet[BulkChangeRow]:
    """What became of the rows of a change, or of those with one outcome."""
    rows = BulkChangeRow.objects.filter(change=change)
    return rows.filter(outcome=outcome) if outcome else rows
