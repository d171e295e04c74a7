"""A mapping as a form and as TOML, in both directions.

The form changes a document (what ``tomllib`` gives) and leaves in it what it does not know: columns put together from
others, divisions, rows left out. So somebody may write TOML, go on with the form, and lose nothing but
comments.
"""

import json
import re
import tomllib
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.importers.layout import is_needed
from customers.importers.mapping import RULES, WITH_COMMAS, Mapping
from customers.importers.proposal import is_usable
from customers.importers.registry import NUMBERS, Column, Expects, Kind

# What a column of ours is made of.
NOTHING, COLUMN, CONSTANT, TEMPLATE, DERIVED = "none", "column", "constant", "template", "derived"
DATE_FORMATS = {
    "": gettext_lazy("2026-11-21"),
    "%Y/%m/%d": "2026/11/21",
    "%Y%m%d": "20261121",
    "%Y.%m.%d": "2026.11.21",
    "%Y年%m月%d日": "2026年11月21日",
    "%Y-%m-%d %H:%M:%S": "2026-11-21 08:30:00",
    "%Y/%m/%d %H:%M:%S": "2026/11/21 08:30:00",
    "%Y/%m/%d %H:%M": "2026/11/21 08:30",
    "%d/%m/%Y": "21/11/2026",
    "%m/%d/%Y": "11/21/2026",
}
NUMBER_FORMATS = {"": "1234.5", WITH_COMMAS: "1,234.5"}
FRACTIONS = {
    "": gettext_lazy("refuse the row"),
    "half_up": gettext_lazy("round to the nearest"),
    "down": gettext_lazy("cut off"),
}
Document = dict[str, Any]
_BRACED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Pick:
    """What one of our columns is made of.

    Args:
        how: ``none``, ``column``, ``constant``, ``template`` or ``derived``.
        text: The column's name, the constant text, the template or the division.
    """

    how: str = NOTHING
    text: str = ""


@dataclass
class Choices:
    """What somebody has chosen on the page.

    Args:
        picks: Canonical column to what it is made of.
        date: ``strptime`` format of all dates; empty for ISO.
        number: How numbers are written.
        fractions: What to do with decimals that cannot be; None leaves what the document says.
        rules: Rules of the kind.
        values: Canonical column to what texts of the file mean.
        file: How the file is read: delimiter, encoding, header line, sheet.
    """

    picks: dict[str, Pick] = field(default_factory=dict)
    date: str = ""
    number: str = ""
    fractions: str | None = ""
    rules: dict[str, Any] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    file: dict[str, Any] = field(default_factory=dict)


def load(text: str) -> Document:
    """The document of a text that ``mapping.parse`` has accepted."""
    return tomllib.loads(text)


def choices_of(document: AnyMapping[str, Any], kind: Kind, header: Sequence[str]) -> Choices:
    """What a document says, as choices. A column with our own name needs no mention."""
    columns = document.get("columns", {})
    picks = {}
    own = {name.casefold(): name for name in header}
    for column in kind.columns:
        name = column.name
        if name in document.get("constants", {}):
            picks[name] = Pick(CONSTANT, str(document["constants"][name]))
        elif name in document.get("derived", {}):
            picks[name] = Pick(DERIVED, str(document["derived"][name]))
        elif name in columns:
            picks[name] = _pick_of(str(columns[name]), header) if columns[name] else Pick()
        elif name in own:
            picks[name] = Pick(COLUMN, own[name])
        else:
            picks[name] = Pick()
    formats = document.get("formats", {})
    rounding = set(document.get("rounding", {}).values())
    return Choices(
        picks=picks,
        date=str(formats.get("date", "")),
        number=WITH_COMMAS if formats.get("number") == WITH_COMMAS else "",
        fractions=None if len(rounding) > 1 else next(iter(rounding), ""),
        rules={name: document.get("rules", {}).get(name, RULES[name][0]) for name in kind.rules},
        values={name: dict(it) for name, it in document.get("values", {}).items()},
        file=dict(document.get("file", {})),
    )


def _pick_of(text: str, header: Sequence[str]) -> Pick:
    if "{" in text or "}" in text:
        return Pick(TEMPLATE, text)
    folded = text.strip().casefold()
    return Pick(COLUMN, next((name for name in header if name.casefold() == folded), text))


def changed(
    document: AnyMapping[str, Any], choices: Choices, kind: Kind, header: Sequence[str]
) -> Document:
    """The document with what was chosen, and everything else as it was.

    A mapping that says nothing (our own columns, read as they are) becomes an empty document.
    """
    found = {name: _copy(value) for name, value in document.items()}
    for section in ("columns", "constants", "derived"):
        found[section] = {}
    own = {name.casefold() for name in header}
    for name, pick in choices.picks.items():
        _put(found, name, pick)
        if pick.how == NOTHING and name in own:
            found["columns"][name] = ""  # else it would be taken by its name
    if _is_own(found["columns"], header) and not found["constants"] and not found["derived"]:
        found["columns"] = {}
    formats = dict(found.get("formats", {}))
    _set(formats, "date", choices.date)
    _set(formats, "number", choices.number)
    found["formats"] = formats
    if choices.fractions is not None:
        numbers = _mapped_numbers(kind, choices)
        found["rounding"] = dict.fromkeys(numbers, choices.fractions) if choices.fractions else {}
    rules = {**found.get("rules", {}), **choices.rules}
    found["rules"] = {name: value for name, value in rules.items() if value != RULES[name][0]}
    found["values"] = {name: it for name, it in choices.values.items() if it}
    found["file"] = choices.file
    return {name: value for name, value in found.items() if value}


