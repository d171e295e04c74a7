"""What workers do with files: look at them, check, apply, take back; and what is forgotten in time."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.services import record
from config.common import faults, housekeeping, job_words, jobs
from config.common.errors import ConflictError, DomainError
from config.common.jobs import Handler, JobContext, JobResult
from config.common.models import JobRun
from config.common.periods import business_today
from customers.importers import engine, look, receiving, registry, uploads
from customers.importers.engine import Options, Outcome
from customers.importers.findings import SAMPLE_ROWS
from customers.importers.hand import REFUSE
from customers.importers.receiving import FOLDER
from customers.importers.reverting import DELETED, LEFT, RESTORED, Reverting
from customers.importers.rowlog import RowLog
from customers.importers.sources import fingerprint
from customers.importers.uploads import APPLY, CHECK, LOOK, REVERT, Status
from customers.models import ImportedChange, ImportedFile
from customers.selectors.files import changes_out_of_time
from customers.services.desk import file_url


def _in_their_language(handler: Handler) -> Handler:
    """Reasons and result files are written in the language of the person who started the job."""

    @wraps(handler)
    def speaking(context: JobContext) -> JobResult:
        wanted = context.job.args.get("language") or settings.LANGUAGE_CODE
        with translation.override(wanted):
            return handler(context)

    return speaking


@_in_their_language
def look_job(context: JobContext) -> JobResult:
    """Handler of ``import.look``."""
    file = _file_of(context)
    kind = registry.get(file.kind)
    given = receiving.parse(file.mapping, kind)
    sure = frozenset(file.outcome.get("sure", []))
    try:
        found = look.look_at(_path(file), kind, given, sure=sure)
    except DomainError as error:
        _set(file, context, status=Status.REFUSED, message=error.message)
        raise
    with transaction.atomic():
        context.assert_owner()
        ImportedFile.objects.filter(pk=file.pk).update(
            source=fingerprint(found.header),
            outcome={**file.outcome, "look": found.as_json()},
            status=Status.UPLOADED,
            message="",
        )
    return JobResult(summary={"columns": len(found.header)})


@_in_their_language
def check_job(context: JobContext) -> JobResult:
    """Handler of ``import.check``."""
    file = _file_of(context)
    errors = _beside(file, "errors")
    # A dry run in partial mode: the counts are those of taking the good rows.
    options = Options(
        partial=True,
        dry_run=True,
        errors_path=errors,
        progress=_progress(context),
        sample_rows=SAMPLE_ROWS,
        hand_changes=REFUSE,
    )
    try:
        outcome = _run(file, options)
    except DomainError as error:
        _set(file, context, status=Status.REFUSED, message=error.message)
        raise
    uploads.copy_counts(file, outcome)
    file.errors_path = f"{FOLDER}/{errors.name}" if outcome.errors_path else ""
    file.status, file.message = Status.CHECKED, ""
    with transaction.atomic():
        context.assert_owner()
        file.save()
    return JobResult(summary=_summary(outcome))


@_in_their_language
def apply_job(context: JobContext) -> JobResult:
    """Handler of ``import.apply``. The file's row is marked in the transaction that takes the rows."""
    file = _file_of(context)
    if file.status == Status.APPLIED:
        return JobResult(summary={"imported": file.imported, "updated": file.updated})
    partial = bool(context.job.args["partial"])
    result = _beside(file, "result")

    def finish(outcome: Outcome) -> None:
        context.assert_owner()
        uploads.copy_counts(file, outcome)
        file.partial, file.status, file.applied_at = partial, Status.APPLIED, timezone.now()
        file.result_path = f"{FOLDER}/{result.name}"
        file.undo = {"tracked": True, **outcome.undo}
        file.save()

    options = Options(
        partial=partial,
        progress=_progress(context),
        guard=context.assert_owner,
        finish=finish,
        sample_rows=SAMPLE_ROWS,
        result_path=result,
        file_id=file.pk,
        hand_changes=REFUSE,
    )
    try:
        outcome = _run(file, options)
    except DomainError as error:
        _set(file, context, status=Status.FAILED, message=error.message)
        raise
    if outcome.refused:
        message = _("Rows were refused that the check had found good. Check the file again.")
        _set(file, context, status=Status.FAILED, message=message)
        raise DomainError(message, code="refused_rows")
    return JobResult(summary=_summary(outcome))


@_in_their_language
def revert_job(context: JobContext) -> JobResult:
    """Handler of ``import.revert``: everything in one transaction, so that a kill takes back all or nothing."""
    file = _file_of(context)
    if file.status == Status.REVERTED:
        return JobResult(summary=_reverted(file))
    try:
        with (
            RowLog(_beside(file, "reverted"), numbered=False) as log,
            transaction.atomic(),
        ):
            context.assert_owner()
            _revert(file, context, log)
    except (DomainError, IntegrityError) as error:
        refusal = error if isinstance(error, DomainError) else _used_meanwhile()
        _set(file, context, status=Status.APPLIED, message=refusal.message)
        raise refusal from error
    return JobResult(summary=_reverted(file))


