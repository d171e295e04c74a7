"""Text files that people send: which encoding, whether whole, and their rows as lists.

The decision is made on the whole file (reliability.md 1b): two Chinese characters in GBK are valid UTF-8 in
one case of fifty. A file is either read exactly or refused with the reason; nothing is replaced.
"""

import codecs
import csv
import gc
import gzip
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from config.common.errors import RefusedFileError

# A million order lines are about 70 MB.
MAX_TEXT_BYTES = 1024 * 1024 * 1024
MAX_FIELD = 32_767
_BLOCK = 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODINGS = ("utf-8", "gb18030", "utf-16")
# Three Chinese characters in UTF-8 one after another: by chance about once in ten million GBK texts.
_UTF8_CHINESE = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){3}")
_WIDE = re.compile("[\u2010-\uffff\U00010000-\U0010ffff]")
_HANZI = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class TextFile:
    """A file that has been looked at from beginning to end.

    Args:
        path: Where it is.
        encoding: Python's name of the encoding that fits.
        sha256: Of the bytes as stored (packed, when packed).
        size: Stored bytes; progress counts towards it.
    """

    path: Path
    encoding: str
    sha256: str
    size: int


def inspect(
    path: Path,
    *,
    encoding: str = "",
    final_newline: bool = True,
    max_bytes: int = MAX_TEXT_BYTES,
) -> TextFile:
    """Read a text file once from beginning to end and say how it must be read.

    Args:
        path: A text file, packed by gzip when its name ends in ``.gz``.
        encoding: One of ``ENCODINGS`` when it is known; empty to find out.
        final_newline: Whether a file that does not end in a line break counts as half-written.
        max_bytes: Largest unpacked size.

    Returns:
        The file with its encoding and SHA-256.

    Raises:
        RefusedFileError: Empty, too large, packed wrongly, half-written, or in no encoding we know.
    """
    looks = _Looks(encoding)
    for block in _blocks(path, max_bytes):
        looks.take(block)
    chosen = looks.decide()
    if looks.size == 0:
        raise RefusedFileError(_("The file is empty."), code="empty_file")
    if looks.saw_nul[chosen]:
        raise RefusedFileError(
            _("The file holds NUL characters; it is damaged or not a text file."), code="nul"
        )
    if final_newline and looks.last[chosen] != "\n":
        raise RefusedFileError(
            _(
                "The last line does not end in a line break, so the file was probably cut off while "
                "being written or sent. Send it again (or set final_newline = “optional” in the mapping)."
            ),
            code="half_file",
        )
    sha256, size = digest(path)
    return TextFile(path=path, encoding=chosen, sha256=sha256, size=size)


