"""Reads of accounts."""

import datetime as dt
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import AuditEvent, Company, OrgUnit, PolicyVersion, User
from config.common.models import JobRun, JobStatus
from config.common.nights import NIGHT, stage_names


def list_companies(user: User) -> QuerySet[Company]:
    """Companies this person works in."""
    scope = user.scope
    if scope.everything:
        return Company.objects.order_by("code")
    if scope.company_id is None:
        return Company.objects.none()
    return Company.objects.filter(pk=scope.company_id)


def policy_as_of(company_id: int, code: str, day: dt.date) -> PolicyVersion | None:
    """The version of a rule in force on a day: the newest that had taken effect."""
    return (
        PolicyVersion.objects.filter(company_id=company_id, code=code, effective_from__lte=day)
        .order_by("-effective_from", "-version")
        .first()
    )


def working_company(user: User) -> Company | None:
    """The company whose figures a person's pages show; the first, for who administers them all."""
    return user.company or list_companies(user).first()


def list_units(user: User) -> QuerySet[OrgUnit]:
    """Organisation units of this person's companies, and only their own branch where they have one."""
    scope = user.scope
    if scope.partner or not (scope.everything or scope.company_id):
        return OrgUnit.objects.none()
    units = OrgUnit.objects.filter(is_active=True).order_by("company_id", "path")
    if scope.company_id:
        units = units.filter(company_id=scope.company_id)
    if user.unit is not None:
        units = units.filter(
            Q(pk=user.unit_id)
            | Q(path__startswith=f"{user.unit.path}/")
            | Q(pk__in=_ancestors(user.unit))
        )
    return units


def _ancestors(unit: OrgUnit) -> list[int]:
    found = []
    above = unit.parent
    while above is not None:
        found.append(above.pk)
        above = above.parent
    return found


def list_people_here(user: User) -> list[tuple[int, str]]:
    """Everybody of this person's companies by name, for filters that ask who did something; one query."""
    scope = user.scope
    people = User.objects.order_by("display_name", "username")
    if not scope.everything:
        people = people.filter(company_id=scope.company_id) if scope.company_id else people.none()
    return named(people)


def named(people: QuerySet[User]) -> list[tuple[int, str]]:
    """People as choices, in their order: key and what ``str`` says of them, without the rest of them."""
    return [
        (pk, name or username)
        for pk, name, username in people.values_list("pk", "display_name", "username")
    ]


# --- runs ---------------------------------------------------------------------------------


def list_runs(user: User) -> QuerySet[JobRun]:
    """Nights and other jobs that stand for themselves; who asked for them is loaded.

    ``stages_of_night`` counts the different stages a night was asked to do.
    """
    runs = _with_stages(JobRun.objects.filter(parent=None).select_related("requested_by"))
    scope = user.scope
    if scope.everything:
        return runs
    if scope.company_id is None or scope.partner:
        return runs.none()
    return runs.filter(company_id=scope.company_id)


def _with_stages(runs: QuerySet[JobRun]) -> QuerySet[JobRun]:
    """Count for each night its different stages as ``stages_of_night``."""
    kinds = [f"{NIGHT}.{name}" for name in stage_names()]
    stages = JobRun.objects.filter(parent=OuterRef("pk"), kind__in=kinds).order_by()
    counted = stages.values("parent").annotate(number=Count("kind", distinct=True))
    # A subquery, not a join: it is counted for the rows of one page only.
    return runs.annotate(stages_of_night=Coalesce(Subquery(counted.values("number")), 0))


def list_stages(run: JobRun) -> list[JobRun]:
    """The stages of a night in their order."""
    return list(JobRun.objects.filter(parent=run).order_by("position"))


def whole_nights(user: User) -> QuerySet[JobRun]:
    """Nights with every stage; a recomputation of some of them is none."""
    runs: Any = list_runs(user)
    nights: QuerySet[JobRun] = runs.filter(kind=NIGHT, stages_of_night=len(stage_names()))
    return nights


def is_recomputation(run: JobRun) -> bool:
    """True for a run of ``list_runs`` that does only some stages of the night."""
    return run.kind == NIGHT and getattr(run, "stages_of_night", 0) < len(stage_names())


def _with_results(runs: Any) -> QuerySet[JobRun]:
    """Of runs with their number of stages, the whole nights that ended well or were held, the newest first."""
    whole: QuerySet[JobRun] = runs.filter(
        kind=NIGHT,
        stages_of_night=len(stage_names()),
        status__in=[JobStatus.SUCCEEDED, JobStatus.HELD],
    )
    return whole.order_by("-created_at", "-pk")


def last_night(user: User) -> JobRun | None:
    """The night whose results this person sees: the last whole one that ended well or was held."""
    return _with_results(list_runs(user)).first()


def figures_of_company(company_id: int) -> QuerySet[JobRun]:
    """The same nights of one company, as part of another query: all its figures are the first's."""
    return _with_results(_with_stages(JobRun.objects.filter(company_id=company_id, parent=None)))


def newest_night(user: User) -> JobRun | None:
    """The whole night that was asked for last, whatever became of it."""
    return whole_nights(user).order_by("-created_at", "-pk").first()


def newest_runs(user: User) -> list[JobRun]:
    """The newest whole night and, if one was asked for after it, the newest recomputation."""
    newest = list_runs(user).filter(kind=NIGHT).order_by("-created_at", "-pk").first()
    if newest is None or not is_recomputation(newest):
        return [newest] if newest else []
    whole = newest_night(user)
    return [whole, newest] if whole else [newest]


# --- audit trail --------------------------------------------------------------------------


def list_audit_events(user: User) -> QuerySet[AuditEvent]:
    """What was done to the data of this person's company."""
    return AuditEvent.objects.visible_to(user)


def history_of(
    user: User, *, object_type: str, object_id: int, limit: int = 50
) -> list[AuditEvent]:
    """The latest changes of one object."""
    events = list_audit_events(user).filter(object_type=object_type, object_id=str(object_id))
    return list(events.order_by("-at", "-pk")[:limit])
