"""Child process of ``sheets``: reads one hostile workbook under limits and writes a CSV file.

Started as a program of its own (never imported by the server): ``python sheet_worker.py IN OUT SHEET``.
It prints the names of the sheets as JSON; or a code and a detail, and ends with 1, when the workbook is
refused.
"""

import csv
import datetime as dt
import json
import resource
import sys
from typing import Any

MEMORY = 768 * 1024 * 1024
CPU_SECONDS = 60
MAX_ROWS = 200_000
MAX_COLUMNS = 100
MAX_CELL = 32_767
MAX_SHEETS = 50


class _RefusedError(Exception):
    """Carries the line to print."""


def main() -> int:
    """Convert sheet ``argv[3]`` of ``argv[1]`` to ``argv[2]``; the exit code says whether it worked."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        names = _convert(sys.argv[1], sys.argv[2], sys.argv[3])
    except _RefusedError as refused:
        sys.stdout.write(f"{refused}\n")
        return 1
    except MemoryError:
        sys.stdout.write("memory\n")
        return 1
    sys.stdout.write(json.dumps(names) + "\n")
    return 0


def _convert(source: str, target: str, wanted: str) -> list[str]:
    import python_calamine  # noqa: PLC0415 - after the limits

    try:
        book = python_calamine.CalamineWorkbook.from_path(source)
        names = book.sheet_names[:MAX_SHEETS]
        if wanted and wanted not in names:
            raise _RefusedError(f"sheet {', '.join(names[:20])}".replace("\n", " "))
        sheet = book.get_sheet_by_name(wanted) if wanted else book.get_sheet_by_index(0)
    except (python_calamine.CalamineError, ValueError, IndexError, OSError) as error:
        raise _RefusedError(
            f"damaged {type(error).__name__}: {error}".replace("\n", " ")
        ) from error
    if sheet.height > MAX_ROWS + 1:
        raise _RefusedError(f"rows {MAX_ROWS}")
    if sheet.width > MAX_COLUMNS:
        raise _RefusedError(f"columns {MAX_COLUMNS}")
    if not sheet.height:
        raise _RefusedError(f"empty {json.dumps(names)}")
    with open(target, "w", encoding="utf-8", newline="") as stream:  # noqa: PTH123 - no imports
        writer = csv.writer(stream)
        for row in sheet.iter_rows():
            writer.writerow([_text(value) for value in row])
    return [str(name) for name in names]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        # Spreadsheets show and mean 15 digits.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time(0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    text = str(value)
    if len(text) > MAX_CELL:
        raise _RefusedError(f"cell {MAX_CELL}")
    return text


if __name__ == "__main__":
    sys.exit(main())
