"""What the pages of a file are made of: steps, figures, groups of rows, questions."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.common.logs import mask_personal_data
from config.common.pages import Question
from config.common.pages import crumb as page_crumb
from config.common.personal import masked_phone
from customers.importers import registry, uploads
from customers.importers.findings import GROUPS
from customers.importers.look import Look
from customers.importers.registry import Kind
from customers.models import ImportedFile
from customers.selectors import files as file_reads

Status = ImportedFile.Status
PAGE = 20
# Organisation units named in the question; the page names more.
UNITS_ASKED = 5
STEPS = (
    ("upload", gettext_lazy("Upload")),
    ("columns", gettext_lazy("Match columns")),
    ("check", gettext_lazy("Dry run")),
    ("apply", gettext_lazy("Apply")),
    ("result", gettext_lazy("Result")),
)
GROUP_WORDS = {
    "new": gettext_lazy("New"),
    "changed": gettext_lazy("Changed"),
    "same": gettext_lazy("Unchanged"),
    "clash": gettext_lazy("Clashes"),
    "refused": gettext_lazy("Refused"),
}
# What became of objects when a file was taken back.
REVERTED = {
    "restored": gettext_lazy("Restored"),
    "deleted": gettext_lazy("Deleted"),
    "left": gettext_lazy("Left as they are"),
}
PARTS = {
    "units": gettext_lazy("Organisation units"),
    "codes": gettext_lazy("Entries of code lists"),
}
_AT = {
    Status.UPLOADED: "columns",
    Status.CHECKING: "check",
    Status.CHECKED: "check",
    Status.REFUSED: "check",
    Status.FAILED: "check",
    Status.APPLYING: "apply",
    Status.APPLIED: "result",
    Status.REVERTING: "result",
    Status.REVERTED: "result",
}


def crumbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Home, files, and what follows."""
    home = page_crumb(_("Home"), reverse("home"))
    return [home, page_crumb(_("Files"), reverse("file-list")), *more]


def steps(file: ImportedFile | None, at: str = "") -> list[dict[str, Any]]:
    """The steps of the wizard: done, here, or to come."""
    here = at or ("upload" if file is None else _AT[Status(file.status)])
    if file is not None and file.status == Status.REFUSED and not file.source:
        here = "columns"
    names = [name for name, _label in STEPS]
    place = names.index(here)
    found = []
    for number, (name, label) in enumerate(STEPS):
        url = ""
        if name == "columns" and file is not None and may_match(file):
            url = reverse("file-columns", args=[file.pk])
        if (
            name == "check"
            and file is not None
            and at == "columns"
            and file.status == Status.CHECKED
        ):
            url = reverse("file-detail", args=[file.pk])
        found.append({"label": label, "here": number == place, "done": number < place, "url": url})
    return found


def look_of(file: ImportedFile) -> Look | None:
    """What the first look has found; None before it, and for files of the command line."""
    found = file.outcome.get("look")
    return Look(**found) if found else None


def may_match(file: ImportedFile) -> bool:
    """Whether its columns can be matched now."""
    return file.status in uploads.OPEN and "look" in file.outcome and not is_looked_at(file)


def is_looked_at(file: ImportedFile) -> bool:
    """Whether somebody has a first look at it just now."""
    job = file.job
    return job is not None and job.kind == uploads.LOOK and not job.is_finished


def file_context(
    file: ImportedFile, *, may_import: bool, query: Mapping[str, str]
) -> dict[str, Any]:
    """What the page of a file shows, in every state."""
    kind = registry.get(file.kind)
    running = is_looked_at(file) or file.status in (
        Status.CHECKING,
        Status.APPLYING,
        Status.REVERTING,
    )
    to_match = file.status == Status.UPLOADED and may_match(file)
    return {
        "file": file,
        "kind": kind,
        "may_import": may_import,
        "running": running,
        "to_match": to_match,
        "may_match": may_import and may_match(file),
        "steps": steps(file),
        "look": look_of(file),
        "figures": figures(file),
        "groups": groups(file, kind, query),
        "promises": promises(file),
        "units": units_made(file),
        "by_hand": int(file.reasons.get("changed_by_hand", 0)),
        "reverted": reverted(file),
        "questions": questions(file) if may_import and not running else [],
        "revertible_until": None if running else file_reads.revertible_until(file),
    }


