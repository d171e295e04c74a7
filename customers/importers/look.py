"""The first look at a file: how it is written, where its header stands, what its columns hold.

Reads the file once for its encoding, as an import does, and its beginning for the rest. What it finds is
shown to people and kept in the file's row: telephone and identity-card numbers are masked.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from config.common import textfiles
from config.common.errors import RefusedFileError
from config.common.logs import mask_personal_data
from config.common.personal import masked_phone
from config.common.textfiles import TextFile, open_rows
from customers.importers import engine
from customers.importers.chunks import first_rows
from customers.importers.layout import clean_header
from customers.importers.mapping import DELIMITERS, MAX_HEADER_LINE, Mapping
from customers.importers.proposal import (
    is_number_of_people,
    is_of_people,
    names_of,
    plain_name,
)
from customers.importers.registry import Kind
from customers.importers.report import REPORT_WIDTH, is_report_head

MAX_COLUMNS = 200
MAX_NAME = 200
SAMPLES = 3
MAX_SAMPLE = 60
MAX_VALUES = 40
ROWS_LOOKED_AT = 2000
HEADERS_LOOKED_AT = 20
_CHARACTERS = 1_000_000
_BEGINNING = 100_000
_NUMBER = re.compile(r"[+-]?[\d.,/:年月日 -]+")
# A telephone number, masked or not; anything else in such a column is hidden.
_PHONE = re.compile(r"[0-9+*][0-9 ()+/*-]{4,29}", re.ASCII)
MASK = "***"
Row = tuple[int, Sequence[str]]


@dataclass(frozen=True)
class Look:
    """What a file is like; empty before anybody has looked.

    Args:
        encoding: Found or given.
        delimiter: Between cells.
        sheet: The sheet that is read, of a workbook.
        sheets: All its sheets.
        header_line: Line of the file on which the header stands.
        header: Names of its columns, without those of our own errors file.
        samples: For each column, the first different values.
        values: For each column, its different values, where these are few.
    """

    encoding: str = ""
    delimiter: str = ","
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    header_line: int = 1
    header: list[str] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)
    values: list[list[str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For the file's row."""
        return asdict(self)

    @property
    def file_section(self) -> dict[str, Any]:
        """What a mapping has to say so that the file is read in this way; only what differs."""
        found: dict[str, Any] = {}
        if self.delimiter != ",":
            found["delimiter"] = self.delimiter
        if self.sheet:
            found["sheet"] = self.sheet
        if self.header_line != 1:
            found["header_line"] = self.header_line
        return found


def look_at(path: Path, kind: Kind, given: Mapping, *, sure: frozenset[str] = frozenset()) -> Look:
    """Look at a file.

    Args:
        path: Where it is.
        kind: What it should hold; its header is known by the names of columns.
        given: How it is to be read, as far as somebody has said.
        sure: Which of ``delimiter``, ``header_line`` and ``sheet`` somebody has said.

    Raises:
        RefusedFileError: It cannot be read, or has no header and no row.
    """
    try:
        return _look(path, kind, given, sure)
    except RefusedFileError as error:
        others = error.extra.get("sheets", [])
        if error.code != "empty_file" or "sheet" in sure or len(others) < 2:
            raise
        # The first sheet of a workbook is often empty; the data are on the next one.
        return _look(path, kind, replace(given, sheet=others[1]), sure)


def _look(path: Path, kind: Kind, given: Mapping, sure: frozenset[str]) -> Look:
    with engine.readable(path, given) as (file, sheets):
        delimiter = given.delimiter if sheets or "delimiter" in sure else _delimiter(file)
        delimiter = "," if sheets else delimiter
        rows = _rows(file, delimiter)
        place = _place(rows, given.header_line) if "header_line" in sure else _header(rows, kind)
        line, header = rows[place]
        names = clean_header(header)
        skipped = REPORT_WIDTH if is_report_head(names) else 0
        _check_header(names)
        samples, values = _columns([cells for _line, cells in rows[place + 1 :]], len(names))
    people = [is_of_people(name) for name in names]
    numbers = [is_number_of_people(name, kind) for name in names]
    return Look(
        encoding=file.encoding.removesuffix("-sig"),
        delimiter=delimiter,
        sheet=given.sheet,
        sheets=sheets,
        header_line=line,
        header=[name[:MAX_NAME] for name in names[skipped:]],
        samples=[
            ([MASK] if it else []) if mask else masked_numbers(it) if number else it
            for it, mask, number in zip(samples, people, numbers, strict=True)
        ][skipped:],
        values=[
            [] if mask or number else it
            for it, mask, number in zip(values, people, numbers, strict=True)
        ][skipped:],
    )


