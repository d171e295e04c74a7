"""Reads of code lists: the entries of a company and how many retailers use each."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from accounts.models import AuditEvent, Company, User
from customers.models import CodeItem, CodeKind, Retailer

# Column of the retailer that holds entries of a kind.
COLUMNS = {
    CodeKind.FORMAT: "format",
    CodeKind.MARKET_TYPE: "market_type",
    CodeKind.TRADE_AREA: "trade_area",
    CodeKind.COMPLIANCE: "compliance_grade",
}
CONFIRMED = "code_lists.confirm"


@dataclass(frozen=True)
class Entry:
    """An entry of a list and the number of retailers that have it."""

    item: CodeItem
    retailers: int


@dataclass(frozen=True)
class CodeList:
    """A list in its order."""

    kind: str
    label: Any
    entries: list[Entry]
    without: int

    @property
    def active(self) -> int:
        """Entries that can be chosen."""
        return sum(entry.item.is_active for entry in self.entries)


def list_items(user: User) -> QuerySet[CodeItem]:
    """Entries that this person may change."""
    items: QuerySet[CodeItem] = CodeItem.objects.visible_to(user)
    return items.select_related("company") if user.scope.whole_company else items.none()


def code_lists(company: Company) -> list[CodeList]:
    """All lists of a company with the use of every entry; one query per list and one for the entries."""
    items: dict[str, list[CodeItem]] = {kind: [] for kind in CodeKind.values}
    for item in CodeItem.objects.filter(company=company):
        items[item.kind].append(item)
    found = []
    for kind in CodeKind:
        used = use_of(company, kind)
        entries = [Entry(item, used.get(item.pk, 0)) for item in items[kind]]
        found.append(CodeList(kind.value, kind.label, entries, used.get(None, 0)))
    return found


def use_of(company: Company, kind: str) -> dict[int | None, int]:
    """Retailers by entry of a list; None counts those without one."""
    column = COLUMNS[CodeKind(kind)]
    rows = Retailer.objects.filter(company=company).order_by().values(column)
    return {row[column]: row["number"] for row in rows.annotate(number=Count("pk"))}


def retailers_with(item: CodeItem) -> int:
    """How many retailers have this entry."""
    return Retailer.objects.filter(**{COLUMNS[CodeKind(item.kind)]: item}).count()


def is_confirmed(company: Company) -> bool:
    """True once somebody has said that the lists fit this company."""
    events = AuditEvent.objects.filter(object_type="accounts.company", object_id=str(company.pk))
    return events.filter(action=CONFIRMED).exists()
