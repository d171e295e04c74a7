"""A file as chunks of canonical columns: header checked, mapping applied, widths checked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from config.common.ahead import ahead
from config.common.errors import RefusedFileError
from config.common.textfiles import Block, Rows
from customers.importers.cells import Cells, cut
from customers.importers.fields import BadCellError, Reader, clean
from customers.importers.findings import UNKNOWN_CODES
from customers.importers.layout import Layout
from customers.importers.mapping import Mapping, Skip
from customers.importers.registry import Kind
from customers.importers.report import SKIPPED, Report

CHUNK_CHARACTERS = 4_000_000


@dataclass(frozen=True)
class Problem:
    """Why a value is refused."""

    column: str
    code: str
    text: str


class Parsed:
    """A column read: every distinct text once.

    Args:
        codes: Row to index into ``values``.
        values: What the distinct texts mean; None where blank or bad.
        problems: Index to problem, for the bad ones.
    """

    def __init__(
        self, codes: NDArray[np.int64], values: list[Any], problems: dict[int, Problem]
    ) -> None:
        self.codes = codes
        self.values = values
        self.problems = problems

    def column(self, dtype: str, missing: Any) -> NDArray[Any]:
        """The values as an array; ``missing`` stands for blank and bad ones."""
        table = np.array(
            [missing if value is None else value for value in self.values], dtype=dtype
        )
        return table[self.codes]

    def present(self) -> NDArray[np.bool_]:
        """Which rows hold a good value."""
        return np.array([value is not None for value in self.values], dtype=bool)[self.codes]


class Chunk:
    """Some rows of a file in canonical columns.

    Args:
        lines: Line of the file on which each row begins.
        rows: The rows as they stand in the file, for the errors file.
        columns: Canonical name to texts as they stand in the file.
        report: Takes refused rows.
        key: The column that names a row for people.
    """

    def __init__(
        self,
        lines: NDArray[np.int64],
        rows: Sequence[Sequence[str]],
        columns: dict[str, Cells],
        report: Report,
        key: str = "",
    ) -> None:
        self.lines = lines
        self.rows = rows
        self.columns = columns
        self.good = np.ones(len(lines), dtype=bool)
        self._bad_cell = np.zeros(len(lines), dtype=bool)
        self._report = report
        self._key = columns.get(key)

    def __len__(self) -> int:
        return len(self.lines)

    def parse(self, name: str, read: Reader, *, required: bool = False) -> Parsed:
        """Read a column by reading each distinct text once; its bad rows are refused.

        Args:
            name: Canonical column; one that the file does not have is blank everywhere.
            read: Strict reader of one cleaned, non-blank text.
            required: Whether blank is refused.
        """
        cells = self.columns.get(name) or Cells.constant("", len(self))
        codes, distinct = cells.codes, cells.distinct
        parsed = Parsed(codes, *_read_all(distinct, name, read, required=required))
        if parsed.problems:
            self._tell_unknown(name, cells, parsed)
            bad = np.array(sorted(parsed.problems))
            bad_here = np.isin(codes, bad)
            for row in np.flatnonzero(bad_here & self._bad_cell).tolist():
                self._report.add_reason(int(self.lines[row]), parsed.problems[int(codes[row])].text)
            bad_here &= self.good
            for row in np.flatnonzero(bad_here).tolist():
                self._reject(row, parsed.problems[int(codes[row])])
            self._bad_cell |= bad_here
        return parsed

    def _tell_unknown(self, name: str, cells: Cells, parsed: Parsed) -> None:
        wanted = [code for code, it in parsed.problems.items() if it.code in UNKNOWN_CODES]
        if wanted:
            rows = np.bincount(cells.codes[self.good], minlength=len(cells.distinct))
            for code in wanted:
                text = cells.distinct[code].strip()
                self._report.findings.not_known(name, text, int(rows[code]))

    def texts(self, row: int) -> dict[str, str]:
        """The canonical columns of a row as they stand in the file."""
        return {name: it.distinct[int(it.codes[row])] for name, it in self.columns.items()}

    def use(self, report: Report) -> None:
        """Give what is refused from now on to another report."""
        self._report = report

    def reject(self, wrong: NDArray[np.bool_], column: str, code: str, text: Any) -> None:
        """Refuse the rows that are wrong and were good so far.

        Args:
            wrong: Which rows.
            column: Canonical column at fault.
            code: Reason code.
            text: Why; a text, or a function of the row's index that returns one.
        """
        for row in np.flatnonzero(wrong & self.good).tolist():
            why = text(row) if callable(text) else str(text)
            self._reject(row, Problem(column, code, why))

    def _reject(self, row: int, problem: Problem) -> None:
        self.good[row] = False
        cells = self._key
        key = cells.distinct[int(cells.codes[row])].strip() if cells else ""
        self._report.reject(
            int(self.lines[row]), problem.column, problem.code, problem.text, self.rows[row], key
        )


def _read_all(
    distinct: list[str], name: str, read: Reader, *, required: bool
) -> tuple[list[Any], dict[int, Problem]]:
    values: list[Any] = []
    problems: dict[int, Problem] = {}
    for index, text in enumerate(distinct):
        value = None
        try:
            cleaned = clean(text)
            if cleaned:
                value = read(cleaned)
            elif required:
                raise BadCellError("missing_value", _("is empty"))
        except BadCellError as error:
            problems[index] = Problem(name, error.code, f"{name} {error.text}")
        values.append(value)
    return values, problems


def objects(values: Sequence[Any]) -> NDArray[np.object_]:
    """An object array of anything."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def read_chunks(
    source: Rows, kind: Kind, mapping: Mapping, report: Report, *, size: int = CHUNK_CHARACTERS
) -> Iterator[Chunk]:
    """The rows of a file in canonical columns, some at a time.

    Rows of the wrong width are reported and not given on; rows that the mapping leaves out are reported
    and marked. Blank rows are passed over.

    Raises:
        RefusedFileError: No header or no row; a column is unknown, missing or there twice.
    """
    with ahead(_tables(source, mapping, size)) as tables:
        yield from _chunks(tables, kind, mapping, report)
    if not report.rows:
        raise RefusedFileError(_("The file has no rows below its header."), code="empty_file")


