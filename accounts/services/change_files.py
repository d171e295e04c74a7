"""The result of a bulk change as a file: one line per row, as it was and as it became."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import BulkChange, BulkChangeRow, BulkOutcome, User
from config.common.csv_out import BOM, csv_bytes
from config.common.lists import BulkAction

CHUNK = 1000


def name_of(change: BulkChange, action: BulkAction) -> str:
    """What the file is called for people."""
    return f"{action.label} {timezone.localtime():%Y-%m-%d %H%M} #{change.pk}.csv"


def write(stream: IO[bytes], change: BulkChange, action: BulkAction, by: User) -> int:
    """Write the rows of a change in the order of their keys; how many there were."""
    stream.write(BOM)
    stream.write(csv_bytes([[_("Row"), _("Result"), _("Before"), _("After"), _("Remark")]]))
    number = 0
    for rows in _chunks(change):
        stream.write(csv_bytes(lines(rows, action, by)))
        number += len(rows)
    return number


def _chunks(change: BulkChange) -> Iterator[list[BulkChangeRow]]:
    rows = change.rows.order_by("object_id").iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def lines(rows: Sequence[BulkChangeRow], action: BulkAction, by: User) -> list[list[str]]:
    """Rows for people: what they are, what became of them, before, after, remark."""
    # Asked once for both, so that names are read once.
    words = action.words([*(row.before for row in rows), *(row.after for row in rows)], by)
    before, after = words[: len(rows)], words[len(rows) :]
    outcomes = {code: str(label) for code, label in BulkOutcome.choices}
    return [
        [row.label, outcomes[row.outcome], was, became, row.message]
        for row, was, became in zip(rows, before, after, strict=True)
    ]
