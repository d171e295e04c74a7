"""Cells of lists as HTML. Fifty rows of twelve columns are too many for an include or ``format_html`` each.

Everything that is not written here goes through ``escape``; what has gone through it is a ``SafeString``.
"""

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.common.lists import Badge, Column, Editable, bare

NOTHING = "–"
ICONS = {
    "good": "circle-check",
    "warn": "alert-triangle",
    "bad": "circle-x",
    "run": "progress",
    "info": "info-circle",
    "neutral": "circle-dashed",
}
CLASSES = {
    "code": "lz-nowrap",
    "name": "lz-name",
    "whole": "numeric",
    "decimal": "numeric",
    "cents": "numeric",
    "percent": "numeric",
    "date": "lz-nowrap",
    "time": "lz-nowrap",
    "badge": "lz-nowrap",
}


def text_of(column: Column, value: Any) -> str:
    """A value as people read it, without markup."""
    value = bare(value)
    if value is None or value == "":
        return NOTHING
    if column.kind == "whole":
        return f"{int(value):,}"
    if column.kind == "decimal":
        return f"{Decimal(value):,.2f}"
    if column.kind == "cents":
        return f"{Decimal(int(value)) / 100:,.2f}"
    if column.kind == "percent":
        return f"{float(value) * 100:+.1f} %"
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return str(value)


def cell(column: Column, value: Any, link: str = "", extra: SafeString | str = "") -> SafeString:
    """A cell with its ``<td>``; one that is ``Editable`` can be changed in place, and may hold ``extra``."""
    editable = value if isinstance(value, Editable) else None
    value = bare(value)
    text = text_of(column, value)
    words = escape(text)
    if isinstance(value, Badge):
        inner: str = badge(value)
    elif text == NOTHING:
        inner = f'<span class="text-secondary">{words}</span>'
    else:
        inner = words
    if link:
        inner = f'<a href="{escape(link)}">{inner}</a>'
    if editable is not None:
        return _editable(column, text, f"{inner}{conditional_escape(extra)}", editable)
    if column.kind in ("name", "text") and text != NOTHING:
        return SafeString(f'<td class="lz-name" title="{words}">{inner}</td>')
    return SafeString(f'<td class="{CLASSES.get(column.kind, "")}">{inner}</td>')


def _editable(column: Column, text: str, inner: str, value: Editable) -> SafeString:
    """Double click or the pencil open its field; without JavaScript the pencil leads to a page."""
    url = escape(reverse("list-cell", args=[value.list_name, value.key, value.code]))
    kind = "lz-name" if column.kind in ("name", "text") else CLASSES.get(column.kind, "")
    title = "" if text == NOTHING else escape(text)
    return SafeString(
        f'<td class="lz-cell {kind}" data-cell="{url}" data-swap-409 title="{title}">{inner}<a class="lz-cell-edit" '
        f'href="{url}" aria-label="{escape(_("Change"))}: {escape(column.label)}"><svg class="icon icon-sm" '
        f'aria-hidden="true"><use href="{_icons()}#pencil"/></svg></a></td>'
    )


def badge(value: Badge) -> SafeString:
    """The same as ``components/_status_badge.html``."""
    icon = value.icon or ICONS.get(value.tone, "medal")
    title = f' title="{escape(value.title)}"' if value.title else ""
    return SafeString(
        f'<span class="badge lz-badge lz-{escape(value.tone)}"{title}><svg class="icon icon-sm" aria-hidden="true">'
        f'<use href="{_icons()}#{escape(icon)}"/></svg>{escape(value.label)}</span>'
    )


def _icons() -> str:
    return _icons_of(settings.STATIC_URL, settings.STORAGES["staticfiles"]["BACKEND"])


@cache
def _icons_of(static_url: str, backend: str) -> str:
    """Asked for every badge; another only where the settings are others."""
    return escape(static("vendor/icons.svg"))