def first_rows(source: Rows, delimiter: str, size: int) -> list[tuple[int, Sequence[str]]]:
    """The rows at the beginning of a file with the lines on which they begin."""
    for block in source.blocks(size):
        table = _Table(block, delimiter)
        return list(zip(table.lines.tolist(), table.rows, strict=True))
    return []


def _tables(source: Rows, mapping: Mapping, size: int) -> Iterator["_Table"]:
    """Blocks cut into columns; the first has given up its header and what stands above it."""
    first = True
    for block in source.blocks(size):
        table = _Table(block, mapping.delimiter)
        if first:
            table.take_header(mapping.header_line)
            first = False
        if len(table.lines):
            table.cut()
        yield table


def _chunks(
    tables: Iterator["_Table"], kind: Kind, mapping: Mapping, report: Report
) -> Iterator[Chunk]:
    layout: Layout | None = None
    for table in tables:
        if layout is None:
            layout = Layout(table.header, kind, mapping)
            report.take_header(layout.own_header, layout.own_cells)
        table.keep_width(len(layout.header), report)
        if len(table.lines):
            columns = layout.columns(table.cells())
            chunk = Chunk(table.lines, table.rows, columns, report, kind.key_column)
            _pass_over_blank(chunk, table.cells())
            report.rows += int(chunk.good.sum())
            _leave_out(chunk, table.cells(), layout.skips)
            yield chunk
        else:
            report.flush()


