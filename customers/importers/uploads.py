"""Files that come through the browser: received, checked and applied in the background.

A file is written, flushed to disk and renamed before its row exists, so that no row points to a file
that is not there (reliability.md F-38).
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.services import record
from config.common import jobs
from config.common.errors import ConflictError, DomainError, NotFoundError, RefusedFileError
from config.common.jobs import JobContext, JobResult
from config.common.models import JobRun
from config.common.periods import business_today
from customers.importers import engine, mapping, registry
from customers.importers.engine import Options, Outcome
from customers.models import ImportedFile

FOLDER = "imports"
SHEET_MAX_BYTES = 20 * 1024 * 1024
WAITING_PER_PERSON = 20
CHECK, APPLY = "import.check", "import.apply"
Status = ImportedFile.Status


def receive(
    *, kind: str, upload: "UploadedFile[bytes]", company: Company, mapping: str = "", by: User
) -> ImportedFile:
    """Store an uploaded file below a generated name.

    Args:
        kind: ``products``, ``retailers``, ``orders`` or ``observations``.
        upload: As Django hands it over; its name is shown and never used as a path.
        company: Whose data it holds.
        mapping: TOML, or empty for canonical columns.
        by: Who sends it.

    Returns:
        The file's row, ready for ``start_check``.

    Raises:
        ConflictError: The same file was applied before.
        RefusedFileError: Too large, of another type, or the mapping cannot be used.
        DomainError: Too many of this person's files wait.
    """
    known = registry.get(kind)
    _parse(mapping, known)
    ending = _ending(upload.name or "", upload.size or 0)
    _check_waiting(by)
    stored = _store(upload, ending)
    try:
        return _create(known, upload, stored, company, mapping, by)
    except BaseException:
        stored.path.unlink(missing_ok=True)
        raise


def start_check(*, file: ImportedFile, by: User) -> JobRun:
    """Try the file in the background: everything as in earnest, and nothing is kept.

    Raises:
        ConflictError: It is being worked on, or was applied.
    """
    allowed = [Status.UPLOADED, Status.CHECKED, Status.REFUSED, Status.FAILED]
    return _start(file, CHECK, allowed, Status.CHECKING, {}, by)


def start_apply(*, file: ImportedFile, partial: bool, by: User) -> JobRun:
    """Take a checked file in the background.

    Args:
        file: A file whose check has ended well.
        partial: Take the good rows although others are refused.
        by: Who decides.

    Raises:
        ConflictError: It has not been checked, is being worked on, or was applied.
        DomainError: It has refused rows, and ``partial`` is not set.
    """
    blocked = file.rejected > int(file.reasons.get("skipped_by_mapping", 0))
    if blocked and not partial:
        raise DomainError(
            _("%(count)d rows are refused. Correct the file, or take only the good rows.")
            % {"count": file.rejected},
            code="refused_rows",
        )
    return _start(file, APPLY, [Status.CHECKED], Status.APPLYING, {"partial": partial}, by)


def errors_file(*, file: ImportedFile) -> IO[bytes]:
    """The refused rows of a file, opened for reading (CSV, formulas made harmless).

    Raises:
        NotFoundError: There is none.
    """
    path = _folder() / Path(file.errors_path).name
    if not file.errors_path or not path.is_file():
        raise NotFoundError(_("There are no refused rows to download."))
    return path.open("rb")


def record_command(
    *, kind: str, path: Path, company: Company | None, mapping: str, partial: bool, outcome: Outcome
) -> ImportedFile:
    """Note a file that the command line took or refused. Call it after the import's transaction."""
    file = ImportedFile(
        company=company,
        kind=kind,
        name=path.name[:200],
        mapping=mapping,
        sha256=outcome.sha256,
        bytes=path.stat().st_size,
        partial=partial,
        status=Status.REFUSED if outcome.refused else Status.APPLIED,
        applied_at=None if outcome.refused else timezone.now(),
    )
    _copy_counts(file, outcome)
    file.save()
    return file


def check_job(context: JobContext) -> JobResult:
    """Handler of ``import.check``."""
    file = _file_of(context)
    errors = _folder() / f"{Path(file.path).stem.split('.')[0]}.errors.csv"
    # A dry run in partial mode: the counts are those of taking the good rows.
    options = Options(partial=True, dry_run=True, errors_path=errors, progress=_progress(context))
    try:
        outcome = _run(file, options)
    except DomainError as error:
        _set(file, context, status=Status.REFUSED, message=error.message)
        raise
    _copy_counts(file, outcome)
    file.errors_path = f"{FOLDER}/{errors.name}" if outcome.errors_path else ""
    file.status, file.message = Status.CHECKED, ""
    with transaction.atomic():
        context.assert_owner()
        file.save()
    return JobResult(summary=_summary(outcome))


