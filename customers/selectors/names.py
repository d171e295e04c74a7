"""What the values of retailers' columns are called: one query for each kind of thing, however many."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import OrgUnit, User
from config.common.templatetags.lz import weekday
from customers.models import BiweeklyOrder, CodeItem, RetailerStatus

UNITS = ("line_id", "department_id", "county_id")
CODES = ("format_id", "market_type_id", "trade_area_id", "compliance_grade_id")
NOTHING = "–"


@dataclass(frozen=True)
class Names:
    """Names of units, people and codes by key."""

    units: Mapping[int, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    codes: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Iterable[Mapping[str, Any]]) -> "Names":
        """Everything that these values (column to value) name; at most three queries."""
        wanted: dict[str, set[int]] = {"units": set(), "people": set(), "codes": set()}
        for row in values:
            for name in row.keys() & _KINDS.keys():
                if row[name] is not None:
                    wanted[_KINDS[name]].add(row[name])
        units, people, codes = wanted["units"], wanted["people"], wanted["codes"]
        return cls(
            dict(OrgUnit.objects.filter(pk__in=units).values_list("pk", "path")) if units else {},
            {one.pk: str(one) for one in User.objects.filter(pk__in=people)} if people else {},
            dict(CodeItem.objects.filter(pk__in=codes).values_list("pk", "name")) if codes else {},
        )

    def plain(self, column: str, value: Any) -> Any:
        """A value as the audit trail stores it."""
        kind = _KINDS.get(column)
        if kind is None or value is None:
            return value
        names: Mapping[int, str] = getattr(self, kind)
        return names.get(value, str(value))

    def text(self, values: Mapping[str, Any]) -> str:
        """Values of one retailer for people: the line, who looks after it, the order day."""
        if not values:
            return ""
        parts = [self._text(name, value) for name, value in values.items() if name not in UNITS]
        if any(name in values for name in UNITS):
            unit = next((values[name] for name in UNITS if values.get(name)), None)
            parts.insert(0, self.units.get(unit, NOTHING) if unit else NOTHING)
        return " · ".join(part for part in parts if part) or NOTHING

    def _text(self, column: str, value: Any) -> str:
        if column == "order_weekday":
            return weekday(value) if value else _("No fixed day")
        if column == "biweekly":
            return str(BiweeklyOrder(value or "").label)
        if column == "status":
            return str(RetailerStatus(value).label)
        plain = self.plain(column, value)
        return NOTHING if plain in (None, "") else str(plain)


_KINDS = {
    **dict.fromkeys(UNITS, "units"),
    "manager_id": "people",
    **dict.fromkeys(CODES, "codes"),
}
