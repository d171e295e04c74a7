"""Things that a file names once or often (retailers, products): one record each, by a stated rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from customers.importers.chunks import Chunk, Parsed


@dataclass
class Entity:
    """What the file says about one thing.

    Args:
        values: Canonical column to value, for the columns that the file has.
        line: Line of the file it was first read from.
        repeats: Further rows that say the same (or that the rule leaves out).
    """

    values: dict[str, Any]
    line: int
    repeats: int = 0


class Collector:
    """Gathers entities by code over all chunks.

    Args:
        key: The column that names the thing.
        rule: ``error``: rows that contradict an earlier one are refused; ``first`` or ``last``: that
            row counts and the others are passed over.
    """

    def __init__(self, key: str, rule: str) -> None:
        self.entities: dict[str, Entity] = {}
        self._key = key
        self._rule = rule

    @property
    def repeats(self) -> int:
        """Rows that were no entity of their own."""
        return sum(entity.repeats for entity in self.entities.values())

    def add(self, chunk: Chunk, parsed: dict[str, Parsed]) -> None:
        """Take the good rows of a chunk."""
        names = list(parsed)
        for rows in _alike(chunk.good, [parsed[name].codes for name in names]):
            first = int(rows[0])
            values = {name: parsed[name].values[parsed[name].codes[first]] for name in names}
            self._add(chunk, values, rows)

    def _add(self, chunk: Chunk, values: dict[str, Any], rows: NDArray[np.int64]) -> None:
        code = values[self._key]
        line = int(chunk.lines[rows[0]])
        known = self.entities.get(code)
        if known is None:
            self.entities[code] = Entity(values, line, len(rows) - 1)
        elif known.values == values or self._rule == "first":
            known.repeats += len(rows)
        elif self._rule == "last":
            self.entities[code] = Entity(values, line, known.repeats + len(rows))
        else:
            self._refuse(chunk, known, values, rows)

    def _refuse(
        self, chunk: Chunk, known: Entity, values: dict[str, Any], rows: NDArray[np.int64]
    ) -> None:
        differing = [name for name, value in values.items() if known.values[name] != value]
        wrong = np.zeros(len(chunk), dtype=bool)
        wrong[rows] = True
        text = _("%(key)s %(code)s stands in line %(line)d with another %(columns)s") % {
            "key": self._key,
            "code": values[self._key],
            "line": known.line,
            "columns": ", ".join(differing),
        }
        chunk.reject(wrong, self._key, "conflicting_row", text)


def _alike(
    good: NDArray[np.bool_], codes: Sequence[NDArray[np.int64]]
) -> Iterator[NDArray[np.int64]]:
    """Good rows that are the same in every column, group by group, in the order of the file."""
    index = np.flatnonzero(good)
    if not len(index):
        return
    group = np.zeros(len(index), dtype=np.int64)
    for column in codes:
        chosen = column[index]
        group = pd.factorize(group * (int(chosen.max()) + 1) + chosen)[0]
    order = np.argsort(group, kind="stable")
    cuts = np.flatnonzero(np.diff(group[order])) + 1
    yield from np.split(index[order], cuts)
