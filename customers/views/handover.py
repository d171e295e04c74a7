"""Hand-overs: the list, the page of one, its sheet to print and sign, and the steps people take."""

from typing import Any

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
from config.common.lists import Sort, read_page
from config.common.pages import Question, ask, crumb, reason_of
from config.common.periods import business_today
from customers.forms import handover as questions
from customers.forms import handover_words as words
from customers.forms.handover_list import HAND_OVERS, title
from customers.models import HandOver, HandOverStatus
from customers.selectors import handover as reads
from customers.services import handover as services

BY_CODE = Sort("code", "pk", "", int)  # rows are written in the order of the codes


def crumbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Breadcrumbs below the list of hand-overs."""
    return [
        crumb(_("Home"), reverse("home")),
        crumb(_("Hand-overs"), reverse("hand-over-list")),
        *more,
    ]


def _crumbs_of(hand_over: HandOver, *more: dict[str, Any]) -> list[dict[str, Any]]:
    url = reverse("hand-over-detail", args=[hand_over.pk])
    return crumbs(crumb(title(hand_over), url), *more)


def _or_404(user: User, pk: int) -> HandOver:
    hand_over: HandOver = get_object_or_404(reads.list_hand_overs(user), pk=pk)
    return hand_over


@require_GET
@requires(Permission.VIEW_SALES)
def hand_over_list(request: PersonRequest) -> HttpResponse:
    extra = {"may_ask": Permission.REQUEST_HAND_OVERS in request.user.permissions}
    return list_page(request, HAND_OVERS, template="customers/handover_list.html", extra=extra)


@require_GET
@requires(Permission.VIEW_SALES)
def hand_over_detail(request: PersonRequest, pk: int) -> HttpResponse:
    hand_over = _or_404(request.user, pk)
    today = business_today()
    rows = reads.rows_of(request.user, hand_over)
    page = read_page(rows, BY_CODE, cursor=request.GET.get("cursor", ""))
    context = {
        **_figures(hand_over),
        "page": page,
        "linked": reads.seen_now(request.user, page.rows),
        "skipped": words.SKIPPED,
        "is_open": hand_over.status in reads.OPEN,
        "is_overdue": hand_over.status == HandOverStatus.APPROVED
        and hand_over.effective_on <= today,
        "questions": questions.steps_of(hand_over, request.user, today),
        "crumbs": _crumbs_of(hand_over),
        **place_in_list(request, HAND_OVERS.name, hand_over.pk),
    }
    return render(request, "customers/handover_detail.html", context)


def _figures(hand_over: HandOver) -> dict[str, Any]:
    figures = hand_over.figures
    done = figures.get("done", {})
    return {
        "hand_over": hand_over,
        "heading": title(hand_over),
        "givers": words.givers(hand_over),
        "tone": words.TONES[HandOverStatus(hand_over.status)],
        "outcome": words.outcome(hand_over),
        "warnings": words.warnings(figures),
        "work": words.work(done.get("work", figures.get("work", {}))),
        "workload": words.workload_table(figures),
        "charts": words.charts(figures),
    }


@require_GET
@requires(Permission.VIEW_SALES)
def hand_over_sheet(request: PersonRequest, pk: int) -> HttpResponse:
    """The sheet (零售户移交单) that both customer managers and a witness sign."""
    hand_over = _or_404(request.user, pk)
    rows = reads.rows_of(request.user, hand_over).order_by("pk")
    context = {
        **_figures(hand_over),
        "rows": [(row, round(row.retailer.recent_cartons / 3)) for row in rows],
        "skipped": words.SKIPPED,
        "crumbs": _crumbs_of(hand_over, crumb(_("Hand-over sheet"))),
    }
    return render(request, "customers/handover_sheet.html", context)


# --- steps --------------------------------------------------------------------------------


def _asked(request: PersonRequest, hand_over: HandOver, question: Question) -> HttpResponse | None:
    return ask(request, question, crumbs=_crumbs_of(hand_over))


def _back(hand_over: HandOver) -> HttpResponse:
    return redirect("hand-over-detail", pk=hand_over.pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_HAND_OVERS)
def hand_over_approve(request: PersonRequest, pk: int) -> HttpResponse:
    hand_over = _or_404(request.user, pk)
    today = business_today()
    if asked := _asked(request, hand_over, questions.approve(hand_over, today)):
        return asked
    hand_over = services.approve(hand_over=hand_over, today=today, by=request.user)
    if hand_over.status != HandOverStatus.DONE:  # the page itself says what was done
        messages.success(
            request, _("The hand-over is approved and is carried out on its day by itself.")
        )
    return _back(hand_over)


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_HAND_OVERS)
def hand_over_refuse(request: PersonRequest, pk: int) -> HttpResponse:
    hand_over = _or_404(request.user, pk)
    if asked := _asked(request, hand_over, questions.refuse(hand_over)):
        return asked
    services.refuse(hand_over=hand_over, reason=reason_of(request), by=request.user)
    messages.success(request, _("The hand-over is refused; nothing has changed."))
    return _back(hand_over)


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUEST_HAND_OVERS)
def hand_over_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    hand_over = _or_404(request.user, pk)
    if asked := _asked(request, hand_over, questions.withdraw(hand_over)):
        return asked
    # What the person has read, not what it is now: who withdraws a request does not undo an approval.
    if request.POST.get("seen") in reads.OPEN:
        hand_over.status = request.POST["seen"]
    services.withdraw(hand_over=hand_over, reason=reason_of(request), by=request.user)
    messages.success(request, _("The hand-over is withdrawn; nothing has changed."))
    return _back(hand_over)


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_HAND_OVERS)
def hand_over_apply(request: PersonRequest, pk: int) -> HttpResponse:
    """Carry out what the workers have not: no worker was there, or the new manager had left."""
    hand_over = _or_404(request.user, pk)
    if asked := _asked(request, hand_over, questions.carry_out(hand_over)):
        return asked
    if not services.carry_out(hand_over=hand_over, today=business_today(), by=request.user):
        messages.info(request, _("Its day has not come, or it was carried out before."))
    return _back(hand_over)
