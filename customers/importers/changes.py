"""What a file does to the objects that were there, so that it can be taken back: before and after, in bulk."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import models

from config.common import bulk
from customers.models import ImportedChange
from customers.services.retailers import plain

BATCH = 2000
State = dict[str, Any]
# Primary key, state before (None: the file made it), state after.
Change = tuple[int, State | None, State]


@dataclass(frozen=True)
class Tracked:
    """The columns of a model that files write.

    Args:
        model: Whose table.
        columns: Names of database columns (``format_id``).
    """

    model: type[models.Model]
    columns: tuple[str, ...]

    @property
    def label(self) -> str:
        """What the model is called in rows: ``customers.retailer``."""
        return self.model._meta.label_lower

    def read(self, ids: Sequence[int]) -> dict[int, State]:
        """The objects as they are now, as plain values."""
        found: dict[int, State] = {}
        for part in batches(ids):
            rows = self.model._default_manager.filter(pk__in=part).values("pk", *self.columns)
            for row in rows:
                found[row.pop("pk")] = {name: plain(value) for name, value in row.items()}
        return found


class ChangeLog:
    """Writes down what one file changes.

    Args:
        file_id: The file's row; 0 writes nothing (the command line, a dry run).
    """

    def __init__(self, file_id: int = 0) -> None:
        self._file_id = file_id

    @property
    def wanted(self) -> bool:
        """Whether somebody may want to take the file back."""
        return bool(self._file_id)

    def note(self, label: str, changes: Sequence[Change]) -> None:
        """Write down changes of objects of one model."""
        if not self._file_id or not changes:
            return
        count = len(changes)
        bulk.insert_columns(
            ImportedChange,
            {
                "file_id": np.full(count, self._file_id),
                "object_type": bulk.texts([label] * count),
                "object_id": np.array([pk for pk, _before, _after in changes], dtype=np.int64),
                "before": bulk.texts([_json(before) for _pk, before, _after in changes]),
                "after": bulk.texts([_json(after) for _pk, _before, after in changes]),
            },
        )

    def note_made(self, tracked: Tracked, ids: Sequence[int]) -> None:
        """Objects that the file made, as they stand in the table."""
        if not self._file_id:
            return
        self.note(tracked.label, [(pk, None, state) for pk, state in tracked.read(ids).items()])


def _json(state: State | None) -> Any:
    return None if state is None else json.dumps(state, ensure_ascii=False)


def batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Primary keys, as many at a time as fit into one question."""
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