def _used_meanwhile() -> ConflictError:
    return ConflictError(
        _(
            "Somebody began to use what this file had made just now, so nothing was reverted. Try it "
            "again."
        ),
        code="used_meanwhile",
    )


def _revert(file: ImportedFile, context: JobContext, log: RowLog) -> None:
    revert = registry.get(file.kind).revert
    assert revert is not None  # noqa: S101 - else it would not have been started
    reverting = Reverting(
        file=file,
        by=context.job.requested_by,
        reason=str(context.job.args.get("reason", "")),
        log=log,
        progress=context.progress,
        total=file.changes.count(),
    )
    revert(reverting)
    faults.point("revert-written")
    counts = {name: reverting.counts[name] for name in (RESTORED, DELETED, LEFT)}
    done = bool(counts[RESTORED] or counts[DELETED] or not counts[LEFT])
    path = f"{FOLDER}/{_beside(file, 'reverted').name}"
    parts = {part: dict(found) for part, found in reverting.parts.items() if part}
    file.outcome = {**file.outcome, "revert": {**counts, "parts": parts, "path": path}}
    file.status, file.message = Status.REVERTED if done else Status.APPLIED, ""
    if done:
        file.reverted_at, file.reverted_by = timezone.now(), reverting.by
    else:
        file.message = _(
            "Nothing could be reverted: everything has been changed or used since. The result file "
            "says why."
        )
    file.save()
    record(
        action="file.reverted",
        company_id=file.company_id,
        by=reverting.by,
        actor_label="" if reverting.by else "revert_file",
        obj=file,
        changes=counts,
        reason=reverting.reason,
    )
    log.close()


def _reverted(file: ImportedFile) -> dict[str, Any]:
    found = file.outcome.get("revert", {})
    return {name: found.get(name, 0) for name in (RESTORED, DELETED, LEFT)}


_UNDER_WAY = {
    LOOK: (Status.UPLOADED, Status.FAILED),
    CHECK: (Status.CHECKING, Status.FAILED),
    APPLY: (Status.APPLYING, Status.FAILED),
    # Nothing was taken back: the file stands as it was applied.
    REVERT: (Status.REVERTING, Status.APPLIED),
}


def after_job(job: JobRun) -> None:
    """When a job has ended without a word (its workers died), its file must not wait for ever."""
    if job.kind in _UNDER_WAY and job.status == "failed":
        waiting, then = _UNDER_WAY[job.kind]
        ImportedFile.objects.filter(job=job, status=waiting).update(status=then, message=job.error)


def forget_changes() -> int:
    """Remove what is only kept for taking files back, once their days are over."""
    removed = 0
    for file_id in changes_out_of_time(timezone.now()):
        count, _by_model = ImportedChange.objects.filter(file_id=file_id).delete()
        removed += count
    return removed


def register() -> None:
    """Say who does these jobs. Called from ``AppConfig.ready``."""
    jobs.register(LOOK, look_job)
    jobs.register(CHECK, check_job)
    jobs.register(APPLY, apply_job)
    jobs.register(REVERT, revert_job)
    jobs.on_end(after_job)
    job_words.register(LOOK, gettext_lazy("First look at a file"), file_url, tells=False)
    job_words.register(REVERT, gettext_lazy("Reverting a file"), file_url)
    housekeeping.register("import changes", forget_changes)


def _file_of(context: JobContext) -> ImportedFile:
    files = ImportedFile.objects.select_related("company", "uploaded_by")
    file: ImportedFile = files.get(pk=context.job.args["file"])
    return file


def _path(file: ImportedFile) -> Path:
    return Path(settings.MEDIA_ROOT) / file.path


def _beside(file: ImportedFile, what: str) -> Path:
    return receiving.folder() / f"{Path(file.path).stem.split('.')[0]}.{what}.csv"


def _run(file: ImportedFile, options: Options) -> Outcome:
    kind = registry.get(file.kind)
    return engine.run(
        kind=kind,
        path=_path(file),
        mapping=receiving.parse(file.mapping, kind),
        company=file.company,
        options=options,
        label=file.name,
        today=business_today(),
        by=file.uploaded_by,
    )


def _progress(context: JobContext) -> Callable[[int, int], None]:
    return lambda done, total: context.progress(done, total)


def _set(file: ImportedFile, context: JobContext, *, status: Status, message: str) -> None:
    with transaction.atomic():
        context.assert_owner()
        ImportedFile.objects.filter(pk=file.pk).update(status=status, message=message)


def _summary(outcome: Outcome) -> dict[str, object]:
    return {
        "imported": outcome.imported,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "rejected": outcome.rejected,
        "reasons": outcome.reasons,
    }
