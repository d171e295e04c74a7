from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from config.common import listing
from config.common.pages import Question, ask, crumb, with_query
from config.common.panels import panels_of
from customers.forms import RetailerFilter, UploadForm
from customers.importers import uploads
from customers.models import ImportedFile, Retailer
from customers.selectors import files as file_reads
from customers.selectors import retailers as retailer_reads

NEWEST_FIRST = listing.Sort(code="", field="id", label="", kind=int, descending=True)


# --- retailers ----------------------------------------------------------------------------


def _filtered(request: PersonRequest, form: RetailerFilter) -> Any:
    wanted = form.chosen()
    rows = retailer_reads.filter_retailers(retailer_reads.list_retailers(request.user), wanted)
    for extension in listing.extensions_of("retailers"):
        rows = extension.apply(rows, wanted, request.user)
    return rows


def _sorts(request: PersonRequest) -> list[listing.Sort]:
    added = [
        sort
        for extension in listing.extensions_of("retailers")
        for sort in extension.sorts(request.user)
    ]
    return [*retailer_reads.SORTS, *added]


def _heads(request: PersonRequest, sorts: list[listing.Sort], now: listing.Sort) -> dict[str, Any]:
    """What the heads of the sortable columns need, by the code of their order."""
    return {
        sort.code: {
            "label": sort.label,
            "url": with_query(request.GET, sort=sort.code),
            "direction": ("desc" if sort.descending else "asc") if sort is now else "",
        }
        for sort in sorts
    }


@require_GET
@requires(Permission.VIEW_RETAILERS)
def retailer_list(request: PersonRequest) -> HttpResponse:
    extensions = listing.extensions_of("retailers")
    form = RetailerFilter(request.user, extensions, request.GET)
    sorts = _sorts(request)
    sort = next((one for one in sorts if one.code == request.GET.get("sort")), sorts[0])
    page = listing.read_page(_filtered(request, form), sort, cursor=request.GET.get("cursor", ""))
    number = len(page.rows)
    context = {
        "page": page,
        "columns": [
            column
            for extension in extensions
            for column in extension.columns(page.rows, request.user)
        ],
        "heads": _heads(request, sorts, sort),
        "sort_by": sort,
        "filter_form": form,
        "chips": [
            {"label": label, "remove_url": with_query(request.GET, **{name: None})}
            for name, label in form.chips()
        ],
        "query": with_query(request.GET),
        "is_filtered": bool(form.chips() or form.chosen().get("q")),
        "shown": ngettext("%(n)d retailer on this page", "%(n)d retailers on this page", number)
        % {"n": number},
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(_("Retailers"))],
    }
    return render(request, "customers/retailer_list.html", context)


@require_GET
@requires(Permission.VIEW_RETAILERS)
def retailer_count(request: PersonRequest) -> HttpResponse:
    """How many rows pass the filters: asked for when somebody wants to know, as it reads them all."""
    form = RetailerFilter(request.user, listing.extensions_of("retailers"), request.GET)
    number = _filtered(request, form).count()
    words = ngettext("%(n)s retailer in all", "%(n)s retailers in all", number)
    return render(request, "customers/_count.html", {"words": words % {"n": f"{number:,}"}})


@require_GET
@requires(Permission.VIEW_RETAILERS)
def retailer_detail(request: PersonRequest, pk: int) -> HttpResponse:
    retailer: Retailer = get_object_or_404(retailer_reads.list_retailers(request.user), pk=pk)
    context = {
        "retailer": retailer,
        "badges": [
            (column.label, column.cells[retailer.pk])
            for extension in listing.extensions_of("retailers")
            for column in extension.columns([retailer], request.user)
            if retailer.pk in column.cells
        ],
        "panels": panels_of("retailer", request.user.permissions, retailer.pk),
        "crumbs": [
            crumb(_("Home"), reverse("home")),
            crumb(_("Retailers"), reverse("retailer-list")),
            crumb(retailer.code),
        ],
    }
    return render(request, "customers/retailer_detail.html", context)


# --- files --------------------------------------------------------------------------------


def _file_crumbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [crumb(_("Home"), reverse("home")), crumb(_("Files"), reverse("file-list")), *more]


