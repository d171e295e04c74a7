"""Files as they come in: judged by name and size, stored below a generated name, noted in a row.

A file is written, flushed to disk and renamed before its row exists, so that no row points to a file
that is not there (reliability.md F-38).
"""

import hashlib
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.services import record
from config.common import storage
from config.common.errors import ConflictError, DomainError, RefusedFileError
from customers.importers import mapping, registry
from customers.models import ImportedFile

FOLDER = "imports"
SHEET_MAX_BYTES = 20 * 1024 * 1024
WAITING_PER_PERSON = 20
Status = ImportedFile.Status


def receive(
    *, kind: str, upload: "UploadedFile[bytes]", company: Company, mapping: str = "", by: User
) -> ImportedFile:
    """Store an uploaded file below a generated name.

    Args:
        kind: A registered one.
        upload: As Django hands it over; its name is shown and never used as a path.
        company: Whose data it holds.
        mapping: TOML, or empty for canonical columns.
        by: Who sends it.

    Returns:
        The file's row, ready for ``start_look`` or ``start_check``.

    Raises:
        ConflictError: The same file was applied before.
        RefusedFileError: Too large, of another type, or the mapping cannot be used.
        DomainError: Too many of this person's files wait.
    """
    known = registry.get(kind)
    parse(mapping, known)
    ending = _ending(upload.name or "", upload.size or 0)
    _check_waiting(by)
    stored = _store(upload, ending)
    try:
        return _create(known, upload, stored, company, mapping, by)
    except BaseException:
        stored.path.unlink(missing_ok=True)
        raise


def folder() -> Path:
    """Where files lie."""
    return storage.folder(FOLDER)


def parse(text: str, kind: registry.Kind) -> mapping.Mapping:
    """A mapping as it is read for a kind of file."""
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
    def fill(stream: IO[bytes]) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        for block in upload.chunks():
            digest.update(block)
            size += len(block)
            stream.write(block)
        return digest.hexdigest(), size

    path, (sha256, size) = storage.write(FOLDER, ending, fill)
    return _Stored(path, sha256, size)


@transaction.atomic
def _create(
    kind: registry.Kind,
    upload: "UploadedFile[bytes]",
    stored: _Stored,
    company: Company,
    text: str,
    by: User,
) -> ImportedFile:
    refuse_again(company, kind.name, stored.sha256, text)
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


def refuse_again(company: Company | None, kind: str, sha256: str, text: str) -> None:
    """Say when the same file was applied before, read in the same way.

    Raises:
        ConflictError: It was.
    """
    # A file taken in part may come again: what was missing then may be there now.
    applied = ImportedFile.objects.filter(
        company=company,
        kind=kind,
        sha256=sha256,
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
