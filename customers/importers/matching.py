"""The page on which columns are matched: what it proposes, what was chosen, how samples would be read."""

from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Company
from config.common.logs import mask_personal_data
from config.common.textfiles import ENCODINGS
from customers.importers import document as documents
from customers.importers.document import (
    COLUMN,
    CONSTANT,
    DATE_FORMATS,
    DERIVED,
    FRACTIONS,
    NOTHING,
    NUMBER_FORMATS,
    TEMPLATE,
    Choices,
    Document,
    Pick,
)
from customers.importers.fields import BadCellError, Reader, cents, date_in, decimal_between, whole
from customers.importers.look import MASK, Look, masked_numbers
from customers.importers.mapping import DELIMITERS, MAX_HEADER_LINE, RULES, Mapping
from customers.importers.proposal import propose
from customers.importers.registry import NUMBERS, Column, Expects, Kind, Word

MEANINGS_SHOWN = 60
_HUGE = 10**15


@dataclass(frozen=True)
class Seen:
    """A sample of the file and what it would be read as."""

    text: str
    read: str = ""
    why: str = ""


@dataclass(frozen=True)
class Meaning:
    """A text of the file, how many rows have it if that is known, and what it means so far."""

    text: str
    rows: int | None
    value: str


@dataclass
class Line:
    """One of our columns on the page."""

    column: Column
    pick: Pick
    option: str
    seen: list[Seen] = field(default_factory=list)
    problem: str = ""
    is_needed: bool = False
    meanings: list[Meaning] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    @property
    def has_text(self) -> bool:
        """Whether a text belongs to the choice."""
        return self.pick.how in (CONSTANT, TEMPLATE)


# --- what the page begins with --------------------------------------------------------------


def proposed(look: Look, kind: Kind, company: Company | None) -> Document:
    """A document by the names of the columns, and by how dates and numbers look."""
    found = propose(look.header, kind, company)
    picks = {column.name: Pick() for column in kind.columns}
    picks |= {name: Pick(COLUMN, theirs) for name, theirs in found.columns.items()}
    picks |= {name: Pick(TEMPLATE, text) for name, text in found.templates.items()}
    choices = Choices(picks=picks, file=look.file_section)
    choices.date = _date_format(choices, look, kind)
    choices.number = _number_format(choices, look, kind)
    if "line_no" in kind.rules and picks["line_no"].how == NOTHING:
        choices.rules["line_no"] = "auto"
    if kind.column_or_none("price_class") and picks["price_class"].how == NOTHING:
        picks["price_class"] = Pick(CONSTANT, "auto")
    return documents.changed({}, choices, kind, look.header)


def remembered(text: str, look: Look) -> Document:
    """A remembered document for this file: how the file itself is written is seen anew."""
    found = documents.load(text)
    found.pop("file", None)
    return {**found, "file": look.file_section} if look.file_section else found


def _samples(choices: Choices, look: Look, kind: Kind, wanted: frozenset[Expects]) -> list[str]:
    found: list[str] = []
    for column in kind.columns:
        pick = choices.picks.get(column.name, Pick())
        if column.expects in wanted and pick.how == COLUMN:
            found += look.samples[look.header.index(pick.text)]
    return found


def _date_format(choices: Choices, look: Look, kind: Kind) -> str:
    """The first format that reads all dates; ISO, if none does."""
    texts = _samples(choices, look, kind, frozenset({Expects.DATE}))
    for form in DATE_FORMATS:
        if texts and all(_can(date_in(form), text) for text in texts):
            return form
    return ""


def _number_format(choices: Choices, look: Look, kind: Kind) -> str:
    texts = _samples(choices, look, kind, NUMBERS)
    for form in NUMBER_FORMATS:
        read = Mapping(formats={"number": form}).number(decimal_between(-_HUGE, _HUGE, 4))
        if all(_can(read, text) for text in texts):
            return form
    return ""


def _can(read: Reader, text: str) -> bool:
    try:
        read(text)
    except BadCellError:
        return False
    return True


# --- what was chosen ------------------------------------------------------------------------


