"""What a pushed order is, and whether it makes sense for this company."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Company
from brands.core.order_days import order_days
from brands.models import LineKind, Product
from customers.models import Retailer


@dataclass(frozen=True)
class PushedLine:
    """A line as it was sent; a return has negative cartons; money in cents."""

    line_no: int
    product_code: str
    ordered_cartons: int
    kind: int = LineKind.SALE
    needed_cartons: int | None = None
    quota_cartons: int | None = None
    unit_price_cents: int | None = None
    amount_cents: int | None = None

    @property
    def total_cents(self) -> int | None:
        """The amount, or cartons times price; None when neither was sent."""
        if self.amount_cents is not None:
            return self.amount_cents
        if self.unit_price_cents is None:
            return None
        return self.unit_price_cents * self.ordered_cartons


@dataclass(frozen=True)
class PushedOrder:
    """A version of an order as it was sent."""

    order_no: str
    retailer_code: str
    ordered_on: dt.date
    revision: int = 0
    cancelled: bool = False
    lines: tuple[PushedLine, ...] = ()


@dataclass(frozen=True)
class PushResult:
    """What became of one pushed order; ``code``, ``field`` and ``detail`` say why it was refused."""

    order_no: str
    revision: int
    status: str
    code: str = ""
    field: str = ""
    detail: str = ""


@dataclass(frozen=True)
class AcceptedOrder:
    """An order whose codes are resolved to ids."""

    order: PushedOrder
    retailer_id: int
    product_ids: tuple[int, ...]


@dataclass(frozen=True)
class KnownCodes:
    """Codes of this push that exist, with their ids."""

    retailers: dict[str, int]
    products: dict[str, int]


def look_up(company: Company, orders: Sequence[PushedOrder]) -> KnownCodes:
    """The ids of the retailers of this company and of the products that the orders name."""
    retailers = {order.retailer_code for order in orders}
    products = {line.product_code for order in orders for line in order.lines}
    return KnownCodes(
        dict(
            Retailer.objects.filter(company=company, code__in=retailers).values_list("code", "pk")
        ),
        dict(Product.objects.filter(code__in=products).values_list("code", "pk")),
    )


def check_order(
    order: PushedOrder, known: KnownCodes, today: dt.date
) -> AcceptedOrder | PushResult:
    """The order with ids, or why it cannot be taken.

    Lines of a cancelled order are checked like others, but not kept: nothing was sold.
    """
    problem = _header_problem(order, known, today) or _lines_problem(order, known)
    if problem is not None:
        code, field, detail = problem
        return PushResult(order.order_no, order.revision, "refused", code, field, detail)
    lines = () if order.cancelled else order.lines
    return AcceptedOrder(
        order,
        known.retailers[order.retailer_code],
        tuple(known.products[line.product_code] for line in lines),
    )


_Problem = tuple[str, str, str]


def _header_problem(order: PushedOrder, known: KnownCodes, today: dt.date) -> _Problem | None:
    if order.retailer_code not in known.retailers:
        text = _("There is no retailer %(code)s.") % {"code": order.retailer_code}
        return "unknown_retailer", "retailer_code", text
    first, last = order_days(today)
    if not first <= order.ordered_on <= last:
        text = _("The order day must lie between %(first)s and %(last)s.") % {
            "first": first.isoformat(),
            "last": last.isoformat(),
        }
        return "date_out_of_range", "ordered_on", text
    if not order.lines and not order.cancelled:
        return "no_lines", "lines", _("An order needs at least one line.")
    return None


def _lines_problem(order: PushedOrder, known: KnownCodes) -> _Problem | None:
    seen: set[int] = set()
    for index, line in enumerate(order.lines):
        problem = _line_problem(line, known)
        if problem is None and line.line_no in seen:
            text = _("Line number %(number)s stands twice in this order.") % {
                "number": line.line_no
            }
            problem = "duplicate_line", "line_no", text
        if problem is not None:
            code, field, detail = problem
            return code, f"lines[{index}].{field}", detail
        seen.add(line.line_no)
    return None


def _line_problem(line: PushedLine, known: KnownCodes) -> _Problem | None:
    if line.product_code not in known.products:
        text = _("There is no product %(code)s.") % {"code": line.product_code}
        return "unknown_product", "product_code", text
    return _cartons_problem(line) or _money_problem(line)


# The rules and codes of the two below are those of order files (brands.importers.order_columns).
def _cartons_problem(line: PushedLine) -> _Problem | None:
    if line.kind == LineKind.RETURN:
        if line.ordered_cartons < 0:
            return None
        return "positive_return", "ordered_cartons", _("A return must have negative cartons.")
    if line.ordered_cartons < 0:
        text = _("Only a return has negative cartons.")
        return "negative_sale", "ordered_cartons", text
    if line.kind == LineKind.SALE and not line.ordered_cartons and not line.needed_cartons:
        text = _("A sale of no cartons makes sense only with needed_cartons above zero.")
        return "negative_sale", "ordered_cartons", text
    return None


def _money_problem(line: PushedLine) -> _Problem | None:
    total = line.total_cents
    if total is None:
        return "no_amount", "amount", _("A line needs its amount or its unit price.")
    if line.amount_cents is None and line.unit_price_cents == 0:
        text = _("The unit price must be above zero where there is no amount.")
        return "price_not_positive", "unit_price", text
    if (total > 0) if line.kind == LineKind.RETURN else (total < 0):
        return "amount_sign", "amount", _("The amount must have the sign of the cartons.")
    return None
