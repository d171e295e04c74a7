"""The columns of an order file, read strictly and checked row by row."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounts.models import Company
from brands.core.order_days import order_days
from brands.importers.columns import LINE_KINDS
from brands.models import LineKind, Product
from config.common.errors import RefusedFileError
from customers.importers.chunks import Chunk, Parsed
from customers.importers.fields import BadCellError, Reader, cents, code_up_to, one_of, whole
from customers.importers.mapping import Mapping
from customers.models import Retailer

Ints = NDArray[np.int64]
MAX_CARTONS = 1_000_000
MAX_PRICE_CENTS = 10_000_000_00
MAX_AMOUNT_CENTS = MAX_CARTONS * MAX_PRICE_CENTS
MISSING = np.iinfo(np.int64).min
SALE, RETURN = int(LineKind.SALE), int(LineKind.RETURN)


class Checked:
    """The rows of a chunk as arrays; only meaningful where ``chunk.good``."""

    def __init__(self, order_no: Parsed) -> None:
        self._order_no = order_no
        self.line_no: Ints
        self.day: NDArray[np.datetime64]
        self.retailer: Ints
        self.product: Ints
        self.cartons: Ints
        self.needed: Ints
        self.quota: Ints
        self.price: Ints
        self.amount: Ints
        self.kind: Ints

    def numbers_of(self, rows: Ints) -> tuple[Ints, list[str]]:
        """Order numbers of these rows: each distinct one once, and which of them each row has."""
        values = [value or "" for value in self._order_no.values]
        return self._order_no.codes[rows], values

    def orders_of(self, rows: Ints) -> tuple[Ints, list[str]]:
        """For each of these rows the index of its order, and the orders' numbers by first sight."""
        member, used = pd.factorize(self._order_no.codes[rows])
        numbers = [self._order_no.values[code] for code in used.tolist()]
        if len(set(numbers)) == len(numbers):
            return member, numbers
        # Written differently (blanks at the ends), yet the same number.
        place = {number: index for index, number in enumerate(dict.fromkeys(numbers))}
        same = np.array([place[number] for number in numbers], dtype=np.int64)
        return same[member], list(place)


