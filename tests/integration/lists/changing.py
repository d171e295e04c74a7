"""What the tests of bulk changes share."""

from typing import Any

from accounts.models import BulkChange, User
from accounts.services import changes
from accounts.services.changes import Selection
from config.common import jobs
from config.common.models import JobRun
from customers.lists import RETAILERS


def action(code: str) -> Any:
    """A bulk change of retailers."""
    found = RETAILERS.action(code)
    assert found is not None
    return found


def prepare(code: str, params: dict[str, Any], by: User, *keys: int, query: str = "") -> Any:
    """What a change of these rows would do; of all that ``query`` shows when none are given."""
    selection = Selection(keys, not keys, query)
    return changes.prepare_change(
        spec=RETAILERS, action=action(code), selection=selection, params=params, by=by
    )


def start(
    code: str, params: dict[str, Any], by: User, *keys: int, query: str = "", reason: str = "why"
) -> BulkChange:
    """A change in the queue."""
    selection = Selection(keys, not keys, query)
    seen = prepare(code, params, by, *keys, query=query).seen
    return changes.start_change(
        spec=RETAILERS,
        action=action(code),
        selection=selection,
        params=params,
        seen=seen,
        reason=reason,
        by=by,
    )


def work(job: JobRun | None) -> JobRun:
    """Do a job."""
    assert job is not None
    done = jobs.run(job.pk)
    assert done is not None
    return done


def changed(
    code: str, params: dict[str, Any], by: User, *keys: int, query: str = "", reason: str = "why"
) -> BulkChange:
    """A change that is done."""
    change = start(code, params, by, *keys, query=query, reason=reason)
    assert work(change.job).error == ""
    change.refresh_from_db()
    return change


def undone(change: BulkChange, by: User) -> BulkChange:
    """A change that is undone."""
    found = changes.start_undo(change=change, spec=RETAILERS, action=action(change.action), by=by)
    assert work(found.undo_job).error == ""
    change.refresh_from_db()
    return change


def outcomes(change: BulkChange) -> dict[str, int]:
    """How many rows of each outcome."""
    found: dict[str, int] = {}
    for outcome in change.rows.values_list("outcome", flat=True):
        found[outcome] = found.get(outcome, 0) + 1
    return found
