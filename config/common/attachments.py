"""What people attach: which types are taken, told by the content and not by the name."""

import zipfile
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from config.common.errors import RefusedFileError

MAX_BYTES = 10 * 1024 * 1024
SIGNATURES = (
    (b"%PDF-", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
)
OFFICE = (
    ("xl/workbook.xml", ".xlsx"),
    ("word/document.xml", ".docx"),
    ("ppt/presentation.xml", ".pptx"),
)
TEXTS = frozenset({".txt", ".csv"})
ALSO = {".jpeg": ".jpg"}
SHOWN = "PDF, PNG, JPG, WEBP, XLSX, DOCX, PPTX, CSV, TXT"


def ending_of(name: str, size: int, stream: IO[bytes]) -> str:
    """The ending under which an attached file may be kept, told by its content.

    Args:
        name: What the sender calls it.
        size: Bytes.
        stream: Its content, seekable; it is at its start again afterwards.

    Raises:
        RefusedFileError: Empty, too large, of a type that is not taken, or not what its name says.
    """
    if size == 0:
        raise RefusedFileError(_("The file is empty."), code="empty_file")
    if size > MAX_BYTES:
        raise RefusedFileError(
            _("The file has %(size)d MB; at most %(limit)d MB can be attached.")
            % {"size": -(-size // 2**20), "limit": MAX_BYTES // 2**20},
            code="too_large",
        )
    claimed = Path(name).suffix.lower()
    claimed = ALSO.get(claimed, claimed)
    found = _sniff(stream, claimed)
    stream.seek(0)
    if not found or found != claimed:
        raise RefusedFileError(
            _(
                "%(name)s cannot be attached. Taken are %(types)s, and the content must be what the name says."
            )
            % {"name": name[:100], "types": SHOWN},
            code="unknown_type",
        )
    return found


def _sniff(stream: IO[bytes], claimed: str) -> str:
    stream.seek(0)
    head = stream.read(16)
    for signature, ending in SIGNATURES:
        if head.startswith(signature):
            return ending
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ".webp"
    if head.startswith(b"PK\x03\x04"):
        return _office(stream)
    return claimed if claimed in TEXTS and _is_text(stream) else ""


def _office(stream: IO[bytes]) -> str:
    """An Office document without macros; nothing is unpacked."""
    try:
        with zipfile.ZipFile(stream) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return ""
    if "[content_types].xml" not in names or any("vbaproject" in name for name in names):
        return ""
    return next((ending for part, ending in OFFICE if part in names), "")


def _is_text(stream: IO[bytes]) -> bool:
    stream.seek(0)
    content = stream.read()
    if any(byte < 32 and byte not in (9, 10, 12, 13) for byte in content):
        return False
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
