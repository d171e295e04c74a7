"""Cells of lists as HTML. Fifty rows of twelve columns are too many for an include each."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
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
    kind = CLASSES.get(column.kind, "")
    if isinstance(value, Badge):
        inner = badge(value)
    elif text == NOTHING:
        inner = format_html('<span class="text-secondary">{}</span>', text)
    else:
        inner = format_html("{}", text)
    if link:
        inner = format_html('<a href="{}">{}</a>', link, inner)
    if editable is not None:
        return _editable(column, text, format_html("{}{}", inner, extra), editable)
    if column.kind in ("name", "text") and text != NOTHING:
        return format_html('<td class="lz-name" title="{}">{}</td>', text, inner)
    return format_html('<td class="{}">{}</td>', kind, inner)


def _editable(column: Column, text: str, inner: SafeString, value: Editable) -> SafeString:
    """Double click or the pencil open its field; without JavaScript the pencil leads to a page."""
    url = reverse("list-cell", args=[value.list_name, value.key, value.code])
    return format_html(
        '<td class="lz-cell {}" data-cell="{}" data-swap-409 title="{}">{}<a class="lz-cell-edit" href="{}" '
        'aria-label="{}: {}"><svg class="icon icon-sm" aria-hidden="true"><use href="{}#pencil"/></svg>'
        "</a></td>",
        "lz-name" if column.kind in ("name", "text") else CLASSES.get(column.kind, ""),
        url,
        "" if text == NOTHING else text,
        inner,
        url,
        _("Change"),
        column.label,
        static("vendor/icons.svg"),
    )


def badge(value: Badge) -> SafeString:
    """The same as ``components/_status_badge.html``."""
    icon = value.icon or ICONS.get(value.tone, "medal")
    return format_html(
        '<span class="badge lz-badge lz-{}"{}><svg class="icon icon-sm" aria-hidden="true">'
        '<use href="{}#{}"/></svg>{}</span>',
        value.tone,
        format_html(' title="{}"', value.title) if value.title else "",
        static("vendor/icons.svg"),
        icon,
        value.label,
    )
