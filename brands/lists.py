"""The list of products, as it is declared for the one mechanism of lists (ADR 5)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission
from brands import selectors
from brands.models import Product, ProductMonth
from config.common import lists, periods
from config.common.lists import Badge, Column, Empty, ListSpec, Sort, attribute
from config.common.periods import period_text
from config.common.units import cartons_to_boxes

ANY = ("", _("All"))
CODE = Sort("code", "code", _("Code"), str)
NAME = Sort("name", "name", _("Name"), str)


class ProductSource:
    """Columns and filters of the catalogue, with the sales of the last closed month."""

    def fields(self, user: User) -> dict[str, forms.Field]:
        makers, classes = selectors.product_choices(user)
        states = [("active", _("In the catalogue")), ("closed", _("No longer sold"))]
        return {
            "manufacturer": _choice(_("Manufacturer"), makers),
            "price_class": _choice(_("Price class"), classes),
            "status": _choice(_("Status"), states),
            "key": forms.BooleanField(label=_("Key brands only"), required=False),
        }

    def apply(
        self, queryset: QuerySet[Product], wanted: dict[str, Any], user: User
    ) -> QuerySet[Product]:
        found = selectors.filter_products(queryset, {**wanted, "q": ""})
        return found.filter(is_key_brand=True) if wanted.get("key") else found

    def columns(self, user: User) -> list[Column]:
        return [
            Column("code", _("Code"), attribute("code"), "code", sort=CODE),
            Column("name", _("Name"), attribute("name"), "name", sort=NAME, link=True),
            Column("key", _("Key brand"), _key_brands, "badge"),
            Column("manufacturer", _("Manufacturer"), attribute("manufacturer.name")),
            Column(
                "price_class",
                _("Price class"),
                attribute("price_class.name"),
                "code",
                code_of=(_("Code of the price class"), attribute("price_class.code")),
            ),
            Column(
                "wholesale", _("Wholesale price (yuan)"), attribute("wholesale_price"), "decimal"
            ),
            Column("retail", _("Retail price (yuan)"), attribute("retail_price"), "decimal"),
            *_sales_columns(user),
            Column("status", _("Status"), _statuses, "badge"),
        ]


def _choice(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[ANY, *choices])


def _key_brands(rows: Sequence[Product], user: User) -> dict[int, Badge]:
    return {row.pk: Badge(str(_("Key brand")), "info", "star") for row in rows if row.is_key_brand}


def _statuses(rows: Sequence[Product], user: User) -> dict[int, Badge]:
    sold, ended = Badge(str(_("In the catalogue")), "good"), Badge(str(_("No longer sold")))
    return {row.pk: sold if row.is_active else ended for row in rows}


def _sales_columns(user: User) -> list[Column]:
    if not selectors.may_see_sales(user):
        return []
    period = periods.last_closed(selectors.figures_day(user))
    month = period_text(period)

    def boxes(row: ProductMonth) -> Decimal:
        return cartons_to_boxes(row.cartons)

    def read(rows: Sequence[Product], reader: User, what: Any) -> Mapping[int, Any]:
        found = lists.once(
            "product-sales",
            rows,
            reader,
            lambda: selectors.product_sales(reader, list(rows), period),
        )
        return {pk: what(row) for pk, row in found.items()}

    return [
        Column(
            "sales",
            lazystr(_("Sales %(month)s (boxes)") % {"month": month}),
            lambda rows, reader: read(rows, reader, boxes),
            "decimal",
            definition=_("Orders less returns of the last closed month, in boxes of 250 cartons."),
        ),
        Column(
            "buyers",
            _("Retailers that bought"),
            lambda rows, reader: read(rows, reader, lambda row: row.retailers),
            "whole",
            definition=_("How many retailers ordered this product in the last closed month."),
        ),
    ]


def _search(rows: QuerySet[Product], text: str, user: User) -> QuerySet[Product]:
    return selectors.filter_products(rows, {"q": text})


def _counted(number: int) -> str:
    return ngettext("%(n)s product", "%(n)s products", number) % {"n": f"{number:,}"}


PRODUCTS = ListSpec(
    name="products",
    title=_("Products"),
    permission=Permission.VIEW_PRODUCTS,
    url_name="product-list",
    rows=selectors.list_products,
    source=ProductSource(),
    default=CODE,
    counted=_counted,
    search=_search,
    search_label=_("Code, name or pinyin initials"),
    link=lambda row: reverse("product-detail", args=[row.pk]),
    label=lambda row: f"{row.code} {row.name}",
    empty=Empty(
        _("No product here"), _("Products come from a file uploaded under Files."), "package"
    ),
    presets=lambda user: [
        (_("Key brands"), "key=on&status=active"),
        (_("No longer sold"), "status=closed"),
    ],
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    lists.register(PRODUCTS)
