"""Files that a job makes for a person: exports, and what came of a bulk change.

They lie below a generated name, belong to one person, and are removed after seven days.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ResultFile, User
from config.common import storage
from config.common.errors import NotFoundError
from config.common.models import JobRun

FOLDER = "results"
LIFE = dt.timedelta(days=7)
ENDINGS = frozenset({".csv", ".xlsx", ".pdf", ".txt", ".zip", ".json"})

Write = Callable[[IO[bytes]], int]


def create(
    *,
    job: JobRun,
    user: User,
    name: str,
    write: Write,
    guard: Callable[[], None] | None = None,
) -> ResultFile:
    """Write the file of a job and offer it to a person; a repeated attempt replaces it.

    Args:
        job: The job that makes it; it has one file at most.
        user: Who may download it, and nobody else.
        name: What it is called for people, with its ending: ``零售户 2026-11-21.xlsx``.
        write: Writes into the open binary file and returns how many rows it wrote.
        guard: First statement of the transaction that stores the row: ``context.assert_owner``.

    Returns:
        The stored row.

    Raises:
        DomainError: The disk did not take it.
    """
    shown = storage.clean_name(name)
    ending = Path(shown).suffix.lower()
    path, rows = storage.write(FOLDER, ending if ending in ENDINGS else ".bin", write)
    stored = storage.below_media(path)
    try:
        return _store(job, user, shown, stored, rows, path.stat().st_size, guard)
    except BaseException:
        storage.remove(stored)
        raise


@transaction.atomic
def _store(
    job: JobRun,
    user: User,
    name: str,
    path: str,
    rows: int,
    size: int,
    guard: Callable[[], None] | None,
) -> ResultFile:
    if guard is not None:
        guard()
    before = ResultFile.objects.filter(job=job).values_list("path", flat=True).first()
    now = timezone.now()
    file, _made = ResultFile.objects.update_or_create(
        job=job,
        defaults={
            "user": user,
            "name": name,
            "path": path,
            "rows": rows,
            "bytes": size,
            "created_at": now,
            "expires_at": now + LIFE,
        },
    )
    if before:
        transaction.on_commit(lambda: storage.remove(before))
    return file


def open_for(*, user: User, pk: int) -> tuple[ResultFile, IO[bytes]]:
    """A file and its bytes, for the person it was made for.

    Raises:
        NotFoundError: There is none, it is somebody else's, or its days are over.
    """
    live = ResultFile.objects.visible_to(user).filter(expires_at__gt=timezone.now())
    file: ResultFile | None = live.filter(pk=pk).first()
    path = storage.absolute(file.path) if file is not None else None
    if file is None or path is None or not path.is_file():
        raise NotFoundError(
            _("There is no such file any more: results are kept for %(days)d days. Make it again.")
            % {"days": LIFE.days},
            code="no_result_file",
        )
    return file, path.open("rb")


def sweep() -> int:
    """Remove files whose days are over, and what broken attempts left lying; how many there were."""
    over = list(ResultFile.objects.filter(expires_at__lte=timezone.now()).values_list("pk", "path"))
    ResultFile.objects.filter(pk__in=[pk for pk, _path in over]).delete()
    for _pk, path in over:
        storage.remove(path)
    day = dt.timedelta(days=1)
    # No row can name them any more: rows end a day earlier.
    left = storage.old_files(FOLDER, older_than_seconds=(LIFE + day).total_seconds())
    for lost in left:
        lost.unlink(missing_ok=True)
    return len(over) + len(left)
