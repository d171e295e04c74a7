"""Figures on pages whose unit a person may switch: 条 / 件 / 箱, and 元 / 万元 (static/js/units.js).

The page is written in the unit it suggests, so that it is right without JavaScript; the base value travels
along, and the browser writes it in the unit this person chose.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from config.common.units import CARTONS_PER_BOX, CARTONS_PER_CASE

NOTHING = "–"
YUAN_PER_WAN = 10_000

QUANTITIES: dict[str, tuple[int, Promise]] = {
    "cartons": (1, gettext_lazy("cartons")),
    "cases": (CARTONS_PER_CASE, gettext_lazy("cases")),
    "boxes": (CARTONS_PER_BOX, gettext_lazy("boxes")),
}
MONEY: dict[str, tuple[int, Promise]] = {
    "yuan": (1, gettext_lazy("yuan")),
    "wan": (YUAN_PER_WAN, gettext_lazy("10,000 yuan")),
}
PER_BOX: dict[str, tuple[int, Promise]] = {
    "yuan": (1, gettext_lazy("yuan per box")),
    "wan": (YUAN_PER_WAN, gettext_lazy("10,000 yuan per box")),
}


def quantity(
    cartons: Any, shown_in: str = "cartons", *, places: int = 0, bare: bool = False
) -> SafeString | str:
    """Cartons (条) in the unit the page suggests, ready to be switched.

    Args:
        cartons: Cartons; None shows a dash.
        shown_in: ``cartons``, ``cases`` or ``boxes``.
        places: Decimals while it is shown in cartons, for means and shares.
        bare: Without the name of the unit, for a column whose head says it (``unit_name``).
    """
    if cartons in (None, ""):
        return NOTHING
    value = Decimal(str(cartons))
    return _figure("cartons", value, QUANTITIES, shown_in, places=places, bare=bare)


def amount(
    cents: Any, shown_in: str = "yuan", *, places: int = 2, bare: bool = False
) -> SafeString | str:
    """Cents (分) as money in the unit the page suggests, ready to be switched.

    Args:
        cents: Whole cents; None shows a dash.
        shown_in: ``yuan`` or ``wan`` (万元).
        places: Decimals while it is shown in yuan.
        bare: Without the name of the unit.
    """
    if cents in (None, ""):
        return NOTHING
    return _figure("yuan", Decimal(int(cents)) / 100, MONEY, shown_in, places=places, bare=bare)


def per_box(cents: Any, cartons: Any, *, bare: bool = False) -> SafeString | str:
    """Sales per box (单箱销售额): money of an average box, ready to be switched.

    Args:
        cents: What was sold, cents.
        cartons: What was sold, cartons; nothing or less shows a dash.
        bare: Without the name of the unit.
    """
    if cents in (None, "") or not cartons or int(cartons) <= 0:
        return NOTHING
    yuan = Decimal(int(cents)) / 100 / int(cartons) * CARTONS_PER_BOX
    return _figure("yuan_per_box", yuan, PER_BOX, "yuan", places=0, bare=bare)


def unit_name(kind: str, shown_in: str = "") -> SafeString:
    """The name of a unit alone, for the head of a column: ``cartons``, ``yuan`` or ``yuan_per_box``."""
    names = {"cartons": QUANTITIES, "yuan": MONEY, "yuan_per_box": PER_BOX}[kind]
    shown = shown_in or next(iter(names))
    template = '<span data-unit-of="{}" data-shown-in="{}">{}</span>'
    return format_html(template, kind, shown, names[shown][1])


def _figure(
    kind: str,
    value: Decimal,
    units: dict[str, tuple[int, Promise]],
    shown_in: str,
    *,
    places: int,
    bare: bool,
) -> SafeString:
    factor, name = units[shown_in]
    exact = Decimal(1).scaleb(-(places if factor == 1 else 2))
    text = f"{(value / factor).quantize(exact, ROUND_HALF_UP):,}"
    head = format_html(
        'class="lz-num" data-quantity="{}" data-value="{}" data-shown-in="{}" data-places="{}"',
        kind,
        f"{value.normalize():f}",
        shown_in,
        places,
    )
    if bare:
        return format_html("<span {}>{}</span>", head, text)
    return format_html(
        '<span {}><span data-figure>{}</span> <span class="lz-unit" data-unit>{}</span></span>',
        head,
        text,
        name,
    )