def figures(file: ImportedFile) -> list[dict[str, Any]]:
    """Rows by what becomes of them; together they are all rows of the file."""
    clash = int(file.outcome.get("clash", 0))
    numbers = {
        "new": file.imported,
        "changed": file.updated,
        "same": file.unchanged,
        "clash": clash,
        "refused": file.rejected - clash,
    }
    tones = {"clash": "warn", "refused": "bad"}
    return [
        {"group": group, "label": GROUP_WORDS[group], "number": number, "tone": tones.get(group)}
        for group, number in numbers.items()
    ]


def units_made(file: ImportedFile) -> dict[str, Any]:
    """The organisation units that the file makes or has made, so that a typing error is seen; empty for none."""
    found = file.outcome.get("units", {})
    number = int(found.get("number", 0))
    if not number:
        return {}
    if file.status == Status.CHECKED:
        text = ngettext(
            "Applying this file makes %(n)s organisation unit that does not exist yet. Is its name written right?",
            "Applying this file makes %(n)s organisation units that do not exist yet. Are their names written right?",
            number,
        )
    else:
        text = ngettext(
            "This file has made %(n)s organisation unit that did not exist before.",
            "This file has made %(n)s organisation units that did not exist before.",
            number,
        )
    paths = found["paths"]
    return {
        "title": text % {"n": f"{number:,}"},
        "number": number,
        "paths": paths,
        "more": number - len(paths),
    }


