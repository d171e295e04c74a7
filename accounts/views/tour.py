"""Help: the way in, and the ten-minute tour."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from accounts.selectors.tour import ticked_steps
from accounts.selectors.tour_steps import steps_for
from accounts.services.tour import tick_steps
from config.common.pages import crumb


@require_GET
@requires(Permission.VIEW_HOME)
def help_page(request: PersonRequest) -> HttpResponse:
    context = {"crumbs": [crumb(_("Home"), reverse("home")), crumb(_("Help"))]}
    return render(request, "accounts/help.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.VIEW_HOME)
def help_tour(request: PersonRequest) -> HttpResponse:
    """What to try in the first ten minutes; ticks are remembered."""
    if request.method == "POST":
        tick_steps(codes=request.POST.getlist("step"), by=request.user)
        if not request.headers.get("HX-Request"):
            messages.success(request, _("Your ticks are kept."))
            return redirect("help-tour")
    ticked = ticked_steps(request.user)
    steps = [(step, places, step.code in ticked) for step, places in steps_for(request.user)]
    context = {
        "steps": steps,
        "done": sum(is_ticked for _step, _places, is_ticked in steps),
        "crumbs": [
            crumb(_("Home"), reverse("home")),
            crumb(_("Help"), reverse("help")),
            crumb(_("Ten-minute tour")),
        ],
    }
    return render(request, "accounts/help_tour.html", context)
