"""Things that a file names once or often (retailers, products): one record each, by a stated rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from customers.importers.chunks import Chunk, Parsed
from customers.importers.registry import Context
from customers.importers.rowlog import cell


@dataclass
class Entity:
    """What the file says about one thing.

    Args:
        values: Canonical column to value, for the columns that the file has.
        line: Line of the file it was first read from.
        repeats: Further rows that say the same (or that the rule leaves out).
        repeated: Lines of these, where somebody wants to know them.
    """

    values: dict[str, Any]
    line: int
    repeats: int = 0
    repeated: list[int] = field(default_factory=list)


class Collector:
    """Gathers entities by code over all chunks.

    Args:
        key: The column that names the thing.
        rule: ``error``: rows that contradict an earlier one are refused; ``first`` or ``last``: that
            row counts and the others are passed over.
        keep_lines: Whether the lines of repeated rows are kept.
    """

    def __init__(self, key: str, rule: str, *, keep_lines: bool = False) -> None:
        self.entities: dict[str, Entity] = {}
        self._key = key
        self._rule = rule
        self._keep_lines = keep_lines

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
        lines = chunk.lines[rows]
        known = self.entities.get(code)
        if known is None:
            self.entities[code] = known = Entity(values, int(lines[0]))
            self._repeat(known, lines[1:])
        elif known.values == values or self._rule == "first":
            self._repeat(known, lines)
        elif self._rule == "last":
            later = Entity(values, int(lines[0]), known.repeats + 1, known.repeated)
            if self._keep_lines:
                later.repeated.append(known.line)
            self.entities[code] = later
            self._repeat(later, lines[1:])
        else:
            self._refuse(chunk, known, values, rows)

    def _repeat(self, entity: Entity, lines: NDArray[np.int64]) -> None:
        entity.repeats += len(lines)
        if self._keep_lines:
            entity.repeated += lines.tolist()

    def log(self, context: Context, outcomes: dict[str, str]) -> None:
        """Write into the result file what became of the rows; refused ones write themselves.

        Args:
            context: Of the import.
            outcomes: What became of each entity, by code.
        """
        log = context.report.log
        if log is None:
            return
        for code, outcome in outcomes.items():
            entity, key = self.entities[code], cell(code)
            if outcome != "refused":
                log.note(outcome, [entity.line], [key])
            if entity.repeated:
                log.note("same", entity.repeated, [key] * len(entity.repeated))

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


def refuse_changed_by_hand(context: Context, key: str, why: dict[int, str]) -> None:
    """Read the file once more to refuse rows that would undo what a person has set; see ``refuse_lines``."""
    refuse_lines(context, key, "changed_by_hand", why)


def refuse_lines(context: Context, key: str, code: str, why: dict[int, str]) -> None:
    """Read the file once more to refuse rows that only the stored ones show to be wrong.

    Args:
        context: Of the import.
        key: The column that is wrong.
        code: Of the reason.
        why: Line to reason.
    """
    wanted = np.array(sorted(why), dtype=np.int64)
    for chunk in context.reread():
        lines = chunk.lines
        chunk.use(context.report)
        chunk.reject(
            np.isin(lines, wanted),
            key,
            code,
            lambda row, lines=lines: why[int(lines[row])],
        )
        context.report.flush()
