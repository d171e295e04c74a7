"""Runs: nights and other long jobs; look, start, stop, start again."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import selectors
from accounts.forms import StartNightForm
from accounts.http import PersonRequest, requires
from accounts.lists.page import list_page
from accounts.lists.runs import RUNS
from accounts.roles import Permission
from accounts.services import reruns
from config.common import job_words
from config.common.models import JobRun
from config.common.nights import NIGHT, cancel_night, start_night
from config.common.pages import Question, ask, crumb
from config.common.reruns import may_rerun


@require_GET
@requires(Permission.VIEW_RUNS)
def run_list(request: PersonRequest) -> HttpResponse:
    extra = {"can_start": Permission.START_RUNS in request.user.permissions}
    return list_page(request, RUNS, template="accounts/run_list.html", extra=extra)


def _run_context(request: PersonRequest, run: JobRun) -> dict[str, Any]:
    return {
        "run": run,
        "stages": selectors.list_stages(run),
        "about": job_words.job_url(run),
        "question": _question(request, run),
        "crumbs": [
            crumb(_("Home"), reverse("home")),
            crumb(_("Runs"), reverse("run-list")),
            crumb(f"#{run.pk}"),
        ],
    }


def _question(request: PersonRequest, run: JobRun) -> Question | None:
    """What may be done with a run now: stop it, or start it again."""
    if Permission.START_RUNS not in request.user.permissions:
        return None
    if may_rerun(run):
        return _again_question(run)
    return _cancel_question(run) if run.kind == NIGHT and not run.is_finished else None


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
    crumbs = _run_context(request, run)["crumbs"]
    if asked := ask(request, _cancel_question(run), crumbs=crumbs):
        return asked
    cancel_night(night=run)
    messages.success(request, _("The night was stopped."))
    return redirect("run-detail", pk=run.pk)


def _again_question(run: JobRun) -> Question:
    stage = reruns.stage_words(run)
    text = _("It begins anew; what it had done already counts once.")
    facts: list[tuple[Any, Any]] = [(_("Why it ended"), run.error)] if run.error else []
    if run.kind == NIGHT:
        text = _(
            "Stages that have ended well keep their results; the night goes on from the one that failed."
        )
        facts.insert(0, (_("Goes on with"), stage))
    return Question(
        id="run-again",
        title=_("Start this run again?"),
        text=text,
        url=reverse("run-again", args=[run.pk]),
        label=_("Start again"),
        icon="refresh",
        facts=facts,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.START_RUNS)
def run_again(request: PersonRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(selectors.list_runs(request.user), pk=pk)
    crumbs = _run_context(request, run)["crumbs"]
    if asked := ask(request, _again_question(run), crumbs=crumbs):
        return asked
    reruns.rerun_job(job=run, by=request.user)
    messages.success(request, _("The run waits in the queue again."))
    return redirect("run-detail", pk=run.pk)
