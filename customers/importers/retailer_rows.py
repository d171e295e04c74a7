"""Many retailers against the table: new ones inserted, changed ones updated, each change recorded."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import AuditEvent, Company, User
from config.common import bulk
from config.common.logs import request_id
from customers.importers.chunks import objects
from customers.models import Contact, Retailer
from customers.services.retailers import plain, retailer_search_key

_TYPES = {
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
}
_BATCH = 2000
Fields = dict[str, Any]


class RetailerRows:
    """Brings the retailers of one company to what a file says."""

    def __init__(self, company: Company, *, by: User | None) -> None:
        self.created = self.changed = self.same = 0
        self._company = company
        self._by = by
        self._now = timezone.now()

    def write(self, wanted: dict[str, Fields]) -> None:
        """Insert or update.

        Args:
            wanted: Retailer code to columns (and ``phone``); columns not named are left alone.
        """
        codes = list(wanted)
        for start in range(0, len(codes), _BATCH):
            part = codes[start : start + _BATCH]
            stored = self._stored(part)
            self._create([(code, wanted[code]) for code in part if code not in stored])
            self._update([(stored[code], code, wanted[code]) for code in part if code in stored])

    def _stored(self, codes: list[str]) -> dict[str, Fields]:
        rows = Retailer.objects.filter(company=self._company, code__in=codes)
        return {row["code"]: row for row in rows.values("id", "code", *_TYPES)}

    def _create(self, new: list[tuple[str, Fields]]) -> None:
        retailers, phones = [], []
        for code, fields in new:
            columns = {name: value for name, value in fields.items() if name != "phone"}
            key = retailer_search_key(
                code=code, name=fields["name"], licence_no=fields.get("licence_no", "")
            )
            retailers.append(Retailer(company=self._company, code=code, search_key=key, **columns))
            phones.append(fields.get("phone", ""))
        Retailer.objects.bulk_create(retailers, batch_size=_BATCH)
        self._add_contacts(
            [(row.pk, phone) for row, phone in zip(retailers, phones, strict=True) if phone]
        )
        self.created += len(retailers)

    def _add_contacts(self, phones: list[tuple[int, str]]) -> None:
        Contact.objects.bulk_create(
            [
                Contact(retailer_id=pk, phone=phone, is_primary=True, is_key_man=True)
                for pk, phone in phones
            ]
        )

    def _update(self, known: list[tuple[Fields, str, Fields]]) -> None:
        calls = self._phones([stored["id"] for stored, _code, fields in known if "phone" in fields])
        changed: list[Fields] = []
        events: list[AuditEvent] = []
        for stored, code, fields in known:
            differences = dict(_differences(stored, fields))
            phone = fields.get("phone")
            if phone is not None and self._set_phone(stored["id"], calls, phone):
                differences["phone"] = ["***", "***"]
            if not differences:
                self.same += 1
                continue
            row = stored | {name: fields[name] for name in differences if name != "phone"}
            row["search_key"] = retailer_search_key(
                code=code, name=row["name"], licence_no=row["licence_no"]
            )
            changed.append(row)
            events.append(self._event(row, differences))
        self._store(changed)
        AuditEvent.objects.bulk_create(events, batch_size=_BATCH)
        self.changed += len(changed)

    def _phones(self, ids: list[int]) -> dict[int, Contact]:
        contacts = Contact.objects.filter(retailer_id__in=ids, is_primary=True)
        return {contact.retailer_id: contact for contact in contacts}

    def _set_phone(self, retailer_id: int, calls: dict[int, Contact], phone: str) -> bool:
        contact = calls.get(retailer_id)
        if contact is None:
            self._add_contacts([(retailer_id, phone)])
            return True
        if contact.phone == phone:
            return False
        contact.phone = phone
        contact.save(update_fields=["phone"])
        return True

    def _event(self, row: Fields, differences: dict[str, list[Any]]) -> AuditEvent:
        return AuditEvent(
            company=self._company,
            at=self._now,
            actor=self._by,
            actor_label=str(self._by) if self._by else "import_retailers",
            action="retailer.update",
            object_type=Retailer._meta.label_lower,
            object_id=str(row["id"]),
            object_label=f"{row['code']} {row['name']}"[:200],
            changes=differences,
            request_id=request_id.get(),
        )

    def _store(self, rows: list[Fields]) -> None:
        if not rows:
            return
        columns = {
            name: objects([_storable(row[name]) for row in rows]) for name in ("id", *_TYPES)
        }
        assignments = ", ".join(f"{name} = s.{name}" for name in _TYPES)
        with bulk.staged("import_retailer", columns, {"id": "bigint", **_TYPES}) as staged:
            table = connection.ops.quote_name(Retailer._meta.db_table)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {table} SET {assignments}, updated_at = %s"  # noqa: S608 - our own names
                    f" FROM {staged} AS s WHERE {table}.id = s.id",
                    [connection.ops.adapt_datetimefield_value(self._now)],
                )


def _differences(stored: Fields, fields: Fields) -> Iterator[tuple[str, list[Any]]]:
    for name, value in fields.items():
        if name != "phone" and stored[name] != value:
            yield name, [plain(stored[name]), plain(value)]


def _storable(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else _text(value)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
