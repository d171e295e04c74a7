"""CSV that people open in a spreadsheet: UTF-8 with its mark, and nothing in it runs as a formula."""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from config.common.textfiles import escape_cell

BOM = codecs.BOM_UTF8


def csv_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """Some rows of a file; texts are made safe, numbers stand as they are, None is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([escape_cell(one) if isinstance(one, str) else one for one in row])
    return text.getvalue().encode("utf-8", "replace")
