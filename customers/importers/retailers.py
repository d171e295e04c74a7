"""Retailers from a file."""

import re
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Company, OrgUnit
from accounts.services import create_company, ensure_unit, record
from config.common.errors import DomainError
from customers.importers.changes import Tracked
from customers.importers.chunks import Chunk
from customers.importers.entities import Collector, Entity, refuse_changed_by_hand, refuse_lines
from customers.importers.fields import (
    BadCellError,
    Reader,
    code_up_to,
    decimal_between,
    one_of,
    text_up_to,
    whole,
)
from customers.importers.findings import CHANGED, NEW, SAME
from customers.importers.registry import Context, Kind
from customers.importers.retailer_columns import (
    BIWEEKLY,
    COLUMNS,
    STATUSES,
    WEEKDAYS,
    compose,
    managers_of,
)
from customers.importers.retailer_revert import revert_retailers
from customers.importers.retailer_rows import RetailerRows, Wanted
from customers.models import CodeItem, CodeKind
from customers.services.code_lists import add_code
from customers.services.retailers import unit_fields

_CODED = {
    "format": CodeKind.FORMAT,
    "market_type": CodeKind.MARKET_TYPE,
    "trade_area": CodeKind.TRADE_AREA,
    "compliance_grade": CodeKind.COMPLIANCE,
}
MAX_NEW_COMPANY = 40
UNITS = Tracked(OrgUnit, ("company_id", "parent_id", "level", "code", "name", "path", "is_active"))
CODES = Tracked(CodeItem, ("company_id", "kind", "code", "name", "position", "is_active", "note"))
_PHONE = re.compile(r"[0-9+][0-9 ()+/-]{4,29}", re.ASCII)


