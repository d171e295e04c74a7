"""A file as chunks of canonical columns: header checked, mapping applied, widths checked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from config.common.errors import RefusedFileError
from config.common.textfiles import Rows, paused_gc
from customers.importers.fields import BadCellError, Reader, clean
from customers.importers.mapping import Mapping, Ratio, Skip, Template
from customers.importers.registry import Kind
from customers.importers.report import SKIPPED, Report

CHUNK_ROWS = 50_000
Texts = NDArray[np.object_]


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

    def texts(self) -> Texts:
        """The values as an object array, None where blank or bad."""
        return objects(self.values)[self.codes]


class Chunk:
    """Some rows of a file in canonical columns.

    Args:
        lines: Line of the file on which each row begins.
        rows: The rows as they stand in the file, for the errors file.
        columns: Canonical name to texts as they stand in the file.
        report: Takes refused rows.
    """

    def __init__(
        self,
        lines: NDArray[np.int64],
        rows: Sequence[Sequence[str]],
        columns: dict[str, Texts],
        report: Report,
    ) -> None:
        self.lines = lines
        self.rows = rows
        self.columns = columns
        self.good = np.ones(len(lines), dtype=bool)
        self._report = report

    def __len__(self) -> int:
        return len(self.lines)

    def parse(self, name: str, read: Reader, *, required: bool = False) -> Parsed:
        """Read a column by reading each distinct text once; its bad rows are refused.

        Args:
            name: Canonical column; one that the file does not have is blank everywhere.
            read: Strict reader of one cleaned, non-blank text.
            required: Whether blank is refused.
        """
        texts = self.columns.get(name)
        if texts is None:
            codes, distinct = np.zeros(len(self), dtype=np.int64), [""]
        else:
            codes, found = pd.factorize(texts)
            distinct = found.tolist()
        parsed = Parsed(codes, *_read_all(distinct, name, read, required=required))
        if parsed.problems:
            bad = np.array(sorted(parsed.problems))
            for row in np.flatnonzero(np.isin(codes, bad) & self.good).tolist():
                self._reject(row, parsed.problems[int(codes[row])])
        return parsed

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
        self._report.reject(
            int(self.lines[row]), problem.column, problem.code, problem.text, self.rows[row]
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


def objects(values: Sequence[Any]) -> Texts:
    """An object array of anything."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


class Layout:
    """Which position of a row gives which canonical column."""

    def __init__(self, header: list[str], kind: Kind, mapping: Mapping) -> None:
        self.header = [cell.strip().strip("\ufeff").strip() for cell in header]
        self._names = [name.casefold() for name in self.header]
        self._mapping = mapping
        self._sources: dict[str, Callable[[list[Texts]], Texts]] = {}
        self.constants = dict(mapping.constants)
        if mapping.is_default:
            self._take_canonical(kind)
        else:
            self._take_mapped(kind)
        self._check_required(kind)
        self.skips = [(self._position(skip.column), skip) for skip in mapping.skips]

    def _take_canonical(self, kind: Kind) -> None:
        strange = [name for name in self.header if name.casefold() not in kind.known]
        if strange:
            raise self._wrong(
                "unknown_column",
                _("The column %(name)s is not known here; known are %(known)s.")
                % {
                    "name": ", ".join(strange),
                    "known": ", ".join(column.name for column in kind.columns),
                },
            )
        for column in kind.columns:
            if column.name in self._names:
                self._sources[column.name] = _plain(self._position(column.name))

    def _take_mapped(self, kind: Kind) -> None:
        mapping = self._mapping
        for name, template in mapping.columns.items():
            positions = [self._position(column) for column in template.columns]
            self._sources[name] = _put_together(positions, template)
        for name, ratio in mapping.derived.items():
            top, bottom = self._position(ratio.top), self._position(ratio.bottom)
            self._sources[name] = _divided(top, bottom, ratio, mapping.rounding.get(name, ""))
        taken = self._sources.keys() | mapping.constants.keys()
        for column in kind.columns:
            if column.name not in taken and column.name in self._names:
                self._sources[column.name] = _plain(self._position(column.name))

    def _check_required(self, kind: Kind) -> None:
        missing = [
            column.name
            for column in kind.columns
            if column.required
            and column.name not in self._sources
            and column.name not in self.constants
        ]
        if missing:
            raise self._wrong(
                "missing_column",
                _("The column %(name)s is missing.") % {"name": ", ".join(missing)},
            )

    def _position(self, name: str) -> int:
        folded = name.strip().casefold()
        count = self._names.count(folded)
        if count == 1:
            return self._names.index(folded)
        if count:
            raise self._wrong(
                "duplicate_column",
                _("The column %(name)s stands in the header %(count)d times.")
                % {"name": name, "count": count},
            )
        raise self._wrong("missing_column", _("The column %(name)s is missing.") % {"name": name})

    def _wrong(self, code: str, text: str) -> RefusedFileError:
        found = ", ".join(self.header[:40])
        return RefusedFileError(
            text + " " + _("The file has: %(found)s.") % {"found": found}, code=code
        )

    def columns(self, cells: list[Texts], count: int) -> dict[str, Texts]:
        """Canonical columns of rows whose cells are given column by column."""
        found = {name: source(cells) for name, source in self._sources.items()}
        for name, value in self.constants.items():
            found[name] = np.full(count, value, dtype=object)
        return found


