"""Many retailers against the table: new ones inserted, changed ones updated, each change recorded."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Company, User
from config.common import bulk
from config.common.logs import request_id
from customers.importers.changes import ChangeLog, State, Tracked
from customers.importers.chunks import objects
from customers.importers.findings import CHANGED, NEW, SAME
from customers.importers.hand import KEEP, HandChanges, Touch
from customers.importers.registry import Context
from customers.importers.retailer_columns import COLUMNS
from customers.importers.retailer_words import UNITS, Fields, RetailerWords
from customers.models import Contact, Retailer
from customers.services.retailers import plain, retailer_search_key

TYPES = {
    "name": "text",
    "search_key": "text",
    "licence_no": "text",
    "format_id": "bigint",
    "market_type_id": "bigint",
    "trade_area_id": "bigint",
    "compliance_grade_id": "bigint",
    "order_weekday": "smallint",
    "biweekly": "text",
    "address": "text",
    "longitude": "numeric",
    "latitude": "numeric",
    "county_id": "bigint",
    "department_id": "bigint",
    "line_id": "bigint",
    "opened_on": "date",
    "source_tier": "smallint",
    "status": "text",
    "manager_id": "bigint",
}
TRACKED = Tracked(
    Retailer,
    (
        "code",
        *(name for name in TYPES if name != "search_key"),
        "coordinate_system",
    ),
)
CONTACT = ("id", "name", "relation", "phone", "is_primary", "is_key_man")
# Columns that only make sense together: where a person has set one, all stay.
_TOGETHER = (frozenset(UNITS), frozenset({"longitude", "latitude"}))
_BATCH = 2000


@dataclass(frozen=True)
class Wanted:
    """What a file says about a retailer.

    Args:
        fields: Columns (and ``phone``); those not named are left alone.
        line: Of the file.
    """

    fields: Fields
    line: int


@dataclass
class _Known:
    """A retailer that is there, and what the file would change."""

    code: str
    stored: Fields
    wanted: Wanted
    names: list[str]
    kept: list[str]

    @property
    def pk(self) -> int:
        return int(self.stored["id"])


class RetailerRows:
    """Brings the retailers of one company to what a file says."""

    def __init__(self, company: Company, context: Context) -> None:
        self.outcomes: dict[str, str] = {}
        self.by_hand: dict[int, str] = {}
        self.looked_after: dict[int, str] = {}
        self._company = company
        self._by: User | None = context.by
        self._label = context.label
        self._changes: ChangeLog = context.changes
        self._report = context.report
        self._findings = context.report.findings
        self._hand: HandChanges = context.hand()
        self._words = RetailerWords(company)
        self._now = timezone.now()

    def count(self, outcome: str) -> int:
        """How many retailers were new, changed or the same."""
        return sum(it == outcome for it in self.outcomes.values())

    def write(self, wanted: dict[str, Wanted]) -> None:
        """Insert or update, by code."""
        codes = list(wanted)
        for start in range(0, len(codes), _BATCH):
            part = codes[start : start + _BATCH]
            stored = self._stored(part)
            self._create({code: wanted[code] for code in part if code not in stored})
            self._update({code: wanted[code] for code in part if code in stored}, stored)

    def _stored(self, codes: list[str]) -> dict[str, Fields]:
        rows = Retailer.objects.filter(company=self._company, code__in=codes)
        return {row["code"]: row for row in rows.values("id", "code", *TYPES)}

    def _create(self, new: dict[str, Wanted]) -> None:
        retailers, phones = [], []
        for code, it in new.items():
            columns = {name: value for name, value in it.fields.items() if name != "phone"}
            key = retailer_search_key(
                code=code, name=columns["name"], licence_no=columns.get("licence_no", "")
            )
            retailers.append(Retailer(company=self._company, code=code, search_key=key, **columns))
            phones.append(it.fields.get("phone", ""))
            self.outcomes[code] = NEW
            if self._findings.room(NEW):
                cells = self._words.cells(None, it.fields, it.fields)
                self._findings.add(NEW, it.line, code, cells)
        Retailer.objects.bulk_create(retailers, batch_size=_BATCH)
        self._add_contacts(
            [(row.pk, phone) for row, phone in zip(retailers, phones, strict=True) if phone]
        )
        self._note_made([row.pk for row in retailers])

    def _add_contacts(self, phones: list[tuple[int, str]]) -> None:
        Contact.objects.bulk_create(
            [
                Contact(retailer_id=pk, phone=phone, is_primary=True, is_key_man=True)
                for pk, phone in phones
            ]
        )

    def _update(self, wanted: dict[str, Wanted], stored: dict[str, Fields]) -> None:
        phones = self._phones([row["id"] for code, row in stored.items() if code in wanted])
        differing = []
        for code, it in wanted.items():
            contact = phones.get(stored[code]["id"])
            stored[code]["phone"] = contact.phone if contact else ""
            names = _differing(stored[code], it.fields, contact)
            if "manager_id" in names and stored[code]["manager_id"] is not None:
                self._refuse_looked_after(code, it, stored[code])
            elif names:
                differing.append(_Known(code, stored[code], it, names, []))
            else:
                self._same(code, it)
        changed = self._spare_hand_changes(differing)
        before = self._states(changed)
        self._store(changed, phones)
        self._note_changed(changed, before)

    def _refuse_looked_after(self, code: str, it: Wanted, stored: Fields) -> None:
        """From one manager to another leads only the hand-over, with its reason and its day."""
        self.outcomes[code] = "refused"
        self.looked_after[it.line] = _(
            "%(present)s looks after this retailer; hand it over instead"
        ) % {"present": self._words.said("manager_id", stored["manager_id"])}
        self._report.tell(it.line, self._words.cells(stored, it.fields, ["manager_id"]))

    def _same(self, code: str, it: Wanted) -> None:
        self.outcomes[code] = SAME
        self._findings.add(SAME, it.line, code)

    def _phones(self, ids: list[int]) -> dict[int, Contact]:
        contacts = Contact.objects.filter(retailer_id__in=ids, is_primary=True)
        return {contact.retailer_id: contact for contact in contacts}

    def _spare_hand_changes(self, differing: list[_Known]) -> list[_Known]:
        """Those to be written, without values that a person has set and the policy protects."""
        found = self._hand.find(TRACKED.label, [it.pk for it in differing])
        left = []
        for it in differing:
            touched = found.get(it.pk, {})
            it.kept = _protected(it.names, touched)
            if it.kept and self._hand.policy != KEEP:
                self._refuse(it, touched)
                continue
            it.names = [name for name in it.names if name not in it.kept]
            if it.names:
                left.append(it)
            else:
                self._same(it.code, it.wanted)
        return left

    def _refuse(self, it: _Known, touched: dict[str, Touch]) -> None:
        self.outcomes[it.code] = "refused"
        said = {
            str(touched[plain_name])
            for name in it.kept
            if (plain_name := name.removesuffix("_id")) in touched
        }
        self.by_hand[it.wanted.line] = _(
            "the file would overwrite what was changed by hand: %(columns)s (%(who)s)"
        ) % {
            "columns": self._labels(it),
            "who": "; ".join(sorted(said)),
        }
        self._report.tell(it.wanted.line, self._cells(it, it.names))

    def _labels(self, it: _Known) -> str:
        labels = {column.name: str(column.label) for column in COLUMNS}
        return ", ".join(labels[name] for name, *_rest in self._cells(it, it.kept))

    def _cells(self, it: _Known, names: list[str]) -> Any:
        return self._words.cells(it.stored, it.wanted.fields, names)

    def _store(self, changed: list[_Known], phones: dict[int, Contact]) -> None:
        rows, events = [], []
        for it in changed:
            fields = it.wanted.fields
            row = it.stored | {name: fields[name] for name in it.names if name != "phone"}
            row["search_key"] = retailer_search_key(
                code=it.code, name=row["name"], licence_no=row["licence_no"]
            )
            if "phone" in it.names:
                self._set_phone(it.pk, phones, fields["phone"])
            rows.append(row)
            said = self._words.changes(it.stored, fields, it.names)
            events.append(self.event("retailer.import", row, said, reason=self._label))
            self._show_changed(it)
        store(rows, self._now)
        AuditEvent.objects.bulk_create(events, batch_size=_BATCH)

    def _show_changed(self, it: _Known) -> None:
        self.outcomes[it.code] = CHANGED
        if self._findings.room(CHANGED):
            note = ""
            if it.kept:
                note = _("stays as changed by hand: %(columns)s") % {"columns": self._labels(it)}
            self._findings.add(CHANGED, it.wanted.line, it.code, self._cells(it, it.names), note)

    def _set_phone(self, retailer_id: int, phones: dict[int, Contact], phone: str) -> None:
        contact = phones.get(retailer_id)
        if contact is None:
            self._add_contacts([(retailer_id, phone)])
        else:
            contact.phone = phone
            contact.save(update_fields=["phone"])

    def event(
        self, action: str, row: Fields, changes: dict[str, list[Any]], *, reason: str
    ) -> AuditEvent:
        """The audit event of one retailer; not saved."""
        return AuditEvent(
            company=self._company,
            at=self._now,
            actor=self._by,
            actor_label=str(self._by) if self._by else "import_retailers",
            action=action,
            object_type=TRACKED.label,
            object_id=str(row["id"]),
            object_label=f"{row['code']} {row['name']}"[:200],
            changes=changes,
            reason=reason[:300],
            request_id=request_id.get(),
        )

    # --- what is needed to take the file back ----------------------------------------------

    def _note_made(self, ids: list[int]) -> None:
        if not self._changes.wanted:
            return
        people = contacts_of(ids)
        states = TRACKED.read(ids)
        self._changes.note(
            TRACKED.label,
            [(pk, None, {**state, "contacts": people.get(pk, [])}) for pk, state in states.items()],
        )

    def _states(self, known: list[_Known]) -> dict[int, State]:
        """The columns that the file touches, as they are now."""
        if not self._changes.wanted:
            return {}
        states = TRACKED.read([it.pk for it in known])
        people = contacts_of([it.pk for it in known if "phone" in it.names])
        found = {}
        for it in known:
            found[it.pk] = {name: states[it.pk][name] for name in it.names if name != "phone"}
            if "phone" in it.names:
                found[it.pk]["contacts"] = people.get(it.pk, [])
        return found

    def _note_changed(self, known: list[_Known], before: dict[int, State]) -> None:
        after = self._states(known)
        self._changes.note(TRACKED.label, [(pk, before[pk], state) for pk, state in after.items()])


def contacts_of(ids: list[int]) -> dict[int, list[list[Any]]]:
    """The people of these retailers, as plain values."""
    found: dict[int, list[list[Any]]] = {}
    rows = Contact.objects.filter(retailer_id__in=ids).order_by("pk")
    for retailer_id, *values in rows.values_list("retailer_id", *CONTACT):
        found.setdefault(retailer_id, []).append([plain(value) for value in values])
    return found


def store(rows: list[Fields], now: dt.datetime) -> None:
    """Write these columns of retailers that are there."""
    if not rows:
        return
    columns = {name: objects([_storable(row[name]) for row in rows]) for name in ("id", *TYPES)}
    assignments = ", ".join(f"{name} = s.{name}" for name in TYPES)
    with bulk.staged("import_retailer", columns, {"id": "bigint", **TYPES}) as staged:
        table = connection.ops.quote_name(Retailer._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {assignments}, updated_at = %s"  # noqa: S608 - our own names
                f" FROM {staged} AS s WHERE {table}.id = s.id",
                [connection.ops.adapt_datetimefield_value(now)],
            )


def _differing(stored: Fields, fields: Fields, contact: Contact | None) -> list[str]:
    names = [name for name, value in fields.items() if name != "phone" and stored[name] != value]
    phone = fields.get("phone")
    if phone is not None and (contact is None or contact.phone != phone):
        names.append("phone")
    return names


def _protected(names: list[str], touched: dict[str, Touch]) -> list[str]:
    hit = {name for name in names if name.removesuffix("_id") in touched}
    for group in _TOGETHER:
        if any(name.removesuffix("_id") in touched for name in group):
            hit |= group
    return [name for name in names if name in hit]


def _storable(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else _text(value)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
