"""The header of a file and its mapping: which cells of a row give which canonical column.

A file of refused rows that somebody has corrected may come back as it is: its first columns, which are ours,
are passed over, and the apostrophe that we put before formulas is taken off again.
"""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as AnyMapping
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from itertools import chain, takewhile

from django.utils.translation import gettext as _

from config.common.errors import RefusedFileError
from config.common.textfiles import unescape_cell
from customers.importers.cells import Cells, combine
from customers.importers.mapping import Mapping, Ratio, Template
from customers.importers.registry import Column, Kind
from customers.importers.report import REPORT_WIDTH, is_report_head


class Layout:
    """Which position of a row gives which canonical column."""

    def __init__(self, header: list[str], kind: Kind, mapping: Mapping) -> None:
        self.header = clean_header(header)
        self._skipped = REPORT_WIDTH if is_report_head(self.header) else 0
        self._names = [name.casefold() for name in self.header]
        self._names[: self._skipped] = [""] * self._skipped
        self._mapping = mapping
        self._sources: dict[str, Callable[[list[Cells]], Cells]] = {}
        self.constants = dict(mapping.constants)
        if mapping.is_default:
            self._take_canonical(kind)
        else:
            self._take_mapped(kind)
        self._check_required(kind)
        self.skips = [(self._position(skip.column), skip) for skip in mapping.skips]

    def _take_canonical(self, kind: Kind) -> None:
        names = self.header[self._skipped :]
        strange = [name for name in names if name.casefold() not in kind.known]
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
            if template.is_nothing:
                continue
            positions = [self._position(column) for column in template.columns]
            path = kind.column(name).path
            self._sources[name] = _put_together(positions, template, path=path)
        for name, ratio in mapping.derived.items():
            top, bottom = self._position(ratio.top), self._position(ratio.bottom)
            self._sources[name] = _divided(top, bottom, ratio, mapping.rounding.get(name, ""))
        taken = self._sources.keys() | mapping.constants.keys() | mapping.columns.keys()
        for column in kind.columns:
            if column.name not in taken and column.name in self._names:
                self._sources[column.name] = _plain(self._position(column.name))

    def _check_required(self, kind: Kind) -> None:
        missing = [
            column.name
            for column in kind.columns
            if is_needed(column, self._mapping)
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

    def columns(self, cells: list[Cells]) -> dict[str, Cells]:
        """Canonical columns of rows whose cells are given column by column."""
        if self._skipped:
            cells = [_restored(column, unescape_cell) for column in cells]
        found = {name: source(cells) for name, source in self._sources.items()}
        for name, value in self.constants.items():
            found[name] = Cells.constant(value, len(cells[0]))
        for name, meanings in self._mapping.values.items():
            if name in found:
                found[name] = _restored(found[name], partial(_meaning, meanings))
        return found

    @property
    def own_header(self) -> list[str]:
        """The header without our columns of a file of refused rows."""
        return self.header[self._skipped :]

    def own_cells(self, row: Sequence[str]) -> Sequence[str]:
        """A row without them, as it stood in the first file."""
        return [unescape_cell(cell) for cell in row[self._skipped :]] if self._skipped else row


def is_needed(column: Column, mapping: Mapping) -> bool:
    """Whether a file read in this way must have the column."""
    if column.unless is None:
        return column.required
    rule, value = column.unless
    return column.required and mapping.rule(rule) != value


def clean_header(cells: Sequence[str]) -> list[str]:
    """The names of the columns of a file without blanks and invisible signs at their ends."""
    return [cell.strip().strip("\ufeff").strip() for cell in cells]


def _restored(column: Cells, change: Callable[[str], str]) -> Cells:
    return Cells(column.codes, [change(text) for text in column.distinct])


def _meaning(meanings: AnyMapping[str, str], text: str) -> str:
    return meanings.get(text.strip(), text)


def _plain(position: int) -> Callable[[list[Cells]], Cells]:
    return lambda cells: cells[position]


def _put_together(
    positions: list[int], template: Template, *, path: bool
) -> Callable[[list[Cells]], Cells]:
    if template.literals == ("", "") and len(positions) == 1:
        return _plain(positions[0])
    first, *rest = template.literals

    def one(parts: Sequence[str]) -> str:
        stripped = [part.strip() for part in parts]
        if path and stripped[0]:
            known = list(takewhile(bool, stripped))
            return (first + "".join(chain.from_iterable(zip(known, rest, strict=False)))).rstrip(
                "/"
            )
        if not all(stripped):
            return ""
        return first + "".join(chain.from_iterable(zip(stripped, rest, strict=True)))

    return lambda cells: combine([cells[position] for position in positions], one)


def _divided(top: int, bottom: int, ratio: Ratio, rounding: str) -> Callable[[list[Cells]], Cells]:
    def one(parts: Sequence[str]) -> str:
        above, below = parts
        try:
            quotient = Decimal(above.strip()) / Decimal(below.strip())
        except ArithmeticError:
            return f"{above} / {below}"
        places = Decimal("0.01") if rounding else Decimal("0.0001")
        return f"{quotient.quantize(places, rounding=ROUND_HALF_UP):f}"

    return lambda cells: combine([cells[top], cells[bottom]], one)
