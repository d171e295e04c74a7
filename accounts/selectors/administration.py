"""Reads of the administration: people with what they may and when they were here, clients, who is locked."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiClient, Company, OrgLevel, User
from accounts.roles import ROLE_PERMISSIONS, Permission, Role
from accounts.selectors import list_companies
from accounts.selectors.organisation import list_all_units
from config.common.models import JobRun
from config.common.nights import NIGHT


def list_people(user: User) -> QuerySet[User]:
    """People this person may administer, with what a line of the list shows."""
    people: QuerySet[User] = User.objects.visible_to(user)
    return people.select_related("company", "unit")


def locked_names(names: Iterable[str]) -> set[str]:
    """Which of these user names are locked out after failed log-ins now."""
    return set(_locks().filter(username__in=list(names)).values_list("username", flat=True))


def all_locked(user: User) -> list[str]:
    """User names of this person's people who are locked out now."""
    found = list_people(user).filter(username__in=_locks().values("username"))
    return list(found.values_list("username", flat=True))


def locked_people() -> QuerySet[Any]:
    """User names that are locked out now, for a filter."""
    rows: QuerySet[Any] = _locks().values("username")
    return rows


def _locks() -> QuerySet[Any]:
    hours = dt.timedelta(hours=settings.AXES_COOLOFF_TIME)
    rows: QuerySet[Any] = AccessAttempt.objects.filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=timezone.now() - hours,
    )
    return rows


def count_people(user: User) -> tuple[int, int]:
    """Active people, and how many of them are locked out now; one query."""
    counted = (
        list_people(user)
        .filter(is_active=True)
        .aggregate(
            active=Count("pk"),
            locked=Count("pk", filter=Q(username__in=_locks().values("username"))),
        )
    )
    return counted["active"], counted["locked"]


def count_lines(user: User) -> int:
    """Open lines of this person's companies."""
    return list_all_units(user).filter(level=OrgLevel.LINE, is_active=True).count()


def search_people(people: QuerySet[User], text: str) -> QuerySet[User]:
    """People whose name or user name holds what was typed."""
    for word in text.split():
        people = people.filter(Q(username__icontains=word) | Q(display_name__icontains=word))
    return people


def list_clients(user: User) -> QuerySet[ApiClient]:
    """API clients of this person's company; all for an administrator of the installation."""
    clients: QuerySet[ApiClient] = ApiClient.objects.select_related("company").order_by(
        "company__code", "-is_active", "name", "pk"
    )
    scope = user.scope
    if scope.everything:
        return clients
    return clients.filter(company_id=scope.company_id) if scope.company_id else clients.none()


def sample_companies(user: User) -> list[Company]:
    """Companies with sample data that this person sees."""
    if user.scope.everything:
        return list(Company.objects.filter(is_demo=True).order_by("code"))
    return [user.company] if user.company is not None and user.company.is_demo else []


def installation_administrators() -> QuerySet[User]:
    """Active people who administer the whole installation."""
    return User.objects.filter(company=None, role=Role.ADMINISTRATOR, is_active=True)


def last_nights(user: User) -> list[tuple[Company, JobRun | None]]:
    """Every company this person sees with its newest night; two queries."""
    companies = list(list_companies(user))
    newest = (
        JobRun.objects.filter(kind=NIGHT, company_id__in=[one.pk for one in companies])
        .order_by()
        .values("company_id")
        .annotate(newest=Max("pk"))
        .values("newest")
    )
    by_company = {run.company_id: run for run in JobRun.objects.filter(pk__in=newest)}
    return [(company, by_company.get(company.pk)) for company in companies]


# --- roles × permissions ------------------------------------------------------------------