def masked_numbers(samples: Sequence[str]) -> list[str]:
    """Telephone numbers by their ends; what is none is hidden."""
    shown = [masked_phone(it) if _PHONE.fullmatch(it) else MASK for it in samples]
    return list(dict.fromkeys(shown))


def _delimiter(file: TextFile) -> str:
    """The sign that cuts most of the first lines into the same number of cells, two at least."""
    text = textfiles.beginning(file, _BEGINNING)
    return max(DELIMITERS, key=lambda sign: _evenness(text, sign))


def _evenness(text: str, sign: str) -> tuple[float, int]:
    """Share of the first rows that have the most frequent number of cells, and that number."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    try:
        rows = [row for row in islice(reader, 50) if any(cell.strip() for cell in row)]
    except csv.Error:
        return (0.0, 0)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return (0.0, 0)
    width, count = widths.most_common(1)[0]
    return (count / len(rows), width)


def _rows(file: TextFile, delimiter: str) -> list[Row]:
    """The first rows with the lines on which they begin; blank ones are left out."""
    with textfiles.paused_gc(), open_rows(file, delimiter=delimiter) as source:
        found = first_rows(source, delimiter, _CHARACTERS)
    kept = [(line, row) for line, row in found if any(cell.strip() for cell in row)]
    if not kept:
        raise RefusedFileError(_("The file is empty."), code="empty_file")
    return kept[: ROWS_LOOKED_AT + MAX_HEADER_LINE]


def _place(rows: Sequence[Row], line: int) -> int:
    for place, (number, _row) in enumerate(rows):
        if number >= line:
            return place
    raise RefusedFileError(
        _("The header should be on line %(line)d, but the file ends before it.") % {"line": line},
        code="no_header",
    )


def _header(rows: Sequence[Row], kind: Kind) -> int:
    """Which of the first rows is the header: the one with most names that we know, else the first full one."""
    known = {name for column in kind.columns for name in names_of(column)}
    first = [row for line, row in rows[:HEADERS_LOOKED_AT] if line <= MAX_HEADER_LINE]
    hits = [sum(plain_name(cell) in known for cell in row) for row in first]
    if max(hits) >= 2:
        return hits.index(max(hits))
    full = [[cell for cell in row if cell.strip()] for row in first]
    usual = Counter(map(len, full)).most_common(1)[0][0]
    for place, cells in enumerate(full):
        if len(cells) >= max(2, usual * 0.8) and not any(map(_NUMBER.fullmatch, cells)):
            return place
    return 0


def _check_header(names: Sequence[str]) -> None:
    if len(names) > MAX_COLUMNS:
        raise RefusedFileError(
            _("The file has %(found)d columns, allowed are %(limit)d. Is the delimiter right?")
            % {"found": len(names), "limit": MAX_COLUMNS},
            code="too_many_columns",
        )


def _columns(rows: Sequence[Sequence[str]], width: int) -> tuple[list[list[str]], list[list[str]]]:
    """The first different values of each column, and all of them where they are few."""
    samples: list[list[str]] = []
    values: list[list[str]] = []
    for place in range(width):
        cells = (row[place].strip() for row in rows if place < len(row))
        different = list(dict.fromkeys(cell for cell in cells if cell))
        samples.append([_shown(text) for text in different[:SAMPLES]])
        few = len(different) <= MAX_VALUES and all(len(it) <= MAX_SAMPLE for it in different)
        values.append(list(map(mask_personal_data, different)) if few else [])
    return samples, values


def _shown(text: str) -> str:
    masked = mask_personal_data(text)
    return masked if len(masked) <= MAX_SAMPLE else f"{masked[: MAX_SAMPLE - 1]}…"
