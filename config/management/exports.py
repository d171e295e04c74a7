"""CSV files that a spreadsheet may open: formula-safe, streamed."""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

RISKY = ("=", "+", "-", "@", "\t", "\r", "\x00", "＝", "＋", "－", "＠")


def safe(value: Any) -> Any:
    """Texts that a spreadsheet would run as a formula get an apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(RISKY):
        return f"'{value}"
    return value


@contextmanager
def _target(path: str | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    partial = Path(path + ".part")
    with partial.open("w", encoding="utf-8", newline="") as file:
        yield file
    partial.rename(path)


def write_csv(path: str | None, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows to a file (which appears whole or not at all) or to standard output.

    Returns:
        The number of rows.
    """
    count = 0
    with _target(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([safe(value) for value in row])
            count += 1
    return count
