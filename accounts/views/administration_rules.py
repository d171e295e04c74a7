"""Rules of the computation: what counts, what will, how it came about, and new versions."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.forms.administration import PolicyForm
from accounts.http import PersonRequest, requires
from accounts.models import Company
from accounts.roles import Permission
from accounts.selectors import list_companies
from accounts.selectors import policies as reads
from accounts.services import rules
from accounts.views.administration import crumbs
from accounts.views.administration_organisation import chosen_company
from config.common.errors import DomainError
from config.common.pages import crumb
from config.common.periods import business_today


@require_GET
@requires(Permission.MANAGE_RULES)
def rule_list(request: PersonRequest) -> HttpResponse:
    companies = list(list_companies(request.user))
    if not companies:
        return render(
            request,
            "accounts/admin/no_company.html",
            {"title": _("Rules"), "crumbs": crumbs((_("Rules"),))},
        )
    company = chosen_company(request)
    starts, day = reads.next_night()
    context = {
        "company": company,
        "companies": companies if len(companies) > 1 else [],
        "rules": reads.list_rules(company, day),
        "next_start": starts,
        "next_day": day,
        "crumbs": crumbs((_("Rules"),)),
    }
    return render(request, "accounts/admin/rules.html", context)


@require_GET
@requires(Permission.MANAGE_RULES)
def rule_detail(request: PersonRequest, code: str) -> HttpResponse:
    company = chosen_company(request)
    starts, day = reads.next_night()
    context = {
        "company": company,
        "rule": _rule(company, code, day),
        "steps": reads.history_of_rule(company, code, day),
        "next_start": starts,
        "next_day": day,
        "crumbs": _path(company),
    }
    return render(request, "accounts/admin/rule_detail.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def rule_change(request: PersonRequest, code: str) -> HttpResponse:
    """The form; then what would change; then, confirmed, the new version."""
    company = chosen_company(request)
    today = business_today()
    rule = _rule(company, code, today)
    if rule.schema is None:
        raise Http404
    if request.method != "POST":
        params = rule.present.params if rule.present else None
        initial = PolicyForm.initial_of(rule.schema, params, rule.newest, today)
        return _form(request, company, rule, PolicyForm(rule.schema, today, initial=initial))
    form = PolicyForm(rule.schema, today, request.POST)
    if not form.is_valid():
        return _form(request, company, rule, form)
    if request.POST.get("step") != "save":
        return _preview(request, company, rule, form)
    return _save(request, company, rule, form, today)


def _save(
    request: PersonRequest, company: Company, rule: reads.Rule, form: PolicyForm, today: dt.date
) -> HttpResponse:
    values = form.cleaned_data
    try:
        version = rules.change_policy(
            company=company,
            code=rule.code,
            values=form.values(),
            effective_from=values["effective_from"],
            seen_version=values["seen_version"],
            reason=values["reason"],
            today=today,
            by=request.user,
        )
    except DomainError as error:
        form.add_error(None, error.message)
        return _form(request, company, rule, form)
    messages.success(
        request,
        _("Version %(version)d is stored. It counts for nights from %(day)s on.")
        % {"version": version.version, "day": version.effective_from},
    )
    return redirect(f"{reverse('rule-detail', args=[rule.code])}?company={company.pk}")


def _preview(
    request: PersonRequest, company: Company, rule: reads.Rule, form: PolicyForm
) -> HttpResponse:
    schema = rule.schema
    assert schema is not None  # noqa: S101 - rule_change has looked
    day: dt.date = form.cleaned_data["effective_from"]
    before = reads.rule_of(company, rule.code, day)
    present = before.present if before is not None else None
    differences = reads.compare(
        schema, present.params if present else None, schema.params(form.values())
    )
    if not differences:
        form.add_error(None, _("Nothing differs from the version that counts on that day."))
        return _form(request, company, rule, form)
    starts, next_day = reads.next_night()
    context = {
        "company": company,
        "rule": rule,
        "form": form,
        "differences": differences,
        "day": day,
        "reason": form.cleaned_data["reason"],
        "next_start": starts,
        "next_day": next_day,
        "in_next_night": day <= next_day,
        "later": before.coming if before is not None else [],
        "hidden": [(name, value) for name, value in request.POST.items() if name in form.fields],
        "crumbs": [*_path(company, rule), crumb(_("Check"))],
    }
    return render(request, "accounts/admin/rule_preview.html", context)


def _form(
    request: PersonRequest, company: Company, rule: reads.Rule, form: PolicyForm
) -> HttpResponse:
    context = {
        "company": company,
        "rule": rule,
        "form": form,
        "crumbs": [*_path(company, rule), crumb(_("New version"))],
    }
    return render(
        request, "accounts/admin/rule_form.html", context, status=422 if form.errors else 200
    )


def _rule(company: Company, code: str, day: dt.date) -> reads.Rule:
    rule = reads.rule_of(company, code, day)
    if rule is None:
        raise Http404
    return rule


def _path(company: Company, rule: reads.Rule | None = None) -> list[dict[str, Any]]:
    query = f"?company={company.pk}"
    steps = [(_("Rules"), reverse("rule-list") + query)]
    if rule is not None:
        steps.append((str(rule.title), reverse("rule-detail", args=[rule.code]) + query))
    return crumbs(*steps)
