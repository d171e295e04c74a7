"""Sample data: what there is of it, and removing it with everything that hangs on it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from accounts.selectors import administration as reads
from accounts.selectors import list_companies
from accounts.services import sample_data as service
from accounts.views.administration import crumbs
from config.common.errors import DomainError, ForbiddenError


@require_GET
@requires(Permission.MANAGE_INSTALLATION)
def sample_data(request: PersonRequest) -> HttpResponse:
    companies = [
        (company, service.open_removal(company)) for company in reads.sample_companies(request.user)
    ]
    context = {
        "companies": companies,
        "may_remove": request.user.scope.everything,
        "crumbs": crumbs((_("Sample data"),)),
    }
    return render(request, "accounts/admin/sample_data.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_INSTALLATION)
def sample_remove(request: PersonRequest, pk: int) -> HttpResponse:
    """The question, with the code to type; then the job."""
    if not request.user.scope.everything:
        raise ForbiddenError(
            _("Only an administrator of the whole installation can do this."), code="other_company"
        )
    company = get_object_or_404(list_companies(request.user).filter(is_demo=True), pk=pk)
    error = ""
    if request.method == "POST":
        try:
            job = service.start_removal(
                company=company, typed_code=request.POST.get("confirm", ""), by=request.user
            )
        except DomainError as refused:
            error = refused.message
        else:
            return redirect("run-detail", pk=job.pk)
    context = {
        "company": company,
        "error": error,
        "crumbs": crumbs((_("Sample data"), reverse("sample-data")), (company.code,)),
    }
    return render(
        request, "accounts/admin/sample_remove.html", context, status=422 if error else 200
    )


SAMPLE_MARK = "sample"


def sample_mark(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: whether it shows sample data.

    Somebody of a company is told by the session, as a company stays what it is; an administrator of the
    installation sees all companies, so these are asked.
    """
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    if user.company_id is None:
        return {"is_demo": SimpleLazyObject(lambda: bool(reads.sample_companies(user)))}
    if SAMPLE_MARK in request.session:
        return {"is_demo": request.session[SAMPLE_MARK]}
    return {"is_demo": SimpleLazyObject(lambda: user.company.is_demo)}


def remember_sample(sender: Any, request: HttpRequest | None, user: Any, **more: Any) -> None:
    """At every log-in; so that no page asks what a company is."""
    if request is not None and user.company_id is not None:
        request.session[SAMPLE_MARK] = user.company.is_demo