class _Looks:
    """Decodes a stream by every candidate at once, dropping those that do not fit."""

    def __init__(self, encoding: str) -> None:
        self.size = 0
        self.last: dict[str, str] = {}
        self.saw_nul: dict[str, bool] = {}
        self._wanted = encoding
        self._decoders: dict[str, Any] = {}
        self._order: list[str] = []
        self._decisive = False
        self._hanzi = False
        self._mixed = False
        self._tail = b""
        self._pending = False

    def take(self, block: bytes) -> None:
        """Look at the next bytes."""
        if self.size == 0:
            self._start(block)
        self.size += len(block)
        self._feed(block, final=False)

    def decide(self) -> str:
        """The encoding that fits the whole file."""
        if self.size == 0:
            return "utf-8"
        self._feed(b"", final=True)
        fitting = [name for name in self._order if name in self._decoders]
        if not fitting:
            raise _unknown_encoding(self._wanted)
        chosen = fitting[0]
        if self._wanted or len(self._order) == 1:
            return chosen
        if chosen == "gb18030" and self._mixed:
            raise RefusedFileError(
                _("Parts of the file are UTF-8 and parts are GB18030. Save it in one encoding."),
                code="mixed_encodings",
            )
        if chosen == "utf-8" and len(fitting) > 1 and self._hanzi and not self._decisive:
            raise RefusedFileError(
                _(
                    "The few characters outside ASCII can be read both as UTF-8 and as GB18030. Save "
                    "the file as “CSV UTF-8”, or name the encoding in the mapping."
                ),
                code="ambiguous_encoding",
            )
        return chosen

    def _start(self, block: bytes) -> None:
        found = next((name for bom, name in _BOMS if block.startswith(bom)), "")
        if found and self._wanted and not found.startswith(self._wanted):
            raise _unknown_encoding(self._wanted)
        self._order = [found or self._wanted] if found or self._wanted else ["utf-8", "gb18030"]
        self._pending = bool(found)
        for name in self._order:
            self._decoders[name] = codecs.getincrementaldecoder(name)("strict")
            self.saw_nul[name] = False
            self.last[name] = ""

    def _feed(self, block: bytes, *, final: bool) -> None:
        if block.isascii() and not final and not self._pending and "utf-16" not in self._order:
            # Most files are nothing but ASCII, which every candidate reads in the same way.
            for name in self._decoders:
                self.last[name] = chr(block[-1])
                self.saw_nul[name] = self.saw_nul[name] or b"\0" in block
            return
        self._decode(block, final=final)
        self._pending = any(decoder.getstate()[0] for decoder in self._decoders.values())

    def _decode(self, block: bytes, *, final: bool) -> None:
        for name in list(self._decoders):
            try:
                text = self._decoders[name].decode(block, final=final)
            except UnicodeDecodeError:
                del self._decoders[name]
                continue
            if not text:
                continue
            self.last[name] = text[-1]
            self.saw_nul[name] = self.saw_nul[name] or "\0" in text
            if not text.isascii():
                self._weigh(name, text, block)

    def _weigh(self, name: str, text: str, block: bytes) -> None:
        if name == "utf-8":
            self._decisive = self._decisive or _WIDE.search(text) is not None
        elif name == "gb18030" and not self._mixed:
            self._hanzi = self._hanzi or _HANZI.search(text) is not None
            if "utf-8" not in self._decoders or not self._decisive:
                self._mixed = _UTF8_CHINESE.search(self._tail + block) is not None
                self._tail = block[-9:]


def _unknown_encoding(wanted: str) -> RefusedFileError:
    if wanted:
        return RefusedFileError(
            _("The file is not in the encoding %(name)s that the mapping names.")
            % {"name": wanted},
            code="wrong_encoding",
        )
    return RefusedFileError(
        _("The file is neither UTF-8 nor GB18030. Save it as “CSV UTF-8” and send it again."),
        code="unknown_encoding",
    )


