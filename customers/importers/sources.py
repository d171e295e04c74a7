"""Where a file comes from: files of one sender look alike, and what was done with the last one is known."""

import hashlib
from collections.abc import Sequence

from customers.importers.layout import clean_header
from customers.importers.report import REPORT_WIDTH, is_report_head


def fingerprint(header: Sequence[str]) -> str:
    """The same for files with the same columns, in whatever sequence and capitals; 64 hexadecimal digits.

    The columns that stand first in our errors files do not count, so that a corrected one is
    still a file of its source.
    """
    names = clean_header(header)
    names = names[REPORT_WIDTH:] if is_report_head(names) else names
    joined = "\x1f".join(sorted(name.casefold() for name in names))
    return hashlib.sha256(joined.encode()).hexdigest()
