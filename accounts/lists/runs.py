"""The list of runs: nights and other long jobs."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.forms import DayField
from accounts.models import User
from accounts.roles import Permission
from accounts.selectors import list_people_here, list_runs
from accounts.selectors import runs as reads
from config.common import job_words, lists
from config.common.audit_words import actor_name
from config.common.lists import Badge, Column, Empty, ListSpec, Sort, attribute
from config.common.models import JobRun, JobStatus
from config.common.templatetags.lz import duration, tone

ANY = ("", _("All"))
NEWEST = Sort("new", "id", _("Run"), int, descending=True)


class RunSource:
    """Columns and filters of runs."""

    def fields(self, user: User) -> dict[str, forms.Field]:
        kinds = [(kind, words.label) for kind, words in job_words.known_kinds().items()]
        people = [(str(pk), label) for pk, label in list_people_here(user)]
        return {
            "kind": forms.ChoiceField(
                label=_("Kind"),
                required=False,
                choices=[ANY, ("night", _("Nights")), ("other", _("Files and others")), *kinds],
            ),
            "status": forms.ChoiceField(
                label=_("Status"), required=False, choices=[ANY, *JobStatus.choices]
            ),
            "person": forms.ChoiceField(
                label=_("Asked for by"),
                required=False,
                choices=[ANY, (reads.CLOCK, actor_name("system")), *people],
            ),
            "since": DayField(label=_("From"), required=False),
            "until": DayField(label=_("To"), required=False),
        }

    def apply(
        self, queryset: QuerySet[JobRun], wanted: dict[str, Any], user: User
    ) -> QuerySet[JobRun]:
        return reads.filter_runs(queryset, wanted)

    def columns(self, user: User) -> list[Column]:
        return [
            Column("run", _("Run"), _labels, "code", sort=NEWEST, link=True),
            Column("about", _("About"), _titles, "name"),
            Column("status", _("Status"), _statuses, "badge"),
            Column("error", _("Error"), attribute("error"), "text"),
            Column("person", _("Asked for by"), _people, "code"),
            Column("at", _("Asked for at"), attribute("created_at"), "time"),
            Column("took", _("Time"), _durations, "code"),
            Column("attempts", _("Attempts"), attribute("attempts"), "whole"),
            Column("hash", _("Result hash"), _hashes, "code", shown=False),
            Column("worker", _("Worker"), attribute("worker"), shown=False),
        ]


def _labels(rows: Sequence[JobRun], user: User) -> dict[int, str]:
    return {row.pk: f"#{row.pk} {job_words.run_label(row)}" for row in rows}


def _titles(rows: Sequence[JobRun], user: User) -> dict[int, str]:
    return {row.pk: job_words.job_title(row) for row in rows}


def _statuses(rows: Sequence[JobRun], user: User) -> dict[int, Badge]:
    return {row.pk: Badge(row.get_status_display(), tone(row.status)) for row in rows}


def _people(rows: Sequence[JobRun], user: User) -> dict[int, str]:
    return {
        row.pk: str(row.requested_by) if row.requested_by else actor_name("system") for row in rows
    }


def _durations(rows: Sequence[JobRun], user: User) -> dict[int, str]:
    return {row.pk: duration(row.seconds) for row in rows}


def _hashes(rows: Sequence[JobRun], user: User) -> dict[int, str]:
    return {row.pk: row.result_hash[:12] for row in rows}


def _counted(number: int) -> str:
    words = ngettext("%(n)s run", "%(n)s runs", number)
    return words % {"n": f"{number:,}"}


def _presets(user: User) -> list[tuple[Any, str]]:
    return [
        (_("Failed"), "status=failed"),
        (_("Held for a person"), "status=held"),
        (_("Running now"), "status=running"),
        (_("Nights"), "kind=night"),
        (_("Mine"), f"person={user.pk}"),
    ]


RUNS = ListSpec(
    name="runs",
    title=_("Runs"),
    permission=Permission.VIEW_RUNS,
    url_name="run-list",
    rows=list_runs,
    source=RunSource(),
    default=NEWEST,
    counted=_counted,
    link=lambda row: reverse("run-detail", args=[row.pk]),
    label=lambda row: f"#{row.pk}",
    primary=("kind", "status", "person", "since", "until"),
    empty=Empty(_("No run here"), _("Nights appear here as soon as one is started."), "activity"),
    presets=_presets,
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    lists.register(RUNS)
