"""Mapping files (TOML): how a file of somebody else's becomes our canonical columns.

Every key is known or the mapping is refused, so that a typing error cannot silently change a meaning.
docs/importing.md describes them for users.
"""

import re
import string
import tomllib
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from config.common.errors import RefusedFileError
from config.common.textfiles import ENCODINGS
from customers.importers.fields import Reader, date_in, integer_text, without_commas

_SECTIONS = {
    "columns",
    "constants",
    "derived",
    "values",
    "formats",
    "rounding",
    "rules",
    "file",
    "skip",
}
RULES: dict[str, tuple[Any, ...]] = {
    "kind_from_sign": (False, True),
    "duplicates": ("error", "first", "last"),
    "line_no": ("given", "auto"),
    "create_codes": (False, True),
    "hand_changes": ("refuse", "keep", "overwrite"),
}
_FILE = {"encoding", "delimiter", "final_newline", "header_line", "sheet"}
DELIMITERS = (",", ";", "\t", "|")
MAX_HEADER_LINE = 50
_RATIO = re.compile(r"(?P<top>.+?) / (?P<bottom>.+)")
ROUNDINGS = ("half_up", "down")
INTEGER_TEXT = "integer_text"
WITH_COMMAS = "1,234.5"


@dataclass(frozen=True)
class Template:
    """A column put together from columns of the file: ``{city}|{county}``.

    Args:
        columns: Source columns, in order.
        literals: Texts before, between and after them; one more than columns.
    """

    columns: tuple[str, ...]
    literals: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether the column is left out although the file has one of its name."""
        return self.columns == ("",)


@dataclass(frozen=True)
class Ratio:
    """A column that is one column of the file divided by another."""

    top: str
    bottom: str


@dataclass(frozen=True)
class Skip:
    """Rows that are left out on purpose."""

    column: str
    values: frozenset[str]
    reason: str


@dataclass(frozen=True)
class Mapping:
    """How to read a file. The default takes canonical columns as they are."""

    columns: AnyMapping[str, Template] = field(default_factory=dict)
    constants: AnyMapping[str, str] = field(default_factory=dict)
    derived: AnyMapping[str, Ratio] = field(default_factory=dict)
    values: AnyMapping[str, AnyMapping[str, str]] = field(default_factory=dict)
    formats: AnyMapping[str, str] = field(default_factory=dict)
    rounding: AnyMapping[str, str] = field(default_factory=dict)
    rules: AnyMapping[str, Any] = field(default_factory=dict)
    skips: tuple[Skip, ...] = ()
    encoding: str = ""
    delimiter: str = ","
    final_newline: bool = True
    header_line: int = 1
    sheet: str = ""

    @property
    def is_default(self) -> bool:
        """True when no mapping was given."""
        return not (self.columns or self.constants or self.derived)

    def named(self, name: str, read: Reader) -> Reader:
        """The reader of a column that names something, with the format the mapping sets for it."""
        if self.formats.get(name) != INTEGER_TEXT:
            return read
        return lambda text: read(integer_text(text))

    def date(self, name: str) -> Reader:
        """The reader of a date column."""
        return date_in(self.formats.get(name) or self.formats.get("date", ""))

    def number(self, read: Reader) -> Reader:
        """The reader of a column of numbers, which may have thousands separators if the mapping says so."""
        if self.formats.get("number") != WITH_COMMAS:
            return read
        return lambda text: read(without_commas(text))

    def rule(self, name: str) -> Any:
        """The value of a rule, or its default, which is the first allowed one."""
        return self.rules.get(name, RULES[name][0])


def load(path: Path, known: frozenset[str]) -> Mapping:
    """Read a mapping file.

    Args:
        path: A TOML file.
        known: Canonical columns of the kind that is imported.

    Returns:
        The mapping.

    Raises:
        RefusedFileError: Not TOML, or a key, column or value that we do not know.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(_("it cannot be read: %(why)s") % {"why": error}) from error
    return parse(text, known)


