"""The state of a list is its address: filters, order, columns. This module reads and writes it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from config.common.lists.paging import Order
from config.common.lists.spec import Column, ListSpec

LONGEST_QUERY = 2000
SEARCH_LENGTH = 60


class FilterForm(forms.Form):
    """The filters of all sources of a list, bound to its address."""

    def __init__(self, spec: ListSpec, user: Any, data: QueryDict) -> None:
        super().__init__(data, auto_id="filter_%s")
        if spec.search is not None:
            self.fields["q"] = forms.CharField(
                label=spec.search_label_for(user),
                required=False,
                max_length=SEARCH_LENGTH,
                widget=forms.TextInput(attrs={"type": "search", "data-list-search": ""}),
            )
        for source in spec.sources:
            self.fields.update(source.fields(user))
        self.primary = ("q", *spec.primary) if spec.primary else tuple(self.fields)

    def wanted(self) -> dict[str, Any]:
        """The valid filters; an invalid one is shown with its error and does not filter."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if _is_set(value)}

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """Filters that are always visible."""
        return [self[name] for name in self.primary if name in self.fields]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """Filters that stand under "more filters"."""
        return [self[name] for name in self.fields if name not in self.primary]

    @property
    def is_open(self) -> bool:
        """True when one of the further filters is set or wrong."""
        names = {field.name for field in self.more_fields}
        return bool(names & (self.wanted().keys() | self.errors.keys()))


def _is_set(value: Any) -> bool:
    return value is not None and value != "" and value != []


@dataclass(frozen=True)
class ListState:
    """A list as its address asks for it.

    Args:
        spec: The list.
        user: Who looks.
        query: The address, without the place in the list.
        form: Its filters.
        order: Its order.
        offered: All columns this person may see.
    """

    spec: ListSpec
    user: Any
    query: QueryDict
    form: FilterForm
    order: Order
    offered: list[Column]

    @classmethod
    def of(cls, spec: ListSpec, user: Any, query: QueryDict) -> "ListState":
        """Read an address; what a list does not know is left out."""
        form = FilterForm(spec, user, query)
        known = QueryDict(mutable=True)
        for name in (*form.fields, "sort", "cols", "view"):
            values = [value for value in query.getlist(name) if value]
            if values:
                known.setlist(name, values)
        offered = spec.columns(user)
        order = spec.order(query.get("sort", ""), offered)
        return cls(spec, user, known, form, order, offered)

    @classmethod
    def parse(cls, spec: ListSpec, user: Any, address: str) -> "ListState":
        """Read a stored address, with or without its question mark."""
        return cls.of(spec, user, QueryDict(address[:LONGEST_QUERY].removeprefix("?")))

    def rows(self) -> QuerySet[Any]:
        """The rows that pass the filters, not ordered."""
        wanted = self.form.wanted()
        rows = self.spec.rows(self.user)
        if self.spec.search is not None and wanted.get("q"):
            rows = self.spec.search(rows, wanted["q"], self.user)
        for source in self.spec.sources:
            rows = source.apply(rows, wanted, self.user)
        return rows

    @property
    def is_filtered(self) -> bool:
        """True when some filter is set."""
        return bool(self.form.wanted())

    def address(self, **changes: str | None) -> str:
        """The query string with some values changed; None removes one. The list starts anew."""
        query = self.query.copy()
        for name, value in changes.items():
            query.pop(name, None)
            if value:
                query[name] = value
        return f"?{query.urlencode()}"

    @property
    def filters(self) -> str:
        """Filters and order in one certain spelling: what a saved view keeps and compares."""
        query = QueryDict(mutable=True)
        for name in sorted(self.form.wanted()):
            query.setlist(name, sorted(self.query.getlist(name)))
        if self.order != Order.usual(self.spec.default):
            query["sort"] = self.order.code
        return query.urlencode()

    def columns(self, chosen: list[str]) -> list[Column]:
        """The columns to show: those of the address, else those chosen, else the usual ones."""
        offered = {column.code: column for column in self.offered}
        asked = self.query.get("cols", "").split(",") if self.query.get("cols") else chosen
        found = [offered[code] for code in dict.fromkeys(asked) if code in offered]
        if not found:
            return [column for column in offered.values() if column.shown or column.link]
        fixed = [column for column in offered.values() if column.link and column not in found]
        return fixed + found

    def chips(self) -> list[tuple[str, str]]:
        """Name and words of every filter that is set, for people."""
        found = []
        for name, value in self.form.wanted().items():
            field = self.form.fields[name]
            label = _("Search") if name == "q" else field.label
            found.append((name, f"{label}: {_words(field, value)}"))
        return found


def _words(field: forms.Field, value: Any) -> str:
    choices: Any = getattr(field, "choices", ())
    words = {str(code): str(word) for code, word in choices}
    values = value if isinstance(value, list) else [value]
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return ", ".join(words.get(str(one), str(one)) for one in values)