@require_GET
@requires(Permission.VIEW_FILES)
def file_list(request: PersonRequest) -> HttpResponse:
    page = listing.read_page(
        file_reads.list_files(request.user), NEWEST_FIRST, cursor=request.GET.get("cursor", "")
    )
    may_import = Permission.IMPORT_FILES in request.user.permissions
    context = {"page": page, "may_import": may_import, "crumbs": _file_crumbs()}
    return render(request, "customers/file_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_FILES)
def file_upload(request: PersonRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = UploadForm(request.user, *((request.POST, request.FILES) if sent else ()))
    if sent and form.is_valid():
        file = uploads.receive(
            kind=form.cleaned_data["kind"],
            upload=form.cleaned_data["upload"],
            company=form.cleaned_data["company"],
            mapping=form.cleaned_data["mapping"],
            by=request.user,
        )
        uploads.start_check(file=file, by=request.user)
        return redirect("file-detail", pk=file.pk)
    context = {"form": form, "crumbs": _file_crumbs(crumb(_("Upload a file")))}
    return render(
        request, "customers/file_upload.html", context, status=422 if form.errors else 200
    )


def _apply_question(file: ImportedFile, *, partial: bool) -> Question:
    good = file.imported + file.updated
    return Question(
        id="apply-partial" if partial else "apply-file",
        title=_("Apply the good rows?") if partial else _("Apply this file?"),
        text=(
            _(
                "The good rows are written; the refused ones are left out and stay in the error file."
            )
            if partial
            else _("All rows are written in one step. The same file applied again changes nothing.")
        ),
        url=reverse("file-apply", args=[file.pk]) + ("?partial=1" if partial else ""),
        label=_("Apply the good rows") if partial else _("Apply"),
        facts=[
            (_("File"), file.name),
            (_("New or changed rows"), f"{good:,}"),
            (_("Refused rows"), f"{file.rejected:,}"),
        ],
        icon="database-import",
        danger=partial,
    )


def _file_context(request: PersonRequest, file: ImportedFile) -> dict[str, Any]:
    may_import = Permission.IMPORT_FILES in request.user.permissions
    questions = []
    has_good_rows = file.imported + file.updated + file.unchanged > 0
    if may_import and has_good_rows and file.status == ImportedFile.Status.CHECKED:
        # A file with refused rows can only be applied without them; one with none, as a whole.
        questions.append(_apply_question(file, partial=file.rejected > 0))
    return {
        "file": file,
        "may_import": may_import,
        "questions": questions,
        "running": file.status in (ImportedFile.Status.CHECKING, ImportedFile.Status.APPLYING),
        "crumbs": _file_crumbs(crumb(file.name)),
    }


@require_GET
@requires(Permission.VIEW_FILES)
def file_detail(request: PersonRequest, pk: int) -> HttpResponse:
    file = get_object_or_404(file_reads.list_files(request.user), pk=pk)
    return render(request, "customers/file_detail.html", _file_context(request, file))


@require_GET
@requires(Permission.VIEW_FILES)
def file_progress(request: PersonRequest, pk: int) -> HttpResponse:
    """Asked every two seconds; when the job has ended the page reloads itself, with its buttons."""
    file = get_object_or_404(file_reads.list_files(request.user), pk=pk)
    context = _file_context(request, file)
    response = render(request, "customers/_file_progress.html", context)
    if not context["running"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@requires(Permission.IMPORT_FILES)
def file_check(request: PersonRequest, pk: int) -> HttpResponse:
    file = get_object_or_404(file_reads.list_files(request.user), pk=pk)
    uploads.start_check(file=file, by=request.user)
    return redirect("file-detail", pk=file.pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_FILES)
def file_apply(request: PersonRequest, pk: int) -> HttpResponse:
    file = get_object_or_404(file_reads.list_files(request.user), pk=pk)
    partial = request.GET.get("partial") == "1"
    if request.method == "GET":
        question = _apply_question(file, partial=partial)
        return ask(request, question, crumbs=_file_crumbs(crumb(file.name)))
    uploads.start_apply(file=file, partial=partial, by=request.user)
    messages.success(request, _("The file is in the queue. This page shows how far it is."))
    return redirect("file-detail", pk=file.pk)


@require_GET
@requires(Permission.IMPORT_FILES)
def file_errors(request: PersonRequest, pk: int) -> HttpResponseBase:
    """The refused rows with line, column and reason, as CSV that no spreadsheet runs as formulas."""
    file = get_object_or_404(file_reads.list_files(request.user), pk=pk)
    if not file.errors_path:
        raise Http404
    return FileResponse(
        uploads.errors_file(file=file), as_attachment=True, filename=f"{file.name}.errors.csv"
    )
