"""Files that come through the browser: looked at, matched, and sent on their way as jobs.

``receiving`` takes them in, ``file_jobs`` does what is started here.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.services import record
from config.common import jobs
from config.common.errors import ConflictError, DomainError, NotFoundError
from config.common.models import JobRun
from customers.importers import document as documents
from customers.importers import registry
from customers.importers.engine import Outcome
from customers.importers.receiving import folder, parse, refuse_again
from customers.importers.sources import fingerprint
from customers.models import ImportedFile, RememberedMapping
from customers.selectors.files import why_not_revertible

LOOK, CHECK, APPLY, REVERT = "import.look", "import.check", "import.apply", "import.revert"
Status = ImportedFile.Status
OPEN = (Status.UPLOADED, Status.CHECKED, Status.REFUSED, Status.FAILED)
# Of the organisation units that a file makes; of the others only their number is kept.
UNITS_NAMED = 50


def start_look(*, file: ImportedFile, by: User) -> JobRun:
    """Have a first look at a file: how it is written and what its columns are called.

    Raises:
        ConflictError: It is being worked on, or was applied.
    """
    return _start(file, LOOK, OPEN, Status.UPLOADED, {}, by)


@transaction.atomic
def set_mapping(*, file: ImportedFile, text: str, by: User) -> ImportedFile:
    """Say how a file is read. It must be checked again.

    Raises:
        RefusedFileError: The mapping cannot be used.
        ConflictError: The file is being worked on, or was applied.
    """
    parse(text, registry.get(file.kind))
    _put_mapping(file, text, {"matched": True})
    if text != file.mapping:
        record(action="file.mapping", company_id=file.company_id, by=by, obj=file)
    file.refresh_from_db()
    return file


def set_rule(*, file: ImportedFile, name: str, value: str, by: User) -> ImportedFile:
    """Change one rule of a file's mapping. It must be checked again.

    Raises:
        RefusedFileError: There is no such rule or value.
        ConflictError: The file is being worked on, or was applied.
    """
    document = documents.load(file.mapping)
    document["rules"] = {**document.get("rules", {}), name: value}
    return set_mapping(file=file, text=documents.dump(document), by=by)


@transaction.atomic
def look_again(*, file: ImportedFile, text: str, sure: list[str], by: User) -> JobRun:
    """Have another look at a file, which somebody wants to be read in another way.

    Args:
        file: Not applied yet.
        text: Its mapping, whose ``[file]`` says how it is to be read.
        sure: What of ``delimiter``, ``header_line`` and ``sheet`` was said, not found out.
        by: Who wants it.

    Raises:
        RefusedFileError: The mapping cannot be used.
        ConflictError: The file is being worked on, or was applied.
    """
    parse(text, registry.get(file.kind))
    _put_mapping(file, text, {"sure": sure})
    return start_look(file=file, by=by)


def _put_mapping(file: ImportedFile, text: str, more: dict[str, Any]) -> None:
    won = ImportedFile.objects.filter(pk=file.pk, status__in=OPEN).update(
        mapping=text, status=Status.UPLOADED, message="", outcome={**file.outcome, **more}
    )
    if not won:
        raise _wrong_state(file)


def start_check(*, file: ImportedFile, by: User) -> JobRun:
    """Try the file in the background: everything as in earnest, and nothing is kept.

    How its columns are read is remembered for the next file of the same source.

    Raises:
        ConflictError: It is being worked on, or was applied.
    """
    with transaction.atomic():
        job = _start(file, CHECK, OPEN, Status.CHECKING, {}, by)
        _remember(file, by)
    return job


def start_apply(*, file: ImportedFile, partial: bool, by: User) -> JobRun:
    """Take a checked file in the background.

    Args:
        file: A file whose check has ended well.
        partial: Take the good rows although others are refused.
        by: Who decides.

    Raises:
        ConflictError: It has not been checked, is being worked on, or the same was applied before.
        DomainError: It has refused rows, and ``partial`` is not set.
    """
    blocked = file.rejected > int(file.reasons.get("skipped_by_mapping", 0))
    if blocked and not partial:
        raise DomainError(
            _("%(count)d rows are refused. Correct the file, or take only the good rows.")
            % {"count": file.rejected},
            code="refused_rows",
        )
    refuse_again(file.company, file.kind, file.sha256, file.mapping)
    return _start(file, APPLY, [Status.CHECKED], Status.APPLYING, {"partial": partial}, by)


def start_revert(*, file: ImportedFile, reason: str, by: User | None) -> JobRun:
    """Take back in the background what a file has done, where nothing has changed since.

    Args:
        file: An applied file.
        reason: Why, in the person's words.
        by: Who decides; None for the command line.

    Raises:
        DomainError: No reason.
        ConflictError: It was not applied, too long ago, or in a way that cannot be taken back.
    """
    if not reason.strip():
        raise DomainError(_("Say why; the reason goes into the audit trail."), code="no_reason")
    why = why_not_revertible(file)
    if registry.get(file.kind).revert is None:
        why = _("Files of this kind cannot be reverted.")
    if why:
        raise ConflictError(why, code="not_revertible")
    args = {"reason": reason.strip()[:300]}
    return _start(file, REVERT, [Status.APPLIED], Status.REVERTING, args, by, reason=reason)


def result_file(*, file: ImportedFile, reverted: bool = False) -> IO[bytes]:
    """What became of every row of a file, or of every object when it was taken back (CSV).

    Raises:
        NotFoundError: There is none.
    """
    stored = file.outcome.get("revert", {}).get("path", "") if reverted else file.result_path
    path = folder() / Path(str(stored)).name
    if not stored or not path.is_file():
        raise NotFoundError(_("There is no result file to download."))
    return path.open("rb")


def errors_file(*, file: ImportedFile) -> IO[bytes]:
    """The refused rows of a file, opened for reading (CSV, formulas made harmless).

    Raises:
        NotFoundError: There is none.
    """
    path = folder() / Path(file.errors_path).name
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
        source=fingerprint(outcome.header),
    )
    copy_counts(file, outcome)
    file.save()
    return file


def _remember(file: ImportedFile, by: User) -> None:
    if file.source and file.company_id is not None:
        RememberedMapping.objects.update_or_create(
            company_id=file.company_id,
            kind=file.kind,
            source=file.source,
            defaults={
                "mapping": file.mapping,
                "name": file.name,
                "used_by": by,
                "used_at": timezone.now(),
            },
        )


@transaction.atomic
def _start(
    file: ImportedFile,
    kind: str,
    allowed: Sequence[Status],
    status: Status,
    args: dict[str, Any],
    by: User | None,
    *,
    reason: str = "",
) -> JobRun:
    won = ImportedFile.objects.filter(pk=file.pk, status__in=allowed).update(status=status)
    if not won or _is_under_way(file):
        raise _wrong_state(file)
    tries = JobRun.objects.filter(key__startswith=f"{kind}:{file.pk}:").count()
    job = jobs.create(
        kind=kind,
        key=f"{kind}:{file.pk}:{tries + 1}",
        company_id=file.company_id,
        args={
            "file": file.pk,
            "title": file.name,
            "language": translation.get_language() or "",
            **args,
        },
        by=by,
    )
    ImportedFile.objects.filter(pk=file.pk).update(job=job, message="")
    if kind != LOOK:
        record(
            action=f"file.{kind.split('.')[1]}",
            company_id=file.company_id,
            by=by,
            actor_label="" if by else "revert_file",
            obj=file,
            changes={name: [None, value] for name, value in args.items() if name != "reason"},
            reason=reason,
        )
    jobs.ring(job.pk)
    file.refresh_from_db()
    return job


def _is_under_way(file: ImportedFile) -> bool:
    """Whether somebody looks at the file just now: its status does not say so."""
    return JobRun.objects.filter(
        key__startswith=f"{LOOK}:{file.pk}:", status__in=["queued", "running"]
    ).exists()


def _wrong_state(file: ImportedFile) -> ConflictError:
    return ConflictError(
        _(
            "This cannot be done with %(name)s now: the file is being worked on, was applied, or "
            "must be checked first."
        )
        % {"name": file.name},
        code="file_state",
    )


def copy_counts(file: ImportedFile, outcome: Outcome) -> None:
    """Write into the file's row what became of its rows; does not save."""
    file.imported, file.updated = outcome.imported, outcome.updated
    file.unchanged, file.rejected = outcome.unchanged, outcome.rejected
    file.reasons, file.preview = outcome.reasons, outcome.preview
    file.outcome = {
        **file.outcome,
        "rows": outcome.rows,
        "clash": outcome.clashes,
        "incomplete": outcome.incomplete,
        "samples": outcome.samples,
        "unknown": outcome.unknown,
        "units": {
            "number": len(outcome.units_made),
            "paths": outcome.units_made[:UNITS_NAMED],
        },
    }
