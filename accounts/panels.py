"""What accounts shows on the home page: the last night, and what waits for a person."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts import selectors
from accounts.http import PersonRequest, requires
from accounts.models import User
from accounts.roles import Permission
from config.common import navigation, panels
from config.common.models import JobRun, JobStatus
from config.common.navigation import NavItem
from config.common.pages import render_panel
from config.common.panels import Panel, Waiting


@require_GET
@requires(Permission.VIEW_RUNS)
def night(request: PersonRequest) -> HttpResponse:
    newest = selectors.newest_night(request.user)
    context = {"night": newest, "stages": selectors.list_stages(newest) if newest else []}
    return render_panel(request, "accounts/_panel_night.html", context, title=_("Last night"))


@require_GET
@requires(Permission.VIEW_HOME)
def waiting(request: PersonRequest) -> HttpResponse:
    context = {"entries": panels.waiting_for(request.user)}
    return render_panel(request, "accounts/_panel_waiting.html", context, title=_("Waits for me"))


@require_GET
@requires(Permission.VIEW_HOME)
def alerts(request: PersonRequest) -> HttpResponse:
    """What looks wrong in the data, as the apps find it."""
    context = {"entries": panels.alerts_for(request.user)}
    return render_panel(request, "accounts/_panel_alerts.html", context, title=_("Alerts"))


def waiting_nights(user: User) -> list[Waiting]:
    """A night or recomputation that failed or was held, until a later one went well."""
    if Permission.START_RUNS not in user.permissions:
        return []
    wrong = (JobStatus.FAILED, JobStatus.HELD)
    return [_waiting_run(run) for run in selectors.newest_runs(user) if run.status in wrong]


def _waiting_run(run: JobRun) -> Waiting:
    failed = run.status == JobStatus.FAILED
    if failed and selectors.is_recomputation(run):
        text = _("The recomputation of %(date)s failed; look at its error and run it again.")
    elif failed:
        text = _("The night of %(date)s failed; look at its error and run it again.")
    else:
        text = _(
            "The night of %(date)s was held: a result must be looked at before it binds anybody."
        )
    return Waiting(
        text=text % {"date": run.business_date},
        url=reverse("run-detail", args=[run.pk]),
        tone="bad" if failed else "warn",
    )


def register() -> None:
    """Called from ``AppConfig.ready``."""
    panels.register(
        Panel(
            "home",
            "waiting",
            gettext_lazy("Waits for me"),
            Permission.VIEW_HOME,
            "panel-waiting",
            order=10,
        )
    )
    panels.register(
        Panel(
            "home",
            "night",
            gettext_lazy("Last night"),
            Permission.VIEW_RUNS,
            "panel-night",
            order=20,
        )
    )
    panels.register(
        Panel(
            "home",
            "alerts",
            gettext_lazy("Alerts"),
            Permission.VIEW_SALES,
            "panel-alerts",
            order=15,
            about=gettext_lazy("What looks wrong in orders, retailers, classes and plans."),
        )
    )
    panels.register_waiting(waiting_nights)
    operation = gettext_lazy("Operation")
    for item in (
        NavItem(gettext_lazy("Home"), "home", "dashboard", Permission.VIEW_HOME, 0, key="h"),
        NavItem(
            gettext_lazy("Runs"),
            "run-list",
            "activity",
            Permission.VIEW_RUNS,
            80,
            operation,
            key="n",
        ),
        NavItem(
            gettext_lazy("Audit trail"),
            "audit-list",
            "history",
            Permission.VIEW_AUDIT,
            90,
            operation,
            key="a",
        ),
    ):
        navigation.register(item)