def _plain(position: int) -> Callable[[list[Texts]], Texts]:
    return lambda cells: cells[position]


def _put_together(positions: list[int], template: Template) -> Callable[[list[Texts]], Texts]:
    if template.literals == ("", "") and len(positions) == 1:
        return _plain(positions[0])
    first, *rest = template.literals

    def join(cells: list[Texts]) -> Texts:
        return objects([one(parts) for parts in zip(*(cells[p] for p in positions), strict=True)])

    def one(parts: tuple[str, ...]) -> str:
        stripped = [part.strip() for part in parts]
        if not all(stripped):
            return ""
        return first + "".join(chain.from_iterable(zip(stripped, rest, strict=True)))

    return join


def _divided(top: int, bottom: int, ratio: Ratio, rounding: str) -> Callable[[list[Texts]], Texts]:
    def divide(cells: list[Texts]) -> Texts:
        return objects([one(a, b) for a, b in zip(cells[top], cells[bottom], strict=True)])

    def one(above: str, below: str) -> str:
        try:
            quotient = Decimal(above.strip()) / Decimal(below.strip())
        except ArithmeticError:
            return f"{above} / {below}"
        places = Decimal("0.01") if rounding else Decimal("0.0001")
        return f"{quotient.quantize(places, rounding=ROUND_HALF_UP):f}"

    return divide


def read_chunks(
    rows: Rows, kind: Kind, mapping: Mapping, report: Report, *, size: int = CHUNK_ROWS
) -> Iterator[Chunk]:
    """The rows of a file in canonical columns, some at a time.

    Rows of the wrong width and rows that the mapping leaves out are reported and not given on.

    Raises:
        RefusedFileError: No header or no row; a column is unknown, missing or there twice.
    """
    layout: Layout | None = None
    any_row = False
    for batch, before, after in rows.batches(size):
        lines = _line_numbers(batch, before, after)
        if layout is None:
            layout = Layout(batch[0], kind, mapping)
            report.header = layout.header
            batch, lines = batch[1:], lines[1:]
        batch, lines = _of_right_width(batch, lines, len(layout.header), report)
        any_row = any_row or bool(batch) or report.rejected > 0
        if batch:
            yield from _chunk(batch, lines, layout, report)
    if not any_row:
        raise RefusedFileError(_("The file has no rows below its header."), code="empty_file")


def _line_numbers(batch: list[list[str]], before: int, after: int) -> NDArray[np.int64]:
    if after - before == len(batch):
        return np.arange(before + 1, after + 1, dtype=np.int64)
    # Cells with line breaks: a row takes as many lines as its cells break, and one.
    heights = [1 + sum(_breaks(cell) for cell in row) for row in batch]
    return before + 1 + np.concatenate([[0], np.cumsum(heights)[:-1]]).astype(np.int64)


def _breaks(cell: str) -> int:
    if "\n" not in cell and "\r" not in cell:
        return 0
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n")


def _of_right_width(
    batch: list[list[str]], lines: NDArray[np.int64], width: int, report: Report
) -> tuple[list[list[str]], NDArray[np.int64]]:
    blank = any(not row or (not row[0] and not any(map(str.strip, row))) for row in batch)
    if not blank and set(map(len, batch)) <= {width}:
        return batch, lines
    keep = []
    for index, row in enumerate(batch):
        if not any(map(str.strip, row)):
            continue
        if len(row) == width:
            keep.append(index)
        else:
            report.rejected_unseen += 1
            text = _("the row has %(found)d columns, the header has %(wanted)d")
            report.reject(
                int(lines[index]),
                "",
                "wrong_width",
                text % {"found": len(row), "wanted": width},
                row,
            )
    return [batch[index] for index in keep], lines[np.array(keep, dtype=np.int64)]


def _chunk(
    batch: list[list[str]], lines: NDArray[np.int64], layout: Layout, report: Report
) -> Iterator[Chunk]:
    batch, lines = _without_skipped(batch, lines, layout.skips, report)
    if not batch:
        return
    width = len(layout.header)
    with paused_gc():
        flat = list(chain.from_iterable(batch))
        cells = [objects(flat[position::width]) for position in range(width)]
        del flat
    yield Chunk(lines, batch, layout.columns(cells, len(batch)), report)


def _without_skipped(
    batch: list[list[str]],
    lines: NDArray[np.int64],
    skips: list[tuple[int, Skip]],
    report: Report,
) -> tuple[list[list[str]], NDArray[np.int64]]:
    for position, skip in skips:
        keep = []
        for index, row in enumerate(batch):
            if row[position].strip() not in skip.values:
                keep.append(index)
                continue
            report.rejected_unseen += 1
            text = _("left out by the mapping") + (f": {skip.reason}" if skip.reason else "")
            report.reject(int(lines[index]), skip.column, SKIPPED, text, row)
        if len(keep) < len(batch):
            batch, lines = [batch[index] for index in keep], lines[np.array(keep, dtype=np.int64)]
    return batch, lines
