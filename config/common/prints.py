"""Sheets to print and sign: one way from a page to paper, and to a PDF where WeasyPrint is installed.

A sheet is a template that extends ``print.html``. The browser prints it; with ``?format=pdf`` the
server makes the PDF. WeasyPrint is optional (docs/production.md): without it the button is not there.
"""

import functools
import importlib
import logging
import mimetypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils._os import safe_join
from django.utils.functional import Promise
from django.utils.http import content_disposition_header

# Addresses in a sheet are relative to this; no such host exists, and nobody is asked for it.
ORIGIN = "https://sheet.invalid"
ORIGIN_PARTS = ("https", "sheet.invalid")


@dataclass(frozen=True)
class Sheet:
    """A sheet that can be printed from a page.

    Args:
        page: Name of the page that offers it: ``retailer``, ``plan``.
        label: What it is called, translated.
        url_name: Answers with the sheet; gets the arguments of the page.
        permission: Who may open it, a value of ``Permission``.
        order: Place in the menu, from small to large.
    """

    page: str
    label: Promise | str
    url_name: str
    permission: str
    order: int


_sheets: list[Sheet] = []


def register(sheet: Sheet) -> None:
    """Add a sheet to the menu "Print" of a page."""
    _sheets.append(sheet)


def sheets_of(page: str, permissions: Iterable[str], *args: Any) -> list[dict[str, Any]]:
    """The sheets of a page that a person may print, with their addresses."""
    allowed = set(permissions)
    found = [sheet for sheet in _sheets if sheet.page == page and sheet.permission in allowed]
    found.sort(key=lambda sheet: sheet.order)
    return [{"label": one.label, "url": reverse(one.url_name, args=args)} for one in found]


def render_sheet(
    request: HttpRequest, template: str, context: dict[str, Any], *, name: str
) -> HttpResponse:
    """The sheet inside the frame of a page, or as a PDF where the address asks for one.

    Args:
        request: Its query may hold ``format=pdf``.
        template: Extends ``print.html``.
        context: Of the template.
        name: File name of the PDF without its ending.
    """
    write = pdf_writer()
    if request.GET.get("format") != "pdf":
        query = request.GET.copy()
        query["format"] = "pdf"
        shown = {"frame": "base.html", "pdf_url": f"?{query.urlencode()}" if write else ""}
        return render(request, template, {**context, **shown})
    if write is None:
        # 406: this server has no such form of the page; a program must not take the answer for a PDF.
        missing = {"crumbs": context.get("crumbs", []), "sheet_url": request.path}
        return render(request, "print_no_pdf.html", missing, status=406)
    text = render_to_string(template, {**context, "frame": "print_bare.html"}, request)
    answer = HttpResponse(write(text), content_type="application/pdf")
    header = content_disposition_header(as_attachment=False, filename=f"{name}.pdf")
    answer["Content-Disposition"] = header or "inline"
    return answer


@functools.cache
def pdf_writer() -> Callable[[str], bytes] | None:
    """What makes a PDF of a page; None where WeasyPrint or its system libraries are missing."""
    try:
        weasyprint: Any = importlib.import_module("weasyprint")
        urls: Any = importlib.import_module("weasyprint.urls")
    except (ImportError, OSError):  # OSError: installed, but the machine has no pango
        return None
    logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)  # seven lines a sheet

    class StaticFetcher(urls.URLFetcher):  # type: ignore[misc]
        """Reads static files from disk and refuses every other address."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """The file of an address.

            Raises:
                ValueError: It is not one of our static files.
            """
            file = static_file(url)
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return urls.URLFetcherResponse(url, file.read_bytes(), {"Content-Type": kind})

    def write(text: str) -> bytes:
        page = weasyprint.HTML(string=text, base_url=f"{ORIGIN}/", url_fetcher=StaticFetcher())
        made: bytes = page.write_pdf()
        return made

    return write


def static_file(url: str) -> Path:
    """The file on disk of a static address.

    Raises:
        ValueError: The address is another host's, not below STATIC_URL, or no file.
    """
    parts = urlsplit(url)
    path = unquote(parts.path)
    if (parts.scheme, parts.netloc) != ORIGIN_PARTS or not path.startswith(settings.STATIC_URL):
        raise ValueError(f"Not a static file of ours: {url}")
    name = path.removeprefix(settings.STATIC_URL)
    try:
        collected = Path(safe_join(str(settings.STATIC_ROOT), name))
        found = str(collected) if collected.is_file() else finders.find(name)
    except SuspiciousFileOperation as error:
        raise ValueError(f"Not a static file of ours: {url}") from error
    if not isinstance(found, str) or not Path(found).is_file():
        raise ValueError(f"No such static file: {url}")
    return Path(found)
