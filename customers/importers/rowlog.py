"""The result file of an import or of taking one back: line, key, outcome, reason; as CSV for spreadsheets."""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from config.common.textfiles import escape_cell, unescape_cell

BATCH = 100_000
WORDS = {
    "new": gettext_noop("new"),
    "changed": gettext_noop("changed"),
    "same": gettext_noop("unchanged"),
    "clash": gettext_noop("clash"),
    "refused": gettext_noop("refused"),
    "restored": gettext_noop("restored"),
    "deleted": gettext_noop("deleted"),
    "left": gettext_noop("left as it is"),
}


def cell(text: str) -> str:
    """A cell of a CSV file that no spreadsheet runs as a formula."""
    safe = escape_cell(text)
    if '"' in safe or "," in safe or "\n" in safe or "\r" in safe:
        return '"' + safe.replace('"', '""') + '"'
    return safe


class RowLog:
    """Writes what became of every row, in the order of the file.

    Args:
        path: Where it goes; an earlier one is replaced when this one is whole.
        numbered: Whether the rows are lines of a file, which are written down too.
    """

    def __init__(self, path: Path, *, numbered: bool = True) -> None:
        self._path = path
        self._numbered = numbered
        self._part = path.with_name(path.name + ".part")
        self._lines: list[int] = []
        self._rows: list[str] = []
        self._words = {outcome: cell(_(word)) for outcome, word in WORDS.items()}
        self._dropped: set[int] = set()
        self._stream: IO[str] | None = None
        self._closed = False

    def note(
        self, outcome: str, lines: Sequence[int], keys: Sequence[str], reasons: Sequence[str] = ()
    ) -> None:
        """What became of some rows.

        Args:
            outcome: One of ``WORDS``.
            lines: Of the file.
            keys: What names the rows, each through ``cell``.
            reasons: Why, one a row; empty for none.
        """
        word = self._words[outcome]
        ends = [cell(why) for why in reasons] or [""] * len(keys)
        if self._numbered:
            rows = [
                f"{line},{key},{word},{end}\n"
                for line, key, end in zip(lines, keys, ends, strict=True)
            ]
        else:
            rows = [f"{key},{word},{end}\n" for key, end in zip(keys, ends, strict=True)]
        self._rows += rows
        self._lines += lines
        if len(self._rows) >= BATCH:
            self._write()

    def drop_same(self, lines: Sequence[int]) -> None:
        """Rows noted as unchanged turned out to be something else, which is noted by itself."""
        self._dropped.update(lines)

    def _write(self) -> None:
        stream = self._open()
        order = np.argsort(np.array(self._lines, dtype=np.int64), kind="stable").tolist()
        stream.writelines(map(self._rows.__getitem__, order))
        self._lines, self._rows = [], []

    def _open(self) -> IO[str]:
        if self._stream is None:
            self._stream = self._part.open("w", encoding="utf-8-sig", newline="")
            head = [_("line")] if self._numbered else []
            self._stream.write(",".join([*head, _("key"), _("outcome"), _("reason")]) + "\n")
        return self._stream

    def close(self) -> None:
        """Write what is left and put the file in its place; a second time does nothing."""
        if self._closed:
            return
        self._closed = True
        self._write()
        self._open().close()
        if self._dropped:
            self._without_dropped()
        self._part.replace(self._path)

    def discard(self) -> None:
        """Leave no file, because nothing was kept."""
        if not self._closed:
            self._closed = True
            if self._stream is not None:
                self._stream.close()
            self._part.unlink(missing_ok=True)

    def _without_dropped(self) -> None:
        same = f",{self._words['same']},\n"
        whole = self._part.with_suffix(".whole")
        with (
            self._part.open(encoding="utf-8-sig", newline="") as source,
            whole.open("w", encoding="utf-8-sig", newline="") as target,
        ):
            for number, row in enumerate(source):
                gone = number and row.endswith(same) and int(row.split(",", 1)[0]) in self._dropped
                if not gone:
                    target.write(row)
        whole.replace(self._part)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self.discard()


def keys_of(codes: Any, distinct: Sequence[str]) -> list[str]:
    """The keys of rows whose texts are given once each."""
    cells = [cell(text) for text in distinct]
    return [cells[code] for code in codes.tolist()]


def new_keys(path: Path) -> set[str]:
    """The keys of the rows that were new, from a result file in whatever language."""
    words = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words.add(_(WORDS["new"]))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {unescape_cell(row[1]) for row in csv.reader(stream) if row[2] in words}
