from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PersonRequest, requires
from accounts.lists.page import list_page, place_in_list
from accounts.models import User
from accounts.roles import Permission
from allocation import forms as questions
from allocation import selectors
from allocation.forms import CapForm, FactorForm, QuotaFilter
from allocation.lists import PLANS
from allocation.models import Plan, PlanLine, PlanStatus
from allocation.services import plans as plan_services
from allocation.services import rules
from brands.selectors import figures_day
from config.common import lists
from config.common.errors import ConflictError, DomainError
from config.common.nights import start_night
from config.common.pages import Question, ask, crumb, reason_of
from config.common.periods import period_text
from config.common.prints import sheets_of
from customers.lists import RETAILERS
from customers.selectors.retailers import filter_retailers, list_retailers


def _crumbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [crumb(_("Home"), reverse("home")), crumb(_("Plans"), reverse("plan-list")), *more]


def _plan_crumb(plan: Plan) -> dict[str, Any]:
    label = f"{period_text(plan.period)} v{plan.version}"
    return crumb(label, reverse("plan-detail", args=[plan.pk]))


def _plan_or_404(user: User, pk: int) -> Plan:
    plan: Plan = get_object_or_404(selectors.list_plans(user), pk=pk)
    return plan


# --- reading ------------------------------------------------------------------------------


@require_GET
@requires(Permission.VIEW_PLANS)
def plan_list(request: PersonRequest) -> HttpResponse:
    return list_page(request, PLANS, template="allocation/plan_list.html")


@require_GET
@requires(Permission.VIEW_PLANS)
def plan_detail(request: PersonRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request.user, pk)
    lines = selectors.list_lines(plan)
    context = {
        "plan": plan,
        "lines": lines,
        "sums": selectors.line_sums(lines),
        "questions": questions.steps_of(plan, request.user),
        "open_version": selectors.open_version(plan),
        "is_outdated": selectors.is_outdated(plan),
        "sheets": sheets_of("plan", request.user.permissions, plan.pk) if lines else [],
        **place_in_list(request, PLANS.name, plan.pk),
        "crumbs": _crumbs(_plan_crumb(plan)),
    }
    return render(request, "allocation/plan_detail.html", context)


@require_GET
@requires(Permission.VIEW_PLANS)
def plan_line(request: PersonRequest, pk: int, product: int) -> HttpResponse:
    plan = _plan_or_404(request.user, pk)
    line: PlanLine = get_object_or_404(selectors.lines_of(plan), product=product)
    tiers = selectors.list_tier_quotas(line)
    context = {
        "plan": plan,
        "line": line,
        "apart": selectors.take_apart(line),
        "tiers": [(row, row.retailers * row.cartons) for row in tiers],
        "chart": _tier_chart(tiers),
        "factors": selectors.factor_history(plan, line),
        "caps": selectors.cap_history(plan, line),
        "may_edit": _may_edit(request, plan),
        "crumbs": _crumbs(_plan_crumb(plan), crumb(line.product.name)),
    }
    return render(request, "allocation/plan_line.html", context)


def _may_edit(request: PersonRequest, plan: Plan) -> bool:
    return plan.status == PlanStatus.DRAFT and Permission.EDIT_PLANS in request.user.permissions


def _tier_chart(tiers: list[Any]) -> dict[str, Any]:
    return {
        "type": "bar",
        "categories": [f"D{row.tier}" for row in tiers],
        "y_label": _("cartons per retailer"),
        "y2_label": _("Retailers"),
        "series": [
            {
                "name": _("Tier quota"),
                "unit": _("cartons"),
                "data": [row.cartons for row in tiers],
            },
            {
                "name": _("Retailers"),
                "as": "line",
                "axis": "right",
                "data": [row.retailers for row in tiers],
            },
        ],
    }


@require_GET
@requires(Permission.VIEW_PLANS)
def plan_quotas(request: PersonRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request.user, pk)
    form = QuotaFilter(request.GET)
    retailers = filter_retailers(
        list_retailers(request.user).filter(company=plan.company_id),
        form.cleaned_data if form.is_valid() else {},
    )
    page = lists.read_page(retailers, RETAILERS.default, cursor=request.GET.get("cursor", ""))
    context = {
        "plan": plan,
        "page": page,
        "sums": selectors.quota_sums(plan, page.rows),
        "filter_form": form,
        "crumbs": _crumbs(_plan_crumb(plan), crumb(_("Quotas of the retailers"))),
    }
    return render(request, "allocation/plan_quotas.html", context)


# --- steps --------------------------------------------------------------------------------


def _step(request: PersonRequest, plan: Plan, question: Question) -> HttpResponse | None:
    return ask(request, question, crumbs=_crumbs(_plan_crumb(plan)))


def _back(plan: Plan) -> HttpResponse:
    return redirect("plan-detail", pk=plan.pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.APPROVE_PLANS)
