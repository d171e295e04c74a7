"""What became of the rows of a file: counts, refused rows with reasons, the errors file."""

import csv
from array import array
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from django.utils.translation import gettext as _

from config.common.errors import DomainError
from config.common.textfiles import escape_cell

PREVIEW_ROWS = 50
SKIPPED = "skipped_by_mapping"


class Report:
    """Counts rows and writes refused ones to the errors file as they come.

    Args:
        path: The errors file, or None for none. It is only made when a row is refused; a stale one
            of an earlier import is removed.
    """

    def __init__(self, path: Path | None) -> None:
        self.imported = 0
        self.updated = 0
        self.unchanged = 0
        self.reasons: Counter[str] = Counter()
        self.preview: list[dict[str, Any]] = []
        self.header: list[str] = []
        self.rows = 0
        self.refused_lines = array("q")
        self._path = path
        self._stream: IO[str] | None = None
        self._writer: Any = None

    @property
    def rejected(self) -> int:
        """Refused rows."""
        return self.reasons.total()

    @property
    def blocked(self) -> bool:
        """True when a row was refused for another reason than the mapping's own wish."""
        return self.reasons.total() > self.reasons[SKIPPED]

    @property
    def errors_path(self) -> Path | None:
        """Where the refused rows are, when there are any."""
        return self._path if self.rejected else None

    def reject(self, line: int, column: str, code: str, text: str, row: Sequence[str] = ()) -> None:
        """Note one refused row.

        Args:
            line: Line of the file on which the row begins, from 1.
            column: Canonical column at fault, or empty.
            code: Stable word for machines; rows are counted by it.
            text: Why, for people.
            row: The row's own values.
        """
        self.reasons[code] += 1
        self.refused_lines.append(line)
        if len(self.preview) < PREVIEW_ROWS and code != SKIPPED:
            self.preview.append({"line": line, "column": column, "code": code, "reason": text})
        if self._path is not None:
            self._write([str(line), column, code, text, *(escape_cell(cell) for cell in row)])

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
                [_("line"), _("column"), _("code"), _("reason"), *map(escape_cell, self.header)]
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
