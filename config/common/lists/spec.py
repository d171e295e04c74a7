"""What a list is: declared once by the app that owns its rows, widened by the apps above it.

``accounts.lists`` turns a declaration into pages, exports and bulk changes (ADR 5).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise

from config.common.lists.paging import Order, Sort

Words = Promise | str


@dataclass(frozen=True)
class Badge:
    """A word with a colour; see ``components/_status_badge.html`` for the tones."""

    label: str
    tone: str = "neutral"
    icon: str = ""
    title: str = ""

    def __str__(self) -> str:
        return str(self.label)


@dataclass(frozen=True)
class Editable:
    """A value that can be changed in the list itself, and where; made by ``ListSpec.columns``."""

    value: Any
    list_name: str
    key: int
    code: str

    def __str__(self) -> str:
        return str(self.value)


def bare(value: Any) -> Any:
    """A value without the mark that it can be changed."""
    return value.value if isinstance(value, Editable) else value


Reader = Callable[[Sequence[Any], Any], Mapping[int, Any]]


@dataclass(frozen=True)
class Column:
    """A column of a list.

    Args:
        code: Stands in addresses and saved views.
        label: Head of the column.
        read: The values of all rows of one page, by primary key; never a query per row. A value is
            a text, number, date, ``Badge`` or None.
        kind: How it is shown: ``text``, ``code`` (never broken), ``name`` (cut when long), ``whole``,
            ``decimal`` (two places), ``cents``, ``date``, ``time``, ``percent`` or ``badge``.
        sort: The order its head offers.
        shown: Is there before anybody has chosen columns.
        link: Leads to the page of the row; one column of a list has it and cannot be hidden.
        permission: Who sees it; empty for everybody who sees the list.
        code_of: A second column of exports, with the codes behind the names.
        edit: Name of the inline edit of this column, see ``InlineEdit``.
        definition: What the figure means, for the question mark at its head.
        after: Code of the column it stands behind, for columns that an app above adds.
        needs: A relation of the row that it reads and that the rows of the list do not bring by themselves.
    """

    code: str
    label: Words
    read: Reader
    kind: str = "text"
    sort: Sort | None = None
    shown: bool = True
    link: bool = False
    permission: str = ""
    code_of: tuple[Words, Reader] | None = None
    edit: str = ""
    definition: Words = ""
    after: str = ""
    needs: str = ""

    @property
    def is_number(self) -> bool:
        """True for what stands on the right."""
        return self.kind in ("whole", "decimal", "cents", "percent")


def joined(rows: QuerySet[Any], columns: Sequence[Column]) -> QuerySet[Any]:
    """Rows with what these columns need of other tables."""
    needs = [column.needs for column in columns if column.needs]
    return rows.select_related(*needs) if needs else rows


def attribute(path: str) -> Reader:
    """Reads ``path`` of each row: ``code``, or ``county.name`` over a relation that may be empty."""
    names = path.split(".")

    def value(row: Any) -> Any:
        for name in names:
            row = getattr(row, name, None)
            if row is None:
                return None
        return row() if callable(row) else row

    return lambda rows, user: {row.pk: value(row) for row in rows}


def once(name: str, rows: Sequence[Any], user: Any, make: Callable[[], Any]) -> Any:
    """What several columns of one page need, made once.

    Args:
        name: Of the matter.
        rows: Of the page.
        user: The person of this request, who carries it.
        make: Reads it.
    """
    key = tuple(row.pk for row in rows)
    kept = user.__dict__.setdefault("_once", {})
    if name not in kept or kept[name][0] != key:
        kept[name] = (key, make())
    return kept[name][1]


class Source(Protocol):
    """What an app brings to a list: filters, columns and orders."""

    def fields(self, user: Any) -> dict[str, forms.Field]:
        """Filters by name; a required=False field each, None or "" does not filter."""
        ...

    def apply(self, queryset: QuerySet[Any], wanted: dict[str, Any], user: Any) -> QuerySet[Any]:
        """The rows that pass these filters."""
        ...

    def columns(self, user: Any) -> list[Column]:
        """Its columns, in their usual order."""
        ...


@dataclass(frozen=True)
class Figure:
    """What a preview of a bulk change says of some of the rows.

    Args:
        outcome: ``changed``, ``same`` or ``refused``.
        words: What will happen to them, or why nothing can.
        number: How many they are.
        examples: The first of them, as people call them.
    """

    outcome: str
    words: Words
    number: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowResult:
    """What became of one row of a bulk change; ``before`` and ``after`` are all that undoing needs."""

    object_id: int
    label: str
    outcome: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    message: str = ""


class BulkAction(Protocol):
    """Something done to many rows at once, as a job that can be undone.

    ``form`` is shown before (its fields must not be called ``keys``, ``all``, ``query``, ``step``, ``seen``,
    ``token`` or ``reason``); ``params`` turns what was filled in into plain JSON; ``apply`` and ``restore``
    are called with some hundred rows at a time, inside a transaction that belongs to the caller, who has
    locked these rows and seen to it that the person may change them.
    """

    code: str
    label: Words
    icon: str
    permission: str
    needs_reason: bool

    def form(self, user: Any, data: Any = None) -> forms.Form:
        """What the person fills in."""
        ...

    def params(self, form: forms.Form) -> dict[str, Any]:
        """What was filled in, as JSON."""
        ...

    def describe(self, params: dict[str, Any], user: Any) -> str:
        """One sentence that says what will happen."""
        ...

    def preview(self, rows: QuerySet[Any], params: dict[str, Any], user: Any) -> list[Figure]:
        """How many rows would change, are so already, or are refused and why."""
        ...

    def words(self, values: Sequence[dict[str, Any]], user: Any) -> list[str]:
        """States of rows (``before`` or ``after``) for people; never a query for each."""
        ...

    def apply(
        self, keys: Sequence[int], params: dict[str, Any], *, reason: str, by: Any
    ) -> list[RowResult]:
        """Do it, with audit events; outcome ``changed``, ``same`` or ``refused`` for every key.

        Raises:
            DomainError: It cannot be done to any row any more (the target is gone); the job ends.
        """
        ...

    def restore(self, rows: Sequence[Any], *, reason: str, by: Any) -> list[RowResult]:
        """Undo it for rows (``object_id``, ``before``, ``after``); ``restored`` or ``clash``."""
        ...


@dataclass(frozen=True)
class InlineEdit:
    """A low-risk field that can be changed in the list itself.

    Args:
        code: Stands in the address.
        permission: Who may.
        field: The form field, bound to the value now: ``(row, user) -> forms.Field``.
        value: The stored value as the form knows it.
        save: ``(row, new, seen, user)``; raises ``ConflictError`` when it is no longer ``seen``.
    """

    code: str
    permission: str
    field: Callable[[Any, Any], forms.Field]
    value: Callable[[Any], Any]
    save: Callable[[Any, Any, Any, Any], None]


@dataclass(frozen=True)
class PageAction:
    """A bulk change with steps of its own: its button posts the selection to the page of an app.

    Args:
        label: Its words.
        icon: Its picture.
        permission: Who sees it.
        url_name: The page, without arguments; gets ``keys``, or ``all`` and ``query``.
    """

    label: Words
    icon: str
    permission: str
    url_name: str


@dataclass(frozen=True)
class Empty:
    """What a list without rows says."""

    title: Words
    text: Words = ""
    icon: str = "list"


@dataclass(frozen=True)
class ListSpec:
    """A list.

    Args:
        name: Stands in addresses and saved views.
        title: Heading of its page.
        permission: Who sees it.
        url_name: Its page.
        rows: What a person may see, with the relations that columns read.
        source: Its own columns and filters.
        default: Code of its usual order.
        counted: ``(number) -> text``: "3,214 retailers".
        search: ``(rows, text, user) -> rows``; None for lists without one.
        search_label: What its box says, or ``user -> what it says``.
        link: Address of a row's page.
        label: What a row is called in results of bulk changes.
        primary: Filters that are always visible; the others stand under "more filters".
        empty: What it says without rows.
        inline: Cells that can be edited.
        presets: Views that the product brings along, as (name, query), for this person.
    """

    name: str
    title: Words
    permission: str
    url_name: str
    rows: Callable[[Any], QuerySet[Any]]
    source: Source
    default: Sort
    counted: Callable[[int], str]
    search: Callable[[QuerySet[Any], str, Any], QuerySet[Any]] | None = None
    search_label: Any = ""
    link: Callable[[Any], str] | None = None
    label: Callable[[Any], str] = str
    primary: tuple[str, ...] = ()
    empty: Empty = Empty("")
    inline: tuple[InlineEdit, ...] = ()
    presets: Callable[[Any], list[tuple[Words, str]]] = lambda user: []

    def search_label_for(self, user: Any) -> Any:
        """What the field of the search is called for this person: some may search by more than others."""
        return self.search_label(user) if callable(self.search_label) else self.search_label

    @property
    def sources(self) -> list[Source]:
        """Its own source and those of the apps above."""
        return [self.source, *_extensions.get(self.name, [])]

    def columns(self, user: Any) -> list[Column]:
        """All columns this person may see; values that they may change in place are ``Editable``."""
        found: list[Column] = []
        for column in (one for source in self.sources for one in source.columns(user)):
            if column.permission and column.permission not in user.permissions:
                continue
            place = next((i for i, one in enumerate(found, 1) if one.code == column.after), None)
            found.insert(len(found) if place is None else place, column)
        edits = self.edits(user)
        return [self._editable(column) if column.edit in edits else column for column in found]

    def edits(self, user: Any) -> frozenset[str]:
        """Codes of the cells that this person may change in the list itself."""
        return frozenset(one.code for one in self.inline if one.permission in user.permissions)

    def _editable(self, column: Column) -> Column:
        def read(rows: Sequence[Any], user: Any) -> dict[int, Editable]:
            values = column.read(rows, user)
            return {
                row.pk: Editable(values.get(row.pk), self.name, row.pk, column.edit) for row in rows
            }

        return replace(column, read=read)

    def order(self, code: str, columns: Iterable[Column]) -> Order:
        """The order that a code of an address means; the usual one when it means none."""
        sorts = {column.sort.code: column.sort for column in columns if column.sort}
        sort = sorts.get(code.removeprefix("-"))
        if sort is None:
            return Order.usual(self.default)
        return Order(sort, code.startswith("-"))

    def action(self, code: str) -> BulkAction | None:
        """The bulk change of this code, whoever asks."""
        return next((one for one in _actions.get(self.name, []) if one.code == code), None)

    def actions(self, user: Any) -> list[BulkAction]:
        """What this person may do to many rows at once."""
        found = _actions.get(self.name, [])
        return [action for action in found if action.permission in user.permissions]

    def page_actions(self, user: Any) -> list[PageAction]:
        """Bulk changes with pages of their own that this person may open."""
        found = _page_actions.get(self.name, [])
        return [action for action in found if action.permission in user.permissions]


_specs: dict[str, ListSpec] = {}
_extensions: dict[str, list[Source]] = {}
_actions: dict[str, list[BulkAction]] = {}
_page_actions: dict[str, list[PageAction]] = {}


def register(spec: ListSpec) -> None:
    """Make a list known. Called from ``AppConfig.ready``."""
    _specs[spec.name] = spec


def extend(name: str, source: Source) -> None:
    """Add columns and filters to a list of an app below. Called from ``AppConfig.ready``."""
    _extensions.setdefault(name, []).append(source)


def add_action(name: str, action: BulkAction) -> None:
    """Add a bulk change to a list. Called from ``AppConfig.ready``."""
    _actions.setdefault(name, []).append(action)


def add_page_action(name: str, action: PageAction) -> None:
    """Add a bulk change that has a page of its own. Called from ``AppConfig.ready``."""
    _page_actions.setdefault(name, []).append(action)


def find(name: str) -> ListSpec | None:
    """The list of this name."""
    return _specs.get(name)


def all_lists() -> Iterable[ListSpec]:
    """Every list, for tests that check them all."""
    return _specs.values()