class RetailerImporter:
    """Collects what the file says about each retailer, then writes what is new or changed."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._collector = Collector(
            "retailer_code",
            context.mapping.rule("duplicates"),
            keep_lines=context.report.log is not None,
        )
        self._company = context.company
        self._paths: set[str] = set()
        self._made: dict[str, list[int]] = {UNITS.label: [], CODES.label: []}
        self._lists: dict[str, dict[str, int]] = {}
        self._managers: dict[str, list[int]] | None = None
        self._units: dict[tuple[str, ...], dict[str, OrgUnit | None]] = {}

    def take(self, chunk: Chunk) -> None:
        """Read and check rows."""
        mapping = self._context.mapping
        self._take_company(chunk)
        parsed = {
            "retailer_code": chunk.parse(
                "retailer_code", mapping.named("retailer_code", code_up_to(60)), required=True
            ),
            "name": chunk.parse("name", text_up_to(120), required=True),
            "organisation": chunk.parse("organisation", self._organisation, required=True),
        }
        for name, read in self._optional().items():
            if name in chunk.columns:
                parsed[name] = chunk.parse(name, read)
        if "longitude" in parsed or "latitude" in parsed:
            given = [
                parsed[name].present() if name in parsed else ~chunk.good
                for name in ("longitude", "latitude")
            ]
            chunk.reject(
                given[0] != given[1],
                "longitude",
                "half_coordinates",
                _("longitude and latitude belong together"),
            )
        self._collector.add(chunk, parsed)

    def finish(self) -> None:
        """Write what is new or changed."""
        report = self._context.report
        if self._company is None or not self._context.writing:
            return
        self._paths = set(
            OrgUnit.objects.filter(company=self._company).values_list("path", flat=True)
        )
        wanted = {
            code: Wanted(self._fields(it), it.line) for code, it in self._collector.entities.items()
        }
        self._note_made()
        rows = RetailerRows(self._company, self._context)
        rows.write(wanted)
        if rows.by_hand:
            refuse_changed_by_hand(self._context, "retailer_code", rows.by_hand)
        if rows.looked_after:
            refuse_lines(self._context, "manager", "looked_after", rows.looked_after)
        self._collector.log(self._context, rows.outcomes)
        report.imported += rows.count(NEW)
        report.updated += rows.count(CHANGED)
        report.unchanged += rows.count(SAME) + self._collector.repeats
        if rows.count(NEW) or rows.count(CHANGED):
            record(
                action="retailers.import",
                company_id=self._company.pk,
                by=self._context.by,
                actor_label="" if self._context.by else "import_retailers",
                object_label=self._context.label,
                changes={"imported": rows.count(NEW), "updated": rows.count(CHANGED)},
            )

    def _note_made(self) -> None:
        for tracked in (UNITS, CODES):
            self._context.changes.note_made(tracked, self._made[tracked.label])

    def _optional(self) -> dict[str, Reader]:
        mapping = self._context.mapping
        coded = {name: self._coded(kind) for name, kind in _CODED.items()}
        return coded | {
            "licence_no": mapping.named("licence_no", code_up_to(40)),
            "order_weekday": one_of(WEEKDAYS),
            "biweekly": one_of(BIWEEKLY),
            "address": text_up_to(200),
            "longitude": mapping.number(decimal_between(-180, 180, 6)),
            "latitude": mapping.number(decimal_between(-90, 90, 6)),
            "phone": _phone,
            "opened_on": mapping.date("opened_on"),
            "tier": mapping.number(whole(1, 99)),
            "status": one_of(STATUSES),
            "manager": self._manager,
        }

    def _manager(self, text: str) -> int:
        """A customer manager of the company, by user name or by a name that only one of them has."""
        if self._managers is None:
            self._managers = {}
            for person in managers_of(self._company):
                for name in {person.username.casefold(), str(person).casefold()}:
                    self._managers.setdefault(name, []).append(person.pk)
        found = self._managers.get(text.casefold(), [])
        if len(found) == 1:
            return found[0]
        words = (
            _("several customer managers are called %(text)s; write the user name")
            if found
            else _("no active customer manager of the company is called %(text)s")
        )
        raise BadCellError("unknown_manager", words % {"text": repr(text[:40])})

    def _organisation(self, text: str) -> tuple[str, ...]:
        company, *names = [part.strip() for part in text.split("/")]
        if not 1 <= len(names) <= 3 or not company or not all(names):
            raise BadCellError(
                "organisation_path",
                _("must be company/county[/market department[/line]], got %(text)s")
                % {"text": repr(text[:80])},
            )
        if any(len(part) > 90 for part in names):
            raise BadCellError("too_long", _("holds a name of more than 90 characters"))
        self._check_company(company)
        return tuple(names)

    def _take_company(self, chunk: Chunk) -> None:
        """Unless the company is given, the first row that names one decides."""
        if self._company is not None:
            return
        cells = chunk.columns["organisation"]
        for row in np.flatnonzero(chunk.good).tolist():
            name = cells.distinct[int(cells.codes[row])].split("/")[0].strip()
            if name and name.isprintable():
                self._company = _find_or_create(name, self._context)
                return

    def _check_company(self, name: str) -> None:
        if self._company is None:
            raise BadCellError("unknown_company", _("names no company that can be used"))
        if name not in {self._company.code, self._company.name}:
            raise BadCellError(
                "other_company",
                _("belongs to %(found)s, but this import is for %(wanted)s only")
                % {"found": name, "wanted": self._company.name},
            )

    def _coded(self, kind: CodeKind) -> Reader:
        def read(text: str) -> int:
            if kind not in self._lists:
                self._lists[kind] = self._load(kind)
            known = self._lists[kind]
            found = known.get(text.casefold())
            if found is not None:
                return found
            if self._context.mapping.rule("create_codes") and self._company is not None:
                if len(text) > 60:
                    raise BadCellError("too_long", _("has more than 60 characters"))
                item = add_code(company=self._company, kind=kind, name=text)
                self._made[CODES.label].append(item.pk)
                known[text.casefold()] = item.pk
                return item.pk
            raise BadCellError(
                "unknown_code",
                _("is not in the code list: %(text)s; it has %(known)s")
                % {"text": repr(text[:40]), "known": ", ".join(self._names(kind))},
            )

        return read

    def _load(self, kind: CodeKind) -> dict[str, int]:
        items = CodeItem.objects.filter(company=self._company, kind=kind)
        found = {item.name.casefold(): item.pk for item in items}
        return found | {item.code.casefold(): item.pk for item in items}

    def _names(self, kind: CodeKind) -> list[str]:
        items = CodeItem.objects.filter(company=self._company, kind=kind)[:30]
        return [
            item.code if item.code == item.name else f"{item.code} {item.name}" for item in items
        ]

    def _fields(self, entity: Entity) -> dict[str, Any]:
        """Database columns to values; what the file leaves blank is not in it."""
        values = {name: value for name, value in entity.values.items() if value is not None}
        del values["retailer_code"]
        names = values.pop("organisation")
        if names not in self._units:
            self._units[names] = unit_fields(self._unit(list(names)))
        fields = {f"{name}_id": unit and unit.pk for name, unit in self._units[names].items()}
        for name in _CODED:
            if name in values:
                fields[f"{name}_id"] = values.pop(name)
        if "manager" in values:
            fields["manager_id"] = values.pop("manager")
        if "tier" in values:
            fields["source_tier"] = values.pop("tier")
        return fields | values

    def _unit(self, names: list[str]) -> OrgUnit:
        assert self._company is not None  # noqa: S101 - set with the first organisation
        lowest = ensure_unit(company=self._company, names=names)
        unit: OrgUnit | None = lowest
        while unit is not None and unit.path not in self._paths:
            self._paths.add(unit.path)
            self._made[UNITS.label].append(unit.pk)
            self._context.units_made.append(unit.path)
            unit = unit.parent
        return lowest


def _find_or_create(name: str, context: Context) -> Company:
    found = Company.objects.filter(code=name).first() or Company.objects.filter(name=name).first()
    if found is not None:
        return found
    if len(name) > MAX_NEW_COMPANY:
        raise DomainError(
            _("A new company's name has at most %(limit)d characters, got %(name)s.")
            % {"limit": MAX_NEW_COMPANY, "name": repr(name[:80])},
            code="company_name",
        )
    if context.by is not None and not context.by.scope.everything:
        raise DomainError(
            _("There is no company %(name)s; only an administrator can create one.")
            % {"name": name},
            code="unknown_company",
        )
    return create_company(code=name, name=name, by=context.by)


def _phone(text: str) -> str:
    if not _PHONE.fullmatch(text):
        # The number is not repeated: reports are read by people who may not see it.
        raise BadCellError("bad_phone", _("must be 5 to 30 digits, blanks, +, -, / or brackets"))
    return text


KIND = Kind(
    name="retailers",
    label=gettext_lazy("Retailers"),
    columns=COLUMNS,
    importer=RetailerImporter,
    rules=("duplicates", "hand_changes", "create_codes"),
    compose=compose,
    revert=lambda reverting: revert_retailers(reverting, UNITS, CODES),
)
