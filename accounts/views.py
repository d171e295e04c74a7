from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.i18n import set_language as django_set_language

from accounts import selectors
from accounts.forms import AuditFilter, RunFilter, StartNightForm
from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from config.common import listing
from config.common.models import JobRun
from config.common.nights import NIGHT, cancel_night, start_night
from config.common.pages import Question, ask, crumb
from config.common.panels import panels_of
from config.common.views import public

NEWEST_FIRST = listing.Sort(code="", field="id", label="", kind=int, descending=True)

log_in = public(auth_views.LoginView.as_view(redirect_authenticated_user=True))
log_out = auth_views.LogoutView.as_view()


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    return django_set_language(request)


@require_GET
@requires(Permission.VIEW_HOME)
def home(request: PersonRequest) -> HttpResponse:
    context = {
        "panels": panels_of("home", request.user.permissions),
        "night": selectors.last_night(request.user),
    }
    return render(request, "accounts/home.html", context)


@require_GET
@requires(Permission.MANAGE_USERS)
def styleguide(request: PersonRequest) -> HttpResponse:
    return render(request, "styleguide.html")


# --- runs ---------------------------------------------------------------------------------


@require_GET
@requires(Permission.VIEW_RUNS)
def run_list(request: PersonRequest) -> HttpResponse:
    form = RunFilter(request.GET)
    runs = selectors.list_runs(request.user)
    wanted = form.cleaned_data if form.is_valid() else {}
    if wanted.get("kind") == "night":
        runs = runs.filter(kind=NIGHT)
    elif wanted.get("kind") == "other":
        runs = runs.exclude(kind=NIGHT)
    if wanted.get("status"):
        runs = runs.filter(status=wanted["status"])
    page = listing.read_page(runs, NEWEST_FIRST, cursor=request.GET.get("cursor", ""))
    context = {
        "page": page,
        "filter_form": form,
        "can_start": Permission.START_RUNS in request.user.permissions,
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(_("Runs"))],
    }
    return render(request, "accounts/run_list.html", context)


def _run_context(request: PersonRequest, run: JobRun) -> dict[str, Any]:
    cancel = _cancel_question(run)
    return {
        "run": run,
        "stages": selectors.list_stages(run),
        "question": cancel if _may_cancel(request, run) else None,
        "crumbs": [
            crumb(_("Home"), reverse("home")),
            crumb(_("Runs"), reverse("run-list")),
            crumb(f"#{run.pk}"),
        ],
    }


def _may_cancel(request: PersonRequest, run: JobRun) -> bool:
    return (
        run.kind == NIGHT
        and not run.is_finished
        and Permission.START_RUNS in request.user.permissions
    )


@require_GET
@requires(Permission.VIEW_RUNS)
def run_detail(request: PersonRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(selectors.list_runs(request.user), pk=pk)
    return render(request, "accounts/run_detail.html", _run_context(request, run))


@require_GET
@requires(Permission.VIEW_RUNS)
def run_progress(request: PersonRequest, pk: int) -> HttpResponse:
    """What the page of a run asks every two seconds; without a trigger once it has ended."""
    run = get_object_or_404(selectors.list_runs(request.user), pk=pk)
    return render(request, "accounts/_run_progress.html", _run_context(request, run))


@require_http_methods(["GET", "POST"])
@requires(Permission.START_RUNS)
def run_start(request: PersonRequest) -> HttpResponse:
    form = StartNightForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        night = start_night(
            company_id=form.cleaned_data["company"].pk,
            business_date=form.cleaned_data["business_date"],
            by=request.user,
            stages=form.cleaned_data["stages"] or None,
        )
        messages.success(request, _("The night is in the queue. This page shows how far it is."))
        return redirect("run-detail", pk=night.pk)
    context = {
        "form": form,
        "crumbs": [
            crumb(_("Home"), reverse("home")),
            crumb(_("Runs"), reverse("run-list")),
            crumb(_("Recompute now")),
        ],
    }
    return render(request, "accounts/run_start.html", context, status=422 if form.errors else 200)


def _cancel_question(run: JobRun) -> Question:
    return Question(
        id="cancel-run",
        title=_("Stop this night?"),
        text=_(
            "Stages that have ended keep their results. A stage that runs now is given up. "
            "You can start the night again at any time."
        ),
        url=reverse("run-cancel", args=[run.pk]),
        label=_("Stop the night"),
        icon="player-stop",
        danger=True,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.START_RUNS)
def run_cancel(request: PersonRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(selectors.list_runs(request.user).filter(kind=NIGHT), pk=pk)
    if request.method == "GET":
        return ask(request, _cancel_question(run), crumbs=_run_context(request, run)["crumbs"])
    cancel_night(night=run)
    messages.success(request, _("The night was stopped."))
    return redirect("run-detail", pk=run.pk)


# --- audit trail --------------------------------------------------------------------------


@require_GET
@requires(Permission.VIEW_AUDIT)
def audit_list(request: PersonRequest) -> HttpResponse:
    form = AuditFilter(selectors.list_audit_actions(request.user), request.GET)
    events = selectors.filter_audit_events(
        selectors.list_audit_events(request.user), form.cleaned_data if form.is_valid() else {}
    )
    context = {
        "page": listing.read_page(events, NEWEST_FIRST, cursor=request.GET.get("cursor", "")),
        "filter_form": form,
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(_("Audit trail"))],
    }
    return render(request, "accounts/audit_list.html", context)