def _blocks(path: Path, max_bytes: int) -> Iterator[bytes]:
    total = 0
    try:
        with _open_binary(path) as stream:
            while block := stream.read(_BLOCK):
                total += len(block)
                if total > max_bytes:
                    raise RefusedFileError(
                        _("The unpacked file is larger than %(limit)d MB. Split it.")
                        % {"limit": max_bytes // 1024 // 1024},
                        code="too_large",
                    )
                yield block
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise RefusedFileError(
            _("The packed file is damaged or incomplete: %(why)s. Send it again.") % {"why": error},
            code="half_file",
        ) from error


def _open_binary(path: Path) -> IO[bytes] | gzip.GzipFile:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rb")
    return path.open("rb")


def digest(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file as stored."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), path.stat().st_size


@contextmanager
def paused_gc() -> Iterator[None]:
    """Keep the collector from walking millions of new texts again and again (6 s become 0.8 s)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True)
class Block:
    """Some rows of a text file.

    Args:
        before: Lines of the file read before these rows.
        after: Lines read with them.
        width: Cells of every row when all have the same number, none is quoted and none spans lines;
            else 0.
        text: The rows as they stand, lines ending in ``\\n``, when ``width`` is not 0.
        lines: The same line by line, without line breaks.
        rows: The rows as cells, when ``width`` is 0.
    """

    before: int
    after: int
    width: int = 0
    text: str = ""
    lines: Sequence[str] = ()
    rows: Sequence[list[str]] = ()


class Rows:
    """The rows of a text file, block by block; ``position`` says how many stored bytes have been read.

    As long as no quotation mark has been seen, a block can be cut at delimiters, which is much faster than
    the csv module and gives the same. From the first quotation mark on, the csv module reads.
    """

    def __init__(self, stream: IO[bytes], raw: IO[bytes], encoding: str, delimiter: str) -> None:
        self._raw = raw
        self._text = io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline="")
        self._delimiter = delimiter
        self._line = 0

    @property
    def position(self) -> int:
        """Bytes of the stored file read so far."""
        return self._raw.tell()

    def blocks(self, size: int) -> Iterator[Block]:
        """The rows, about ``size`` characters at a time.

        Raises:
            RefusedFileError: A quote is never closed, or a field is longer than allowed.
        """
        while text := self._text.read(size):
            text += self._text.readline()
            if '"' in text:
                yield from self._quoted(text, size)
                return
            yield self._plain(text)

    def _plain(self, text: str) -> Block:
        before = self._line
        text = text.replace("\r\n", "\n")
        lines = text.removesuffix("\n").split("\n")
        widths = {line.count(self._delimiter) for line in lines}
        simple = len(widths) == 1 and widths != {0} and "\r" not in text
        if not simple or max(map(len, lines)) > MAX_FIELD:
            reader = csv.reader(
                io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True
            )
            rows = self._take(reader, before, None)
            self._line = before + reader.line_num
            return Block(before, self._line, rows=rows)
        self._line += len(lines)
        return Block(before, self._line, widths.pop() + 1, text, lines)

    def _quoted(self, text: str, size: int) -> Iterator[Block]:
        source = chain(io.StringIO(text, newline=""), self._text)
        reader = csv.reader(source, delimiter=self._delimiter, strict=True)
        start = self._line
        count = max(1, size // 60)
        while rows := self._take(reader, start, count):
            before, self._line = self._line, start + reader.line_num
            yield Block(before, self._line, rows=rows)

    def _take(self, reader: Any, start: int, count: int | None) -> list[list[str]]:
        rows = []
        # Where a quotation mark is missing, the reader stops far behind it: what helps is the line where
        # the record begins, right after the last one that could be read.
        whole = reader.line_num
        try:
            for row in islice(reader, count):
                rows.append(row)
                whole = reader.line_num
        except csv.Error as error:
            spans = reader.line_num > whole + 1
            raise _broken(error, start + whole + 1, spans=spans) from error
        return rows


def _broken(error: csv.Error, line: int, *, spans: bool) -> RefusedFileError:
    text = str(error)
    if "field larger" in text:
        if spans:
            message = _(
                "In line %(line)d begins a field of more than %(limit)d characters that spans several "
                "lines; probably its quotation mark is never closed."
            )
            return RefusedFileError(message % {"line": line, "limit": MAX_FIELD}, code="huge_field")
        message = _("Line %(line)d holds a field of more than %(limit)d characters.")
        return RefusedFileError(message % {"line": line, "limit": MAX_FIELD}, code="huge_field")
    if "end of data" in text:
        message = _(
            "A quotation mark is opened and never closed before the file ends (line %(line)d): the "
            "file is half-written or its quotation marks are broken."
        )
        return RefusedFileError(message % {"line": line}, code="half_file")
    message = _("Line %(line)d is not valid CSV: %(why)s.")
    return RefusedFileError(message % {"line": line, "why": text}, code="broken_csv")


@contextmanager
def open_rows(file: TextFile, *, delimiter: str = ",") -> Iterator[Rows]:
    """Open an inspected file for reading."""
    csv.field_size_limit(MAX_FIELD)
    with file.path.open("rb") as raw:
        packed = file.path.name.lower().endswith(".gz")
        stream: Any = gzip.GzipFile(fileobj=raw) if packed else io.BufferedReader(_Keep(raw))
        yield Rows(stream, raw, file.encoding, delimiter)


def beginning(file: TextFile, size: int) -> str:
    """The first ``size`` characters of an inspected file."""
    with (
        _open_binary(file.path) as raw,
        io.TextIOWrapper(raw, encoding=file.encoding, errors="strict", newline="") as text,
    ):
        return text.read(size)


class _Keep(io.RawIOBase):
    """Lets TextIOWrapper close its stream without closing ours."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)


def escape_cell(text: str) -> str:
    """A text that a spreadsheet will not run as a formula; numbers stay numbers (OWASP, TM-20)."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def unescape_cell(text: str) -> str:
    """The text as it was before ``escape_cell``."""
    bare = text.removeprefix("'")
    return bare if bare != text and escape_cell(bare) == text else text
