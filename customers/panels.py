"""What customers shows on the page of a retailer and on the home page."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.models import User
from accounts.roles import Permission
from accounts.selectors import history_of
from accounts.views import comments
from config.common import navigation, panels
from config.common.navigation import NavItem
from config.common.pages import render_panel
from config.common.panels import Panel, Waiting
from customers.selectors.contacts import contacts_of
from customers.selectors.files import count_checked_files
from customers.selectors.retailers import list_retailers, retailer_profile


@require_GET
@requires(Permission.VIEW_RETAILERS)
def profile(request: PersonRequest, pk: int) -> HttpResponse:
    context = {
        "retailer": get_object_or_404(retailer_profile(request.user), pk=pk),
        "may_edit": Permission.EDIT_RETAILERS in request.user.permissions,
    }
    return render_panel(request, "customers/_panel_profile.html", context, title=_("Profile"))


@require_GET
@requires(Permission.VIEW_RETAILERS)
def contacts(request: PersonRequest, pk: int) -> HttpResponse:
    """Who the people of the shop are; numbers are masked until somebody reveals one."""
    retailer = get_object_or_404(list_retailers(request.user), pk=pk)
    context = {
        "retailer": retailer,
        "contacts": contacts_of(retailer),
        "may_reveal": Permission.VIEW_PERSONAL_DATA in request.user.permissions,
        "may_edit": Permission.EDIT_RETAILERS in request.user.permissions,
    }
    return render_panel(request, "customers/_panel_contacts.html", context, title=_("Contacts"))


@require_GET
@requires(Permission.VIEW_RETAILERS)
def history(request: PersonRequest, pk: int) -> HttpResponse:
    retailer = get_object_or_404(list_retailers(request.user), pk=pk)
    events = history_of(request.user, object_type="customers.retailer", object_id=retailer.pk)
    context = {"events": events}
    return render_panel(request, "customers/_panel_history.html", context, title=_("Changes"))


@require_GET
@requires(Permission.VIEW_RETAILERS)
def notes(request: PersonRequest, pk: int) -> HttpResponseBase:
    """What colleagues have noted about a retailer."""
    return comments.comment_panel(request, "customers.retailer", str(pk))


def waiting_files(user: User) -> list[Waiting]:
    """Files that were checked and wait to be applied, and those that failed."""
    if Permission.IMPORT_FILES not in user.permissions:
        return []
    checked, ready = count_checked_files(user)
    found = []
    if checked:
        words = ngettext(
            "%(n)d checked file has refused rows", "%(n)d checked files have refused rows", checked
        )
        found.append(Waiting(words % {"n": checked}, reverse("file-list"), "warn"))
    if ready:
        words = ngettext("%(n)d file can be applied", "%(n)d files can be applied", ready)
        found.append(Waiting(words % {"n": ready}, reverse("file-list"), "info"))
    return found


def register() -> None:
    """Called from ``AppConfig.ready``."""
    panels.register(
        Panel(
            page="retailer",
            code="profile",
            title=gettext_lazy("Profile"),
            permission=Permission.VIEW_RETAILERS,
            url_name="panel-retailer-profile",
            order=10,
        )
    )
    panels.register(
        Panel(
            page="retailer",
            code="notes",
            title=gettext_lazy("Notes"),
            permission=Permission.VIEW_RETAILERS,
            url_name="panel-retailer-notes",
            order=15,
        )
    )
    panels.register(
        Panel(
            page="retailer",
            code="contacts",
            title=gettext_lazy("Contacts"),
            permission=Permission.VIEW_RETAILERS,
            url_name="panel-retailer-contacts",
            order=12,
        )
    )
    panels.register(
        Panel(
            page="retailer",
            code="history",
            title=gettext_lazy("Changes"),
            permission=Permission.VIEW_RETAILERS,
            url_name="panel-retailer-history",
            order=90,
            wide=True,
        )
    )
    panels.register(
        Panel(
            page="retailer",
            code="timeline",
            title=gettext_lazy("Timeline"),
            permission=Permission.VIEW_RETAILERS,
            url_name="panel-retailer-timeline",
            order=13,
            wide=True,
        )
    )
    panels.register_waiting(waiting_files)
    navigation.register(
        NavItem(
            label=gettext_lazy("Retailers"),
            url_name="retailer-list",
            icon="building-store",
            permission=Permission.VIEW_RETAILERS,
            order=10,
            group=gettext_lazy("Marketing"),
            key="r",
        )
    )
    navigation.register(
        NavItem(
            label=gettext_lazy("Files"),
            url_name="file-list",
            icon="file-import",
            permission=Permission.VIEW_FILES,
            order=70,
            group=gettext_lazy("Operation"),
            key="f",
        )
    )
