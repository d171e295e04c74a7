"""What brands knows of a retailer's past: its orders, by day."""

from collections.abc import Iterator

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.roles import Permission
from brands.selectors.order_days import OrderDay, order_days
from config.common import timeline
from config.common.figures import amount, quantity
from config.common.timeline import Before, Entry, Provider, day_start
from customers.models import Retailer


def find_orders(_user: User, retailer: Retailer, before: Before, limit: int) -> Iterator[Entry]:
    """One entry a day, however many orders it had."""
    for day in order_days(retailer, before.last_day, limit):
        yield Entry(
            at=day_start(day.day),
            key=0,
            title=_title(day),
            text=", ".join(_orders(day)),
            icon="" if day.orders else "ban",
            day_only=True,
        )


def _title(day: OrderDay) -> SafeString | str:
    if not day.orders:
        return _("Order cancelled")
    word = _("Returned") if day.cartons < 0 else _("Ordered")
    cartons, money = quantity(abs(day.cartons)), amount(abs(day.amount_cents))
    return format_html("{} {} · {}", word, cartons, money)


def _orders(day: OrderDay) -> list[str]:
    if day.number:
        return [_("Order %(number)s") % {"number": day.number}]
    found = []
    if day.orders:
        found.append(ngettext("%(n)d order", "%(n)d orders", day.orders) % {"n": day.orders})
    if day.cancelled:
        words = ngettext("%(n)d cancelled", "%(n)d cancelled", day.cancelled)
        found.append(words % {"n": day.cancelled})
    return found


def register() -> None:
    """Called from ``AppConfig.ready``."""
    timeline.register(
        Provider(
            kind="order",
            label=gettext_lazy("Orders"),
            icon="shopping-cart",
            permission=Permission.VIEW_SALES,
            order=60,
            find=find_orders,
        )
    )
