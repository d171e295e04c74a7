"""Who stands in for an absent customer manager: what holds and what is over, a new one, ending one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from accounts.selectors import working_company
from config.common.errors import DomainError, NotFoundError
from config.common.lists import Sort, read_page
from config.common.pages import ask, crumb
from config.common.periods import business_today
from customers.forms import handover as questions
from customers.forms.handover import StandInForm
from customers.selectors import stand_ins as reads
from customers.services import stand_ins as services
from customers.views.handover import crumbs

NEWEST = Sort("newest", "id", "", int, descending=True)


@require_GET
@requires(Permission.VIEW_SALES)
def stand_in_list(request: PersonRequest) -> HttpResponse:
    today = business_today()
    rows = reads.list_stand_ins(request.user)
    holding = list(rows.filter(reads.not_over(today)).order_by("from_on", "pk")[:200])
    may_arrange = Permission.REQUEST_HAND_OVERS in request.user.permissions
    context = {
        "holding": [
            (row, questions.end_stand_in(row) if may_arrange else None, row.from_on <= today)
            for row in holding
        ],
        "page": read_page(
            rows.exclude(reads.not_over(today)), NEWEST, cursor=request.GET.get("cursor", "")
        ),
        "may_arrange": may_arrange,
        "crumbs": crumbs(crumb(_("Stand-ins"))),
    }
    return render(request, "customers/handover_stand_ins.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUEST_HAND_OVERS)
def stand_in_new(request: PersonRequest) -> HttpResponse:
    company = working_company(request.user)
    if company is None:
        raise NotFoundError(_("There is no company yet."))
    sent = request.method == "POST"
    start = {"from_on": business_today()}
    form = StandInForm(request.user, company.pk, request.POST if sent else None, initial=start)
    if sent and form.is_valid():
        try:
            services.create_stand_in(
                company=company, today=business_today(), by=request.user, **form.cleaned_data
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The stand-in is arranged."))
            return redirect("stand-in-list")
    here = crumbs(crumb(_("Stand-ins"), reverse("stand-in-list")), crumb(_("Arrange a stand-in")))
    context = {"form": form, "crumbs": here}
    return render(
        request,
        "customers/handover_stand_in_form.html",
        context,
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUEST_HAND_OVERS)
def stand_in_end(request: PersonRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(reads.list_stand_ins(request.user), pk=pk)
    here = crumbs(crumb(_("Stand-ins"), reverse("stand-in-list")), crumb(str(row)))
    if asked := ask(request, questions.end_stand_in(row), crumbs=here):
        return asked
    services.end_stand_in(row=row, today=business_today(), by=request.user)
    messages.success(request, _("The stand-in has ended."))
    return redirect("stand-in-list")
