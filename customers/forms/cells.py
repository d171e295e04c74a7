"""Fields of retailers that can be changed in the list itself: nothing that decides about quotas."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from config.common.lists import InlineEdit
from customers.models import BiweeklyOrder, CodeKind, Retailer
from customers.selectors.names import Names
from customers.selectors.retailers import list_codes
from customers.services.cells import change_cell, stored

Make = Callable[[Retailer, User], forms.Field]


def _weekday(row: Retailer, user: User) -> forms.Field:
    names = Names()
    days = [(day, names.text({"order_weekday": day})) for day in range(1, 8)]
    return forms.TypedChoiceField(
        choices=[("", _("No fixed day")), *days], coerce=int, empty_value=None, required=False
    )


def _weeks(row: Retailer, user: User) -> forms.Field:
    return forms.ChoiceField(choices=BiweeklyOrder.choices, required=False)


def _address(row: Retailer, user: User) -> forms.Field:
    return forms.CharField(max_length=200, required=False)


def _trade_area(row: Retailer, user: User) -> forms.Field:
    items = list_codes(user)[CodeKind.TRADE_AREA]
    present = row.trade_area
    if present is not None and present.pk not in dict(items):
        items = [(present.pk, present.name), *items]
    return forms.TypedChoiceField(
        choices=[("", "–"), *items], coerce=int, empty_value=None, required=False
    )


def _edit(code: str, field: str, make: Make) -> InlineEdit:
    def save(row: Retailer, new: Any, seen: Any, user: User) -> None:
        change_cell(pk=row.pk, field=field, value=new, seen=seen, by=user)

    return InlineEdit(
        code=code,
        permission=Permission.EDIT_RETAILERS,
        field=make,
        value=lambda row: stored(row, field),
        save=save,
    )


EDITS = (
    _edit("weekday", "order_weekday", _weekday),
    _edit("weeks", "biweekly", _weeks),
    _edit("address", "address", _address),
    _edit("trade-area", "trade_area", _trade_area),
)
