"""The list of files, as it is declared for the one mechanism of lists (ADR 5)."""

from collections.abc import Sequence

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission
from config.common import lists
from config.common.lists import Badge, Column, Empty, ListSpec, Sort, attribute
from config.common.templatetags.lz import tone
from customers.importers import registry
from customers.importers.findings import CLASH_CODES
from customers.models import ImportedFile
from customers.selectors import files as reads

NEWEST = Sort("newest", "id", _("Uploaded at"), int, descending=True)


class FileSource:
    """Columns and filters of files."""

    def fields(self, user: User) -> dict[str, forms.Field]:
        kinds = [(kind.name, kind.label) for kind in registry.kinds()]
        return {
            "kind": _choice(_("What the file holds"), kinds),
            "status": _choice(_("Status"), list(ImportedFile.Status.choices)),
            "whose": _choice(_("Uploaded by"), [("mine", _("me"))]),
            "since": forms.DateField(
                label=_("Uploaded since"),
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}),
            ),
        }

    def apply(
        self, queryset: QuerySet[ImportedFile], wanted: dict[str, object], user: User
    ) -> QuerySet[ImportedFile]:
        mine = user if wanted.get("whose") == "mine" else None
        return reads.filter_files(queryset, {**wanted, "q": "", "mine": mine})

    def columns(self, user: User) -> list[Column]:
        return [
            Column("name", _("File"), attribute("name"), "name", link=True),
            Column("kind", _("What the file holds"), _kinds),
            Column("status", _("Status"), _statuses, "badge"),
            Column("imported", _("New"), attribute("imported"), "whole"),
            Column("updated", _("Changed"), attribute("updated"), "whole"),
            Column("unchanged", _("Unchanged"), attribute("unchanged"), "whole"),
            Column("clash", _("Clashes"), _clashes, "whole"),
            Column("rejected", _("Refused"), _refused, "whole"),
            Column("by", _("Uploaded by"), attribute("uploaded_by"), "code"),
            Column("at", _("Uploaded at"), attribute("uploaded_at"), "time", sort=NEWEST),
            Column("applied", _("Applied at"), attribute("applied_at"), "time", shown=False),
            Column("reverted", _("Reverted at"), attribute("reverted_at"), "time", shown=False),
        ]


def _choice(label: object, choices: Sequence[tuple[object, object]]) -> forms.ChoiceField:
    options = [("", _("All")), *choices]
    return forms.ChoiceField(label=label, required=False, choices=options)  # type: ignore[arg-type]


def _kinds(rows: Sequence[ImportedFile], user: User) -> dict[int, str]:
    labels = {kind.name: str(kind.label) for kind in registry.kinds()}
    return {row.pk: labels.get(row.kind, row.kind) for row in rows}


def _clash_count(row: ImportedFile) -> int:
    # Not from ``outcome``, which is heavy and not read for lists.
    return sum(int(rows) for code, rows in row.reasons.items() if code in CLASH_CODES)


def _clashes(rows: Sequence[ImportedFile], user: User) -> dict[int, int]:
    return {row.pk: _clash_count(row) for row in rows}


def _refused(rows: Sequence[ImportedFile], user: User) -> dict[int, int]:
    return {row.pk: row.rejected - _clash_count(row) for row in rows}


def _statuses(rows: Sequence[ImportedFile], user: User) -> dict[int, Badge]:
    return {row.pk: Badge(row.get_status_display(), tone(row.status)) for row in rows}


def _search(rows: QuerySet[ImportedFile], text: str, user: User) -> QuerySet[ImportedFile]:
    return reads.filter_files(rows, {"q": text})


def _counted(number: int) -> str:
    return ngettext("%(n)s file", "%(n)s files", number) % {"n": f"{number:,}"}


FILES = ListSpec(
    name="files",
    title=_("Files"),
    permission=Permission.VIEW_FILES,
    url_name="file-list",
    rows=reads.list_files,
    source=FileSource(),
    default=NEWEST,
    counted=_counted,
    search=_search,
    search_label=_("Name of the file"),
    link=lambda row: reverse("file-detail", args=[row.pk]),
    primary=("kind", "status", "whose"),
    empty=Empty(
        _("No file yet"),
        _(
            "Products first, then retailers, then orders: each row is checked before anything is written."
        ),
        "file-import",
    ),
    presets=lambda user: [
        (_("Waiting to be applied"), "status=checked"),
        (_("Refused"), "status=refused"),
        (_("My files"), "whose=mine"),
    ],
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    lists.register(FILES)
