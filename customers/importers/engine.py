"""Runs an import: read, check, write in one transaction, report. All or nothing unless asked otherwise."""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Company, User
from config.common import locks, sheets, textfiles
from config.common.errors import ConflictError, DomainError, RefusedFileError
from config.common.textfiles import TextFile
from customers.importers.changes import ChangeLog
from customers.importers.chunks import Chunk, read_chunks
from customers.importers.findings import Findings
from customers.importers.hand import OVERWRITE, HandChanges
from customers.importers.mapping import Mapping
from customers.importers.registry import Context, Kind
from customers.importers.report import Report
from customers.importers.rowlog import RowLog

Progress = Callable[[int, int], None]
TEXT_ENDINGS = (".csv", ".txt", ".csv.gz")
SHEET_ENDING = ".xlsx"


@dataclass(frozen=True)
class Options:
    """How to run an import.

    Args:
        partial: Take the good rows although others are refused.
        dry_run: Count what would happen, keep nothing.
        errors_path: Where refused rows go; None for nowhere.
        expected_rows: Refuse the file when it has another number of rows; None does not check.
        progress: Told bytes read and bytes in all.
        guard: First statement of the transaction (proof that a job is still ours).
        finish: Last step of the transaction, with the outcome (the file's own row).
        sample_rows: Rows of each group kept for a person to look at.
        result_path: Where the result file goes, which says what became of every row; None for nowhere.
        file_id: The file's row, when what it changes is to be written down for taking it back; else 0.
        hand_changes: What to do where a person has changed a value since the last such file, unless the
            mapping says: ``refuse``, ``keep`` or ``overwrite``.
    """

    partial: bool = False
    dry_run: bool = False
    errors_path: Path | None = None
    expected_rows: int | None = None
    progress: Progress | None = None
    guard: Callable[[], None] | None = None
    finish: Callable[["Outcome"], None] | None = None
    sample_rows: int = 0
    result_path: Path | None = None
    file_id: int = 0
    hand_changes: str = OVERWRITE


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    ``refused`` says that nothing was taken because rows were refused; ``incomplete`` counts the orders of which only
    some rows are good.
    """

    imported: int
    updated: int
    unchanged: int
    rejected: int
    reasons: dict[str, int]
    preview: list[dict[str, Any]]
    refused: bool
    sha256: str
    size: int
    errors_path: Path | None
    rows: int = 0
    clashes: int = 0
    incomplete: int = 0
    header: list[str] = field(default_factory=list)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)
    undo: dict[str, Any] = field(default_factory=dict)
    units_made: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """The last line of a command's output; programs read it, so it is never translated."""
        return (
            f"imported {self.imported}, updated {self.updated}, "
            f"unchanged {self.unchanged}, rejected {self.rejected}"
        )


class _RollBackError(Exception):
    """Ends the transaction without keeping anything."""


def run(
    *,
    kind: Kind,
    path: Path,
    mapping: Mapping,
    company: Company | None,
    options: Options,
    label: str = "",
    today: dt.date,
    by: User | None,
) -> Outcome:
    """Import a file.

    Args:
        kind: What is in it.
        path: CSV (also ``.csv.gz``) or XLSX.
        mapping: How it is read.
        company: Whose data; see ``Context``.
        options: Dry run, partial and so on.
        label: How people call the file; default its name.
        today: Business date; orders of later than a month after it are refused.
        by: Who imports; None for the command line.

    Returns:
        Counts and reasons. With refused rows and without ``partial`` nothing was kept.

    Raises:
        RefusedFileError: The file as a whole cannot be read.
        DomainError: Something else stands against it; nothing was kept.
    """
    if kind.needs_company and company is None:
        raise DomainError(
            _("Say which company the file belongs to (--company CODE)."), code="which_company"
        )
    with readable(path, mapping) as (file, _sheets), _reporting(kind, options) as report:
        context = Context(
            mapping=mapping,
            report=report,
            company=company,
            by=by,
            label=label or path.name,
            today=today,
            partial=options.partial,
            reread=lambda: _chunks(kind, file, mapping),
            changes=ChangeLog(options.file_id),
            hand=lambda: _hand_changes(kind, company, mapping, report, options),
        )
        outcomes: list[Outcome] = []
        try:
            with transaction.atomic():
                _read_and_write(kind, file, context, options)
                outcomes.append(_outcome(context, file, options))
                if options.dry_run or outcomes[0].refused:
                    raise _RollBackError
                if report.log is not None:
                    report.log.close()
                if options.finish is not None:
                    options.finish(outcomes[0])
        except _RollBackError:
            if report.log is not None:
                report.log.discard()
        except IntegrityError as error:
            raise ConflictError(
                _(
                    "Somebody else stored the same data while this file was being taken, so nothing of "
                    "it was kept. Import it again."
                ),
                code="stored_meanwhile",
            ) from error
    return outcomes[0]


