"""What a list shows, as a file: CSV at once, XLSX as a job."""

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PersonRequest, requires
from accounts.lists.page import columns_on_screen
from accounts.lists.views import spec_or_404
from accounts.roles import Permission
from accounts.selectors.exports import list_exports
from accounts.services import exports
from config.common.lists import ListSpec, ListState, find
from config.common.pages import crumb


@require_http_methods(["GET", "POST"])
@requires(Permission.EXPORT_LISTS)
def list_export(request: PersonRequest, name: str) -> HttpResponseBase:
    """GET streams CSV; POST queues XLSX and leads to the page that will offer it."""
    spec = spec_or_404(request, name)
    if request.method == "POST":
        state = ListState.parse(spec, request.user, request.POST.get("query", ""))
        job = exports.start_export(state=state, columns=columns_on_screen(state), by=request.user)
        return redirect("export-detail", pk=job.pk)
    return _csv(request, spec)


def _csv(request: PersonRequest, spec: ListSpec) -> StreamingHttpResponse:
    state = ListState.of(spec, request.user, request.GET)
    export = exports.open_export(state=state, columns=columns_on_screen(state), by=request.user)
    exports.record_export(export, "csv")
    response = StreamingHttpResponse(
        exports.stream_csv(export), content_type="text/csv; charset=utf-8"
    )
    name = exports.file_name(spec, "csv")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@requires(Permission.EXPORT_LISTS)
def export_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """How far an export is, and its file; a fragment for HTMX, which asks every two seconds."""
    job = get_object_or_404(list_exports(request.user), pk=pk)
    spec = find(job.args.get("list", ""))
    back = reverse(spec.url_name) + str(job.args.get("query", "")) if spec else reverse("home")
    title = str(spec.title) if spec else ""
    context = {
        "job": job,
        "file": getattr(job, "result_file", None),
        "back": back,
        "title": title,
        "crumbs": [
            crumb(_("Home"), reverse("home")),
            crumb(title, back),
            crumb(_("Export")),
        ],
    }
    part = bool(request.headers.get("HX-Request"))
    template = "lists/_export_progress.html" if part else "lists/export_detail.html"
    return render(request, template, context)