ROLE_WORDS: dict[str, Any] = {
    Role.ADMINISTRATOR: _("Runs the system: people, organisation, rules, files. Approves and publishes no plan."),
    Role.PLANNER: _("Makes and publishes plans and classes, brings in files, keeps the rules."),
    Role.APPROVER: _("Looks at plans, approves them or gives them back; reads the audit trail."),
    Role.COUNTY_MANAGER: _("Sees one county, department or line with everything in it; edits its retailers."),
    Role.CUSTOMER_MANAGER: _("Sees the retailers they look after, and those they stand in for."),
    Role.INSPECTOR: _("Looks up retailers and products; sees no purchases and no quotas."),
    Role.PARTNER: _("Of a manufacturer: sees products of their own brands only, no retailer."),
    Role.AUDITOR: _("Reads everything, also the audit trail, and changes nothing."),
}  # fmt: skip

PERMISSION_WORDS: dict[str, tuple[Any, Any]] = {
    Permission.VIEW_HOME: (_("Everybody"), _("Home page with what waits")),
    Permission.VIEW_RETAILERS: (_("Retailers"), _("See retailers")),
    Permission.EDIT_RETAILERS: (_("Retailers"), _("Change retailers")),
    Permission.VIEW_PERSONAL_DATA: (_("Retailers"), _("Reveal phone numbers; each time is logged")),
    Permission.REQUEST_HAND_OVERS: (_("Retailers"), _("Ask for hand-overs between customer managers")),
    Permission.DECIDE_HAND_OVERS: (_("Retailers"), _("Approve hand-overs")),
    Permission.WRITE_COMMENTS: (_("Retailers"), _("Write notes")),
    Permission.VIEW_PRODUCTS: (_("Products and sales"), _("See products")),
    Permission.VIEW_SALES: (_("Products and sales"), _("See sales")),
    Permission.VIEW_CLASSES: (_("Classes and plans"), _("See classes and tiers")),
    Permission.PUBLISH_CLASSES: (_("Classes and plans"), _("Publish classes and tiers")),
    Permission.VIEW_PLANS: (_("Classes and plans"), _("See plans and quotas")),
    Permission.EDIT_PLANS: (_("Classes and plans"), _("Change drafts of plans")),
    Permission.APPROVE_PLANS: (_("Classes and plans"), _("Approve plans")),
    Permission.PUBLISH_PLANS: (_("Classes and plans"), _("Publish plans")),
    Permission.VIEW_RUNS: (_("Operation"), _("See nights and other runs")),
    Permission.START_RUNS: (_("Operation"), _("Start, stop and repeat runs")),
    Permission.VIEW_FILES: (_("Operation"), _("See files that came in")),
    Permission.IMPORT_FILES: (_("Operation"), _("Bring in files")),
    Permission.EXPORT_LISTS: (_("Operation"), _("Export lists; each time is logged")),
    Permission.SHARE_VIEWS: (_("Operation"), _("Share views of lists")),
    Permission.READ_API: (_("Operation"), _("Read by the REST interface")),
    Permission.VIEW_AUDIT: (_("Administration"), _("Read the audit trail")),
    Permission.MANAGE_RULES: (_("Administration"), _("Organisation, code lists, rules")),
    Permission.MANAGE_USERS: (_("Administration"), _("People, roles, one-time passwords")),
    Permission.MANAGE_INSTALLATION: (_("Administration"), _("Interface clients, system health, sample data, set-up")),
}  # fmt: skip


@dataclass(frozen=True)
class MatrixRow:
    """A permission and which roles have it, in the order of the roles."""

    group: Any
    words: Any
    granted: list[tuple[str, bool]]


def matrix() -> list[MatrixRow]:
    """Who may do what, read from the code that decides it."""
    order = list(dict.fromkeys(str(group) for group, _words in PERMISSION_WORDS.values()))
    rows = []
    for permission in Permission:
        group, words = PERMISSION_WORDS.get(permission, (_("Others"), permission.value))
        granted = [
            (str(role.label), permission in ROLE_PERMISSIONS.get(role, frozenset()))
            for role in Role
        ]
        rows.append(MatrixRow(group, words, granted))
    return sorted(
        rows, key=lambda row: order.index(str(row.group)) if str(row.group) in order else 99
    )
