"""Files that we write ourselves: below a generated name, whole or not at all.

A file is written beside its place, flushed to disk and renamed, so that no row points to a file that is
not there or only half there (reliability.md F-38). What it is called for people stands in the row.
"""

import os
import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

from django.conf import settings
from django.utils.translation import gettext as _

from config.common.errors import DomainError

# Control characters, what separates folders, and signs that turn the direction of writing around.
UNWANTED = re.compile(
    r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+"
)
PART = ".part"
R = TypeVar("R")


def folder(name: str) -> Path:
    """The folder of this name below MEDIA_ROOT, made where it is missing."""
    found = Path(settings.MEDIA_ROOT) / name
    found.mkdir(parents=True, exist_ok=True)
    return found


def clean_name(name: str, *, limit: int = 120, default: str = "file") -> str:
    """A name that may be shown and offered to a browser; its ending survives the shortening."""
    tidy = UNWANTED.sub("_", name).strip(" ._")
    if not tidy:
        return default
    if len(tidy) <= limit:
        return tidy
    stem, ending = tidy[: -len(Path(tidy).suffix) or None], Path(tidy).suffix[:20]
    return stem[: limit - len(ending)] + ending


def write(in_folder: str, ending: str, fill: Callable[[IO[bytes]], R]) -> tuple[Path, R]:
    """Write a file below a generated name.

    Args:
        in_folder: Folder below MEDIA_ROOT.
        ending: With its dot, from our own list and never from a sender.
        fill: Writes into the open file.

    Returns:
        Where it is, and what ``fill`` returned.

    Raises:
        DomainError: The disk did not take it.
    """
    path = folder(in_folder) / f"{uuid.uuid4().hex}{ending}"
    part = path.with_name(path.name + PART)
    try:
        with part.open("wb") as stream:
            result = fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(path)
    except OSError as error:
        raise DomainError(
            _("The file could not be stored (%(why)s). Tell the administrator.")
            % {"why": error.strerror},
            code="storage",
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return path, result


def below_media(path: Path) -> str:
    """What a row stores of a path."""
    return str(path.relative_to(settings.MEDIA_ROOT))


def absolute(stored: str) -> Path:
    """Where a stored path is now; only its folder and name count, so that it cannot lead elsewhere."""
    parts = Path(stored)
    return Path(settings.MEDIA_ROOT) / parts.parent.name / parts.name


def remove(stored: str) -> None:
    """Delete a file that no row names any more; that it is gone already is well."""
    if stored:
        absolute(stored).unlink(missing_ok=True)


def old_files(name: str, *, older_than_seconds: float) -> list[Path]:
    """Files of a folder that have not been written to for so long; parts of broken writes as well."""
    limit = time.time() - older_than_seconds
    return [
        path for path in folder(name).iterdir() if path.is_file() and path.stat().st_mtime < limit
    ]
