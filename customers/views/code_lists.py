"""Code lists of a company: formats, market types, trade areas, compliance grades."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import PersonRequest, requires
from accounts.models import Company
from accounts.roles import Permission
from accounts.selectors import list_companies
from accounts.views.administration import crumbs, form_page
from accounts.views.administration_organisation import chosen_company
from config.common.errors import DomainError
from config.common.pages import Question, ask
from customers.forms.code_lists import CodeItemForm
from customers.models import CodeItem, CodeKind
from customers.selectors import code_lists as reads
from customers.services import code_lists_edit as service


@require_GET
@requires(Permission.MANAGE_RULES)
def code_lists(request: PersonRequest) -> HttpResponse:
    companies = list(list_companies(request.user))
    if not companies:
        return render(
            request,
            "accounts/admin/no_company.html",
            {"title": _("Code lists"), "crumbs": crumbs((_("Code lists"),))},
        )
    company = chosen_company(request)
    context = {
        "company": company,
        "companies": companies if len(companies) > 1 else [],
        "lists": reads.code_lists(company),
        "confirmed": reads.is_confirmed(company),
        "crumbs": crumbs((_("Code lists"),)),
    }
    return render(request, "customers/code_lists.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def code_add(request: PersonRequest, kind: str) -> HttpResponse:
    if kind not in CodeKind.values:
        raise Http404
    company = chosen_company(request)
    form = CodeItemForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            service.add_item(company=company, kind=kind, **form.cleaned_data, by=request.user)
        except DomainError as error:
            form.add_error("code", error.message)
        else:
            messages.success(request, _("Added. Files and forms know it from now on."))
            return redirect(_url(company, kind))
    return form_page(
        request,
        form,
        title=_("New entry: %(list)s") % {"list": CodeKind(kind).label},
        path=crumbs((_("Code lists"), _url(company, kind)), (_("New entry"),)),
        back=_url(company, kind),
        label=_("Add"),
        hidden=[("company", str(company.pk))],
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def code_edit(request: PersonRequest, pk: int) -> HttpResponse:
    item = _item(request, pk)
    data = request.POST if request.method == "POST" else None
    initial = {"code": item.code, "name": item.name, "note": item.note}
    form = CodeItemForm(data, initial=initial)
    if data is not None and form.is_valid():
        try:
            service.change_item(item=item, **form.cleaned_data, by=request.user)
        except DomainError as error:
            form.add_error("code", error.message)
        else:
            messages.success(request, _("Saved; every retailer that has it shows it so."))
            return redirect(_url(item.company, item.kind))
    return form_page(
        request,
        form,
        title=_("Change “%(name)s”") % {"name": item.name},
        subtitle=CodeKind(item.kind).label,
        note=_(
            "Files that use another code or name than the new ones are refused: tell whoever sends them."
        ),
        path=crumbs((_("Code lists"), _url(item.company, item.kind)), (item.name,)),
        back=_url(item.company, item.kind),
        label=_("Save"),
    )


@require_POST
@requires(Permission.MANAGE_RULES)
def code_move(request: PersonRequest, pk: int) -> HttpResponse:
    item = _item(request, pk)
    service.move_item(item=item, up=request.POST.get("way") == "up", by=request.user)
    return redirect(_url(item.company, item.kind))


@require_POST
@requires(Permission.MANAGE_RULES)
def code_switch(request: PersonRequest, pk: int) -> HttpResponse:
    item = _item(request, pk)
    is_active = request.POST.get("to") == "on"
    service.switch_item(item=item, is_active=is_active, by=request.user)
    text = _("“%(name)s” can be chosen again.") if is_active else _("“%(name)s” is switched off.")
    messages.success(request, text % {"name": item.name})
    return redirect(_url(item.company, item.kind))


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def code_delete(request: PersonRequest, pk: int) -> HttpResponse:
    item = _item(request, pk)
    question = Question(
        id="code-delete",
        title=_("Delete “%(name)s”?") % {"name": item.name},
        text=_("Only an entry that no retailer has can be deleted; others are switched off."),
        url=reverse("code-delete", args=[item.pk]),
        label=_("Delete"),
        icon="trash",
        danger=True,
    )
    path = crumbs((_("Code lists"), _url(item.company, item.kind)), (item.name,))
    if asked := ask(request, question, crumbs=path):
        return asked
    name, address = item.name, _url(item.company, item.kind)
    service.delete_item(item=item, by=request.user)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": name})
    return redirect(address)


@require_POST
@requires(Permission.MANAGE_RULES)
def code_confirm(request: PersonRequest) -> HttpResponse:
    company = chosen_company(request)
    service.confirm_lists(company=company, by=request.user)
    messages.success(request, _("Noted: the code lists fit this company."))
    if Permission.MANAGE_INSTALLATION in request.user.permissions:
        return redirect("setup")
    return redirect(_url(company))


def _item(request: PersonRequest, pk: int) -> CodeItem:
    item: CodeItem = get_object_or_404(reads.list_items(request.user), pk=pk)
    return item


def _url(company: Company, kind: Any = "") -> str:
    anchor = f"#{kind}" if kind else ""
    return f"{reverse('code-lists')}?company={company.pk}{anchor}"