def plan_approve(request: PersonRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request.user, pk)
    if asked := _step(request, plan, questions.approve(plan)):
        return asked
    plan_services.approve_plan(
        plan=plan, by=request.user, seen_hash=request.POST.get("result_hash", "")
    )
    messages.success(request, _("The plan is approved. It can be published now."))
    return _back(plan)


@require_http_methods(["GET", "POST"])
@requires(Permission.APPROVE_PLANS)
def plan_reopen(request: PersonRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request.user, pk)
    if asked := _step(request, plan, questions.reopen(plan)):
        return asked
    plan_services.reopen_plan(plan=plan, by=request.user, reason=reason_of(request))
    messages.success(request, _("The plan is a draft again."))
    return _back(plan)


@require_http_methods(["GET", "POST"])
@requires(Permission.PUBLISH_PLANS)
def plan_publish(request: PersonRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request.user, pk)
    if asked := _step(request, plan, questions.publish(plan)):
        return asked
    plan_services.publish_plan(plan=plan, by=request.user)
    messages.success(request, _("The plan is published: its quotas bind from now on."))
    return _back(plan)


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_PLANS)
def plan_revise(request: PersonRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request.user, pk)
    if asked := _step(request, plan, questions.revise(plan)):
        return asked
    draft = plan_services.revise_plan(plan=plan, by=request.user, reason=reason_of(request))
    messages.success(request, _("A new draft is open; compute it, then have it approved."))
    return _back(draft)


@require_http_methods(["GET", "POST"])
@requires(Permission.START_RUNS)
def plan_recompute(request: PersonRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request.user, pk)
    if asked := _step(request, plan, questions.recompute(plan)):
        return asked
    night = start_night(
        company_id=plan.company_id,
        business_date=figures_day(request.user),
        by=request.user,
        stages=["demand", "allocation"],
    )
    messages.success(request, _("The computation is in the queue. This page shows how far it is."))
    return redirect("run-detail", pk=night.pk)


# --- rules of the month -------------------------------------------------------------------


def _rule_form(
    request: PersonRequest, plan: Plan, line: PlanLine, form: forms.Form, title: str, note: str
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "note": note,
        "plan": plan,
        "line": line,
        "crumbs": _crumbs(
            _plan_crumb(plan),
            crumb(line.product.name, reverse("plan-line", args=[plan.pk, line.product_id])),
            crumb(title),
        ),
    }
    return render(request, "allocation/rule_form.html", context, status=422 if form.errors else 200)


def _saved(form: forms.Form, field: str, save: Callable[[], object]) -> bool:
    """Do it, or show at the field why not, with what was typed kept. A conflict has its own page."""
    try:
        save()
    except ConflictError:
        raise
    except DomainError as error:
        form.add_error(field, error.message)
        return False
    return True


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_PLANS)
def line_factor(request: PersonRequest, pk: int, product: int) -> HttpResponse:
    plan = _plan_or_404(request.user, pk)
    line: PlanLine = get_object_or_404(selectors.lines_of(plan), product=product)
    initial = {"factor": line.node_factor}
    form = FactorForm(request.POST if request.method == "POST" else None, initial=initial)
    saved = False
    if request.method == "POST" and form.is_valid():
        saved = _saved(
            form,
            "factor",
            lambda: rules.set_node_factor(
                company=plan.company,
                period=plan.period,
                price_class=line.product.price_class,
                factor=form.cleaned_data["factor"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            ),
        )
    if not saved:
        note = _("It holds for every product of the price class %(name)s in %(month)s.") % {
            "name": line.product.price_class,
            "month": period_text(plan.period),
        }
        return _rule_form(request, plan, line, form, _("Change the node factor"), note)
    messages.success(request, _("Saved as a new version. Recompute the draft to use it."))
    return redirect("plan-line", pk=plan.pk, product=product)


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_PLANS)
def line_cap(request: PersonRequest, pk: int, product: int) -> HttpResponse:
    plan = _plan_or_404(request.user, pk)
    line: PlanLine = get_object_or_404(selectors.lines_of(plan), product=product)
    initial = {"cartons": line.supply_cap}
    form = CapForm(request.POST if request.method == "POST" else None, initial=initial)
    saved = False
    if request.method == "POST" and form.is_valid():
        saved = _saved(
            form,
            "cartons",
            lambda: rules.set_supply_cap(
                company=plan.company,
                period=plan.period,
                product=line.product,
                cartons=form.cleaned_data["cartons"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            ),
        )
    if not saved:
        note = _("No more than this is released in %(month)s, whatever the formula says.") % {
            "month": period_text(plan.period)
        }
        return _rule_form(request, plan, line, form, _("Change the agreed supply"), note)
    messages.success(request, _("Saved as a new version. Recompute the draft to use it."))
    return redirect("plan-line", pk=plan.pk, product=product)