def read_choices(
    data: AnyMapping[str, Any], before: Choices, kind: Kind, header: Sequence[str]
) -> Choices:
    """The choices of a form; what is not one of the offered options stays as it was.

    Args:
        data: What was sent: ``pick-…``, ``text-…``, ``date``, ``number``, ``fractions``, ``rule-…``,
            ``raw-…`` with ``value-…``.
        before: What the document says.
        kind: Of the file.
        header: Its columns.
    """
    return Choices(
        picks={it.name: _pick(data, it, before, header) for it in kind.columns},
        date=_option(data, "date", DATE_FORMATS, before.date),
        number=_option(data, "number", NUMBER_FORMATS, before.number),
        fractions=_option(data, "fractions", FRACTIONS, before.fractions),
        rules={name: _rule(data, name, before) for name in kind.rules},
        values=_values(data, before, kind),
        file=before.file,
    )


def _pick(
    data: AnyMapping[str, Any], column: Column, before: Choices, header: Sequence[str]
) -> Pick:
    option = str(data.get(f"pick-{column.name}", ""))
    text = _clean(data.get(f"text-{column.name}", ""))[:200]
    if option.startswith("column-"):
        place = option.removeprefix("column-")
        inside = place.isascii() and place.isdigit() and int(place[:6]) < len(header)
        return Pick(COLUMN, header[int(place)] if inside else place)
    if option in (CONSTANT, TEMPLATE):
        return Pick(option, text)
    if option == "kept":
        return before.picks.get(column.name, Pick())
    return Pick()


def _clean(text: Any) -> str:
    return "".join(sign for sign in str(text) if sign.isprintable()).strip()


def _option(data: AnyMapping[str, Any], name: str, options: AnyMapping[str, Any], old: Any) -> Any:
    chosen = data.get(name)
    return chosen if chosen in options else old


def _rule(data: AnyMapping[str, Any], name: str, before: Choices) -> Any:
    chosen = str(data.get(f"rule-{name}", ""))
    old = before.rules.get(name, RULES[name][0])
    return next((value for value in RULES[name] if rule_code(value) == chosen), old)


def rule_code(value: Any) -> str:
    """A value of a rule in a form."""
    return str(value).lower()


def _values(data: AnyMapping[str, Any], before: Choices, kind: Kind) -> dict[str, dict[str, str]]:
    found = {name: dict(table) for name, table in before.values.items()}
    for column in kind.columns:
        for number in range(MEANINGS_SHOWN):
            raw = data.get(f"raw-{column.name}-{number}")
            if raw is None:
                break
            table = found.setdefault(column.name, {})
            value = _clean(data.get(f"value-{column.name}-{number}", ""))[:200]
            table.pop(_clean(raw), None)
            if value:
                table[_clean(raw)[:200]] = value
    return {name: table for name, table in found.items() if table}


# --- what the page shows --------------------------------------------------------------------


def lines(
    choices: Choices,
    look: Look,
    kind: Kind,
    company: Company | None,
    read: Mapping,
    unknown: AnyMapping[str, AnyMapping[str, int]],
    problems: AnyMapping[str, str],
) -> list[Line]:
    """Our columns with what was chosen for each, samples, and values that need a meaning.

    Args:
        choices: What was chosen.
        look: What the file is like.
        kind: Of the file.
        company: Whose code lists count.
        read: The mapping as it would be read.
        unknown: Values that the last check did not know, with their rows.
        problems: What is wrong, by canonical column.
    """
    found = []
    for column in kind.columns:
        pick = choices.picks.get(column.name, Pick())
        line = Line(column, pick, _option_of(pick, look.header))
        line.problem = problems.get(column.name, "")
        line.is_needed = column.required
        line.seen = [_seen(text, column, read) for text in _texts(pick, look, column)]
        _give_meanings(line, choices, look, company, unknown.get(column.name, {}))
        found.append(line)
    return found


def _option_of(pick: Pick, header: Sequence[str]) -> str:
    if pick.how == COLUMN:
        return f"column-{header.index(pick.text)}" if pick.text in header else "kept"
    return {NOTHING: "", DERIVED: "kept"}.get(pick.how, pick.how)