class OrderColumns:
    """Reads chunks of order lines of one company."""

    order_no: Reader = staticmethod(code_up_to(60))

    def __init__(self, company: Company, mapping: Mapping, today: dt.date) -> None:
        self._mapping = mapping
        self._auto = mapping.rule("line_no") == "auto"
        retailers = Retailer.objects.filter(company=company).values_list("code", "pk")
        products = Product.objects.values_list("code", "pk")
        self._readers: dict[str, Reader] = {
            "order_no": mapping.named("order_no", self.order_no),
            "line_no": mapping.number(whole(1, 2**31 - 1)),
            "ordered_on": day_within(mapping.date("ordered_on"), *order_days(today)),
            "retailer_code": mapping.named(
                "retailer_code", known(dict(retailers), "unknown_retailer", company.name)
            ),
            "product_code": mapping.named(
                "product_code", known(dict(products), "unknown_product", "")
            ),
            "kind": one_of(LINE_KINDS),
        }
        for name, least, most in (
            ("unit_price", 0, MAX_PRICE_CENTS),
            ("amount", -MAX_AMOUNT_CENTS, MAX_AMOUNT_CENTS),
        ):
            money = cents(least, most, rounding=mapping.rounding.get(name, ""))
            self._readers[name] = mapping.number(money)
        for name, low in (
            ("ordered_cartons", -MAX_CARTONS),
            ("needed_cartons", 0),
            ("quota_cartons", 0),
        ):
            cartons = whole(low, MAX_CARTONS, rounding=mapping.rounding.get(name, ""))
            self._readers[name] = mapping.number(cartons)

    def check(self, chunk: Chunk) -> Checked:
        """Read every column and refuse the rows that make no sense by themselves."""
        if not self._auto and "line_no" not in chunk.columns:
            raise RefusedFileError(
                _("The column line_no is missing (or set line_no = “auto” in the mapping)."),
                code="missing_column",
            )
        checked = Checked(self._parse(chunk, "order_no"))
        if not self._auto:
            checked.line_no = self._numbers(chunk, "line_no", 0)
        checked.day = self._parse(chunk, "ordered_on").column(
            "datetime64[D]", np.datetime64("1970-01-01")
        )
        checked.retailer = self._numbers(chunk, "retailer_code", 0)
        checked.product = self._numbers(chunk, "product_code", 0)
        checked.cartons = self._numbers(chunk, "ordered_cartons", 0)
        checked.needed = self._numbers(chunk, "needed_cartons", -1, required=False)
        checked.quota = self._numbers(chunk, "quota_cartons", -1, required=False)
        checked.price = self._numbers(chunk, "unit_price", -1, required=False)
        checked.amount = self._numbers(chunk, "amount", MISSING, required=False)
        checked.kind = self._numbers(chunk, "kind", 0, required=False)
        self._check_kind(chunk, checked)
        self._check_money(chunk, checked)
        return checked

    def _parse(self, chunk: Chunk, name: str, *, required: bool = True) -> Parsed:
        return chunk.parse(name, self._readers[name], required=required)

    def _numbers(self, chunk: Chunk, name: str, missing: Any, *, required: bool = True) -> Ints:
        return self._parse(chunk, name, required=required).column("int64", missing)

    def _check_kind(self, chunk: Chunk, checked: Checked) -> None:
        negative = checked.cartons < 0
        unsaid = np.where(negative, RETURN, SALE) if self._by_sign else SALE
        checked.kind = np.where(checked.kind == 0, unsaid, checked.kind)
        is_return = checked.kind == RETURN
        chunk.reject(
            ~is_return & (negative | (checked.cartons == 0) & (checked.needed <= 0)),
            "ordered_cartons",
            "negative_sale",
            _(
                "a sale must have cartons above zero, or zero with needed_cartons above zero; a return "
                "is marked by kind"
            ),
        )
        chunk.reject(
            is_return & ~negative,
            "ordered_cartons",
            "positive_return",
            _("a return must have negative cartons"),
        )

    @property
    def _by_sign(self) -> bool:
        return bool(self._mapping.rule("kind_from_sign"))

    def _check_money(self, chunk: Chunk, checked: Checked) -> None:
        no_amount = checked.amount == MISSING
        chunk.reject(
            no_amount & (checked.price < 0),
            "amount",
            "no_amount",
            _("amount and unit_price are both empty; one is needed"),
        )
        chunk.reject(
            no_amount & (checked.price == 0),
            "unit_price",
            "price_not_positive",
            _("unit_price must be above zero where there is no amount"),
        )
        checked.amount = np.where(no_amount, checked.cartons * checked.price, checked.amount)
        wrong = np.where(checked.kind == RETURN, checked.amount > 0, checked.amount < 0)
        chunk.reject(
            wrong,
            "amount",
            "amount_sign",
            _("amount must be positive for a sale and negative for a return"),
        )


def day_within(read_date: Reader, first: dt.date, last: dt.date) -> Reader:
    """Reads a date between two days, both included."""

    def read(text: str) -> dt.date:
        day: dt.date = read_date(text)
        if not first <= day <= last:
            raise BadCellError(
                "date_out_of_range",
                _("must lie between %(first)s and %(last)s, got %(text)s")
                % {"first": first, "last": last, "text": repr(text[:60])},
            )
        return day

    return read


def known(ids: dict[str, int], code: str, company: str) -> Reader:
    """Reads the code of something that must be in our tables.

    Args:
        ids: Code to id.
        code: Reason code where it is not there.
        company: Whose retailers they are; empty for the catalogue.
    """

    def read(text: str) -> int:
        found = ids.get(text)
        if found is not None:
            return found
        shown = repr(text[:60])
        if company:
            why = _("%(code)s is not a retailer of %(company)s; import retailers first")
            raise BadCellError(code, why % {"code": shown, "company": company})
        raise BadCellError(
            code, _("%(code)s is not in the catalogue; import products first") % {"code": shown}
        )

    return read
