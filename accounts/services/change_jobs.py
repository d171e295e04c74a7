"""The work of bulk changes and of undoing them: chunk by chunk, each in one transaction.

A chunk locks its rows in the order of their keys, so that two changes of the same rows wait for each
other and never for ever; what a row was before is read under that lock. A key that has a
``BulkChangeRow`` is done, so that a worker that was killed loses one chunk at most.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import BulkChange, BulkChangeRow, BulkOutcome, BulkStatus, User
from accounts.services import change_files, notices, results
from accounts.services.changes import CHANGE, UNDO, require
from config.common import faults, job_words, jobs, lists
from config.common.errors import DomainError
from config.common.jobs import JobContext, JobResult
from config.common.lists import BulkAction, ListSpec, RowResult
from config.common.logs import request_id
from config.common.models import JobRun, JobStatus

CHUNK = 500


@dataclass(frozen=True)
class _Work:
    """What a job of a bulk change works on."""

    context: JobContext
    change: BulkChange
    spec: ListSpec
    action: BulkAction
    by_id: int

    def person(self) -> User:
        """Who asked for it, as they are now.

        Raises:
            ForbiddenError: They may not do it any more.
        """
        by = User.objects.select_related("unit").get(pk=self.by_id)
        require(self.spec, self.action, by)
        return by


@contextmanager
def _work(context: JobContext) -> Iterator[_Work]:
    """The work of this job, in the language and under the request number of who asked for it."""
    job = context.job
    change = BulkChange.objects.select_related("requested_by").get(pk=job.args["change"])
    spec, action = find_action(change)
    by_id = job.requested_by_id
    assert by_id is not None  # noqa: S101 - start_change and start_undo set it
    number = request_id.set(str(job.args.get("request") or "-"))
    try:
        with translation.override(job.args.get("language") or settings.LANGUAGE_CODE):
            yield _Work(context, change, spec, action, by_id)
    finally:
        request_id.reset(number)


def find_action(change: BulkChange) -> tuple[ListSpec, BulkAction]:
    """The list and the action of a change.

    Raises:
        DomainError: This release knows one of them no longer.
    """
    spec = lists.find(change.list_name)
    action = spec.action(change.action) if spec is not None else None
    if spec is None or action is None:
        raise DomainError(
            _("This program no longer knows the change “%(name)s”.") % {"name": change.action},
            code="unknown_action",
        )
    return spec, action


# --- changing -----------------------------------------------------------------------------


def run_change(context: JobContext) -> JobResult:
    """Do what was asked for to every frozen row that has not been done yet."""
    with _work(context) as work:
        keys = work.change.selection["keys"]
        done = set(work.change.rows.values_list("object_id", flat=True))
        todo = [key for key in keys if key not in done]
        for chunk in _chunks(todo):
            _change_chunk(work, chunk)
            faults.point("list-change-chunk")
            done.update(chunk)
            context.progress(len(done), len(keys), str(work.action.label))
        return _finish(work, BulkStatus.DONE)


def _chunks(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


@transaction.atomic
def _change_chunk(work: _Work, keys: Sequence[int]) -> None:
    work.context.assert_owner()
    by = work.person()
    seen = lock_rows(work.spec, keys, by)
    found = work.action.apply(seen, work.change.params, reason=work.change.reason, by=by)
    faults.point("list-change-inside")
    hidden = [
        RowResult(key, "", BulkOutcome.REFUSED, message=_gone())
        for key in sorted(set(keys) - set(seen))
    ]
    BulkChangeRow.objects.bulk_create(
        [
            BulkChangeRow(
                change=work.change,
                object_id=one.object_id,
                label=one.label[:200],
                before=one.before,
                after=one.after,
                outcome=one.outcome,
                message=one.message[:300],
            )
            for one in (*found, *hidden)
        ],
        batch_size=CHUNK,
    )


def _gone() -> str:
    return _("It is gone, or no longer in your area.")


def lock_rows(spec: ListSpec, keys: Sequence[int], by: User) -> list[int]:
    """Lock rows of a list in the order of their keys; those that a person sees, in this order.

    First the lock, then the look: nobody can move a row out of this person's sight in between.
    """
    rows = spec.rows(by)
    locked = rows.model._default_manager.filter(pk__in=keys).order_by("pk").select_for_update()
    existing = list(locked.values_list("pk", flat=True))
    return list(rows.filter(pk__in=existing).order_by("pk").values_list("pk", flat=True))


# --- undoing ------------------------------------------------------------------------------


def run_undo(context: JobContext) -> JobResult:
    """Give every changed row its value back, unless somebody has changed it since."""
    with _work(context) as work:
        total = work.change.changed
        while _undo_chunk(work):
            faults.point("list-undo-chunk")
            left = work.change.rows.filter(outcome=BulkOutcome.CHANGED).count()
            context.progress(total - left, total, str(work.action.label))
        return _finish(work, BulkStatus.UNDONE)


@transaction.atomic
def _undo_chunk(work: _Work) -> int:
    """Undo some rows; how many."""
    work.context.assert_owner()
    by = work.person()
    changed = work.change.rows.filter(outcome=BulkOutcome.CHANGED).order_by("object_id")
    rows = list(changed[:CHUNK])
    mine = set(lock_rows(work.spec, [row.object_id for row in rows], by))
    reason = _("Undoing of change #%(id)d") % {"id": work.change.pk}
    found = work.action.restore(
        [row for row in rows if row.object_id in mine], reason=reason, by=by
    )
    found += [
        RowResult(row.object_id, row.label, BulkOutcome.CLASH, message=_gone())
        for row in rows
        if row.object_id not in mine
    ]
    _store_undo(work.change, found)
    return len(rows)


def _store_undo(change: BulkChange, found: Sequence[RowResult]) -> None:
    """One UPDATE for each outcome and message."""
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in found:
        alike[one.outcome, one.message[:300]].append(one.object_id)
    for (outcome, message), keys in alike.items():
        change.rows.filter(object_id__in=keys).update(outcome=outcome, message=message)


# --- the end ------------------------------------------------------------------------------


def _finish(work: _Work, status: BulkStatus) -> JobResult:
    """Write the result file, then say that it is done."""
    by = work.person() if status == BulkStatus.UNDONE else work.change.requested_by
    results.create(
        job=work.context.job,
        user=by,
        name=change_files.name_of(work.change, work.action),
        write=lambda stream: change_files.write(stream, work.change, work.action, by),
        guard=work.context.assert_owner,
    )
    with transaction.atomic():
        work.context.assert_owner()
        counts = count_rows(work.change)
        ended = {"done_at": timezone.now()} if status == BulkStatus.DONE else {}
        BulkChange.objects.filter(pk=work.change.pk).update(status=status, **ended, **counts)
        _tell(work, by, status, counts)
    return JobResult(summary={"change": work.change.pk, **counts})


def count_rows(change: BulkChange) -> dict[str, int]:
    """How many rows there are of each outcome; a row that was undone still counts as changed."""
    counted = change.rows.values("outcome").annotate(number=Count("pk")).order_by()
    by_outcome = {one["outcome"]: one["number"] for one in counted}
    restored = by_outcome.get(BulkOutcome.RESTORED, 0)
    clashed = by_outcome.get(BulkOutcome.CLASH, 0)
    return {
        "changed": by_outcome.get(BulkOutcome.CHANGED, 0) + restored + clashed,
        "same": by_outcome.get(BulkOutcome.SAME, 0),
        "refused": by_outcome.get(BulkOutcome.REFUSED, 0),
        "restored": restored,
        "clashed": clashed,
    }


def _tell(work: _Work, by: User, status: BulkStatus, counts: dict[str, int]) -> None:
    notices.send(
        users=[by],
        kind=CHANGE if status == BulkStatus.DONE else UNDO,
        params={"list": work.spec.name, "action": work.action.code, **counts},
        url=change_url(work.context.job),
        dedupe_key=f"{work.context.job.kind}:{work.context.job.pk}",
    )


def change_url(job: JobRun) -> str:
    """The page of the change a job works on."""
    return reverse("change-detail", args=[job.args["change"]])


def after_job(job: JobRun) -> None:
    """A job that failed leaves a change that is counted and can still be undone, or undone again."""
    if job.kind not in (CHANGE, UNDO) or job.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
        return
    change = BulkChange.objects.defer("selection").get(pk=job.args["change"])
    counts = count_rows(change)
    now = timezone.now()
    ended: dict[str, Any] = {"status": BulkStatus.FAILED, "done_at": now}
    if job.kind == UNDO:
        ended = {"status": BulkStatus.DONE, "undone_by": None}
    BulkChange.objects.filter(pk=change.pk).update(**ended, **counts)


def _title(params: Mapping[str, Any]) -> str:
    spec = lists.find(params["list"])
    action = spec.action(params["action"]) if spec is not None else None
    return str(action.label) if action is not None else str(params["action"])


def _changed_words(params: Mapping[str, Any]) -> str:
    words = _("%(title)s: %(changed)s changed, %(same)s were so already, %(refused)s refused.")
    return words % {**params, "title": _title(params)}


def _undone_words(params: Mapping[str, Any]) -> str:
    words = _("%(title)s was undone: %(restored)s restored, %(clashed)s changed by somebody since.")
    return words % {**params, "title": _title(params)}


def register() -> None:
    """Called from ``AppConfig.ready``."""
    changed, undone = gettext_lazy("Change of many rows"), gettext_lazy("Undoing of a change")
    job_words.register(CHANGE, changed, change_url, tells=False)
    job_words.register(UNDO, undone, change_url, tells=False)
    notices.register(CHANGE, words=_changed_words, label=changed, icon="checks", tone="good")
    notices.register(UNDO, words=_undone_words, label=undone, icon="arrow-back-up")
    jobs.register(CHANGE, run_change)
    jobs.register(UNDO, run_undo)
    jobs.on_end(after_job)
