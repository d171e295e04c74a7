"""What can be imported. Each app registers its kinds, so that ``customers`` need not know them."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from config.common.errors import NotFoundError

if TYPE_CHECKING:
    from accounts.models import Company, User
    from customers.importers.chunks import Chunk
    from customers.importers.mapping import Mapping
    from customers.importers.report import Report


@dataclass(frozen=True)
class Column:
    """A canonical column.

    Args:
        name: As in architecture.md section 5.
        required: Whether the file (or its mapping) must have it.
    """

    name: str
    required: bool = False


@dataclass
class Context:
    """What an importer works with.

    Args:
        mapping: How the file is read.
        report: Takes refused rows and counts.
        company: The company whose data these are; None lets the file say (retailers) or does not
            matter (products).
        by: Who imports, or None for the command line.
        label: Name of the file, for batches and the audit trail.
        today: Business date.
        partial: Whether good rows are taken although others are refused.
        reread: The chunks of the file once more, with a report of their own.
    """

    mapping: "Mapping"
    report: "Report"
    company: "Company | None"
    by: "User | None"
    label: str
    today: dt.date
    partial: bool
    reread: "Callable[[], Iterator[Chunk]]"

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


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Args:
        name: ``products``, ``retailers``, ``orders`` or ``observations``.
        label: For people.
        columns: Canonical columns.
        importer: Makes an importer.
        needs_company: Whether a company must be named beforehand.
    """

    name: str
    label: Promise | str
    columns: tuple[Column, ...]
    importer: Callable[[Context], Importer]
    needs_company: bool = False

    @property
    def known(self) -> frozenset[str]:
        """Names of its columns."""
        return frozenset(column.name for column in self.columns)


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
