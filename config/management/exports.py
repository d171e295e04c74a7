"""CSV files that a spreadsheet may open: formula-safe, streamed."""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")


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
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


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
