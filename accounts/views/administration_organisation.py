"""The organisation tree: look, add, rename, move, close."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms.administration import AddUnitForm, MoveUnitForm, RenameUnitForm
from accounts.http import PersonRequest, requires
from accounts.models import Company, OrgLevel, OrgUnit
from accounts.roles import Permission
from accounts.selectors import history_of, list_companies
from accounts.selectors import organisation as reads
from accounts.services import organisation
from accounts.views.administration import crumbs, form_page
from config.common.errors import DomainError, ForbiddenError
from config.common.pages import Question, ask, crumb, reason_of


def _add_words(parent: OrgUnit | None) -> str:
    """What is added below a unit."""
    if parent is None:
        return _("New county")
    return _("New market department") if parent.level == OrgLevel.COUNTY else _("New line")


def chosen_company(request: PersonRequest) -> Company:
    """The company a page of the administration is about: one's own, or the one in the address.

    Raises:
        ForbiddenError: Somebody sees a part of it only; what is set here counts for all of it.
    """
    if not request.user.scope.whole_company:
        raise ForbiddenError(
            _("Only somebody who sees the whole company can do this."), code="part_of_company"
        )
    companies = list_companies(request.user)
    wanted = request.GET.get("company", "") or request.POST.get("company", "")
    if wanted.isdecimal() and len(wanted) < 18:
        found: Company = get_object_or_404(companies, pk=int(wanted))
        return found
    first = companies.first()
    if first is None:
        raise Http404
    return first


@require_GET
@requires(Permission.MANAGE_RULES)
def organisation_tree(request: PersonRequest) -> HttpResponse:
    companies = list(list_companies(request.user))
    if not companies:
        return render(
            request,
            "accounts/admin/no_company.html",
            {"title": _("Organisation"), "crumbs": crumbs((_("Organisation"),))},
        )
    company = chosen_company(request)
    with_closed = bool(request.GET.get("closed"))
    context = {
        "company": company,
        "companies": companies if len(companies) > 1 else [],
        "nodes": reads.tree_of(company, with_closed=with_closed),
        "with_closed": with_closed,
        "crumbs": crumbs((_("Organisation"),)),
    }
    return render(request, "accounts/admin/organisation.html", context)


@require_GET
@requires(Permission.MANAGE_RULES)
def unit_detail(request: PersonRequest, pk: int) -> HttpResponse:
    unit = _unit(request, pk)
    context = {
        "unit": unit,
        "ties": organisation.unit_ties(unit),
        "former": reads.former_paths(unit),
        "add_label": _add_words(unit) if unit.level < OrgLevel.LINE else "",
        "can_move": unit.level > OrgLevel.COUNTY,
        "question": _closing(unit) if unit.is_active else _reopening(unit),
        "events": history_of(
            request.user, object_type="accounts.orgunit", object_id=unit.pk, limit=20
        ),
        "crumbs": _path(unit),
    }
    return render(request, "accounts/admin/unit_detail.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def county_add(request: PersonRequest) -> HttpResponse:
    return _add(request, chosen_company(request), None)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def unit_add(request: PersonRequest, pk: int) -> HttpResponse:
    unit = _unit(request, pk)
    if unit.level >= OrgLevel.LINE:
        raise Http404
    return _add(request, unit.company, unit)


def _add(request: PersonRequest, company: Company, parent: OrgUnit | None) -> HttpResponse:
    form = AddUnitForm(request.POST if request.method == "POST" else None)
    title = _add_words(parent)
    if request.method == "POST" and form.is_valid():
        try:
            unit = organisation.add_unit(
                company=company, parent=parent, name=form.cleaned_data["name"], by=request.user
            )
        except DomainError as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, _("%(path)s is there now.") % {"path": unit.path})
            return redirect("unit-detail", pk=unit.pk)
    back = _tree_url(company) if parent is None else reverse("unit-detail", args=[parent.pk])
    path = (
        crumbs((_("Organisation"), _tree_url(company)), (title,))
        if parent is None
        else [*_path(parent, link=True), crumb(title)]
    )
    return form_page(
        request,
        form,
        title=title,
        subtitle=parent.path if parent is not None else company.name,
        path=path,
        back=back,
        label=_("Add"),
        hidden=[("company", str(company.pk))] if parent is None else [],
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def unit_rename(request: PersonRequest, pk: int) -> HttpResponse:
    unit = _unit(request, pk)
    data = request.POST if request.method == "POST" else None
    form = RenameUnitForm(data, initial={"name": unit.name})
    if data is not None and form.is_valid():
        values = form.cleaned_data
        try:
            organisation.rename_unit(
                unit=unit, name=values["name"], reason=values["reason"], by=request.user
            )
        except DomainError as error:
            form.add_error("name", error.message)
        else:
            messages.success(
                request,
                _("Renamed. Files may go on using the former name for as long as they need."),
            )
            return redirect("unit-detail", pk=unit.pk)
    return form_page(
        request,
        form,
        title=_("Rename %(unit)s") % {"unit": unit.name},
        subtitle=unit.path,
        note=_("Files that still name the former path lead to this unit, too."),
        path=[*_path(unit, link=True), crumb(_("Rename"))],
        back=reverse("unit-detail", args=[unit.pk]),
        label=_("Rename"),
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def unit_move(request: PersonRequest, pk: int) -> HttpResponse:
    unit = _unit(request, pk)
    if unit.level == OrgLevel.COUNTY:
        raise Http404
    form = MoveUnitForm(unit, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            followed = organisation.move_unit(
                unit=unit, parent=values["parent"], reason=values["reason"], by=request.user
            )
        except DomainError as error:
            form.add_error("parent", error.message)
        else:
            words = ngettext(
                "Moved; %(n)s retailer followed.", "Moved; %(n)s retailers followed.", followed
            )
            messages.success(request, words % {"n": f"{followed:,}"})
            return redirect("unit-detail", pk=unit.pk)
    return form_page(
        request,
        form,
        title=_("Move %(unit)s") % {"unit": unit.name},
        subtitle=unit.path,
        note=_(
            "All its retailers follow at once, and so does what people of the two units see. Files that still name the former path lead here, too."
        ),
        path=[*_path(unit, link=True), crumb(_("Move"))],
        back=reverse("unit-detail", args=[unit.pk]),
        label=_("Move"),
    )


def _closing(unit: OrgUnit) -> Question:
    return Question(
        id="unit-close",
        title=_("Close %(unit)s?") % {"unit": unit.path},
        text=_(
            "It can be chosen no more, and files that name it are refused. It stays in the history, and "
            "you can open it again."
        ),
        url=reverse("unit-close", args=[unit.pk]),
        label=_("Close"),
        icon="lock",
        danger=True,
        reason=True,
    )


def _reopening(unit: OrgUnit) -> Question:
    return Question(
        id="unit-close",
        title=_("Open %(unit)s again?") % {"unit": unit.path},
        text=_("It can be chosen again, and files may name it."),
        url=reverse("unit-reopen", args=[unit.pk]),
        label=_("Open again"),
        icon="lock-open",
        reason=True,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def unit_close(request: PersonRequest, pk: int) -> HttpResponse:
    unit = _unit(request, pk)
    if asked := ask(request, _closing(unit), crumbs=_path(unit, link=True)):
        return asked
    organisation.close_unit(unit=unit, reason=reason_of(request), by=request.user)
    messages.success(request, _("%(path)s is closed.") % {"path": unit.path})
    return redirect("unit-detail", pk=unit.pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def unit_reopen(request: PersonRequest, pk: int) -> HttpResponse:
    unit = _unit(request, pk)
    if asked := ask(request, _reopening(unit), crumbs=_path(unit, link=True)):
        return asked
    organisation.reopen_unit(unit=unit, reason=reason_of(request), by=request.user)
    messages.success(request, _("%(path)s is open again.") % {"path": unit.path})
    return redirect("unit-detail", pk=unit.pk)


@require_POST
@requires(Permission.MANAGE_RULES)
def unit_forget_path(request: PersonRequest, pk: int, former: int) -> HttpResponse:
    unit = _unit(request, pk)
    found = next((one for one in reads.former_paths(unit) if one.pk == former), None)
    if found is None:
        raise Http404
    path = found.path
    organisation.forget_former_path(former=found, by=request.user)
    messages.success(request, _("“%(path)s” is not understood any more.") % {"path": path})
    return redirect("unit-detail", pk=unit.pk)


def _unit(request: PersonRequest, pk: int) -> OrgUnit:
    unit: OrgUnit = get_object_or_404(reads.list_all_units(request.user), pk=pk)
    return unit


def _tree_url(company: Company) -> str:
    return f"{reverse('organisation')}?company={company.pk}"


def _path(unit: OrgUnit, *, link: bool = False) -> list[dict[str, Any]]:
    steps: list[tuple[str, str]] = []
    above = unit.parent
    while above is not None:
        steps.insert(0, (above.name, reverse("unit-detail", args=[above.pk])))
        above = above.parent
    address = reverse("unit-detail", args=[unit.pk]) if link else ""
    return crumbs((_("Organisation"), _tree_url(unit.company)), *steps, (unit.name, address))
