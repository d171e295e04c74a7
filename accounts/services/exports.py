"""Lists as files: exactly the columns, filters and order on the screen, in flat memory.

The keys are read once in the order of the list (8 bytes each), so that the number of rows is known for the
audit trail, no order has to be sorted again, and rows that move meanwhile are neither lost nor doubled.
The rows themselves are read by a thousand.
"""

import datetime as dt
import uuid
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from accounts.services import record
from config.common import jobs
from config.common.csv_out import BOM, csv_bytes
from config.common.errors import DomainError, ForbiddenError
from config.common.lists import Badge, Column, ListSpec, ListState, bare, in_order, joined
from config.common.lists.state import LONGEST_QUERY
from config.common.models import JobRun

EXPORT = "list.export"
CHUNK = 1000


@dataclass(frozen=True)
class Field:
    """A column of the file; a column of the list with codes becomes two."""

    label: str
    kind: str
    read: Any


@dataclass(frozen=True)
class Export:
    """A list that is being written to a file.

    Args:
        state: Filters and order.
        columns: Columns of the list, as on the screen.
        keys: Primary keys of the rows in their order.
        user: Who exports; only rows they see are read.
    """

    state: ListState
    columns: list[Column]
    keys: "array[int]"
    user: User

    @property
    def number(self) -> int:
        """How many rows there are."""
        return len(self.keys)

    def fields(self) -> list[Field]:
        """The columns of the file: names, and the codes behind them."""
        found = []
        for column in self.columns:
            found.append(Field(str(column.label), column.kind, column.read))
            if column.code_of is not None:
                label, read = column.code_of
                found.append(Field(str(label), "code", read))
        return found

    def chunks(self) -> Iterator[list[list[Any]]]:
        """The values of the rows, a thousand rows at a time; the same number of queries for each."""
        fields = self.fields()
        for start in range(0, self.number, CHUNK):
            keys = self.keys[start : start + CHUNK].tolist()
            found = joined(self.state.spec.rows(self.user), self.columns).in_bulk(keys)
            rows = [found[key] for key in keys if key in found]
            values = [field.read(rows, self.user) for field in fields]
            yield [[bare(value.get(row.pk)) for value in values] for row in rows]


def open_export(*, state: ListState, columns: Sequence[Column], by: User) -> Export:
    """Look which rows an export holds.

    Args:
        state: The list, as its address says.
        columns: Columns of the screen.
        by: Who exports.

    Raises:
        ForbiddenError: This person may not export this list.
        DomainError: A filter of the address is not valid; leaving it out would export more than was meant.
    """
    require(state.spec, by)
    check_filters(state)
    ordered = in_order(state.rows(), state.order).select_related(None).values_list("pk", flat=True)
    keys = array("q", ordered.iterator(chunk_size=5000))
    return Export(state, list(columns), keys, by)


def require(spec: ListSpec, by: User) -> None:
    """See to it that a person may export a list.

    Raises:
        ForbiddenError: They may not, or not any more.
    """
    if not {spec.permission, Permission.EXPORT_LISTS} <= set(by.permissions):
        raise ForbiddenError(
            _("%(name)s may not export this list.") % {"name": by}, code="may_not_export"
        )


def check_filters(state: ListState) -> None:
    """See to it that nothing of an address is left out: that would mean more rows than were meant.

    Raises:
        DomainError: A filter is not valid, or the address is too long to be kept.
    """
    if not state.form.is_valid() or len(state.address()) > LONGEST_QUERY:
        raise DomainError(
            _("A filter of this list is not valid any more; look at the list again."),
            code="invalid_filter",
        )


def record_export(export: Export, file_type: str) -> None:
    """Write into the audit trail who takes which rows out of the house."""
    state = export.state
    record(
        action=EXPORT,
        company_id=export.user.company_id,
        by=export.user,
        object_label=str(state.spec.title),
        changes={
            "rows": [None, export.number],
            "filters": [None, "; ".join(words for _name, words in state.chips()) or None],
            "columns": [None, ", ".join(str(column.label) for column in export.columns)],
            "file_type": [None, file_type],
        },
    )


# --- CSV ----------------------------------------------------------------------------------


def stream_csv(export: Export) -> Iterator[bytes]:
    """The file, a thousand rows at a time, in the language of who asked for it."""
    # The middleware's language is gone by the time a stream is read.
    language = get_language() or ""
    head = BOM + csv_bytes([[field.label for field in export.fields()]])

    def lines() -> Iterator[bytes]:
        yield head
        chunks = export.chunks()
        while True:
            with override(language):
                rows = next(chunks, None)
                body = b"" if rows is None else csv_bytes(_plain_rows(export, rows))
            if rows is None:
                return
            yield body

    return lines()


def _plain_rows(export: Export, rows: list[list[Any]]) -> Iterator[list[Any]]:
    kinds = [field.kind for field in export.fields()]
    for row in rows:
        yield [plain(kind, value) for kind, value in zip(kinds, row, strict=True)]


def plain(kind: str, value: Any) -> Any:
    """A value for a text file: numbers without signs between them, days as 2026-11-21."""
    if value is None:
        return ""
    if kind == "cents":
        return f"{Decimal(int(value)) / 100:.2f}"
    if kind == "whole":
        return int(value)
    if kind == "decimal":
        return f"{Decimal(value):.2f}"
    if kind == "percent":
        return f"{float(value):.4f}"
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value.label) if isinstance(value, Badge) else str(value)


def file_name(spec: ListSpec, ending: str) -> str:
    """What the file is called: ``零售户 2026-11-21 1405.csv``."""
    return f"{spec.title} {timezone.localtime():%Y-%m-%d %H%M}.{ending}"


# --- XLSX, as a job -----------------------------------------------------------------------


@transaction.atomic
def start_export(*, state: ListState, columns: Sequence[Column], by: User) -> JobRun:
    """Queue an export to XLSX; ``export_jobs`` writes it.

    Raises:
        ForbiddenError: This person may not export this list.
        DomainError: A filter of the address is not valid.
    """
    require(state.spec, by)
    check_filters(state)
    job = jobs.create(
        kind=EXPORT,
        key=f"{EXPORT}:{uuid.uuid4().hex}",
        company_id=by.company_id,
        args={
            "list": state.spec.name,
            "query": state.address(),
            "columns": [column.code for column in columns],
            "language": get_language(),
            "title": str(state.spec.title),
        },
        by=by,
    )
    jobs.ring(job.pk)
    return job