class _LineRows(Sequence[Sequence[str]]):
    """Rows cut out of their lines when they are asked for."""

    def __init__(self, lines: Sequence[str], delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [line.split(self._delimiter) for line in self._lines[index]]
        return self._lines[index].split(self._delimiter)


class _Table:
    """The rows of a block on their way to columns."""

    def __init__(self, block: Block, delimiter: str) -> None:
        self._block = block
        self._delimiter = delimiter
        self._cells: list[Cells] | None = None
        self.header: list[str] = []
        self.lines = _line_numbers(block)
        self.rows: Sequence[Sequence[str]] = block.rows
        if block.width:
            self.rows = _LineRows(block.lines, delimiter)

    def take_header(self, line: int) -> None:
        """Take the row that begins on this line as the header; rows above it are none of ours.

        Raises:
            RefusedFileError: The file is shorter.
        """
        place = int(np.searchsorted(self.lines, line))
        if place >= len(self.lines):
            raise RefusedFileError(
                _("The header should be on line %(line)d, but the file ends before it.")
                % {"line": line},
                code="no_header",
            )
        self.header = list(self.rows[place])
        self.lines = self.lines[place + 1 :]
        block = self._block
        if block.width:
            rest = block.text.split("\n", place + 1)[-1] if len(self.lines) else ""
            self._block = replace(block, text=rest, lines=block.lines[place + 1 :])
            self.rows = _LineRows(self._block.lines, self._delimiter)
        else:
            self.rows = self.rows[place + 1 :]

    def keep_width(self, width: int, report: Report) -> None:
        """Report and remove rows of another width; blank ones are no rows."""
        if self._block.width == width or set(map(len, self.rows)) <= {width}:
            return
        self._block = replace(self._block, width=0)
        self._cells = None
        keep = []
        for index, row in enumerate(self.rows):
            if len(row) == width:
                keep.append(index)
            elif any(map(str.strip, row)):
                report.rows += 1
                text = _("the row has %(found)d columns, the header has %(wanted)d")
                why = text % {"found": len(row), "wanted": width}
                report.reject(int(self.lines[index]), "", "wrong_width", why, row)
        self.rows = [self.rows[index] for index in keep]
        self.lines = self.lines[np.array(keep, dtype=np.int64)]

    def cut(self) -> None:
        """Make the columns now, when the rows allow the fast way."""
        if self._block.width:
            self.cells()

    def cells(self) -> list[Cells]:
        """The cells column by column."""
        if self._cells is None:
            block = self._block
            if block.width:
                self._cells = cut(block.text, block.lines, self._delimiter, block.width)
            else:
                flat, width = list(chain.from_iterable(self.rows)), len(self.rows[0])
                self._cells = [Cells.of(flat[position::width]) for position in range(width)]
        return self._cells


def _line_numbers(block: Block) -> NDArray[np.int64]:
    if block.width or block.after - block.before == len(block.rows):
        return np.arange(block.before + 1, block.after + 1, dtype=np.int64)
    # Cells with line breaks: a row takes as many lines as its cells break, and one.
    heights = [1 + sum(map(_breaks, row)) for row in block.rows]
    return block.before + 1 + np.concatenate([[0], np.cumsum(heights)[:-1]]).astype(np.int64)


def _breaks(cell: str) -> int:
    if "\n" not in cell and "\r" not in cell:
        return 0
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n")


def _pass_over_blank(chunk: Chunk, cells: list[Cells]) -> None:
    """Spreadsheets leave rows of nothing but delimiters at the end; they are no rows."""
    blank = cells[0].where(lambda text: not text.strip())
    for row in np.flatnonzero(blank).tolist():
        if not any(map(str.strip, chunk.rows[row])):
            chunk.good[row] = False


def _leave_out(chunk: Chunk, cells: list[Cells], skips: list[tuple[int, Skip]]) -> None:
    for position, skip in skips:
        text = _("left out by the mapping") + (f": {skip.reason}" if skip.reason else "")
        hit = cells[position].where(partial(_among, skip.values))
        chunk.reject(hit, skip.column, SKIPPED, text)


def _among(values: frozenset[str], text: str) -> bool:
    return text.strip() in values
