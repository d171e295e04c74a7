"""What can be imported. Each app registers its kinds, so that ``customers`` need not know them."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from config.common.errors import NotFoundError

if TYPE_CHECKING:
    from accounts.models import Company, User
    from customers.importers.changes import ChangeLog
    from customers.importers.chunks import Chunk
    from customers.importers.hand import HandChanges
    from customers.importers.mapping import Mapping as FileMapping
    from customers.importers.report import Report
    from customers.importers.reverting import Reverting


class Expects(StrEnum):
    """What stands in a column; decides which formats can be chosen and how a sample is shown."""

    TEXT = "text"
    CODE = "code"
    DATE = "date"
    WHOLE = "whole"
    MONEY = "money"
    DECIMAL = "decimal"
    WORD = "word"


NUMBERS = frozenset({Expects.WHOLE, Expects.MONEY, Expects.DECIMAL})


@dataclass(frozen=True)
class Word:
    """One of the values of a column of words.

    Args:
        value: What is written into a mapping; understood in a file, too.
        label: For people.
        also: Other texts that are understood in a file.
    """

    value: str
    label: Promise | str
    also: tuple[str, ...] = ()


# The values of a column; asked for when a page shows them.
Words = Callable[["Company | None"], list[Word]]


def words_of(meanings: Mapping[str, Any], labels: Sequence[tuple[str, Promise | str]]) -> Words:
    """The values of a column whose texts are fixed.

    Args:
        meanings: Text in a file to what it means.
        labels: Texts that stand for a meaning on the page, with their words for people.
    """
    found = [
        Word(value, label, tuple(it for it in meanings if meanings[it] == meanings[value]))
        for value, label in labels
    ]
    return lambda company: found


@dataclass(frozen=True)
class Column:
    """A canonical column.

    Args:
        name: As in docs/importing.md.
        label: What people call it.
        required: Whether the file (or its mapping) must have it.
        expects: What stands in it.
        hint: What is expected, for people.
        synonyms: What senders call it, best first; see ``proposal.plain_name`` for what does not matter.
        words: What may stand in it, where that is a list.
        open: Whether other texts than these words are understood too.
        unless: A rule and its value with which a required column may be missing.
        personal: Whether it holds personal data, which pages mask.
        path: Whether it is a path; put together from columns, it ends before the first empty one.
    """

    name: str
    label: Promise | str = ""
    required: bool = False
    expects: Expects = Expects.TEXT
    hint: Promise | str = ""
    synonyms: tuple[str, ...] = ()
    words: Words | None = None
    open: bool = False
    unless: tuple[str, Any] | None = None
    personal: bool = False
    path: bool = False


@dataclass
class Context:
    """What an importer works with.

    Args:
        mapping: How the file is read.
        report: Takes refused rows, counts, and what a dry run shows.
        company: The company whose data these are; None lets the file say (retailers) or does not
            matter (products).
        by: Who imports, or None for the command line.
        label: Name of the file, for batches and the audit trail.
        today: Business date.
        partial: Whether good rows are taken although others are refused.
        reread: The chunks of the file once more, with a report of their own.
        changes: Takes what is needed to take the file back.
        hand: What people have changed by hand, asked when the header is known.
        undo: What else is needed to take it back, by name; JSON-serialisable.
        units_made: Paths of the organisation units that were not there before.
    """

    mapping: "FileMapping"
    report: "Report"
    company: "Company | None"
    by: "User | None"
    label: str
    today: dt.date
    partial: bool
    reread: "Callable[[], Iterator[Chunk]]"
    changes: "ChangeLog"
    hand: "Callable[[], HandChanges]"
    undo: dict[str, Any] = field(default_factory=dict)
    units_made: list[str] = field(default_factory=list)

    @property
    def writing(self) -> bool:
        """False once it is certain that nothing will be kept: go on checking, write no more."""
        return self.partial or not self.report.blocked


class Importer(Protocol):
    """Takes the rows of one file inside one transaction."""

    def take(self, chunk: "Chunk") -> None:
        """The next rows."""

    def finish(self) -> None:
        """After the last row."""


# Columns of a file → what they could be: canonical column to a template of several of them.
Compose = Callable[[Sequence[str], "Company | None"], dict[str, str]]


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Args:
        name: ``products``, ``retailers``, ``orders``, ``observations`` …
        label: For people.
        columns: Canonical columns.
        importer: Makes an importer.
        needs_company: Whether a company must be named beforehand.
        any_of: Groups of columns of which at least one must be there.
        key: Column that names a row for people; the first one, where nothing is said.
        rules: Rules of the mapping that can be chosen on the page.
        compose: Proposes columns put together from several of the file; None for none.
        revert: Takes back what a file has done; None where that cannot be done.
    """

    name: str
    label: Promise | str
    columns: tuple[Column, ...]
    importer: Callable[[Context], Importer]
    needs_company: bool = False
    any_of: tuple[tuple[str, ...], ...] = ()
    key: str = ""
    rules: tuple[str, ...] = ()
    compose: Compose | None = None
    revert: "Callable[[Reverting], None] | None" = None

    @property
    def known(self) -> frozenset[str]:
        """Names of its columns."""
        return frozenset(column.name for column in self.columns)

    @property
    def key_column(self) -> str:
        """Name of the column that names a row for people."""
        return self.key or self.columns[0].name

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    def column_or_none(self, name: str) -> Column | None:
        """The column of this name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind. Called from ``AppConfig.ready``."""
    _kinds[kind.name] = kind


def kinds() -> list[Kind]:
    """Every kind, in the order of registration."""
    return list(_kinds.values())


def get(name: str) -> Kind:
    """The kind of this name.

    Raises:
        NotFoundError: There is none.
    """
    try:
        return _kinds[name]
    except KeyError:
        raise NotFoundError(
            _("Files of the kind %(name)s cannot be imported; known are %(known)s.")
            % {"name": name, "known": ", ".join(_kinds)}
        ) from None
