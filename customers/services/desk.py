"""What customers adds to the work in hand: jobs with files, notices about them, notes on retailers."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.roles import Permission
from accounts.selectors.people import people_who_see
from accounts.services import comments, notices
from config.common import job_words, jobs
from config.common.models import JobRun
from customers.models import ImportedFile, Retailer
from customers.selectors.retailers import list_retailers

CHECK, APPLY = "import.check", "import.apply"
CHECKED, APPLIED, REFUSED = "file.checked", "file.applied", "file.refused"
_Status = ImportedFile.Status


def file_url(job: JobRun) -> str:
    """The page of the file that a job is about."""
    return reverse("file-detail", args=[job.args["file"]])


def after_job(job: JobRun) -> None:
    """Tell who uploaded a file what came of it; in the transaction that ends the job."""
    if job.kind not in (CHECK, APPLY) or not job.is_finished:
        return
    files = ImportedFile.objects.select_related("uploaded_by")
    file = files.filter(pk=job.args["file"]).first()
    if file is None or file.uploaded_by is None:
        return
    kind = {_Status.CHECKED: CHECKED, _Status.APPLIED: APPLIED}.get(_Status(file.status), REFUSED)
    clashes = int(file.outcome.get("clash", 0))
    notices.send(
        users=[file.uploaded_by] + ([job.requested_by] if job.requested_by else []),
        kind=kind,
        params={
            "name": file.name,
            "new": file.imported,
            "changed": file.updated,
            "clash": clashes,
            "refused": file.rejected - clashes,
        },
        url=reverse("file-detail", args=[file.pk]),
        dedupe_key=f"file:{job.pk}:{job.attempts}",
    )


def _checked(params: Mapping[str, Any]) -> str:
    if params.get("clash"):
        return (
            _(
                "%(name)s is checked: %(new)s new, %(changed)s changed, %(clash)s clash, %(refused)s refused."
            )
            % params
        )
    return _("%(name)s is checked: %(new)s new, %(changed)s changed, %(refused)s refused.") % params


def _applied(params: Mapping[str, Any]) -> str:
    if params.get("clash"):
        return (
            _(
                "%(name)s is imported: %(new)s new, %(changed)s changed, %(clash)s clash, %(refused)s refused."
            )
            % params
        )
    return (
        _("%(name)s is imported: %(new)s new, %(changed)s changed, %(refused)s refused.") % params
    )


def _refused(params: Mapping[str, Any]) -> str:
    return _("%(name)s was not taken; open it to see why.") % params


# --- notes on retailers -----------------------------------------------------------------------


def find_retailer(user: User, pk: str) -> Retailer | None:
    """The retailer, if this person may see it."""
    return list_retailers(user).filter(pk=pk).first()


def _readers(retailer: Retailer) -> QuerySet[User]:
    return people_who_see(
        retailer.company_id,
        Permission.VIEW_RETAILERS,
        units=(retailer.county_id, retailer.department_id, retailer.line_id),
        manager_id=retailer.manager_id,
    )


def register() -> None:
    """Called from ``AppConfig.ready``."""
    comments.register(
        "customers.retailer",
        finder=find_retailer,
        url=lambda retailer: reverse("retailer-detail", args=[retailer.pk]),
        name=lambda retailer: str(retailer.name),
        label=gettext_lazy("Retailer"),
        permission=Permission.VIEW_RETAILERS,
        edit_permission=Permission.EDIT_RETAILERS,
        audience=_readers,
    )
    for kind, label in (
        (CHECK, gettext_lazy("Check of a file")),
        (APPLY, gettext_lazy("Import of a file")),
    ):
        job_words.register(kind, label, file_url, tells=False, tells_failure=False)
    notices.register(
        CHECKED,
        words=_checked,
        label=gettext_lazy("A file of mine is checked"),
        many=lambda n: ngettext("%(n)d file checked", "%(n)d files checked", n) % {"n": n},
        icon="file-check",
        permission=Permission.IMPORT_FILES,
    )
    notices.register(
        APPLIED,
        words=_applied,
        label=gettext_lazy("A file of mine is imported"),
        many=lambda n: ngettext("%(n)d file imported", "%(n)d files imported", n) % {"n": n},
        icon="file-import",
        tone="good",
        permission=Permission.IMPORT_FILES,
    )
    notices.register(
        REFUSED,
        words=_refused,
        label=gettext_lazy("A file of mine was refused"),
        many=lambda n: ngettext("%(n)d file refused", "%(n)d files refused", n) % {"n": n},
        icon="file-text",
        tone="bad",
        permission=Permission.IMPORT_FILES,
    )
    jobs.on_end(after_job)
