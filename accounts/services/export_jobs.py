"""A list as XLSX, written by a job: whatever its length, one row at a time is in memory."""

import datetime as dt
from collections.abc import Sequence
from typing import IO, Any

import xlsxwriter
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.services import exports, results
from accounts.services.exports import EXPORT, Export, Field
from config.common import faults, job_words, jobs, lists
from config.common.errors import DomainError
from config.common.jobs import JobContext, JobResult
from config.common.lists import Badge, ListState
from config.common.models import JobRun

# Of Excel, with the head.
MOST_ROWS = 1_048_575
MOST_SIGNS = 32_767
NARROWEST, WIDEST = 8, 50
FORMATS = {
    "whole": "#,##0",
    "decimal": "#,##0.00",
    "cents": "#,##0.00",
    "percent": "+0.0%;-0.0%;0.0%",
}
DAY, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"


def run_export(context: JobContext) -> JobResult:
    """Write the list of a job as its requester sees it now."""
    args = context.job.args
    assert context.job.requested_by_id is not None  # noqa: S101 - start_export sets it
    by = User.objects.select_related("unit").get(pk=context.job.requested_by_id)
    with translation.override(args.get("language") or settings.LANGUAGE_CODE):
        export = _open(args, by)

        def guard() -> None:
            context.assert_owner()
            # In the transaction that offers the file: no file without its event, no event twice.
            exports.record_export(export, "xlsx")

        file = results.create(
            job=context.job,
            user=by,
            name=exports.file_name(export.state.spec, "xlsx"),
            write=lambda stream: write_xlsx(stream, export, context),
            guard=guard,
        )
    return JobResult(summary={"rows": file.rows})


def _open(args: dict[str, Any], by: User) -> Export:
    spec = lists.find(args["list"])
    if spec is None:
        raise DomainError(_("There is no list of this name any more."), code="unknown_list")
    state = ListState.parse(spec, by, args["query"])
    offered = {column.code: column for column in spec.columns(by)}
    columns = [offered[code] for code in args["columns"] if code in offered]
    export = exports.open_export(state=state, columns=columns, by=by)
    if export.number > MOST_ROWS:
        raise DomainError(
            _("A sheet of XLSX holds %(n)s rows at most. Set a filter, or take CSV.")
            % {"n": f"{MOST_ROWS:,}"},
            code="too_many_rows",
        )
    return export


def write_xlsx(stream: IO[bytes], export: Export, context: JobContext | None = None) -> int:
    """Write a workbook: the rows, and a sheet that says what they are; how many rows there were."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": DAY,
    }
    book = xlsxwriter.Workbook(stream, options)
    number = _Sheet(book, export).write(context)
    _about(book, export)
    book.close()
    return number


class _Sheet:
    """The rows: head bold and frozen, columns as wide as what the first rows need."""

    def __init__(self, book: Any, export: Export) -> None:
        self.export = export
        self.fields = export.fields()
        self.sheet = book.add_worksheet(_sheet_name(str(export.state.spec.title)))
        self.bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.formats = {
            kind: book.add_format({"num_format": pattern}) for kind, pattern in FORMATS.items()
        }
        self.day = book.add_format({"num_format": DAY})
        self.moment = book.add_format({"num_format": MOMENT})
        self.text = book.add_format({"num_format": "@"})

    def write(self, context: JobContext | None) -> int:
        number = 0
        for rows in self.export.chunks():
            if not number:
                self._head(rows)
            for row in rows:
                number += 1
                for place, (field, value) in enumerate(zip(self.fields, row, strict=True)):
                    self._cell(number, place, field, value)
            if context is not None:
                context.progress(number, self.export.number)
            faults.point("list-export-chunk")
        if not number:
            self._head([])
        self.sheet.autofilter(0, 0, number, len(self.fields) - 1)
        return number

    def _head(self, rows: Sequence[Sequence[Any]]) -> None:
        for place, field in enumerate(self.fields):
            widths = [_width(exports.plain(field.kind, row[place])) for row in rows]
            wanted = max([_width(field.label), *widths]) + 2
            self.sheet.set_column(place, place, min(max(wanted, NARROWEST), WIDEST))
            self.sheet.write_string(0, place, field.label, self.bold)
        self.sheet.freeze_panes(1, 0)

    def _cell(self, row: int, place: int, field: Field, value: Any) -> None:
        if value is None or value == "":
            return
        if field.kind in FORMATS:
            shown = value / 100 if field.kind == "cents" else value
            self.sheet.write_number(row, place, shown, self.formats[field.kind])
        elif isinstance(value, dt.datetime):
            local = timezone.localtime(value).replace(tzinfo=None)
            self.sheet.write_datetime(row, place, local, self.moment)
        elif isinstance(value, dt.date):
            self.sheet.write_datetime(row, place, value, self.day)
        else:
            text = str(value.label if isinstance(value, Badge) else value)[:MOST_SIGNS]
            self.sheet.write_string(row, place, text, self.text)


def _width(text: Any) -> int:
    """Columns of a text on the screen; a Chinese character takes two."""
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in str(text))


def _sheet_name(title: str) -> str:
    """A name that Excel takes: at most 31 signs, none of seven."""
    return "".join(sign for sign in title if sign not in "[]:*?/\\'")[:31] or "Sheet1"


def _about(book: Any, export: Export) -> None:
    """Who took which rows when, so that a printed sheet can be placed."""
    state = export.state
    filters = [words for _name, words in state.chips()]
    facts = [
        (_("List"), str(state.spec.title)),
        (_("Filters"), "; ".join(filters) or _("None")),
        (_("Rows"), f"{export.number:,}"),
        (_("Exported by"), str(export.user)),
        (_("Exported at"), f"{timezone.localtime():%Y-%m-%d %H:%M}"),
    ]
    sheet = book.add_worksheet(_sheet_name(_("About this file")))
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 80)
    for row, (name, value) in enumerate(facts):
        sheet.write_string(row, 0, name, book.add_format({"bold": True}))
        sheet.write_string(row, 1, value)


def export_url(job: JobRun) -> str:
    """The page that offers the file."""
    return reverse("export-detail", args=[job.pk])


def register() -> None:
    """Called from ``AppConfig.ready``."""
    jobs.register(EXPORT, run_export)
    job_words.register(EXPORT, gettext_lazy("Export of a list"), export_url)
