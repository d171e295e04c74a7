"""The home page: cards that a person has chosen and put in order."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import selectors
from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from accounts.selectors.home import cards_of
from accounts.selectors.tour import steps_left
from accounts.services.home import choose_cards, forget_cards
from config.common.pages import crumb


@require_GET
@requires(Permission.VIEW_HOME)
def home(request: PersonRequest) -> HttpResponse:
    context = {
        "panels": [card for card in cards_of(request.user) if card["shown"]],
        "night": selectors.last_night(request.user),
        "tour_left": steps_left(request.user),
        "starts_nights": Permission.START_RUNS in request.user.permissions,
    }
    return render(request, "accounts/home.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.VIEW_HOME)
def home_cards(request: PersonRequest) -> HttpResponse:
    """Which cards stand on the home page, and in which order."""
    if request.method == "POST":
        if request.POST.get("reset"):
            forget_cards(by=request.user)
            messages.success(request, _("The usual cards of your role are back."))
        else:
            choose_cards(cards=request.POST.getlist("card"), by=request.user)
            messages.success(request, _("Your home page is arranged."))
        return redirect("home")
    context = {
        "cards": cards_of(request.user),
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(_("Arrange the home page"))],
    }
    return render(request, "accounts/home_cards.html", context)
