"""The step of the wizard on which the columns of a file are matched."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from config.common.errors import ConflictError, RefusedFileError
from config.common.pages import crumb
from config.common.textfiles import ENCODINGS
from customers.importers import document as documents
from customers.importers import matching, receiving, registry, uploads
from customers.importers.document import DATE_FORMATS, FRACTIONS, NUMBER_FORMATS, Choices, Document
from customers.importers.look import Look
from customers.importers.mapping import DELIMITERS, RULES, Mapping
from customers.importers.registry import Kind
from customers.models import ImportedFile, RememberedMapping
from customers.selectors import files as file_reads
from customers.views import file_parts as parts
from customers.views.files import file_or_404

RULE_WORDS: dict[str, tuple[Any, dict[Any, Any]]] = {
    "duplicates": (
        gettext_lazy("The same code twice with other content"),
        {
            "error": gettext_lazy("refuse these rows"),
            "first": gettext_lazy("the first row counts"),
            "last": gettext_lazy("the last row counts"),
        },
    ),
    "hand_changes": (
        gettext_lazy("Values that a person has changed since the last file"),
        {
            "refuse": gettext_lazy("refuse these rows"),
            "keep": gettext_lazy("keep these values, take the rest of the row"),
            "overwrite": gettext_lazy("overwrite them with the file"),
        },
    ),
    "create_codes": (
        gettext_lazy("Values that are in no code list"),
        {False: gettext_lazy("refuse these rows"), True: gettext_lazy("add them to the list")},
    ),
    "line_no": (
        gettext_lazy("Line numbers"),
        {
            "given": gettext_lazy("stand in the file"),
            "auto": gettext_lazy("number the lines of each order"),
        },
    ),
    "kind_from_sign": (
        gettext_lazy("Negative cartons"),
        {
            False: gettext_lazy("only where the row says return"),
            True: gettext_lazy("are returns"),
        },
    ),
}
DELIMITER_WORDS = {
    ",": gettext_lazy("comma ,"),
    ";": gettext_lazy("semicolon ;"),
    "\t": gettext_lazy("tab"),
    "|": gettext_lazy("bar |"),
}


@dataclass
class _Page:
    """A file whose columns are being matched."""

    file: ImportedFile
    kind: Kind
    look: Look
    document: Document
    origin: str
    last: RememberedMapping | None
    before: Choices
    choices: Choices
    text: str = ""
    text_error: str = ""

    @property
    def is_own(self) -> bool:
        """Whether every column of the file has our own name."""
        return {name.casefold() for name in self.look.header} <= self.kind.known


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_FILES)
def file_columns(request: PersonRequest, pk: int) -> HttpResponse:
    """GET shows the columns; POST previews (htmx), keeps, or keeps and checks what was chosen."""
    file = file_or_404(request.user, pk)
    look = parts.look_of(file)
    if look is None or not parts.may_match(file):
        return _not_now(request, file)
    page = _begin(file, look, anew="propose" in request.GET)
    if request.method != "POST":
        return _render(request, page, {})
    if request.POST.get("action") == "toml":
        return _take_text(request, page)
    page.choices = matching.read_choices(request.POST, page.before, page.kind, look.header)
    return _take_form(request, page)


@require_POST
@requires(Permission.IMPORT_FILES)
def file_read(request: PersonRequest, pk: int) -> HttpResponse:
    """Read the file in another way: encoding, delimiter, sheet, line of the header."""
    file = file_or_404(request.user, pk)
    section, sure = matching.read_file_section(request.POST, parts.look_of(file) or Look())
    document = documents.load(file.mapping)
    document.pop("file", None)
    if section:
        document["file"] = section
    uploads.look_again(file=file, text=documents.dump(document), sure=sure, by=request.user)
    return redirect("file-detail", pk=file.pk)


def _not_now(request: PersonRequest, file: ImportedFile) -> HttpResponse:
    if request.headers.get("HX-Request") and request.POST.get("action") == "preview":
        # Overtaken by the form itself, which says what there is to say.
        return HttpResponse(status=204)
    if request.method == "POST":
        raise ConflictError(
            _("The columns of %(name)s cannot be matched now; look at its page.")
            % {"name": file.name},
            code="file_state",
        )
    return redirect("file-detail", pk=file.pk)


def _begin(file: ImportedFile, look: Look, *, anew: bool) -> _Page:
    kind = registry.get(file.kind)
    last = file_reads.remembered_mapping(file)
    if anew:
        document, origin = matching.proposed(look, kind, file.company), "proposed"
    elif file.outcome.get("matched"):
        document, origin = documents.load(file.mapping), "chosen"
    elif last is not None:
        document, origin = matching.remembered(last.mapping, look), "remembered"
    else:
        document, origin = matching.proposed(look, kind, file.company), "proposed"
    if (encoding := documents.load(file.mapping).get("file", {}).get("encoding")) is not None:
        document["file"] = {**document.get("file", {}), "encoding": encoding}
    choices = documents.choices_of(document, kind, look.header)
    return _Page(file, kind, look, document, origin, last, choices, choices)


def _take_form(request: PersonRequest, page: _Page) -> HttpResponse:
    document = documents.changed(page.document, page.choices, page.kind, page.look.header)
    text = documents.dump(document)
    try:
        read = receiving.parse(text, page.kind)
    except RefusedFileError as error:
        page.text, page.text_error = text, error.message
        return _render(request, page, {}, status=422)
    problems = documents.problems(page.choices, page.kind, page.look.header, page.before, read)
    action = request.POST.get("action")
    if action not in ("check", "keep"):
        return _render(request, page, problems, fragment=bool(request.headers.get("HX-Request")))
    if problems:
        return _render(request, page, problems, status=422)
    file = uploads.set_mapping(file=page.file, text=text, by=request.user)
    if action == "keep":
        messages.success(request, _("The columns are kept. Nothing is checked yet."))
        return redirect("file-columns", pk=file.pk)
    uploads.start_check(file=file, by=request.user)
    return redirect("file-detail", pk=file.pk)


def _take_text(request: PersonRequest, page: _Page) -> HttpResponse:
    page.text = request.POST.get("toml", "").replace("\r\n", "\n")[:20_000]
    try:
        uploads.set_mapping(file=page.file, text=page.text, by=request.user)
    except RefusedFileError as error:
        page.text_error = error.message
        return _render(request, page, {}, status=422)
    messages.success(request, _("The text is taken over into the table below."))
    return redirect("file-columns", pk=page.file.pk)


def _render(
    request: PersonRequest,
    page: _Page,
    problems: dict[str, str],
    *,
    status: int = 200,
    fragment: bool = False,
) -> HttpResponse:
    file, kind, look = page.file, page.kind, page.look
    document = documents.changed(page.document, page.choices, kind, look.header)
    read = _readable(document, kind)
    lines = matching.lines(
        page.choices, look, kind, file.company, read, file.outcome.get("unknown", {}), problems
    )
    context = {
        "file": file,
        "kind": kind,
        "look": look,
        "origin": page.origin,
        "last": page.last,
        "is_own": page.is_own and not problems,
        "lines": lines,
        "meanings": [line for line in lines if line.meanings],
        "columns": [
            (f"column-{place}", name, samples[0] if samples else "")
            for place, (name, samples) in enumerate(zip(look.header, look.samples, strict=True))
        ],
        "unused": matching.unused(page.choices, look),
        "choices": page.choices,
        "problems": problems,
        "rules": _rules(kind, page.choices),
        "dates": _options(DATE_FORMATS, page.choices.date),
        "numbers": _options(NUMBER_FORMATS, page.choices.number),
        "fractions": _options(FRACTIONS, page.choices.fractions),
        "keeps_fractions": page.choices.fractions is None,
        "toml": page.text or documents.dump(document),
        "toml_error": page.text_error,
        "reading": _reading(look, page.choices),
        "steps": parts.steps(file, at="columns"),
        "crumbs": parts.crumbs(
            crumb(file.name, reverse("file-detail", args=[file.pk])), crumb(_("Match columns"))
        ),
    }
    template = "customers/_file_seen.html" if fragment else "customers/file_columns.html"
    return render(request, template, context, status=status)


def _readable(document: Document, kind: Kind) -> Mapping:
    try:
        return receiving.parse(documents.dump(document), kind)
    except RefusedFileError:
        return Mapping()


def _options(found: dict[str, Any], chosen: str | None) -> list[tuple[str, Any, bool]]:
    options = [(code, label, code == chosen) for code, label in found.items()]
    if chosen is not None and chosen not in found:
        options.append((chosen, chosen, True))
    return options


def _rules(kind: Kind, choices: Choices) -> list[dict[str, Any]]:
    found = []
    for name in kind.rules:
        label, words = RULE_WORDS[name]
        now = choices.rules.get(name, RULES[name][0])
        found.append(
            {
                "name": name,
                "label": label,
                "options": [
                    (matching.rule_code(value), words[value], value == now) for value in RULES[name]
                ],
            }
        )
    return found


def _reading(look: Look, choices: Choices) -> dict[str, Any]:
    """How the file is read now, and how it could be."""
    given = choices.file.get("encoding", "")
    return {
        "encodings": [(name, name.upper(), name == given) for name in ENCODINGS],
        "delimiters": [
            ("tab" if sign == "\t" else sign, DELIMITER_WORDS[sign], sign == look.delimiter)
            for sign in DELIMITERS
        ],
        "delimiter": DELIMITER_WORDS[look.delimiter],
        "sheets": [(name, name == (look.sheet or look.sheets[0])) for name in look.sheets],
        "line": look.header_line,
        "encoding": look.encoding.upper(),
        "is_sheet": bool(look.sheets),
    }