def _read_and_write(kind: Kind, file: TextFile, context: Context, options: Options) -> None:
    if options.guard is not None:
        options.guard()
    locks.hold(f"import {kind.name}", context.company.pk if context.company else 0)
    importer = kind.importer(context)
    with (
        textfiles.paused_gc(),
        textfiles.open_rows(file, delimiter=context.mapping.delimiter) as rows,
    ):
        for chunk in read_chunks(rows, kind, context.mapping, context.report):
            importer.take(chunk)
            context.report.flush()
            if options.progress is not None:
                options.progress(rows.position, file.size)
    importer.finish()
    context.report.flush()
    _check_count(context.report.rows, options.expected_rows)


@contextmanager
def _reporting(kind: Kind, options: Options) -> Iterator[Report]:
    findings = Findings(options.sample_rows)
    with ExitStack() as stack:
        log = stack.enter_context(RowLog(options.result_path)) if options.result_path else None
        yield stack.enter_context(
            Report(options.errors_path, findings=findings, log=log, labels=_labels(kind))
        )


def _labels(kind: Kind) -> dict[str, str]:
    """What people call the columns; in English reasons name them as docs/importing.md does."""
    if (translation.get_language() or "en").startswith("en"):
        return {}
    return {column.name: str(column.label) for column in kind.columns}


def _hand_changes(
    kind: Kind, company: Company | None, mapping: Mapping, report: Report, options: Options
) -> HandChanges:
    policy = str(mapping.rules.get("hand_changes", options.hand_changes))
    return HandChanges(policy, company, kind.name, report.header)


def _chunks(kind: Kind, file: TextFile, mapping: Mapping) -> Iterator[Chunk]:
    """The file once more, for who must look again; what is refused here was refused before."""
    with textfiles.open_rows(file, delimiter=mapping.delimiter) as rows:
        report = Report(None)
        for chunk in read_chunks(rows, kind, mapping, report):
            yield chunk
            report.flush()


def _check_count(found: int, expected: int | None) -> None:
    if expected is not None and found != expected:
        raise RefusedFileError(
            _("The file has %(found)d rows, expected were %(expected)d. Nothing was taken.")
            % {"found": found, "expected": expected},
            code="half_file",
        )


def _outcome(context: Context, file: TextFile, options: Options) -> Outcome:
    report = context.report
    refused = report.blocked and not options.partial
    return Outcome(
        imported=0 if refused else report.imported,
        updated=0 if refused else report.updated,
        unchanged=0 if refused else report.unchanged,
        rejected=report.rejected,
        reasons=dict(sorted(report.reasons.items())),
        preview=report.preview,
        refused=refused,
        sha256=file.sha256,
        size=file.size,
        errors_path=report.errors_path,
        rows=report.rows,
        clashes=report.clashes,
        incomplete=report.incomplete,
        header=report.header,
        samples=report.findings.samples,
        unknown=report.findings.unknown,
        undo=context.undo,
        units_made=[] if refused else sorted(context.units_made),
    )


@contextmanager
def readable(path: Path, mapping: Mapping) -> Iterator[tuple[TextFile, list[str]]]:
    """The file as inspected text, and the names of its sheets; a workbook is converted meanwhile."""
    name = path.name.lower()
    if name.endswith(TEXT_ENDINGS):
        _check_text(path)
        text = textfiles.inspect(
            path, encoding=mapping.encoding, final_newline=mapping.final_newline
        )
        yield text, []
    elif name.endswith(SHEET_ENDING):
        with tempfile.TemporaryDirectory(prefix="liangzhun-") as folder:
            converted = Path(folder) / "sheet.csv"
            names = sheets.to_csv(path, converted, sheet=mapping.sheet)
            original = textfiles.digest(path)
            text = textfiles.inspect(converted, encoding="utf-8")
            yield TextFile(converted, text.encoding, original[0], text.size), names
    else:
        raise RefusedFileError(
            _("%(name)s: files may end in .csv, .csv.gz, .txt or .xlsx.") % {"name": path.name},
            code="unknown_type",
        )


def _check_text(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(8)
    packed = head.startswith(b"\x1f\x8b")
    if packed != path.name.lower().endswith(".gz") and head:
        raise RefusedFileError(
            _("%(name)s: the content does not fit the name (.gz or not). Rename or pack it.")
            % {"name": path.name},
            code="wrong_type",
        )
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise RefusedFileError(
            _("%(name)s is not a text file but a workbook or document. Save it as CSV or .xlsx.")
            % {"name": path.name},
            code="wrong_type",
        )
    if head.lstrip().lower().startswith((b"<html", b"<!doct", b"<?xml", b"<table")):
        raise RefusedFileError(
            _("%(name)s is a web page, not CSV. Open it in a spreadsheet and save it as CSV.")
            % {"name": path.name},
            code="wrong_type",
        )