def _put(document: Document, name: str, pick: Pick) -> None:
    section = {COLUMN: "columns", TEMPLATE: "columns", CONSTANT: "constants", DERIVED: "derived"}
    if pick.how in section:
        document[section[pick.how]][name] = pick.text


def _is_own(columns: AnyMapping[str, str], header: Sequence[str]) -> bool:
    """Whether every column of the file has our own name and is used as such."""
    own = {name.casefold() for name in header}
    return own == set(columns) and all(
        name == text.strip().casefold() for name, text in columns.items()
    )


def _mapped_numbers(kind: Kind, choices: Choices) -> list[str]:
    rounded = [column.name for column in kind.columns if column.expects in _ROUNDED]
    return [name for name in rounded if choices.picks.get(name, Pick()).how != NOTHING]


_ROUNDED = NUMBERS - {Expects.DECIMAL}


def _set(table: dict[str, Any], name: str, value: str) -> None:
    if value:
        table[name] = value
    else:
        table.pop(name, None)


def _copy(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value


# --- what is wrong with it ------------------------------------------------------------------


def problems(
    choices: Choices, kind: Kind, header: Sequence[str], before: Choices, read: Mapping
) -> dict[str, str]:
    """What is wrong with the columns chosen: canonical column to a sentence.

    Args:
        choices: What was chosen.
        kind: Of the file.
        header: Columns of the file.
        before: What the document said before; a column used twice in it was meant so.
        read: The mapping as it would be read, for rules.
    """
    found: dict[str, str] = {}
    used: dict[str, str] = {}
    for column in kind.columns:
        pick = choices.picks.get(column.name, Pick())
        why = _problem(pick, column, header, read)
        if not why and pick.how == COLUMN:
            other = used.setdefault(pick.text.casefold(), column.name)
            if other != column.name and not _was_so(before, (other, column.name), pick):
                why = _("“%(column)s” is already used for %(other)s.") % {
                    "column": pick.text,
                    "other": kind.column(other).label,
                }
        if why:
            found[column.name] = why
    for group in kind.any_of:
        if all(choices.picks.get(name, Pick()).how == NOTHING for name in group):
            labels = ", ".join(str(kind.column(name).label) for name in group)
            found.setdefault(
                group[0], _("At least one of these is needed: %(names)s.") % {"names": labels}
            )
    return found


def _problem(pick: Pick, column: Column, header: Sequence[str], read: Mapping) -> str:
    if pick.how == NOTHING:
        return _("This column is needed.") if is_needed(column, read) else ""
    if pick.how != DERIVED and not pick.text.strip():
        return _("Say which text.")
    if pick.how == COLUMN:
        return _column_problem(pick.text, header)
    return _template_problem(pick.text, header) if pick.how == TEMPLATE else ""


def _template_problem(text: str, header: Sequence[str]) -> str:
    named = _BRACED.findall(text)
    around = _BRACED.sub("", text)
    if not named or "{" in around or "}" in around or any(set(name) & {":", "!"} for name in named):
        example = _("County") + "}/{" + _("Line")
        return _("Write the names of columns in braces, such as %(example)s.") % {
            "example": "{" + example + "}"
        }
    return next(filter(None, (_column_problem(name, header) for name in named)), "")


def _column_problem(name: str, header: Sequence[str]) -> str:
    folded = name.strip().casefold()
    count = sum(it.casefold() == folded for it in header)
    if not count:
        return _("The file has no column “%(name)s”.") % {"name": name}
    if count > 1:
        return _("“%(name)s” stands in the header %(count)d times.") % {
            "name": name,
            "count": count,
        }
    if not is_usable(name):
        return _("The name of this column holds braces; rename it in the file.")
    return ""


def _was_so(before: Choices, names: tuple[str, str], pick: Pick) -> bool:
    return all(before.picks.get(name) == pick for name in names)


# --- as text --------------------------------------------------------------------------------

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ORDER = ("columns", "constants", "derived", "values", "formats", "rounding", "rules", "file")


def dump(document: AnyMapping[str, Any]) -> str:
    """A document as TOML: the tables of a mapping, and its ``[[skip]]`` last."""
    parts = []
    for section in _ORDER:
        table = document.get(section, {})
        plain = {name: value for name, value in table.items() if not isinstance(value, dict)}
        if plain:
            parts.append(_table(f"[{section}]", plain))
        for name, inner in table.items():
            if isinstance(inner, dict) and inner:
                parts.append(_table(f"[{section}.{_key(name)}]", inner))
    parts += [_table("[[skip]]", entry) for entry in document.get("skip", [])]
    return "\n".join(parts)


def _table(head: str, table: AnyMapping[str, Any]) -> str:
    lines = [f"{_key(name)} = {_value(value)}\n" for name, value in table.items()]
    return f"{head}\n{''.join(lines)}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, int):
        return str(value)
    # JSON's escapes are TOML's, but for DEL, which TOML does not take as it is.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