def parse(text: str, known: frozenset[str]) -> Mapping:
    """As ``load``, from the text of a mapping; an empty text is the default mapping."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(_("it is not valid TOML: %(why)s") % {"why": error}) from error
    _only("", found, _SECTIONS)
    for section in ("columns", "constants", "derived", "rounding"):
        _only(section, _table(found, section), known)
    _only("values", _table(found, "values"), known)
    _only("formats", _table(found, "formats"), known | {"date", "number"})
    _only("rules", _table(found, "rules"), set(RULES))
    twice = [
        name
        for name in known
        if sum(name in _table(found, part) for part in ("columns", "constants", "derived")) > 1
    ]
    if twice:
        raise _refused(_("%(name)s is set twice") % {"name": ", ".join(sorted(twice))})
    return Mapping(
        columns={name: _template(value) for name, value in _texts(found, "columns").items()},
        constants=_texts(found, "constants"),
        derived={name: _ratio(value) for name, value in _texts(found, "derived").items()},
        values=_values(_table(found, "values")),
        formats=_formats(_texts(found, "formats")),
        rounding=_choices("rounding", _texts(found, "rounding"), ROUNDINGS),
        rules=_rules(_table(found, "rules")),
        skips=_skips(found.get("skip", [])),
        **_file(_table(found, "file")),
    )


def _refused(why: str) -> RefusedFileError:
    return RefusedFileError(
        _("The mapping file cannot be used: %(why)s.") % {"why": why}, code="bad_mapping"
    )


def _only(section: str, found: AnyMapping[str, Any], known: set[str] | frozenset[str]) -> None:
    strange = sorted(set(found) - set(known))
    if strange:
        raise _refused(
            _("unknown key %(name)s in [%(section)s]; known are %(known)s")
            % {"name": ", ".join(strange), "section": section, "known": ", ".join(sorted(known))}
        )


def _table(found: dict[str, Any], section: str) -> dict[str, Any]:
    table = found.get(section, {})
    if not isinstance(table, dict):
        raise _refused(_("[%(section)s] must be a table") % {"section": section})
    return table


def _texts(found: dict[str, Any], section: str) -> dict[str, str]:
    table = _table(found, section)
    for name, value in table.items():
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise _refused(
                _("%(name)s in [%(section)s] must be a text, got %(value)s")
                % {"name": name, "section": section, "value": repr(value)}
            )
    return {name: str(value) for name, value in table.items()}


def _choices(section: str, table: dict[str, str], allowed: tuple[str, ...]) -> dict[str, str]:
    for name, value in table.items():
        _one_of(f"{section}.{name}", value, allowed)
    return table


def _one_of(name: str, value: Any, allowed: tuple[Any, ...]) -> None:
    if not any(value == option and type(value) is type(option) for option in allowed):
        raise _refused(
            _("%(name)s must be one of %(allowed)s, got %(value)s")
            % {
                "name": name,
                "allowed": ", ".join(str(option) for option in allowed),
                "value": repr(value),
            }
        )


def _values(table: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {
        name: _texts({f"values.{name}": inner}, f"values.{name}") for name, inner in table.items()
    }


def _formats(table: dict[str, str]) -> dict[str, str]:
    for name, value in table.items():
        if name == "number":
            _one_of("formats.number", value, ("plain", WITH_COMMAS))
        elif name == "date" or name.endswith("_on"):
            if "%" not in value:
                raise _refused(_("formats.%(name)s must be like %%Y-%%m-%%d") % {"name": name})
        else:
            _one_of(f"formats.{name}", value, (INTEGER_TEXT,))
    return table


def _rules(table: dict[str, Any]) -> dict[str, Any]:
    for name, value in table.items():
        _one_of(f"rules.{name}", value, RULES[name])
    return table


def _template(text: str) -> Template:
    """``Source column`` or ``{first}-{second}``; a name that holds no brace is a column."""
    if "{" not in text and "}" not in text:
        return Template(columns=(text,), literals=("", ""))
    columns, literals = [], []
    try:
        pieces = list(string.Formatter().parse(text))
    except ValueError as error:
        raise _refused(
            _("%(text)s is not a template: %(why)s") % {"text": text, "why": error}
        ) from error
    pending = ""
    for literal, name, form, conversion in pieces:
        pending += literal
        if name is None:
            continue
        if not name or form or conversion:
            raise _refused(_("%(text)s: write {column} and nothing more") % {"text": text})
        literals.append(pending)
        columns.append(name)
        pending = ""
    return Template(columns=tuple(columns), literals=(*literals, pending))


def _ratio(text: str) -> Ratio:
    match = _RATIO.fullmatch(text)
    if match is None:
        raise _refused(_("[derived] takes “column / column”, got %(text)s") % {"text": text})
    return Ratio(top=match["top"].strip(), bottom=match["bottom"].strip())


def _skips(found: Any) -> tuple[Skip, ...]:
    if not isinstance(found, list):
        raise _refused(_("[[skip]] must be a list of tables"))
    skips = []
    for entry in found:
        _only("skip", entry, {"column", "values", "reason"})
        values = entry.get("values")
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise _refused(_("[[skip]] needs values, a list of texts"))
        if not isinstance(entry.get("column"), str):
            raise _refused(_("[[skip]] needs the name of a column of the file"))
        skips.append(Skip(entry["column"], frozenset(values), str(entry.get("reason", ""))))
    return tuple(skips)


def _file(table: dict[str, Any]) -> dict[str, Any]:
    _only("file", table, _FILE)
    encoding = table.get("encoding", "")
    if encoding:
        _one_of("file.encoding", encoding, ENCODINGS)
    delimiter = table.get("delimiter", ",")
    _one_of("file.delimiter", delimiter, DELIMITERS)
    final = table.get("final_newline", "required")
    _one_of("file.final_newline", final, ("required", "optional"))
    return {
        "encoding": encoding,
        "delimiter": delimiter,
        "final_newline": final == "required",
        "header_line": _header_line(table.get("header_line", 1)),
        "sheet": _sheet(table.get("sheet", "")),
    }


def _header_line(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_HEADER_LINE:
        raise _refused(
            _("file.header_line must be a whole number from 1 to %(most)d, got %(value)s")
            % {"most": MAX_HEADER_LINE, "value": repr(value)}
        )
    return value


def _sheet(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 60:
        raise _refused(
            _("file.sheet must be the name of a sheet, got %(value)s") % {"value": repr(value)}
        )
    return value
