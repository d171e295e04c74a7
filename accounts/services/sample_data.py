"""Removing a company of sample data with everything of it: one job, in chunks, which goes on where it stopped.

Tables are found by following foreign keys to the company, so that a table of tomorrow is not forgotten.
A row goes when it belongs to the company, or cannot be without a row that goes; a row of somebody else that
merely points to one is left and loses the pointer, and if it belongs to another company nothing is removed
at all. The audit trail stays: its events lose their pointers and nothing else (migration ``sample_events``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from operator import or_
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ApiClient, AuditEvent, Company, User
from accounts.services import record
from config.common import faults, job_words, jobs, reruns, storage
from config.common.audit_words import table_label
from config.common.errors import ConflictError, DomainError, ForbiddenError
from config.common.jobs import JobContext, JobResult
from config.common.models import JobRun, JobStatus

KIND = "sample.remove"
CHUNK = 10_000
MOST_PASSES = 5

Model = type[models.Model]
# Alternatives of conditions that must all hold, by lookup.
Alternatives = list[dict[str, Any]]

_file_fields: dict[Model, tuple[str, ...]] = {}
_last_steps: list[Callable[[], int]] = []


def has_files(model: Model, *fields: str) -> None:
    """Say which columns of a model name files below MEDIA_ROOT. Called from ``AppConfig.ready``."""
    _file_fields[model] = fields


def on_last_company_gone(step: Callable[[], int]) -> None:
    """Say what else sample data left, once no company is there at all; returns how many rows went."""
    _last_steps.append(step)


# --- asking for it ------------------------------------------------------------------------


@transaction.atomic
def start_removal(*, company: Company, typed_code: str, by: User) -> JobRun:
    """Put the removal into the queue. From now on nobody of the company can log in.

    Args:
        company: A company of sample data.
        typed_code: Its code, as the person typed it.
        by: An administrator of the whole installation: somebody must be left.

    Raises:
        ForbiddenError: They administer one company only.
        DomainError: It is no sample data, or the code was typed wrong.
        ConflictError: Something of this company is being worked on.
    """
    if not by.scope.everything:
        raise ForbiddenError(
            _("Only an administrator of the whole installation can do this."), code="other_company"
        )
    if not company.is_demo:
        raise DomainError(
            _("%(company)s is a real company; its data cannot be removed.") % {"company": company},
            code="not_sample",
        )
    if typed_code.strip() != company.code:
        raise DomainError(_("This is not the code of the company."), code="wrong_code")
    open_jobs = JobRun.objects.filter(status__in=[JobStatus.QUEUED, JobStatus.RUNNING])
    if open_removal(company) or open_jobs.filter(company_id=company.pk).exists():
        raise ConflictError(
            _(
                "Something of this company is being worked on. Wait until it has ended, or stop it under Runs."
            ),
            code="busy",
        )
    User.objects.filter(company=company).update(is_active=False)
    ApiClient.objects.filter(company=company).update(is_active=False)
    number = JobRun.objects.filter(kind=KIND, key__startswith=f"{KIND}:{company.pk}:").count()
    job = jobs.create(
        kind=KIND,
        key=f"{KIND}:{company.pk}:{number + 1}",
        company_id=None,
        args={"company": company.pk, "title": company.code},
        by=by,
    )
    # Of no company, as this event is to outlive it with its pointers.
    record(action="sample.remove", company_id=None, by=by, obj=company)
    jobs.ring(job.pk)
    return job


def open_removal(company: Company) -> JobRun | None:
    """The removal of this company that waits or runs."""
    open_states = [JobStatus.QUEUED, JobStatus.RUNNING]
    removals = JobRun.objects.filter(kind=KIND, status__in=open_states)
    return removals.filter(args__company=company.pk).first()


# --- what goes ----------------------------------------------------------------------------


@dataclass
class Removal:
    """What goes with a company.

    Args:
        company_id: Whose.
        doomed: Model to the rows that go.
        order: Models, children before parents.
        pointers: (model, column) that may point to rows that go, from rows that stay.
        cut: (model, column) that is emptied in rows that go, as two tables name each other.
    """

    company_id: int
    doomed: dict[Model, Alternatives] = field(default_factory=dict)
    order: list[Model] = field(default_factory=list)
    pointers: list[tuple[Model, Any]] = field(default_factory=list)
    cut: list[tuple[Model, Any]] = field(default_factory=list)

    def rows(self, model: Model) -> QuerySet[Any]:
        """The rows of a model that go."""
        return model._base_manager.filter(_either(self.doomed[model]))

    def pointing(self, model: Model, column: Any) -> QuerySet[Any]:
        """Rows that stay and name one that goes."""
        rows = model._base_manager.filter(
            _either(_below(column.name, self.doomed[column.related_model]))
        )
        if model in self.doomed:
            rows = rows.exclude(_either(self.doomed[model]))
        return rows


def plan_removal(company_id: int) -> Removal:
    """Find out what goes with a company, and in which order."""
    removal = Removal(company_id)
    known = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model is not AuditEvent
    ]
    memo: dict[Model, Alternatives] = {}
    for model in known:
        found = _doom(model, company_id, memo, frozenset())
        if found:
            removal.doomed[model] = found
    pointing: list[Model] = [*known, AuditEvent]
    for model in pointing:
        for column in _references(model):
            # Who stays loses the pointer; a self-reference never leads from one that stays.
            target = column.related_model
            if target in removal.doomed and column.null and target is not model:
                removal.pointers.append((model, column))
    _sort(removal)
    return removal


def _doom(
    model: Model, company_id: int, memo: dict[Model, Alternatives], seen: frozenset[Model]
) -> Alternatives:
    """Which rows of a model go: those of the company, and those that cannot be without one that goes."""
    if model is Company:
        return [{"pk": company_id}]
    if model is AuditEvent or model in seen:
        return []
    if model in memo:
        return memo[model]
    found: Alternatives = []
    own = next((one for one in model._meta.concrete_fields if one.attname == "company_id"), None)
    if own is not None:
        found.append({"company_id": company_id})
    if own is None or own.null:
        for column in _references(model):
            if column.related_model in (Company, model) or not _owns(column):
                continue
            above = _doom(column.related_model, company_id, memo, seen | {model})
            nobody = {} if own is None else {"company_id__isnull": True}
            found += [{**nobody, **one} for one in _below(column.name, above)]
    if not seen:
        memo[model] = found
    return found


def _references(model: Model) -> list[Any]:
    return [
        one
        for one in model._meta.concrete_fields
        if isinstance(one, models.ForeignKey) and isinstance(one.related_model, type)
    ]


def _owns(column: Any) -> bool:
    return not column.null or column.remote_field.on_delete is models.CASCADE


def _below(name: str, alternatives: Alternatives) -> Alternatives:
    return [{f"{name}__{lookup}": value for lookup, value in one.items()} for one in alternatives]


def _either(alternatives: Alternatives) -> Q:
    return reduce(or_, (Q(**one) for one in alternatives))


def _sort(removal: Removal) -> None:
    """Children before parents; where tables name each other, a column that may be empty is cut."""
    edges: dict[tuple[Model, Model], list[Any]] = {}
    for model in removal.doomed:
        for column in _references(model):
            if column.related_model is model and column.null:
                removal.cut.append((model, column))
            elif column.related_model in removal.doomed and column.related_model is not model:
                edges.setdefault((model, column.related_model), []).append(column)
    while True:
        sorter: TopologicalSorter[Model] = TopologicalSorter(
            {model: set() for model in removal.doomed}
        )
        for child, parent in edges:
            sorter.add(parent, child)
        try:
            removal.order = list(sorter.static_order())
            return
        except CycleError as error:
            _cut(removal, edges, list(error.args[1]))


def _cut(removal: Removal, edges: dict[tuple[Model, Model], list[Any]], ring: list[Model]) -> None:
    for one, other in pairwise(ring):
        for pair in ((one, other), (other, one)):
            columns = edges.get(pair)
            if columns and all(column.null for column in columns):
                removal.cut += [(pair[0], column) for column in columns]
                del edges[pair]
                return
    names = ", ".join(model._meta.label for model in ring)
    raise RuntimeError(f"these tables name each other and none may be empty: {names}")


def refuse_strangers(removal: Removal) -> None:
    """Nothing of another company may point to what goes; then nothing goes.

    Raises:
        ConflictError: Naming the table.
    """
    for model, column in removal.pointers:
        if "company_id" not in {one.attname for one in model._meta.concrete_fields}:
            continue
        others = removal.pointing(model, column).exclude(company_id=None)
        if others.exclude(company_id=removal.company_id).exists():
            raise ConflictError(
                _(
                    "Rows of another company in “%(table)s” point to the sample data. Nothing was removed; tell the developers."
                )
                % {"table": model._meta.verbose_name},
                code="foreign_rows",
            )


# --- doing it -----------------------------------------------------------------------------


def run_removal(context: JobContext) -> JobResult:
    """Handler of ``sample.remove``. Everything it does can be done again."""
    company_id = int(context.job.args["company"])
    company = Company.objects.filter(pk=company_id).first()
    if company is not None and not company.is_demo:
        raise DomainError(
            _("%(company)s is a real company; its data cannot be removed.") % {"company": company}
        )
    removal = plan_removal(company_id)
    refuse_strangers(removal)
    work = _Work(context, removal)
    if company is not None:
        work.remove_files()
        work.forget_failures()
    for _pass in range(MOST_PASSES):
        work.remove_rows()
        if not any(removal.rows(model).exists() for model in removal.order):
            return JobResult(summary=work.finish())
    raise DomainError(
        _(
            "Somebody goes on writing into the sample data. Stop what runs for this company and start again."
        ),
        code="still_written",
    )


class _Work:
    """The removal while it runs: chunks of rows, each in a transaction that proves the job is ours."""

    def __init__(self, context: JobContext, removal: Removal) -> None:
        self.context, self.removal = context, removal
        self.done = 0
        self.gone: dict[str, int] = {}
        self.total = sum(removal.rows(model).count() for model in removal.order)
        self.total += self._events().count()

    def _tell(self, words: Any) -> None:
        self.total = max(self.total, self.done)
        self.context.progress(self.done, self.total, str(words))

    def remove_files(self) -> None:
        """Delete the files of rows that will go; that one is gone already is well."""
        for model, fields in _file_fields.items():
            if model not in self.removal.doomed:
                continue
            for stored in self.removal.rows(model).values_list(*fields).iterator():
                for path in stored:
                    storage.remove(path)

    def forget_failures(self) -> None:
        """Failed log-ins name people by their user name only."""
        names = list(
            User.objects.filter(company_id=self.removal.company_id).values_list(
                "username", flat=True
            )
        )
        for model in (AccessAttempt, AccessFailureLog, AccessLog):
            for start in range(0, len(names), 500):
                model.objects.filter(username__in=names[start : start + 500]).delete()

    def remove_rows(self) -> None:
        """One pass over all tables."""
        self._release_events()
        for model, column in (*self.removal.pointers, *self.removal.cut):
            if model is not AuditEvent:
                self._empty(model, column)
        for model in self.removal.order:
            self._delete(model)

    def _events(self) -> QuerySet[AuditEvent]:
        own = Q(company_id=self.removal.company_id)
        return AuditEvent.objects.filter(own | Q(actor__company_id=self.removal.company_id))

    def _release_events(self) -> None:
        """Events stay; those of the company and of its people lose their pointers."""
        company_id = self.removal.company_id
        by_theirs = Q(actor__company_id=company_id)
        own = Q(company_id=company_id)
        cases: list[tuple[Q, dict[str, None]]] = [
            (own & by_theirs, {"company_id": None, "actor_id": None}),
            (own & ~by_theirs, {"company_id": None}),
            (~own & by_theirs, {"actor_id": None}),
        ]
        words = AuditEvent._meta.verbose_name
        for condition, emptied in cases:
            while keys := list(
                AuditEvent.objects.filter(condition).values_list("pk", flat=True)[:CHUNK]
            ):
                with transaction.atomic():
                    self.context.assert_owner()
                    for part in _batches(keys):
                        AuditEvent.objects.filter(pk__in=part).update(**emptied)
                self.done += len(keys)
                self._tell(words)

    def _empty(self, model: Model, column: Any) -> None:
        rows = self.removal.pointing(model, column)
        if (model, column) in self.removal.cut:
            rows = self.removal.rows(model).exclude(**{f"{column.name}__isnull": True})
        while keys := list(rows.values_list("pk", flat=True)[:CHUNK]):
            with transaction.atomic():
                self.context.assert_owner()
                for part in _batches(keys):
                    model._base_manager.filter(pk__in=part).update(**{column.name: None})
            faults.point("sample-remove-empty")

    def _delete(self, model: Model) -> None:
        """Delete by ranges of the primary key: each chunk begins where the last one ended."""
        label, last = table_label(model), None
        while True:
            rows = self.removal.rows(model).order_by("pk")
            if last is not None:
                rows = rows.filter(pk__gt=last)
            end = rows.values_list("pk", flat=True)[CHUNK - 1 : CHUNK].first()
            if end is not None:
                rows = rows.filter(pk__lte=end)
            with transaction.atomic():
                self.context.assert_owner()
                number = rows.order_by()._raw_delete(rows.db)
            self.done += number
            self.gone[label] = self.gone.get(label, 0) + number
            if number:
                self._tell(label)
            faults.point("sample-remove-chunk")
            if end is None:
                return
            last = end

    def finish(self) -> dict[str, Any]:
        """What only sample data left behind, and the last word in the audit trail."""
        gone = {label: number for label, number in self.gone.items() if number}
        with transaction.atomic():
            self.context.assert_owner()
            if not Company.objects.exists():
                gone[str(_("Catalogue"))] = sum(step() for step in _last_steps)
            by = self.context.job.requested_by
            record(
                action="sample.removed",
                company_id=None,
                by=by,
                actor_label="" if by else "system",
                object_label=str(self.context.job.args.get("title", "")),
                changes=gone,
            )
        return {"rows": sum(gone.values()), "tables": gone}


def _batches(keys: list[Any], size: int = 500) -> Iterable[list[Any]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def handler(context: JobContext) -> JobResult:
    """As ``run_removal``; a row that came in between is no reason to fail."""
    for _attempt in range(MOST_PASSES):
        try:
            return run_removal(context)
        except IntegrityError:
            continue
    return run_removal(context)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    jobs.register(KIND, handler)
    job_words.register(
        KIND,
        gettext_lazy("Removal of sample data"),
        lambda job: reverse("run-detail", args=[job.pk]),
    )
    reruns.allow(KIND)
