"""Changes of many rows at once: what would happen, start it, undo it. ``change_jobs`` does the work.

The person is shown the rows as they are now; starting checks that these are still the same rows, and
freezes their keys. What is done to each row is the action's matter (``config.common.lists.BulkAction``).
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import BulkChange, BulkStatus, User
from accounts.roles import Role
from accounts.services import record
from config.common import jobs
from config.common.errors import ConflictError, DomainError, ForbiddenError
from config.common.lists import BulkAction, Figure, ListSpec, ListState
from config.common.lists.state import LONGEST_QUERY
from config.common.logs import request_id
from config.common.models import JobRun

CHANGE, UNDO = "list.change", "list.undo"
MOST_ROWS = 100_000
UNDO_LIFE = dt.timedelta(days=7)


@dataclass(frozen=True)
class Selection:
    """Which rows of a list were chosen.

    Args:
        keys: The ticked ones, when not all.
        everything: All that the address shows.
        query: The list's address.
    """

    keys: tuple[int, ...] = ()
    everything: bool = False
    query: str = ""


@dataclass(frozen=True)
class Prepared:
    """What a change would do, as it is shown before anything is changed.

    Args:
        keys: The rows, in order of their keys.
        missing: Ticked rows that are gone, or not this person's any more.
        sentence: What will happen, in words.
        figures: How many rows would change, are so already, or are refused.
        seen: Fingerprint of rows and parameters: what was shown is what will be done.
    """

    keys: list[int]
    missing: int
    sentence: str
    figures: list[Figure] = field(default_factory=list)
    seen: str = ""

    @property
    def number(self) -> int:
        """How many rows were chosen."""
        return len(self.keys)

    @property
    def changing(self) -> int:
        """How many of them would change."""
        return sum(one.number for one in self.figures if one.outcome == "changed")


def require(spec: ListSpec, action: BulkAction, by: User) -> None:
    """See to it that a person may do this at all.

    Raises:
        ForbiddenError: They may not, or not any more.
    """
    if not {spec.permission, action.permission} <= set(by.permissions):
        raise ForbiddenError(
            _("%(name)s may not do this: %(action)s.") % {"name": by, "action": action.label},
            code="may_not_change",
        )


def prepare_change(
    *, spec: ListSpec, action: BulkAction, selection: Selection, params: dict[str, Any], by: User
) -> Prepared:
    """What would become of the chosen rows; nothing is written.

    Args:
        spec: The list.
        action: What is to be done.
        selection: To which rows.
        params: What the person filled in, from ``action.params``.
        by: Who asks; only rows they see count.

    Raises:
        ForbiddenError: This person may not do it.
        DomainError: No row is chosen, too many are, or a filter of the address is not valid.
    """
    require(spec, action, by)
    rows = chosen_rows(spec, selection, by)
    keys = _keys(rows)
    return Prepared(
        keys=keys,
        missing=0 if selection.everything else len(set(selection.keys)) - len(keys),
        sentence=action.describe(params, by),
        figures=[one for one in action.preview(rows, params, by) if one.number],
        seen=_fingerprint(keys, params),
    )


def chosen_rows(spec: ListSpec, selection: Selection, by: User) -> QuerySet[Any]:
    """The chosen rows, as far as this person sees them.

    Raises:
        DomainError: A filter of the address is not valid; leaving it out would choose more rows than
            were meant.
    """
    if not selection.everything:
        return spec.rows(by).filter(pk__in=set(selection.keys))
    state = ListState.parse(spec, by, selection.query)
    if not state.form.is_valid() or len(selection.query) > LONGEST_QUERY:
        raise DomainError(
            _("A filter of this list is not valid any more; look at the list again."),
            code="invalid_filter",
        )
    return state.rows()


def _keys(rows: QuerySet[Any]) -> list[int]:
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST_ROWS + 1])
    if not keys:
        raise DomainError(
            _("No row is selected. Tick rows in the list, or select all that match."),
            code="nothing_selected",
        )
    if len(keys) > MOST_ROWS:
        raise DomainError(
            _("More than %(n)s rows are selected. Set a filter and do it in parts.")
            % {"n": f"{MOST_ROWS:,}"},
            code="too_many_rows",
        )
    return keys


def _fingerprint(keys: Sequence[int], params: dict[str, Any]) -> str:
    plain = orjson.dumps([list(keys), params], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(plain).hexdigest()[:32]


@transaction.atomic
def start_change(
    *,
    spec: ListSpec,
    action: BulkAction,
    selection: Selection,
    params: dict[str, Any],
    seen: str,
    reason: str = "",
    token: str = "",
    by: User,
) -> BulkChange:
    """Freeze the chosen rows and queue the change.

    Args:
        spec: The list.
        action: What is to be done.
        selection: To which rows.
        params: What the person filled in.
        seen: ``Prepared.seen`` of the preview the person agreed to.
        reason: Why, in the person's words.
        token: Names this confirmation, so that sending it twice starts one change.
        by: Who asks.

    Raises:
        ForbiddenError: This person may not do it.
        ConflictError: The rows are not those of the preview any more, or this was sent before.
        DomainError: A reason is needed, or the selection is not valid.
    """
    require(spec, action, by)
    if action.needs_reason and not reason:
        raise DomainError(_("Say why; the reason goes into the audit trail."), code="reason_needed")
    keys = _keys(chosen_rows(spec, selection, by))
    if _fingerprint(keys, params) != seen:
        raise ConflictError(
            _(
                "The rows that match have changed since you looked at them, or you have changed the form. "
                "Look at the figures once more and confirm again."
            ),
            code="stale_selection",
        )
    change = BulkChange.objects.create(
        company_id=by.company_id,
        list_name=spec.name,
        action=action.code,
        params=params,
        selection={"keys": keys, "query": selection.query if selection.everything else ""},
        expected=len(keys),
        reason=reason[:300],
        requested_by=by,
    )
    key = f"{CHANGE}:{token or uuid.uuid4().hex}"
    change.job = _job(CHANGE, key, change, action, by)
    change.save(update_fields=["job"])
    _record(CHANGE, change, spec, action, by)
    return change


def _job(kind: str, key: str, change: BulkChange, action: BulkAction, by: User) -> JobRun:
    args = {
        "change": change.pk,
        "title": str(action.label),
        "sentence": action.describe(change.params, by),
        "language": get_language(),
        "request": request_id.get(),
    }
    job = jobs.create(kind=kind, key=key, company_id=change.company_id, args=args, by=by)
    jobs.ring(job.pk)
    return job


def _record(kind: str, change: BulkChange, spec: ListSpec, action: BulkAction, by: User) -> None:
    record(
        action=kind,
        company_id=change.company_id,
        by=by,
        obj=change,
        object_label=f"{spec.title}: {action.describe(change.params, by)}",
        changes={"rows": [None, change.expected if kind == CHANGE else change.changed]},
        reason=change.reason,
    )


# --- undo ---------------------------------------------------------------------------------


def why_not_undone(change: BulkChange, by: User) -> str:
    """Why this person cannot undo a change; empty when they can."""
    if not _is_theirs(change, by):
        return _("Only %(name)s or an administrator can undo it.") % {"name": change.requested_by}
    if change.status not in (BulkStatus.DONE, BulkStatus.FAILED) or change.undone_by_id:
        return _("It is undone already, or still at work.")
    if not change.changed - change.restored - change.clashed:
        return _("It has changed nothing.")
    if timezone.now() > last_moment(change):
        return _("It is more than %(days)d days old.") % {"days": UNDO_LIFE.days}
    return ""


def check_undo(change: BulkChange, by: User) -> None:
    """See to it that this person can undo a change.

    Raises:
        ForbiddenError: It is neither theirs, nor are they an administrator.
        ConflictError: It is undone already, still at work, too old, or has changed nothing.
    """
    why = why_not_undone(change, by)
    if not why:
        return
    message = _("This change cannot be undone. %(why)s") % {"why": why}
    if not _is_theirs(change, by):
        raise ForbiddenError(message, code="not_yours")
    raise ConflictError(message, code="no_undo")


def _is_theirs(change: BulkChange, by: User) -> bool:
    return by.pk == change.requested_by_id or by.role == Role.ADMINISTRATOR


def last_moment(change: BulkChange) -> dt.datetime:
    """Until when a change can be undone."""
    return (change.done_at or change.created_at) + UNDO_LIFE


@transaction.atomic
def start_undo(*, change: BulkChange, spec: ListSpec, action: BulkAction, by: User) -> BulkChange:
    """Queue the undoing of a change: rows go back to what they were, unless somebody has changed them since.

    Raises:
        ForbiddenError: This person may not do it.
        ConflictError: It is undone already, still at work, too old, or has changed nothing.
    """
    require(spec, action, by)
    locked: BulkChange = BulkChange.objects.select_for_update().defer("selection").get(pk=change.pk)
    check_undo(locked, by)
    locked.status = BulkStatus.UNDOING
    locked.undone_by = by
    key = f"{UNDO}:{locked.pk}:{locked.undo_job_id or 0}"
    locked.undo_job = _job(UNDO, key, locked, action, by)
    locked.save(update_fields=["status", "undone_by", "undo_job"])
    _record(UNDO, locked, spec, action, by)
    return locked