def apply_job(context: JobContext) -> JobResult:
    """Handler of ``import.apply``. The file's row is marked in the transaction that takes the rows."""
    file = _file_of(context)
    if file.status == Status.APPLIED:
        return JobResult(summary={"imported": file.imported, "updated": file.updated})
    partial = bool(context.job.args["partial"])

    def finish(outcome: Outcome) -> None:
        context.assert_owner()
        _copy_counts(file, outcome)
        file.partial, file.status, file.applied_at = partial, Status.APPLIED, timezone.now()
        file.save()

    options = Options(
        partial=partial, progress=_progress(context), guard=context.assert_owner, finish=finish
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


def after_job(job: JobRun) -> None:
    """When a job has ended without a word (its workers died), its file must not wait for ever."""
    if job.kind not in {CHECK, APPLY} or job.status != "failed":
        return
    ImportedFile.objects.filter(job=job, status__in=[Status.CHECKING, Status.APPLYING]).update(
        status=Status.FAILED, message=job.error
    )


def register() -> None:
    """Say who does these jobs. Called from ``AppConfig.ready``."""
    jobs.register(CHECK, check_job)
    jobs.register(APPLY, apply_job)
    jobs.on_end(after_job)


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _parse(text: str, kind: registry.Kind) -> mapping.Mapping:
    return mapping.parse(text, kind.known)


def _ending(name: str, size: int) -> str:
    lowered = name.lower()
    ending = next((it for it in (".csv.gz", ".csv", ".txt", ".xlsx") if lowered.endswith(it)), "")
    if not ending:
        raise RefusedFileError(
            _("%(name)s: files may end in .csv, .csv.gz, .txt or .xlsx.") % {"name": name},
            code="unknown_type",
        )
    limit = SHEET_MAX_BYTES if ending == ".xlsx" else settings.UPLOAD_MAX_BYTES
    if size > limit:
        raise RefusedFileError(
            _("The file has %(size)d MB, allowed are %(limit)d MB. Save it as CSV or split it.")
            % {"size": size // 2**20, "limit": limit // 2**20},
            code="too_large",
        )
    if size == 0:
        raise RefusedFileError(_("The file is empty."), code="empty_file")
    return ending


def _check_waiting(by: User) -> None:
    waiting = ImportedFile.objects.filter(
        uploaded_by=by, status__in=[Status.UPLOADED, Status.CHECKING, Status.APPLYING]
    ).count()
    if waiting >= WAITING_PER_PERSON:
        raise DomainError(
            _("%(count)d of your files wait already. Let them finish first.") % {"count": waiting},
            code="too_many_files",
        )


class _Stored:
    """A file that is safely on disk."""

    def __init__(self, path: Path, sha256: str, size: int) -> None:
        self.path, self.sha256, self.size = path, sha256, size


def _store(upload: "UploadedFile[bytes]", ending: str) -> _Stored:
    path = _folder() / f"{uuid.uuid4().hex}{ending}"
    part = path.with_name(path.name + ".part")
    digest, size = hashlib.sha256(), 0
    try:
        with part.open("wb") as stream:
            for block in _blocks(upload):
                digest.update(block)
                size += len(block)
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DomainError(
            _("The file could not be stored (%(why)s). Tell the administrator.")
            % {"why": error.strerror},
            code="storage",
        ) from error
    return _Stored(path, digest.hexdigest(), size)


def _blocks(upload: "UploadedFile[bytes]") -> Iterator[bytes]:
    return iter(upload.chunks())


@transaction.atomic
def _create(
    kind: registry.Kind,
    upload: "UploadedFile[bytes]",
    stored: _Stored,
    company: Company,
    text: str,
    by: User,
) -> ImportedFile:
    # A file taken in part may come again: what was missing then may be there now.
    applied = ImportedFile.objects.filter(
        company=company,
        kind=kind.name,
        sha256=stored.sha256,
        mapping=text,
        status=Status.APPLIED,
        partial=False,
    ).first()
    if applied is not None and applied.applied_at is not None:
        raise ConflictError(
            _("The same file was already imported on %(day)s as %(name)s.")
            % {"day": timezone.localtime(applied.applied_at).date(), "name": applied.name},
            code="already_imported",
            extra={"file": applied.pk},
        )
    file = ImportedFile.objects.create(
        company=company,
        kind=kind.name,
        name=Path(upload.name or "").name[:200],
        path=f"{FOLDER}/{stored.path.name}",
        mapping=text,
        sha256=stored.sha256,
        bytes=stored.size,
        uploaded_by=by,
    )
    record(action="file.receive", company_id=company.pk, by=by, obj=file)
    return file


@transaction.atomic
def _start(
    file: ImportedFile,
    kind: str,
    allowed: list[Status],
    status: Status,
    args: dict[str, bool],
    by: User,
) -> JobRun:
    won = ImportedFile.objects.filter(pk=file.pk, status__in=allowed).update(status=status)
    if not won:
        raise ConflictError(
            _(
                "This cannot be done with %(name)s now: the file is being worked on, was applied, or "
                "must be checked first."
            )
            % {"name": file.name},
            code="file_state",
        )
    tries = JobRun.objects.filter(key__startswith=f"{kind}:{file.pk}:").count()
    job = jobs.create(
        kind=kind,
        key=f"{kind}:{file.pk}:{tries + 1}",
        company_id=file.company_id,
        args={"file": file.pk, **args},
        by=by,
    )
    ImportedFile.objects.filter(pk=file.pk).update(job=job, message="")
    record(
        action=f"file.{kind.split('.')[1]}",
        company_id=file.company_id,
        by=by,
        obj=file,
        changes={name: [None, value] for name, value in args.items()},
    )
    jobs.ring(job.pk)
    file.refresh_from_db()
    return job


def _file_of(context: JobContext) -> ImportedFile:
    files = ImportedFile.objects.select_related("company", "uploaded_by")
    file: ImportedFile = files.get(pk=context.job.args["file"])
    return file


def _run(file: ImportedFile, options: Options) -> Outcome:
    kind = registry.get(file.kind)
    return engine.run(
        kind=kind,
        path=Path(settings.MEDIA_ROOT) / file.path,
        mapping=_parse(file.mapping, kind),
        company=file.company,
        options=options,
        label=file.name,
        today=business_today(),
        by=file.uploaded_by,
    )


def _progress(context: JobContext) -> engine.Progress:
    return lambda done, total: context.progress(done, total)


def _copy_counts(file: ImportedFile, outcome: Outcome) -> None:
    file.imported, file.updated = outcome.imported, outcome.updated
    file.unchanged, file.rejected = outcome.unchanged, outcome.rejected
    file.reasons, file.preview = outcome.reasons, outcome.preview


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
