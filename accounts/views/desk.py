"""Work in hand: the tasks of a person and the files they made, and what the top bar shows of both."""

from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from accounts.selectors import tasks
from accounts.services import results
from config.common import lists
from config.common.pages import crumb, render_panel

NEWEST_FIRST = lists.Sort(code="", field="id", label="", kind=int, descending=True)


def top_bar(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: how many tasks run and how many notices are new.

    One query, and none for fragments, which have no top bar.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "desk": SimpleLazyObject(lambda: tasks.desk_counts(user)),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
    }


@require_GET
@requires(Permission.VIEW_HOME)
def task_tray(request: PersonRequest) -> HttpResponse:
    """The list behind the button; asks again every three seconds while something is at work."""
    found = tasks.tray_tasks(request.user)
    context = {
        "tasks": found,
        "running": sum(task.is_open for task in found),
        "desk": tasks.desk_counts(request.user),
    }
    return render_panel(request, "accounts/desk/_tray.html", context, title=_("My tasks"))


@require_GET
@requires(Permission.VIEW_HOME)
def task_list(request: PersonRequest) -> HttpResponse:
    page = lists.read_page(
        tasks.list_jobs(request.user), NEWEST_FIRST, cursor=request.GET.get("cursor", "")
    )
    found = tasks.as_tasks(request.user, page.rows)
    context = {
        "page": page,
        "tasks": found,
        "running": sum(task.is_open for task in found),
        "days": results.LIFE.days,
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(_("My tasks"))],
    }
    return render(request, "accounts/desk/tasks.html", context)


@require_GET
@requires(Permission.VIEW_HOME)
def result_download(request: PersonRequest, pk: int) -> FileResponse:
    file, stream = results.open_for(user=request.user, pk=pk)
    return attachment(stream, file.name)


def attachment(stream: Any, name: str) -> FileResponse:
    """A file that the browser saves and never shows, whatever it holds."""
    response = FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
