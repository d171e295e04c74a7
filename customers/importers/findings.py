"""What a dry run shows: the first rows of every group, and the values that nobody knows."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

NEW, CHANGED, SAME, CLASH, REFUSED = GROUPS = ("new", "changed", "same", "clash", "refused")
# The same key twice with other content, in the file or against what is stored or what a person has set.
CLASH_CODES = frozenset(
    {
        "conflicting_row",
        "duplicate_line",
        "inconsistent_order",
        "order_clash",
        "changed_by_hand",
        "looked_after",
    }
)
# Refusals that a table of meanings (``[values]``) can heal.
UNKNOWN_CODES = frozenset(
    {"unknown_code", "unknown_value", "unknown_manager", "organisation_path", "other_company"}
)
SAMPLE_ROWS = 200
UNKNOWN_VALUES = 50
MAX_TEXT = 200
# Column, what was there before (None for new rows), what comes.
Cell = tuple[str, Any, Any]


class Findings:
    """The first rows of each group.

    Args:
        limit: Rows kept of each group; 0 keeps nothing, which is what the command line needs.
    """

    def __init__(self, limit: int = 0) -> None:
        self.samples: dict[str, list[dict[str, Any]]] = {group: [] for group in GROUPS}
        self._limit = limit
        self._unknown: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def room(self, group: str) -> int:
        """How many rows of a group are still wanted."""
        return max(0, self._limit - len(self.samples[group]))

    def add(
        self, group: str, line: int, key: str, cells: Sequence[Cell] = (), note: str = ""
    ) -> None:
        """Keep a row, if there is room for it."""
        if self.room(group):
            shown = [[name, _short(before), _short(after)] for name, before, after in cells]
            self.samples[group].append(
                {"line": line, "key": key[:MAX_TEXT], "cells": shown, "note": note[:1000]}
            )

    def not_known(self, column: str, text: str, rows: int) -> None:
        """A value of so many rows is in no list of ours."""
        counts = self._unknown[column]
        if self._limit and (text in counts or len(counts) < UNKNOWN_VALUES):
            counts[text[:MAX_TEXT]] += rows

    @property
    def unknown(self) -> dict[str, dict[str, int]]:
        """Column to values that are in no list, with their rows, the most frequent first."""
        return {
            column: dict(counts.most_common()) for column, counts in self._unknown.items() if counts
        }


def _short(value: Any) -> Any:
    return value[:MAX_TEXT] if isinstance(value, str) else value
