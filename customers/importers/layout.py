"""The header of a file and its mapping: which cells of a row give which canonical column."""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain

from django.utils.translation import gettext as _

from config.common.errors import RefusedFileError
from customers.importers.cells import Cells, combine
from customers.importers.mapping import Mapping, Ratio, Template
from customers.importers.registry import Kind


class Layout:
    """Which position of a row gives which canonical column."""

    def __init__(self, header: list[str], kind: Kind, mapping: Mapping) -> None:
        self.header = [cell.strip().strip("\ufeff").strip() for cell in header]
        self._names = [name.casefold() for name in self.header]
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

    def columns(self, cells: list[Cells]) -> dict[str, Cells]:
        """Canonical columns of rows whose cells are given column by column."""
        found = {name: source(cells) for name, source in self._sources.items()}
        for name, value in self.constants.items():
            found[name] = Cells.constant(value, len(cells[0]))
        return found


def _plain(position: int) -> Callable[[list[Cells]], Cells]:
    return lambda cells: cells[position]


def _put_together(positions: list[int], template: Template) -> Callable[[list[Cells]], Cells]:
    if template.literals == ("", "") and len(positions) == 1:
        return _plain(positions[0])
    first, *rest = template.literals

    def one(parts: Sequence[str]) -> str:
        stripped = [part.strip() for part in parts]
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
