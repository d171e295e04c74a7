"""What became of the rows of a file: counts, refused rows with reasons, the errors file."""

import csv
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from config.common.errors import DomainError
from config.common.textfiles import escape_cell
from customers.importers.findings import CLASH, CLASH_CODES, REFUSED, Cell, Findings
from customers.importers.rowlog import RowLog, cell

PREVIEW_ROWS = 50
SKIPPED = "skipped_by_mapping"
# What the errors file says before the row's own cells.
REPORT_HEAD = (
    gettext_noop("line"),
    gettext_noop("column"),
    gettext_noop("code"),
    gettext_noop("reason"),
)
REPORT_WIDTH = len(REPORT_HEAD)


def is_report_head(header: Sequence[str]) -> bool:
    """Whether a file is one of our errors files, in whatever language it was written."""
    return tuple(header[:REPORT_WIDTH]) in _report_heads()


@cache
def _report_heads() -> frozenset[tuple[str, ...]]:
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add(tuple(_(word) for word in REPORT_HEAD))
    return frozenset(found)


@dataclass
class _Refusal:
    """A refused row: its first wrong cell, and why each of them is wrong."""

    column: str
    code: str
    texts: list[str]
    row: Sequence[str]
    key: str


class Report:
    """Counts rows and writes refused ones to the errors file as they come.

    Args:
        path: The errors file, or None for none. It is only made when a row is refused; a stale one
            of an earlier import is removed.
        findings: Takes the first rows of each group.
        log: Takes what became of every row; None for nobody.
        labels: Canonical column to what people call it. Reasons begin with a column and are written with these;
            the errors file keeps the canonical name in its own column.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        findings: Findings | None = None,
        log: RowLog | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self._labels = labels or {}
        self.findings = findings or Findings()
        self.log = log
        self.imported = 0
        self.updated = 0
        self.unchanged = 0
        self.incomplete = 0
        self.reasons: Counter[str] = Counter()
        self.preview: list[dict[str, Any]] = []
        self.header: list[str] = []
        self.rows = 0
        self.refused_lines = array("q")
        # By line, until the block is done: a row may have more wrong cells, and they come by column.
        self._pending: dict[int, _Refusal] = {}
        self._told: dict[int, Sequence[Cell]] = {}
        self._path = path
        self._stream: IO[str] | None = None
        self._writer: Any = None
        self._own: Callable[[Sequence[str]], Sequence[str]] = lambda row: row

    def take_header(self, header: list[str], own: Callable[[Sequence[str]], Sequence[str]]) -> None:
        """The file's columns, and which cells of a row belong to them."""
        self.header, self._own = header, own

    @property
    def rejected(self) -> int:
        """Refused rows."""
        return self.reasons.total()

    @property
    def blocked(self) -> bool:
        """True when a row was refused for another reason than the mapping's own wish."""
        return self.reasons.total() > self.reasons[SKIPPED]

    @property
    def clashes(self) -> int:
        """Refused rows that contradict another row, what is stored, or what a person has set."""
        return sum(self.reasons[code] for code in CLASH_CODES)

    @property
    def errors_path(self) -> Path | None:
        """Where the refused rows are, when there are any."""
        return self._path if self.rejected else None

    def reject(
        self,
        line: int,
        column: str,
        code: str,
        text: str,
        row: Sequence[str] = (),
        key: str = "",
    ) -> None:
        """Note one refused row.

        Args:
            line: Line of the file on which the row begins, from 1.
            column: Canonical column at fault, or empty.
            code: Stable word for machines; rows are counted by it.
            text: Why, for people.
            row: The row's own values.
            key: What names the row.
        """
        self.reasons[code] += 1
        self.refused_lines.append(line)
        self._pending[line] = _Refusal(column, code, [text], row, key)

    def add_reason(self, line: int, text: str) -> None:
        """Note one more wrong cell of a row that was refused since the last ``flush``."""
        self._pending[line].texts.append(text)

    def tell(self, line: int, cells: Sequence[Cell]) -> None:
        """How a row that is going to be refused differs from what is stored."""
        self._told[line] = cells

    def flush(self) -> None:
        """Write down what was refused since the last time, by line. Call it after each block."""
        for line, it in sorted(self._pending.items()):
            why = "; ".join(map(self._in_words, it.texts))
            group = CLASH if it.code in CLASH_CODES else REFUSED
            self._show(line, it, why, group)
            if self.log is not None:
                self.log.note(group, [line], [cell(it.key)], [why])
            if self._path is not None:
                row = map(escape_cell, self._own(it.row))
                self._write([str(line), it.column, it.code, why, *row])
        self._pending.clear()

    def _in_words(self, text: str) -> str:
        name, blank, rest = text.partition(" ")
        label = self._labels.get(name)
        return f"{label} {rest}" if label and blank else text

    def _show(self, line: int, it: _Refusal, why: str, group: str) -> None:
        if it.code == SKIPPED:
            return
        shown = {"line": line, "column": it.column, "code": it.code, "reason": why}
        if len(self.preview) < PREVIEW_ROWS:
            self.preview.append(shown)
        self.findings.add(group, line, it.key, self._told.pop(line, ()), note=why)

    def _write(self, cells: list[str]) -> None:
        if self._writer is None:
            assert self._path is not None  # noqa: S101 - checked by the caller
            try:
                self._stream = self._path.open("w", encoding="utf-8-sig", newline="")
            except OSError as error:
                raise DomainError(
                    _(
                        "The errors file %(path)s cannot be written (%(why)s). Name another with --errors."
                    )
                    % {"path": self._path, "why": error.strerror},
                    code="errors_file",
                ) from error
            self._writer = csv.writer(self._stream)
            self._writer.writerow(
                [*(_(word) for word in REPORT_HEAD), *map(escape_cell, self.header)]
            )
        self._writer.writerow(cells)

    def __enter__(self) -> Self:
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()
