"""Overview of the administration, and what its pages share."""

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from accounts.selectors import administration as reads
from accounts.selectors import setup
from config.common import administration, health
from config.common.pages import crumb


def crumbs(*steps: tuple[Promise | str, str] | tuple[Promise | str]) -> list[dict[str, Any]]:
    """Home → Administration → further steps, each (label, address) or (label,)."""
    start = [
        crumb(_("Home"), reverse("home")),
        crumb(_("Administration"), reverse("administration")),
    ]
    return [*start, *(crumb(*step) for step in steps)]


def form_page(
    request: PersonRequest,
    form: Form,
    *,
    title: Promise | str,
    path: list[dict[str, Any]],
    back: str,
    label: Promise | str,
    subtitle: Promise | str = "",
    note: Promise | str = "",
    template: str = "accounts/admin/form.html",
    **more: Any,
) -> HttpResponse:
    """A page with one form; 422 when it comes back with errors."""
    context = {
        "form": form,
        "title": title,
        "subtitle": subtitle,
        "note": note,
        "back": back,
        "label": label,
        "crumbs": path,
        **more,
    }
    return render(request, template, context, status=422 if form.errors else 200)


@require_GET
@requires(Permission.MANAGE_RULES)
def overview(request: PersonRequest) -> HttpResponse:
    pages = administration.pages_of(request.user.permissions)
    context = {
        "cards": [
            {
                "title": page.title,
                "text": page.text,
                "icon": page.icon,
                "url": reverse(page.url_name),
                "figure": page.figure(request.user) if page.figure else "",
            }
            for page in pages
            if page.url_name != "administration"
        ],
        "setup_waits": setup.is_waiting(request.user),
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(_("Administration"))],
    }
    return render(request, "accounts/admin/overview.html", context)


@require_GET
@requires(Permission.MANAGE_INSTALLATION)
def system_health(request: PersonRequest) -> HttpResponse:
    findings = health.look()
    context = {
        "findings": findings,
        "worst": findings[0].tone,
        "nights": reads.last_nights(request.user),
        "locked": reads.all_locked(request.user),
        "versions": health.versions(),
        "crumbs": crumbs((_("System health"),)),
    }
    return render(request, "accounts/admin/health.html", context)
