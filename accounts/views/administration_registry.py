"""What accounts brings to menu, overview, lists, trail and first steps. Called once at the start."""

from django.contrib.auth.signals import user_logged_in
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.lists import audit as audit_list
from accounts.lists import people as people_list
from accounts.lists import runs as run_list
from accounts.models import Comment, ResultFile, User
from accounts.roles import Permission, Role
from accounts.selectors import administration as reads
from accounts.selectors import setup as setup_reads
from accounts.services import reruns, sample_data, setup
from accounts.views.administration_sample import remember_sample
from config.common import administration, audit_objects, audit_words, navigation, panels
from config.common.administration import AdminPage
from config.common.navigation import NavItem
from config.common.panels import Waiting


def _people_figure(user: User) -> str:
    active, locked = reads.count_people(user)
    words = ngettext("%(n)s active person", "%(n)s active people", active) % {"n": f"{active:,}"}
    if locked:
        words += _(", %(n)d locked out") % {"n": locked}
    return words


def _units_figure(user: User) -> str:
    lines = reads.count_lines(user)
    return ngettext("%(n)s line", "%(n)s lines", lines) % {"n": f"{lines:,}"}


def _clients_figure(user: User) -> str:
    number = reads.list_clients(user).filter(is_active=True).count()
    return ngettext("%(n)d active client", "%(n)d active clients", number) % {"n": number}


PAGES = (
    AdminPage(
        gettext_lazy("Administration"),
        gettext_lazy("Everything at a glance."),
        "settings",
        "administration",
        Permission.MANAGE_RULES,
        100,
    ),
    AdminPage(
        gettext_lazy("People"),
        gettext_lazy("Who works here, with which role; one-time passwords, locked accounts."),
        "users",
        "person-list",
        Permission.MANAGE_USERS,
        110,
        _people_figure,
    ),
    AdminPage(
        gettext_lazy("Organisation"),
        gettext_lazy("Counties, market departments and lines: add, rename, move, close."),
        "sitemap",
        "organisation",
        Permission.MANAGE_RULES,
        120,
        _units_figure,
    ),
    AdminPage(
        gettext_lazy("Rules"),
        gettext_lazy("By what forecasts, totals and quotas are computed, from which day on."),
        "adjustments-horizontal",
        "rule-list",
        Permission.MANAGE_RULES,
        140,
    ),
    AdminPage(
        gettext_lazy("Interface clients"),
        gettext_lazy("Systems that read and push by REST, such as the ordering platform."),
        "plug",
        "client-list",
        Permission.MANAGE_INSTALLATION,
        150,
        _clients_figure,
    ),
    AdminPage(
        gettext_lazy("System health"),
        gettext_lazy("Database, workers, queue, disk, last nights, and what to do."),
        "gauge",
        "system-health",
        Permission.MANAGE_INSTALLATION,
        160,
    ),
    AdminPage(
        gettext_lazy("Runs"),
        gettext_lazy("Nights and other long jobs; start again what failed."),
        "activity",
        "run-list",
        Permission.VIEW_RUNS,
        170,
        in_menu=False,
    ),
    AdminPage(
        gettext_lazy("Audit trail"),
        gettext_lazy("Who changed what, when, from what to what."),
        "history",
        "audit-list",
        Permission.VIEW_AUDIT,
        180,
        in_menu=False,
    ),
    AdminPage(
        gettext_lazy("Who may do what"),
        gettext_lazy("Roles and their rights, as the program checks them."),
        "shield-check",
        "role-matrix",
        Permission.MANAGE_USERS,
        190,
        in_menu=False,
    ),
    AdminPage(
        gettext_lazy("First steps"),
        gettext_lazy("From an empty installation to the first published tiers."),
        "list-check",
        "setup",
        Permission.MANAGE_INSTALLATION,
        200,
        in_menu=False,
    ),
    AdminPage(
        gettext_lazy("Sample data"),
        gettext_lazy("The made-up company to try things with, and removing it."),
        "trash",
        "sample-data",
        Permission.MANAGE_INSTALLATION,
        210,
        in_menu=False,
    ),
)


def add_to_menu(page: AdminPage) -> None:
    """A page of the administration, in the overview and, if it asks for it, in the menu."""
    administration.register(page)
    if page.in_menu:
        navigation.register(
            NavItem(
                page.title,
                page.url_name,
                page.icon,
                page.permission,
                page.order,
                gettext_lazy("System administration"),
            )
        )


def waiting_setup(user: User) -> list[Waiting]:
    """First steps that nobody has taken yet."""
    if not setup_reads.is_waiting(user):
        return []
    text = _("The first steps of the company are not all done; go on where you left off.")
    return [Waiting(text, reverse("setup"), "info")]


def waiting_locked(user: User) -> list[Waiting]:
    """People who are locked out now and can be helped."""
    if Permission.MANAGE_USERS not in user.permissions:
        return []
    names = reads.all_locked(user)
    if not names:
        return []
    text = _("Locked out after failed log-ins: %(names)s") % {"names": ", ".join(names[:5])}
    return [Waiting(text, f"{reverse('person-list')}?state=locked", "warn")]


OBJECTS = (
    ("accounts.user", "person-detail", Permission.MANAGE_USERS),
    ("accounts.orgunit", "unit-detail", Permission.MANAGE_RULES),
    ("accounts.apiclient", "", ""),
    ("accounts.policyversion", "", ""),
    ("accounts.company", "", ""),
    ("common.jobrun", "run-detail", Permission.VIEW_RUNS),
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    for page in PAGES:
        add_to_menu(page)
    for label, url_name, permission in OBJECTS:
        audit_objects.register(label, url_name, permission)
    for one in (people_list, run_list, audit_list, setup, sample_data, reruns):
        one.register()
    for role in Role:
        audit_words.name_value(role.value, role.label)
    sample_data.has_files(ResultFile, "path")
    sample_data.has_files(Comment, "file_path")
    panels.register_waiting(waiting_setup)
    panels.register_waiting(waiting_locked)
    user_logged_in.connect(remember_sample, dispatch_uid="accounts.remember_sample")
