"""Retailers in words: names instead of keys, for the audit trail and for a person who looks at a file."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from accounts.models import Company, OrgUnit, User
from config.common.personal import masked_phone
from customers.importers.findings import Cell
from customers.models import CodeItem
from customers.services.retailers import plain

UNITS = ("county_id", "department_id", "line_id")
CODES = ("format_id", "market_type_id", "trade_area_id", "compliance_grade_id")
_RENAMED = {"source_tier": "tier"} | {
    name: name.removesuffix("_id") for name in (*CODES, "manager_id")
}
Fields = dict[str, Any]


class RetailerWords:
    """Names of the codes and units of one company, read once."""

    def __init__(self, company: Company) -> None:
        self._company = company

    @cached_property
    def _codes(self) -> dict[int, str]:
        items = CodeItem.objects.filter(company=self._company)
        return dict(items.values_list("pk", "name"))

    @cached_property
    def _units(self) -> dict[int, str]:
        return dict(OrgUnit.objects.filter(company=self._company).values_list("pk", "path"))

    @cached_property
    def _people(self) -> dict[int, str]:
        return {one.pk: str(one) for one in User.objects.filter(company=self._company)}

    def said(self, name: str, value: Any) -> Any:
        """A value as people say it; of a telephone number enough to find again who changed it."""
        if name == "phone":
            return masked_phone(value or "")
        if value is None:
            return value
        if name == "manager_id":
            return self._people.get(value, str(value))
        if name in UNITS:
            return self._units.get(value, str(value))
        return self._codes.get(value, str(value)) if name in CODES else plain(value)

    def changes(self, before: Fields, after: Fields, names: Iterable[str]) -> dict[str, list[Any]]:
        """What has changed, for the audit trail: telephone numbers stand there masked, as after a change by hand."""
        return {
            name.removesuffix("_id"): [self.said(name, before[name]), self.said(name, after[name])]
            for name in names
        }

    def cells(self, before: Fields | None, after: Fields, names: Iterable[str]) -> list[Cell]:
        """What has changed, by the columns of the file; the three units are one column there."""
        found: list[Cell] = []
        wanted = list(names)
        if any(name in UNITS for name in wanted):
            found.append(
                ("organisation", self._path(before), self._path({**(before or {}), **after}))
            )
        for name in wanted:
            if name not in UNITS:
                old = self.said(name, before[name]) if before else None
                found.append((_RENAMED.get(name, name), old, self.said(name, after[name])))
        return found

    def _path(self, fields: Fields | None) -> str | None:
        if fields is None:
            return None
        lowest = next((fields[name] for name in reversed(UNITS) if fields.get(name)), None)
        return self._units.get(lowest, "") if lowest else ""
