"""Takes back a file of retailers: their columns and telephone numbers, then units and codes that it made."""

from collections.abc import Sequence
from typing import Any

from config.common import locks
from customers.importers.changes import State, Tracked
from customers.importers.retailer_rows import CONTACT, TRACKED, contacts_of
from customers.importers.retailer_words import RetailerWords
from customers.importers.reverting import Item, ModelRevert, Reverting, write_rows
from customers.models import Contact
from customers.services.retailers import retailer_search_key


class RetailerRevert(ModelRevert):
    """Retailers with the people of the shop."""

    ours = (Contact,)

    def __init__(self, reverting: Reverting) -> None:
        super().__init__(reverting, TRACKED, action="retailer.revert")
        assert reverting.file.company is not None  # noqa: S101 - every retailer has one
        self._words = RetailerWords(reverting.file.company)

    def key(self, state: State) -> str:
        """Code and name."""
        return f"{state.get('code', '')} {state.get('name', '')}".strip()

    def read(self, items: Sequence[Item]) -> dict[int, State]:
        """Columns, and the people where the file has touched them."""
        states = super().read(items)
        wanted = [item.pk for item in items if "contacts" in item.after]
        people = contacts_of(wanted)
        for pk in wanted:
            if pk in states:
                states[pk]["contacts"] = people.get(pk, [])
        return states

    def restore(self, items: Sequence[Item]) -> None:
        """Columns, what they are searched by, and people."""
        rows = []
        for item in items:
            row = self.whole(item)
            row["search_key"] = retailer_search_key(
                code=row["code"], name=row["name"], licence_no=row["licence_no"]
            )
            rows.append({"id": item.pk, **row})
        write_rows(self.tracked.model, rows)
        for item in items:
            if item.before and "contacts" in item.before:
                _restore_people(item.after["contacts"], item.before["contacts"])

    def delete(self, ids: Sequence[int]) -> None:
        """The people go with the retailer."""
        Contact.objects.filter(retailer_id__in=ids).delete()
        super().delete(ids)

    def words(self, item: Item) -> dict[str, Any]:
        """Names of units and codes; telephone numbers are masked."""
        if item.before is None:
            return super().words(item)
        now, before = dict(item.now or {}), dict(item.before)
        for state in (now, before):
            if "contacts" in state:
                state["phone"] = _first_phone(state.pop("contacts"))
        return self._words.changes(now, before, before)


def _first_phone(people: list[list[Any]]) -> str:
    """The number of the person whom a file means."""
    known = (dict(zip(CONTACT, row, strict=True)) for row in people)
    return next((str(it["phone"]) for it in known if it["is_primary"]), "")


def _restore_people(after: list[list[Any]], before: list[list[Any]]) -> None:
    known = {row[0]: row for row in before}
    Contact.objects.filter(pk__in=[row[0] for row in after if row[0] not in known]).delete()
    for row in after:
        old = known.get(row[0])
        if old is not None and old != row:
            values = dict(zip(CONTACT, old, strict=True))
            Contact.objects.filter(pk=values.pop("id")).update(**values)


def revert_retailers(reverting: Reverting, units: Tracked, codes: Tracked) -> None:
    """Take back a file of retailers.

    Args:
        reverting: The file.
        units: Organisation units that the file may have made.
        codes: Entries of code lists that it may have made.
    """
    company_id = reverting.file.company_id or 0
    # Files name retailers by keys that the database does not check: none may come in meanwhile.
    for kind in ("retailers", "orders", "observations"):
        locks.hold(f"import {kind}", company_id)
    RetailerRevert(reverting).run()
    for level in (3, 2, 1):
        found = ModelRevert(reverting, units, part="units")
        found.run(only=lambda state, level=level: state["level"] == level)  # type: ignore[misc]
    ModelRevert(reverting, codes, part="codes").run()
