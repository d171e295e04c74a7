"""Notices about jobs: a night that failed, and the end of what a person asked for."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import ResultFile
from accounts.roles import Permission
from accounts.services import notices
from config.common import jobs
from config.common.job_words import job_title, job_url, stage_label, words_of
from config.common.models import JobRun, JobStatus
from config.common.nights import NIGHT, stage_names

NIGHT_FAILED = "night.failed"
READY, DONE, FAILED = "job.ready", "job.done", "job.failed"
REFUSED = ("refused", "rejected", "clashed")


def after_job(job: JobRun) -> None:
    """Tell who should know that a job has ended; in the transaction that ends it."""
    if job.parent_id is not None:
        _after_stage(JobRun.objects.select_related("requested_by").get(pk=job.parent_id))
        return
    words = words_of(job.kind)
    if words.tells_failure if job.status == JobStatus.FAILED else words.tells:
        _tell_requester(job)


def _after_stage(night: JobRun) -> None:
    if not night.is_finished:
        return
    if night.status == JobStatus.FAILED:
        notices.send(
            users=notices.people_with(night.company_id, Permission.START_RUNS),
            kind=NIGHT_FAILED,
            params={"date": str(night.business_date), "stages": night.children.count()},
            url=reverse("run-detail", args=[night.pk]),
            dedupe_key=f"{NIGHT_FAILED}:{night.pk}",
        )
    else:
        _tell_requester(night)


def _tell_requester(job: JobRun) -> None:
    if job.requested_by is None or job.status == JobStatus.CANCELLED:
        return
    file = ResultFile.objects.filter(job=job, user=job.requested_by).first()
    failed = job.status == JobStatus.FAILED
    kind = FAILED if failed else READY if file is not None else DONE
    params = {
        "kind": job.kind,
        "title": job_title(job),
        "stages": job.children.count() if job.kind == NIGHT else 0,
        "rows": file.rows if file is not None else 0,
        "refused": sum(_number(job.summary.get(name)) for name in REFUSED),
    }
    notices.send(
        users=[job.requested_by],
        kind=kind,
        params=params,
        url=_url(job, file),
        dedupe_key=f"job.ended:{job.pk}:{job.attempts}",
    )


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _url(job: JobRun, file: ResultFile | None) -> str:
    if file is not None:
        return reverse("result-download", args=[file.pk])
    return job_url(job) or reverse("task-list")


# --- words ----------------------------------------------------------------------------------


def _what(params: Mapping[str, Any]) -> str:
    # "Export of a list: 零售户"; a recomputation is no night.
    label = stage_label(params["kind"])
    if params["kind"] == NIGHT and params.get("stages", 0) < len(stage_names()):
        label = _("Recomputation")
    title = params.get("title", "")
    return _("%(label)s: %(title)s") % {"label": label, "title": title} if title else label


def _refused(params: Mapping[str, Any]) -> str:
    number = params.get("refused", 0)
    if not number:
        return ""
    words = ngettext("%(n)s row was refused.", "%(n)s rows were refused.", number)
    return " " + words % {"n": f"{number:,}"}


def _ready(params: Mapping[str, Any]) -> str:
    rows = params.get("rows", 0)
    words = ngettext(
        "%(what)s is ready to download (%(n)s row).",
        "%(what)s is ready to download (%(n)s rows).",
        rows,
    )
    return words % {"what": _what(params), "n": f"{rows:,}"} + _refused(params)


def _done(params: Mapping[str, Any]) -> str:
    return _("%(what)s is done.") % {"what": _what(params)} + _refused(params)


def _failed(params: Mapping[str, Any]) -> str:
    return _("%(what)s failed.") % {"what": _what(params)}


def _night_failed(params: Mapping[str, Any]) -> str:
    if params.get("stages", 0) < len(stage_names()):
        words = _("The recomputation of %(date)s failed; look at its error and run it again.")
    else:
        words = _("The night of %(date)s failed; look at its error and run it again.")
    return words % {"date": params["date"]}


def register() -> None:
    """Called from ``AppConfig.ready``."""
    notices.register(
        NIGHT_FAILED,
        words=_night_failed,
        label=gettext_lazy("A night failed"),
        icon="alert-triangle",
        tone="bad",
        permission=Permission.START_RUNS,
    )
    notices.register(
        READY,
        words=_ready,
        label=gettext_lazy("A file of mine is ready"),
        many=lambda n: ngettext("%(n)d file is ready", "%(n)d files are ready", n) % {"n": n},
        icon="download",
        tone="good",
    )
    notices.register(
        DONE,
        words=_done,
        label=gettext_lazy("A task of mine is done"),
        many=lambda n: ngettext("%(n)d task is done", "%(n)d tasks are done", n) % {"n": n},
        icon="checks",
        tone="good",
    )
    notices.register(
        FAILED,
        words=_failed,
        label=gettext_lazy("A task of mine failed"),
        many=lambda n: ngettext("%(n)d task failed", "%(n)d tasks failed", n) % {"n": n},
        icon="circle-x",
        tone="bad",
    )
    jobs.on_end(after_job)
