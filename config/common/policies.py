"""What a rule consists of: its parameters in words, declared by the app that reads them.

The administration makes forms, comparisons and histories from these declarations, so that nobody edits
JSON and a value outside its range is refused at its field. Stored are plain values, as the rule's app
reads them: whole numbers as numbers, everything with a fraction as text (``"0.30"``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from config.common import audit_words

Words = Promise | str

WHOLE, DECIMAL, PERCENT, CHOICE = "whole", "decimal", "percent", "choice"


@dataclass(frozen=True)
class Parameter:
    """One value of a rule.

    Args:
        code: Where it stands in the parameters; dots lead inside: ``uplift.spring_festival``.
        label: What it is called.
        kind: ``whole``, ``decimal``, ``percent`` (stored as a fraction, shown as per cent) or ``choice``.
        least: Smallest value, as it is shown (per cent: 30, not 0.3).
        most: Largest value, as it is shown.
        unit: Word behind the value: months, cartons.
        help: What it does, and which values make sense.
        choices: Value and words of a choice.
        places: Decimals, for ``decimal`` and ``percent``.
        group: Heading it stands under, where a rule has many.
    """

    code: str
    label: Words
    kind: str
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(1)
    unit: Words = ""
    help: Words = ""
    choices: tuple[tuple[str, Words], ...] = ()
    places: int = 2
    group: Words = ""

    @property
    def field(self) -> str:
        """Name of its form field."""
        return self.code.replace(".", "__")

    def shown(self, stored: Any) -> str:
        """A stored value as people read it: ``30 %``, ``3 months``."""
        if stored is None:
            return "–"
        if self.kind == CHOICE:
            return str(dict(self.choices).get(str(stored), stored))
        number = number_text(self.typed(stored))
        if self.kind == PERCENT:
            return f"{number} %"
        return f"{number} {self.unit}".strip()

    def plain(self, stored: Any) -> Any:
        """A stored value as the audit trail keeps it, the same in every language."""
        if self.kind == PERCENT and stored is not None:
            return f"{number_text(self.typed(stored))} %"
        return stored

    def typed(self, stored: Any) -> Any:
        """A stored value as it stands in the form."""
        if stored is None or self.kind == CHOICE:
            return stored
        if self.kind == WHOLE:
            return int(stored)
        value = Decimal(str(stored))
        return value * 100 if self.kind == PERCENT else value

    def stored(self, typed: Any) -> Any:
        """What was typed, as the rule keeps it."""
        if self.kind == CHOICE:
            return str(typed)
        if self.kind == WHOLE:
            return int(typed)
        value = Decimal(typed)
        return number_text(value / 100 if self.kind == PERCENT else value)

    @property
    def range(self) -> str:
        """Which values are possible, in words."""
        if self.kind == CHOICE:
            return ""
        unit = "%" if self.kind == PERCENT else str(self.unit)
        words = _("%(least)s to %(most)s %(unit)s") % {
            "least": number_text(self.least),
            "most": number_text(self.most),
            "unit": unit,
        }
        return words.strip()


def number_text(value: Any) -> str:
    """A number without needless zeros: ``0.5``, ``30``, ``-0.25``."""
    if isinstance(value, int):
        return str(value)
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# Values as stored, by code of the parameter -> message by code of the parameter.
Check = Callable[[dict[str, Any]], dict[str, str]]


@dataclass(frozen=True)
class PolicySchema:
    """A rule.

    Args:
        code: As in ``PolicyVersion.code``.
        title: What it is called.
        text: What it decides, in one or two sentences.
        parameters: Its values, in the order of the form.
        defaults: What counts for a value that a version does not name.
        order: Place in the list, from small to large.
        used: When a new version takes effect: "the next night", "at once".
        check: Looks at all values together.
    """

    code: str
    title: Words
    text: Words
    parameters: tuple[Parameter, ...]
    defaults: Mapping[str, Any]
    order: int = 100
    used: Words = ""
    check: Check = lambda values: {}

    def values(self, params: Mapping[str, Any] | None) -> dict[str, Any]:
        """Every parameter's stored value, by code; what a version does not say has its default."""
        found = {}
        for one in self.parameters:
            value = look_up(params or {}, one.code)
            found[one.code] = look_up(self.defaults, one.code) if value is None else value
        return found

    def params(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What a version stores: the values by code, put where the app reads them."""
        made: dict[str, Any] = {}
        for one in self.parameters:
            _put(made, one.code, values[one.code])
        return made

    def shown(self, params: Mapping[str, Any] | None) -> list[tuple[Parameter, str]]:
        """Every parameter with its value in words."""
        values = self.values(params)
        return [(one, one.shown(values[one.code])) for one in self.parameters]

    def differences(
        self, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> list[tuple[Parameter, Any, Any]]:
        """Parameters that differ, with both stored values."""
        old, new = self.values(before), self.values(after)
        return [
            (one, old[one.code], new[one.code])
            for one in self.parameters
            if one.shown(old[one.code]) != one.shown(new[one.code])
        ]


_schemas: dict[str, PolicySchema] = {}


def register(schema: PolicySchema) -> None:
    """Make a rule known, and the words of its values to the audit trail. Called from ``ready``."""
    _schemas[schema.code] = schema
    for one in schema.parameters:
        audit_words.name_field(one.code, one.label)
        for value, words in one.choices:
            audit_words.name_value(value, words)


def find(code: str) -> PolicySchema | None:
    """The declaration of a rule; None when this release knows it not."""
    return _schemas.get(code)


def all_schemas() -> list[PolicySchema]:
    """Every rule, in order."""
    return sorted(_schemas.values(), key=lambda schema: (schema.order, schema.code))


def look_up(params: Mapping[str, Any], code: str) -> Any:
    """A value by its code with dots; None where it is not."""
    found: Any = params
    for name in code.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


def _put(params: dict[str, Any], code: str, value: Any) -> None:
    *above, last = code.split(".")
    for name in above:
        params = params.setdefault(name, {})
    params[last] = value