def groups(file: ImportedFile, kind: Kind, query: Mapping[str, str]) -> dict[str, Any]:
    """The first rows of one group, some at a time."""
    samples: dict[str, list[dict[str, Any]]] = file.outcome.get("samples", {})
    filled = [group for group in GROUPS if samples.get(group)]
    if not filled:
        return {}
    chosen = query.get("group", "")
    chosen = chosen if chosen in filled else filled[0]
    rows = samples[chosen]
    pages = max(1, -(-len(rows) // PAGE))
    text = query.get("page", "")
    page = min(max(1, int(text[:6])), pages) if text.isascii() and text.isdigit() else 1
    number = next(it["number"] for it in figures(file) if it["group"] == chosen)
    return {
        "tabs": [
            {
                "group": it["group"],
                "label": it["label"],
                "number": it["number"],
                "here": it["group"] == chosen,
            }
            for it in figures(file)
            if it["group"] in filled
        ],
        "chosen": chosen,
        "label": GROUP_WORDS[chosen],
        "rows": [_row(row, kind) for row in rows[(page - 1) * PAGE : page * PAGE]],
        "page": page,
        "pages": pages,
        "previous": page - 1 if page > 1 else 0,
        "next": page + 1 if page < pages else 0,
        "more": max(0, number - len(rows)),
        "has_before": chosen in ("changed", "clash"),
    }


def _row(row: dict[str, Any], kind: Kind) -> dict[str, Any]:
    order = {column.name: place for place, column in enumerate(kind.columns)}
    return {
        "line": row["line"],
        "key": mask_personal_data(str(row["key"])),
        "note": mask_personal_data(_in_words(str(row["note"]), kind)),
        "cells": [
            {
                "label": _label(name, kind),
                "before": _shown(name, before, kind),
                "after": _shown(name, after, kind),
            }
            for name, before, after in sorted(row["cells"], key=lambda it: order.get(it[0], 99))
        ],
    }


def _in_words(note: str, kind: Kind) -> str:
    """Reasons begin with the name of a column, which people call otherwise."""
    found = []
    for part in note.split("; "):
        name, blank, rest = part.partition(" ")
        column = kind.column_or_none(name)
        found.append(f"{column.label} {rest}" if column and blank else part)
    return "; ".join(found)


def _label(name: str, kind: Kind) -> Any:
    column = kind.column_or_none(name)
    return column.label if column else name


def _shown(name: str, value: Any, kind: Kind) -> str:
    column = kind.column_or_none(name)
    if value is None or value == "":
        return ""
    if column is not None and column.personal:
        return masked_phone(str(value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return mask_personal_data(str(value))


def promises(file: ImportedFile) -> list[str]:
    """What applying the file will do, in sentences."""
    if file.status != Status.CHECKED:
        return []
    found = []
    if file.imported:
        found.append(_rows_text(file.imported, gettext_lazy("%(n)s rows are new and are added.")))
    if file.updated:
        found.append(_rows_text(file.updated, gettext_lazy("%(n)s rows change what is stored.")))
    if file.unchanged:
        found.append(
            _rows_text(file.unchanged, gettext_lazy("%(n)s rows say what is stored already."))
        )
    if file.rejected:
        found.append(
            _rows_text(file.rejected, gettext_lazy("%(n)s rows are left out; they change nothing."))
        )
    if short := file.outcome.get("incomplete"):
        text = ngettext(
            "%(n)s order has good and refused rows. Taken without the refused ones it lacks them, and no file can add "
            "them later: better correct the file and check it again.",
            "%(n)s orders have good and refused rows. Taken without the refused ones they lack them, and no file can "
            "add them later: better correct the file and check it again.",
            short,
        )
        found.append(text % {"n": f"{short:,}"})
    if not file.imported + file.updated:
        found.append(_("So applying this file changes nothing."))
    if file.kind == "orders" and file.imported:
        found.append(
            _("The next night computes the monthly sales anew; published plans stay as they are.")
        )
    if file.imported + file.updated:
        days = file_reads.revert_days(file.company_id)
        text = ngettext(
            "For %(n)d day it can be reverted where nothing has changed since.",
            "For %(n)d days it can be reverted where nothing has changed since.",
            days,
        )
        found.append(text % {"n": days})
    return found


def _rows_text(number: int, text: Any) -> str:
    return str(text) % {"n": f"{number:,}"}


def reverted(file: ImportedFile) -> dict[str, Any]:
    """What taking the file back did, by what became of its objects; empty before."""
    found = file.outcome.get("revert", {})
    if not found:
        return {}
    parts = found.get("parts", {})
    rows = {
        name: found.get(name, 0) - sum(part.get(name, 0) for part in parts.values())
        for name in REVERTED
    }
    return {
        "figures": [{"label": word, "number": rows[name]} for name, word in REVERTED.items()],
        "parts": [_part(PARTS.get(name, name), part) for name, part in parts.items()],
        "left": found.get("left", 0),
    }


def _part(label: Any, counts: dict[str, int]) -> str:
    """What became of objects that no row of the file stands for."""
    told = [f"{word} {counts[name]:,}" for name, word in REVERTED.items() if counts.get(name)]
    return _("%(what)s that the file had made: %(counts)s") % {
        "what": label,
        "counts": ", ".join(told),
    }


def questions(file: ImportedFile) -> list[Question]:
    """What may be done with the file now."""
    has_good_rows = file.imported + file.updated + file.unchanged > 0
    if file.status == Status.CHECKED and has_good_rows:
        # A file with refused rows can only be applied without them; one with none, as a whole.
        blocked = file.rejected > int(file.reasons.get("skipped_by_mapping", 0))
        return [apply_question(file, partial=blocked)]
    if not file_reads.why_not_revertible(file) and registry.get(file.kind).revert:
        return [revert_question(file)]
    return []


def apply_question(file: ImportedFile, *, partial: bool) -> Question:
    """Shall it be applied?"""
    return Question(
        id="apply-partial" if partial else "apply-file",
        title=_("Apply the good rows?") if partial else _("Apply this file?"),
        text=(
            _(
                "The good rows are written; the refused ones are left out and stay in the error file."
            )
            if partial
            else _("All rows are written in one step. The same file applied again changes nothing.")
        ),
        url=reverse("file-apply", args=[file.pk]) + ("?partial=1" if partial else ""),
        label=_("Apply the good rows") if partial else _("Apply"),
        facts=[
            (_("File"), file.name),
            *((it["label"], f"{it['number']:,}") for it in figures(file)),
            *_units_fact(file),
        ],
        icon="database-import",
        danger=partial,
    )


def _units_fact(file: ImportedFile) -> list[tuple[Any, Any]]:
    units = units_made(file)
    if not units:
        return []
    named = units["paths"][:UNITS_ASKED]
    more = " …" if units["number"] > len(named) else ""
    return [(_("New organisation units"), f"{units['number']:,}: {', '.join(named)}{more}")]


def revert_question(file: ImportedFile) -> Question:
    """Shall what it did be taken back?"""
    until = file_reads.revertible_until(file)
    facts: list[tuple[Any, Any]] = [
        (_("File"), file.name),
        (_("New rows"), f"{file.imported:,}"),
        (_("Changed rows"), f"{file.updated:,}"),
    ]
    if until is not None:
        facts.append((_("Possible until"), f"{timezone.localtime(until):%Y-%m-%d %H:%M}"))
    if file.kind == "orders":
        text = _(
            "The orders of this file are deleted, and the next night computes the monthly sales anew. "
            "Orders that were sent again since stay; published plans stay as they are."
        )
    else:
        text = _(
            "What the file changed becomes what it was before, and what it made is deleted. What somebody "
            "has changed or used since is left as it is and named in a result file."
        )
    return Question(
        id="revert-file",
        title=_("Revert this file?"),
        text=text,
        url=reverse("file-revert", args=[file.pk]),
        label=_("Revert"),
        facts=facts,
        reason=True,
        danger=True,
        icon="arrow-back-up",
    )
