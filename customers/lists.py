"""The list of retailers, as it is declared for the one mechanism of lists (ADR 5)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import OrgLevel, OrgUnit, User
from accounts.roles import Permission
from accounts.selectors import list_units
from config.common import lists
from config.common.lists import Badge, Column, Empty, ListSpec, Sort, attribute
from config.common.templatetags.lz import tone, weekday
from customers.forms import bulk
from customers.forms.cells import EDITS
from customers.models import CodeKind, LifeCycleStage, Retailer, RetailerStatus
from customers.selectors import retailers as reads
from customers.selectors.search import match_retailers

ANY = ("", _("All"))
NOBODY = "none"
WEEKDAYS = [
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
]
TRENDS = [
    ("falling", _("Falling by more than 10 %")),
    ("rising", _("Rising by more than 10 %")),
    ("stopped", _("Stopped")),
]

PLACES = [("with", _("With coordinates")), ("without", _("Without coordinates"))]


def choice(label: Any, choices: Any) -> forms.ChoiceField:
    """A filter with "All" in front."""
    return forms.ChoiceField(label=label, required=False, choices=[ANY, *choices])


class RetailerSource:
    """Columns and filters that customers itself knows."""

    def fields(self, user: User) -> dict[str, forms.Field]:
        units = list(list_units(user))
        codes = reads.list_codes(user)
        managers = [(pk, name) for pk, name in reads.list_managers(user)]
        return {
            "county": choice(_("County"), _unit_choices(units, OrgLevel.COUNTY)),
            "department": choice(_("Market department"), _unit_choices(units, OrgLevel.DEPARTMENT)),
            "line": choice(_("Line"), _unit_choices(units, OrgLevel.LINE)),
            "manager": choice(_("Customer manager"), [(NOBODY, _("Nobody")), *managers]),
            "status": choice(_("Status"), RetailerStatus.choices),
            "trend": choice(_("Purchases of 3 months"), TRENDS),
            "stage": choice(_("Life-cycle stage"), LifeCycleStage.choices),
            "format": choice(_("Format"), codes[CodeKind.FORMAT]),
            "market_type": choice(_("Market type"), codes[CodeKind.MARKET_TYPE]),
            "trade_area": choice(_("Trade area"), codes[CodeKind.TRADE_AREA]),
            "grade": choice(_("Compliance grade"), codes[CodeKind.COMPLIANCE]),
            "weekday": choice(_("Order weekday"), WEEKDAYS),
            "place": choice(_("Coordinates"), PLACES),
        }

    def apply(
        self, queryset: QuerySet[Retailer], wanted: dict[str, Any], user: User
    ) -> QuerySet[Retailer]:
        found = reads.filter_retailers(queryset, {**wanted, "q": ""})
        if wanted.get("manager") == NOBODY:
            found = found.filter(manager=None)
        elif wanted.get("manager"):
            found = found.filter(manager=wanted["manager"])
        if wanted.get("place"):
            found = found.filter(latitude__isnull=wanted["place"] == "without")
        # Whole numbers on both sides: a tenth less is 10·now < 9·before.
        if wanted.get("trend") == "falling":
            found = found.alias(now=F("recent_cartons") * 10, before=F("prior_cartons") * 9)
            return found.filter(prior_cartons__gt=0, now__lt=F("before"))
        if wanted.get("trend") == "rising":
            found = found.alias(now=F("recent_cartons") * 10, before=F("prior_cartons") * 11)
            return found.filter(now__gt=F("before"), recent_cartons__gt=0)
        if wanted.get("trend") == "stopped":
            return found.filter(prior_cartons__gt=0, recent_cartons__lte=0)
        return found

    def columns(self, user: User) -> list[Column]:
        return [
            Column("code", _("Code"), attribute("code"), "code", sort=CODE),
            Column("name", _("Name"), attribute("name"), "name", sort=NAME, link=True),
            Column("status", _("Status"), _statuses, "badge"),
            Column(
                "recent",
                _("Purchases of 3 months (cartons)"),
                attribute("recent_cartons"),
                "whole",
                sort=RECENT,
                definition=_(
                    "Net purchases of the last three closed months: orders less returns, in cartons."
                ),
            ),
            Column(
                "trend",
                _("On the 3 months before"),
                _trends,
                "percent",
                definition=_(
                    "Purchases of the last three closed months against the three months before them."
                ),
            ),
            Column(
                "stage",
                _("Life cycle"),
                attribute("get_life_cycle_stage_display"),
                definition=_(
                    "From the orders of each month: potential, development, growth, maturity, decline, "
                    "ended. The limits stand among the rules; every night finds the stage anew."
                ),
            ),
            Column(
                "county",
                _("County"),
                attribute("county.name"),
                "code",
                code_of=(_("County code"), attribute("county.code")),
            ),
            Column(
                "line",
                _("Line"),
                attribute("line.name"),
                code_of=(_("Line code"), attribute("line.code")),
            ),
            Column(
                "manager",
                _("Customer manager"),
                attribute("manager"),
                "code",
                code_of=(_("Log-in name"), attribute("manager.username")),
            ),
            Column("weekday", _("Orders on"), _weekdays, "code", edit="weekday"),
            Column("weeks", _("Order weeks"), _weeks, "code", edit="weeks"),
            *_code_columns(),
            Column("licence", _("Licence number"), attribute("licence_no"), "code", shown=False),
            Column("address", _("Address"), attribute("address"), shown=False, edit="address"),
            Column("opened", _("Opened on"), attribute("opened_on"), "date", shown=False),
        ]


CODE = Sort("code", "code", _("Code"), str)
NAME = Sort("name", "name", _("Name"), str)
RECENT = Sort(
    "recent", "recent_cartons", _("Purchases of 3 months (cartons)"), int, descending=True
)


def _statuses(rows: Sequence[Retailer], user: User) -> dict[int, Badge]:
    return {row.pk: Badge(row.get_status_display(), tone(row.status)) for row in rows}


def _weekdays(rows: Sequence[Retailer], user: User) -> dict[int, str | None]:
    return {row.pk: weekday(row.order_weekday) if row.order_weekday else None for row in rows}


def _weeks(rows: Sequence[Retailer], user: User) -> dict[int, str]:
    return {row.pk: row.get_biweekly_display() for row in rows}


def _code_columns() -> list[Column]:
    """Entries of code lists: their names, and in exports their codes."""
    named = [
        ("format", "format", _("Format"), _("Format code"), ""),
        ("market_type", "market_type", _("Market type"), _("Market type code"), ""),
        ("trade_area", "trade_area", _("Trade area"), _("Trade area code"), "trade-area"),
        ("grade", "compliance_grade", _("Compliance grade"), _("Compliance grade code"), ""),
    ]
    return [
        Column(
            code,
            label,
            attribute(f"{field}.name"),
            shown=False,
            code_of=(code_label, attribute(f"{field}.code")),
            edit=edit,
            needs=field,
        )
        for code, field, label, code_label, edit in named
    ]


def _trends(rows: Sequence[Retailer], user: User) -> dict[int, float | None]:
    return {
        row.pk: row.recent_cartons / row.prior_cartons - 1 if row.prior_cartons > 0 else None
        for row in rows
    }


def _unit_choices(units: list[OrgUnit], level: int) -> list[tuple[int, str]]:
    return [
        (unit.pk, unit.path.partition("/")[2] if level == OrgLevel.LINE else unit.path)
        for unit in units
        if unit.level == level
    ]


def _search(rows: QuerySet[Retailer], text: str, user: User) -> QuerySet[Retailer]:
    return match_retailers(rows, text, user)


def _counted(number: int) -> str:
    words = ngettext("%(n)s retailer", "%(n)s retailers", number)
    return words % {"n": f"{number:,}"}


def _presets(user: User) -> list[tuple[Any, str]]:
    return [
        (_("Purchases falling"), "trend=falling&status=active&sort=-recent"),
        (_("Purchases stopped"), "trend=stopped&status=active"),
        (_("Supply suspended"), "status=suspended"),
        (_("Without customer manager"), "manager=none&status=active"),
        (_("New shops (development)"), "stage=development"),
        (_("In decline"), "stage=decline&sort=-recent"),
    ]


def _search_label(user: User) -> Any:
    if Permission.VIEW_PERSONAL_DATA in user.permissions:
        return _("Code, name, pinyin initials, licence number or end of a phone number")
    return _("Code, name, pinyin initials or licence number")


RETAILERS = ListSpec(
    name="retailers",
    title=_("Retailers"),
    permission=Permission.VIEW_RETAILERS,
    url_name="retailer-list",
    rows=reads.list_retailers,
    source=RetailerSource(),
    default=CODE,
    counted=_counted,
    search=_search,
    search_label=_search_label,
    link=lambda row: reverse("retailer-detail", args=[row.pk]),
    label=lambda row: f"{row.code} {row.name}",
    primary=("county", "line", "abc", "status", "trend"),
    empty=Empty(
        _("No retailers yet"),
        _("They come from a file of retailers, uploaded under Files."),
        "building-store",
    ),
    presets=_presets,
    inline=EDITS,
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    lists.register(RETAILERS)
    bulk.register()
