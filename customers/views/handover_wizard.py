"""Asking for a hand-over in four steps: whose retailers, on which terms, what it would mean, send.

What was chosen travels with the form, so that any step can be gone back to and nothing is stored before
the last one. ``keys`` come from the first step, or from the list of retailers.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import PersonRequest, requires
from accounts.models import Company
from accounts.roles import Permission
from accounts.selectors import list_companies
from config.common.errors import DomainError
from config.common.lists import ListState, find
from config.common.pages import crumb
from config.common.periods import business_today
from customers.forms import handover_words as words
from customers.forms.handover import SourceForm, TermsForm
from customers.selectors import handover as reads
from customers.services import handover as services
from customers.services.handover_proposal import MOST_AT_ONCE
from customers.views.handover import crumbs

MOST_TICKED = 1_500  # each tick is a field of the form, and a request holds 2,000


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUEST_HAND_OVERS)
def hand_over_new(request: PersonRequest) -> HttpResponse:
    if request.method == "GET":
        return _choose(request)
    keys = _keys(request)
    company = _company(request, keys)
    if company is None:
        return _choose(request, error=_("No retailer is chosen."))
    step = request.POST.get("step", "")
    if step not in ("preview", "send", "back"):
        return _terms(request, company, keys, TermsForm(request.user, company.pk, initial=_usual()))
    form = TermsForm(request.user, company.pk, request.POST)
    if step == "back" or not form.is_valid():
        return _terms(request, company, keys, form, status=200 if step == "back" else 422)
    try:
        return (_preview if step == "preview" else _send)(request, company, keys, form)
    except DomainError as error:
        form.add_error(None, error.message)
        return _terms(request, company, keys, form, status=error.status if step == "send" else 422)


def _usual() -> dict[str, Any]:
    return {"effective_on": business_today()}


def _keys(request: PersonRequest) -> list[int]:
    """The chosen retailers: ``keys``, one by one or with commas; or all that a list's address shows."""
    spec = find("retailers")
    if request.POST.get("all") and spec is not None:
        query = QueryDict(request.POST.get("query", "").removeprefix("?"))
        rows = ListState.of(spec, request.user, query).rows()
        return list(rows.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    parts = ",".join(request.POST.getlist("keys")).split(",")
    return sorted(
        {int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 19}
    )


def _company(request: PersonRequest, keys: list[int]) -> Company | None:
    pk = reads.company_of(request.user, keys) if keys else None
    return list_companies(request.user).filter(pk=pk).first() if pk else None


# --- steps --------------------------------------------------------------------------------


def _page(
    request: PersonRequest, name: str, step: int, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    steps = [_("Retailers"), _("To whom and when"), _("What it means")]
    context = {
        "steps": [
            {"label": label, "here": number == step, "done": number < step}
            for number, label in enumerate(steps, 1)
        ],
        "crumbs": crumbs(crumb(_("Hand retailers over"))),
        **context,
    }
    return render(request, f"customers/{name}.html", context, status=status)


def _choose(request: PersonRequest, error: str = "") -> HttpResponse:
    form = SourceForm(request.user, request.GET if request.GET else None)
    chosen = form.chosen()
    rows = reads.retailers_to_hand_over(request.user, **chosen)
    found = list(rows[: MOST_AT_ONCE + 1])
    keys = [row.pk for row in found]
    context = {
        "form": form,
        "error": error,
        "is_chosen": bool(chosen),
        "rows": found,
        "open_in": reads.open_hand_overs_of(keys) if keys else {},
        "ticked": request.GET.get("tick") != "none",
        "too_many": len(found) > MOST_TICKED,
        "query": request.GET,
    }
    return _page(request, "handover_choose", 1, context, 422 if error or form.errors else 200)


def _terms(
    request: PersonRequest, company: Company, keys: list[int], form: TermsForm, status: int = 200
) -> HttpResponse:
    retailers = reads.pick_retailers(request.user, company.pk, keys)
    context = {"form": form, "retailers": retailers, "keys": ",".join(map(str, keys))}
    return _page(request, "handover_terms", 2, context, status)


def _proposal(
    request: PersonRequest, company: Company, keys: list[int], form: TermsForm
) -> services.Proposal:
    values = form.cleaned_data
    terms = services.Terms(
        values["to_manager"],
        values["to_line"],
        values["effective_on"],
        values["accompany_until"],
    )
    return services.propose(
        company=company, retailer_ids=keys, terms=terms, today=business_today(), by=request.user
    )


def _preview(
    request: PersonRequest, company: Company, keys: list[int], form: TermsForm
) -> HttpResponse:
    proposal = _proposal(request, company, keys, form)
    figures = proposal.figures
    context = {
        "form": form,
        "keys": ",".join(map(str, keys)),
        "proposal": proposal,
        "terms": form.cleaned_data,
        "warnings": words.warnings(figures),
        "work": words.work(figures["work"]),
        "workload": words.workload_table(figures),
        "charts": words.charts(figures),
    }
    return _page(request, "handover_preview", 3, context)


def _send(
    request: PersonRequest, company: Company, keys: list[int], form: TermsForm
) -> HttpResponse:
    hand_over = services.request_hand_over(
        company=company,
        retailer_ids=keys,
        today=business_today(),
        by=request.user,
        **form.cleaned_data,
    )
    messages.success(request, _("The hand-over is sent; somebody else must approve it."))
    return redirect("hand-over-detail", pk=hand_over.pk)
