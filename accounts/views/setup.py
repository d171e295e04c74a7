"""First steps of a company: the checklist and the steps that have no page of their own elsewhere."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from accounts.forms.setup import AdministratorForm, CompanyForm, UnitsForm
from accounts.http import PersonRequest, requires
from accounts.models import Company
from accounts.roles import Permission, Role
from accounts.selectors import administration as people_reads
from accounts.selectors import setup as reads
from accounts.services import people, setup
from accounts.views.administration import form_page
from config.common.errors import DomainError, ForbiddenError
from config.common.pages import crumb


@require_GET
@requires(Permission.MANAGE_INSTALLATION)
def checklist(request: PersonRequest) -> HttpResponse:
    context = {
        "progress": reads.progress_of(request.user),
        "sample": people_reads.sample_companies(request.user),
        "may_found": request.user.scope.everything,
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(_("First steps"))],
    }
    return render(request, "accounts/admin/setup.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_INSTALLATION)
def company_step(request: PersonRequest) -> HttpResponse:
    if not request.user.scope.everything:
        raise ForbiddenError(
            _("Only an administrator of the whole installation can do this."), code="other_company"
        )
    form = CompanyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            setup.found_company(**form.cleaned_data, by=request.user)
        except DomainError as error:
            form.add_error("name" if error.code == "company_name" else "code", error.message)
        else:
            messages.success(
                request,
                _("The company is there, with code lists, classes and rules to begin with."),
            )
            return redirect("setup")
    return form_page(
        request,
        form,
        title=_("Company"),
        subtitle=_(
            "It starts with the usual code lists, class schemes and rules; all can be changed later."
        ),
        path=_path(_("Company")),
        back=reverse("setup"),
        label=_("Create"),
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_INSTALLATION)
@sensitive_variables("password")
def administrator_step(request: PersonRequest) -> HttpResponse:
    company = _company(request)
    form = AdministratorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            person, password = people.create_person(
                **form.cleaned_data, role=Role.ADMINISTRATOR, company=company, by=request.user
            )
        except DomainError as error:
            form.add_error("username", error.message)
        else:
            context = {
                "title": _("Administrator created"),
                "person": person,
                "password": password,
                "next": reverse("setup"),
                "crumbs": _path(_("Administrator of the company")),
            }
            return render(request, "accounts/admin/one_time_password.html", context)
    return form_page(
        request,
        form,
        title=_("Administrator of the company"),
        subtitle=company.name,
        path=_path(_("Administrator of the company")),
        back=reverse("setup"),
        label=_("Create"),
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_INSTALLATION)
def units_step(request: PersonRequest) -> HttpResponse:
    """Text or file; then what it would make; then, confirmed, the units."""
    company = _company(request)
    sent = request.method == "POST"
    form = UnitsForm(*((request.POST, request.FILES) if sent else ()))
    if not sent or not form.is_valid():
        return _units_page(request, company, form)
    try:
        upload = form.cleaned_data["upload"]
        text = setup.text_of(upload) if upload else form.cleaned_data["text"]
        outline = setup.read_outline(company, text)
        if request.POST.get("step") == "save":
            made = setup.make_units(company=company, outline=outline, by=request.user)
            words = ngettext("%(n)s unit was made.", "%(n)s units were made.", made)
            messages.success(request, words % {"n": f"{made:,}"})
            return redirect("setup")
    except DomainError as error:
        form.add_error("upload" if form.cleaned_data["upload"] else "text", error.message)
        return _units_page(request, company, form)
    if not outline.paths and not outline.problems:
        form.add_error("text", _("There is no unit in it."))
        return _units_page(request, company, form)
    shown = UnitsForm(initial={"text": text})
    return _units_page(request, company, shown, outline=outline, text=text)


def _units_page(
    request: PersonRequest, company: Company, form: UnitsForm, **more: Any
) -> HttpResponse:
    outline = more.get("outline")
    context = {
        "company": company,
        "form": form,
        "crumbs": _path(_("Organisation")),
        **more,
    }
    wrong = form.errors or (outline is not None and outline.problems)
    return render(request, "accounts/admin/setup_units.html", context, status=422 if wrong else 200)


def _company(request: PersonRequest) -> Company:
    company = reads.setup_company(request.user)
    if company is None:
        raise Http404
    return company


def _path(title: str) -> list[dict[str, Any]]:
    return [
        crumb(_("Home"), reverse("home")),
        crumb(_("First steps"), reverse("setup")),
        crumb(title),
    ]