def _texts(pick: Pick, look: Look, column: Column) -> list[str]:
    if pick.how == COLUMN and pick.text in look.header:
        texts = look.samples[look.header.index(pick.text)]
        return masked_numbers(texts) if column.personal else texts
    if pick.how == CONSTANT:
        return [pick.text] if pick.text else []
    if pick.how == TEMPLATE:
        return _put_together(pick.text, look)
    return []


def _put_together(template: str, look: Look) -> list[str]:
    text = template
    for name, samples in zip(look.header, look.samples, strict=True):
        text = text.replace("{" + name + "}", samples[0] if samples else "")
    return [mask_personal_data(text)]


def _seen(text: str, column: Column, mapping: Mapping) -> Seen:
    if text == MASK or text.endswith("…"):
        return Seen(text)
    meant = mapping.values.get(column.name, {}).get(text, text)
    read = _reader(column, mapping)
    if read is None:
        return Seen(text, meant if meant != text else "")
    try:
        value = str(read(meant))
    except BadCellError as error:
        return Seen(text, why=error.text)
    return Seen(text, value if value != text else "")


def _reader(column: Column, mapping: Mapping) -> Reader | None:
    rounding = mapping.rounding.get(column.name, "")
    if column.expects == Expects.DATE:
        return mapping.date(column.name)
    if column.expects == Expects.WHOLE:
        return mapping.number(whole(-_HUGE, _HUGE, rounding=rounding))
    if column.expects == Expects.MONEY:
        read = mapping.number(cents(-_HUGE, _HUGE, rounding=rounding))
        return lambda text: f"{read(text) / 100:.2f}"
    if column.expects == Expects.DECIMAL:
        return mapping.number(decimal_between(-_HUGE, _HUGE, 6))
    return None


def _give_meanings(
    line: Line,
    choices: Choices,
    look: Look,
    company: Company | None,
    unknown: AnyMapping[str, int],
) -> None:
    """Texts of the file that are in no list, and those that have a meaning already."""
    column, chosen = line.column, choices.values.get(line.column.name, {})
    if column.words is None or line.pick.how == NOTHING:
        return
    texts: dict[str, int | None] = dict.fromkeys(chosen)
    if line.pick.how == COLUMN and line.pick.text in look.header and not column.open:
        texts |= dict.fromkeys(look.values[look.header.index(line.pick.text)])
    texts |= unknown
    if not texts:
        return
    line.words = column.words(company)
    known = {it.casefold() for word in line.words for it in (word.value, *word.also)}
    line.meanings = [
        Meaning(text, rows, chosen.get(text, ""))
        for text, rows in texts.items()
        if text in chosen or text in unknown or text.casefold() not in known
    ][:MEANINGS_SHOWN]


# --- how the file is read -------------------------------------------------------------------


def read_file_section(data: AnyMapping[str, Any], look: Look) -> tuple[dict[str, Any], list[str]]:
    """How somebody wants a file to be read, and which of it they have said themselves.

    What is not one of the options is passed over: the first look decides then.
    """
    found: dict[str, Any] = {}
    sure: list[str] = []
    if data.get("encoding") in ENCODINGS:
        found["encoding"] = data["encoding"]
    if data.get("final_newline") == "optional":
        found["final_newline"] = "optional"
    delimiter = {"tab": "\t"}.get(str(data.get("delimiter")), data.get("delimiter"))
    if delimiter in DELIMITERS:
        found["delimiter"] = delimiter
        sure.append("delimiter")
    if data.get("sheet") in look.sheets:
        found["sheet"] = data["sheet"]
        sure.append("sheet")
    line = str(data.get("header_line", ""))
    if line.isascii() and line.isdigit() and 1 <= int(line[:6]) <= MAX_HEADER_LINE:
        found["header_line"] = int(line)
        sure.append("header_line")
    return found, sure


def unused(choices: Choices, look: Look) -> list[tuple[str, list[str]]]:
    """Columns of the file that nothing is made of, with samples."""
    said = " ".join(pick.text for pick in choices.picks.values() if pick.how in (TEMPLATE, DERIVED))
    used = {pick.text for pick in choices.picks.values() if pick.how == COLUMN}
    return [
        (name or _("(no name)"), samples)
        for name, samples in zip(look.header, look.samples, strict=True)
        if name not in used and (not name or name not in said)
    ]
