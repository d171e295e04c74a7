"""Files: uploaded, checked, applied, taken back."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import PersonRequest, requires
from accounts.lists.page import list_page
from accounts.models import User
from accounts.roles import Permission
from config.common.errors import DomainError
from config.common.pages import ask, crumb, reason_of
from customers.forms import UploadForm
from customers.importers import receiving, uploads
from customers.importers.file_list import FILES
from customers.importers.hand import KEEP, OVERWRITE, REFUSE
from customers.models import ImportedFile
from customers.selectors import files as file_reads
from customers.views import file_parts as parts


def file_or_404(user: User, pk: int) -> ImportedFile:
    """A file of this person's company."""
    file: ImportedFile = get_object_or_404(file_reads.list_files(user), pk=pk)
    return file


@require_GET
@requires(Permission.VIEW_FILES)
def file_list(request: PersonRequest) -> HttpResponse:
    may_import = Permission.IMPORT_FILES in request.user.permissions
    extra = {"may_import": may_import}
    return list_page(request, FILES, template="customers/file_list.html", extra=extra)


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_FILES)
def file_upload(request: PersonRequest) -> HttpResponse:
    sent = request.method == "POST"
    initial = {"kind": request.GET.get("kind", "")}
    form = UploadForm(
        request.user, *((request.POST, request.FILES) if sent else ()), initial=initial
    )
    status = 200
    if sent and form.is_valid():
        try:
            file = receiving.receive(
                kind=form.cleaned_data["kind"],
                upload=form.cleaned_data["upload"],
                company=form.cleaned_data["company"],
                by=request.user,
            )
        except DomainError as error:
            form.add_error("upload", error.message)
            status = error.status
        else:
            uploads.start_look(file=file, by=request.user)
            return redirect("file-detail", pk=file.pk)
    context = {
        "form": form,
        "steps": parts.steps(None),
        "crumbs": parts.crumbs(crumb(_("Upload a file"))),
    }
    if form.errors and status == 200:
        status = 422
    return render(request, "customers/file_upload.html", context, status=status)


def _context(request: PersonRequest, file: ImportedFile) -> dict[str, Any]:
    may_import = Permission.IMPORT_FILES in request.user.permissions
    return {
        **parts.file_context(file, may_import=may_import, query=request.GET),
        "crumbs": parts.crumbs(crumb(file.name)),
    }


@require_GET
@requires(Permission.VIEW_FILES)
def file_detail(request: PersonRequest, pk: int) -> HttpResponse:
    file = file_or_404(request.user, pk)
    context = _context(request, file)
    context["events"] = file_reads.history_of_file(request.user, file)
    return render(request, "customers/file_detail.html", context)


@require_GET
@requires(Permission.VIEW_FILES)
def file_progress(request: PersonRequest, pk: int) -> HttpResponse:
    """Asked every two seconds; when the job has ended the page goes on to what comes next."""
    file = file_or_404(request.user, pk)
    context = _context(request, file)
    response = render(request, "customers/_file_progress.html", context)
    if not context["running"]:
        if context["to_match"]:
            response["HX-Redirect"] = reverse("file-columns", args=[file.pk])
        else:
            response["HX-Refresh"] = "true"
    return response


@require_POST
@requires(Permission.IMPORT_FILES)
def file_check(request: PersonRequest, pk: int) -> HttpResponse:
    """Check again, if wanted with another rule for values that people have changed."""
    file = file_or_404(request.user, pk)
    rule = request.POST.get("hand_changes", "")
    if rule in (REFUSE, KEEP, OVERWRITE):
        file = uploads.set_rule(file=file, name="hand_changes", value=rule, by=request.user)
    uploads.start_check(file=file, by=request.user)
    return redirect("file-detail", pk=file.pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_FILES)
def file_apply(request: PersonRequest, pk: int) -> HttpResponse:
    file = file_or_404(request.user, pk)
    partial = request.GET.get("partial") == "1"
    question = parts.apply_question(file, partial=partial)
    if asked := ask(request, question, crumbs=parts.crumbs(crumb(file.name))):
        return asked
    uploads.start_apply(file=file, partial=partial, by=request.user)
    messages.success(request, _("The file is in the queue. This page shows how far it is."))
    return redirect("file-detail", pk=file.pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_FILES)
def file_revert(request: PersonRequest, pk: int) -> HttpResponse:
    file = file_or_404(request.user, pk)
    question = parts.revert_question(file)
    if asked := ask(request, question, crumbs=parts.crumbs(crumb(file.name))):
        return asked
    uploads.start_revert(file=file, reason=reason_of(request), by=request.user)
    messages.success(request, _("The file is being reverted. This page shows how far it is."))
    return redirect("file-detail", pk=file.pk)


@require_GET
@requires(Permission.IMPORT_FILES)
def file_errors(request: PersonRequest, pk: int) -> HttpResponseBase:
    """The refused rows with line, column and reason, as CSV that no spreadsheet runs as formulas."""
    file = file_or_404(request.user, pk)
    if not file.errors_path:
        raise Http404
    return FileResponse(
        uploads.errors_file(file=file), as_attachment=True, filename=f"{file.name}.errors.csv"
    )


@require_GET
@requires(Permission.IMPORT_FILES)
def file_result(request: PersonRequest, pk: int) -> HttpResponseBase:
    """What became of every row, or of every object when the file was taken back (``?of=revert``)."""
    file = file_or_404(request.user, pk)
    reverted = request.GET.get("of") == "revert"
    stream = uploads.result_file(file=file, reverted=reverted)
    ending = "reverted" if reverted else "result"
    return FileResponse(stream, as_attachment=True, filename=f"{file.name}.{ending}.csv")
