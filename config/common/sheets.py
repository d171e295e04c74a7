"""XLSX files that people send, turned into CSV by a child process that cannot hurt us.

A workbook of 5 KB can ask for gigabytes. So: look at the archive first (entries, declared and really
unpacked bytes, ratio), then let a child with limited memory and time read it (reliability.md 3b).
"""

import json
import os
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

from django.utils.translation import gettext as _

from config.common.errors import RefusedFileError

MAX_ENTRIES = 1000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
# Small files may shrink a lot without being a threat.
RATIO_FROM = 10 * 1024 * 1024
WALL_SECONDS = 90
_BLOCK = 256 * 1024
_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


def to_csv(path: Path, target: Path, *, sheet: str = "") -> list[str]:
    """Write a sheet of a workbook as a UTF-8 CSV file.

    Args:
        path: The workbook, as it was sent.
        target: Where the CSV goes.
        sheet: Name of the sheet; empty for the first.

    Returns:
        The names of all sheets.

    Raises:
        RefusedFileError: Not an XLSX file, encrypted, damaged, too large, a trap, or without this sheet.
    """
    check_archive(path)
    return _convert(path, target, sheet)


def check_archive(path: Path) -> None:
    """Refuse what is no workbook or would unpack to more than allowed, without trusting its headers.

    Raises:
        RefusedFileError: With the reason.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
    _check_magic(head)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive)
            _check_really(archive, path.stat().st_size)
    except _DAMAGED as error:
        raise RefusedFileError(
            _("The workbook is damaged or incomplete: %(why)s. Save it again and send it.")
            % {"why": error},
            code="damaged_workbook",
        ) from error


def _check_magic(head: bytes) -> None:
    if head.startswith(_ZIP):
        return
    if head.startswith(_OLE):
        raise RefusedFileError(
            _(
                "This is an old .xls workbook or one locked by a password. Save it as .xlsx "
                "without a password, or as CSV."
            ),
            code="old_or_encrypted_workbook",
        )
    raise RefusedFileError(
        _("The name says .xlsx but the content is something else. Save it as .xlsx or CSV."),
        code="not_a_workbook",
    )


def _check_entries(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise _bomb(
            _("it holds %(count)d parts, allowed are %(limit)d")
            % {"count": len(entries), "limit": MAX_ENTRIES}
        )
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise RefusedFileError(
            _("The workbook is locked by a password."), code="old_or_encrypted_workbook"
        )
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise RefusedFileError(
            _("The workbook holds macros. Save it as .xlsx without macros."), code="macros"
        )
    if "xl/workbook.xml" not in names:
        raise RefusedFileError(
            _("The file is a ZIP archive but not an XLSX workbook."), code="not_a_workbook"
        )
    declared = sum(entry.file_size for entry in entries)
    if declared > MAX_UNPACKED:
        raise _too_big()


def _check_really(archive: zipfile.ZipFile, packed: int) -> None:
    total = 0
    for entry in archive.infolist():
        with archive.open(entry) as stream:
            while block := stream.read(_BLOCK):
                total += len(block)
                if total > MAX_UNPACKED:
                    raise _too_big()
                if total > RATIO_FROM and total > MAX_RATIO * packed:
                    raise _bomb(
                        _("it unpacks to more than %(n)d times its size") % {"n": MAX_RATIO}
                    )


def _too_big() -> RefusedFileError:
    return _bomb(
        _("it unpacks to more than %(limit)d MB") % {"limit": MAX_UNPACKED // 1024 // 1024}
    )


def _bomb(why: str) -> RefusedFileError:
    return RefusedFileError(
        _("The workbook is too large: %(why)s. Save the sheet as CSV and send that.")
        % {"why": why},
        code="workbook_too_large",
    )


def _convert(path: Path, target: Path, sheet: str) -> list[str]:
    worker = Path(__file__).with_name("sheet_worker.py")
    environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            [sys.executable, "-I", str(worker), str(path), str(target), sheet],
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired as error:
        raise _bomb(
            _("reading it takes longer than %(s)d seconds") % {"s": WALL_SECONDS}
        ) from error
    said = done.stdout.decode("utf-8", "replace").strip().splitlines()
    if done.returncode == 0:
        return [str(name) for name in json.loads(said[-1])]
    raise _refusal(said[-1] if said else "")


def _refusal(said: str) -> RefusedFileError:
    code, _sep, detail = said.partition(" ")
    if code == "rows":
        return _bomb(_("it has more than %(n)s rows") % {"n": detail})
    if code == "columns":
        return _bomb(_("it has more than %(n)s columns") % {"n": detail})
    if code == "cell":
        return _bomb(_("a cell has more than %(n)s characters") % {"n": detail})
    if code == "empty":
        return RefusedFileError(
            _("The sheet of the workbook is empty."),
            code="empty_file",
            extra={"sheets": json.loads(detail)},
        )
    if code == "sheet":
        return RefusedFileError(
            _("The workbook has no sheet of this name; it has: %(names)s.") % {"names": detail},
            code="no_sheet",
        )
    if code == "damaged":
        return RefusedFileError(
            _("The workbook is damaged: %(why)s. Save it again and send it.") % {"why": detail},
            code="damaged_workbook",
        )
    return _bomb(_("reading it needs more memory or time than allowed"))
