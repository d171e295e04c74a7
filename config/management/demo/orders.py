"""Writes the city's orders: a quarter of weeks at a time, all in the caller's transaction."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
from django.utils import timezone

from accounts.models import Company
from brands.core.content import line_hashes, sum_hashes
from brands.models import Order, OrderBatch, OrderLine, SalesTouch
from config.common import bulk
from config.management.demo.catalogue import Catalogue
from config.management.demo.population import Days, Ints
from config.management.demo.series import City, Orders

WEEKS_AT_ONCE = 13
SOURCE = "demo"
_ORDINAL_OF_EPOCH = 719_163


class OrderWriter:
    """Inserts orders, and hashes what they say (not which row numbers they got).

    Args:
        company: Whose orders.
        retailer_ids: Primary key of each shop.
        catalogue: The products.
        batch: The batch they belong to.
    """

    def __init__(
        self, company: Company, retailer_ids: Ints, catalogue: Catalogue, batch: OrderBatch
    ) -> None:
        self._company = company
        self._retailer_ids = retailer_ids
        self._catalogue = catalogue
        self._batch = batch
        self._digest = hashlib.sha256()
        self._touched: set[tuple[int, int]] = set()
        self._cartons: dict[int, Ints] = {}
        self.orders = 0
        self.lines = 0

    def write(self, city: City, tell: Callable[[int], None]) -> str:
        """Write every week; return the hash of the content.

        Args:
            city: Where the orders come from.
            tell: Told how many weeks have been written since the last call.
        """
        weeks = city.weeks()
        while block := list(islice(weeks, WEEKS_AT_ONCE)):
            self._write_block([week for week in block if len(week.shop)])
            tell(len(block))
        self._write_touches()
        return self._digest.hexdigest()

    def cartons(self, month: int) -> Ints:
        """Cartons written for a month, per product of the catalogue."""
        return self._cartons.get(month, np.zeros(len(self._catalogue.ids), dtype=np.int64))

    def _write_block(self, weeks: list[Orders]) -> None:
        if not weeks:
            return
        shop = np.concatenate([week.shop for week in weeks])
        day = np.concatenate([week.day for week in weeks])
        offsets = np.cumsum([0, *(len(week.shop) for week in weeks[:-1])])
        line_order = np.concatenate(
            [week.line_order + start for week, start in zip(weeks, offsets, strict=True)]
        )
        lines = {
            name: np.concatenate([getattr(week, name) for week in weeks])
            for name in ("line_no", "product", "kind", "cartons", "needed", "quota")
        }
        for values in (shop, day.astype(np.int64), line_order, *lines.values()):
            self._digest.update(values.astype("<i8").tobytes())
        self._insert(shop, day, line_order, lines)

    def _insert(self, shop: Ints, day: Days, line_order: Ints, lines: dict[str, Ints]) -> None:
        order_ids = bulk.reserve_ids(Order, len(shop))
        retailer = self._retailer_ids[shop]
        period = _period(day)
        cents = self._catalogue.cents[lines["product"]]
        amount = cents * lines["cartons"]
        product = self._catalogue.ids[lines["product"]]
        hashes = line_hashes(
            lines["line_no"],
            retailer[line_order],
            product,
            day[line_order].astype(np.int64) + _ORDINAL_OF_EPOCH,
            lines["kind"],
            lines["cartons"],
            lines["needed"],
            lines["quota"],
            cents,
            amount,
        )
        size = len(shop)
        starts = np.searchsorted(line_order, np.arange(size))
        bulk.insert_columns(
            Order,
            {
                "id": order_ids,
                "company_id": np.full(size, self._company.pk),
                "source": bulk.texts([SOURCE] * size),
                "order_no": bulk.texts(_order_numbers(day, shop)),
                "retailer_id": retailer,
                "ordered_on": day,
                "period": period,
                "status": bulk.texts(["active"] * size),
                "revision": np.zeros(size, dtype=np.int64),
                "line_count": np.bincount(line_order, minlength=size),
                "cartons": np.add.reduceat(lines["cartons"], starts),
                "amount_cents": np.add.reduceat(amount, starts),
                "content_hash": sum_hashes(hashes, starts),
                "batch_id": np.full(size, self._batch.pk),
            },
        )
        bulk.insert_columns(
            OrderLine,
            {
                "period": period[line_order],
                "order_id": order_ids[line_order],
                "line_no": lines["line_no"],
                "company_id": np.full(len(line_order), self._company.pk),
                "retailer_id": retailer[line_order],
                "product_id": product,
                "ordered_on": day[line_order],
                "kind": lines["kind"],
                "ordered_cartons": lines["cartons"],
                "needed_cartons": np.ma.masked_less(lines["needed"], 0),
                "quota_cartons": np.ma.masked_less(lines["quota"], 0),
                "unit_price_cents": cents,
                "amount_cents": amount,
            },
        )
        self.orders += size
        self.lines += len(line_order)
        self._touched.update(_pairs(period, retailer))
        for month in np.unique(period).tolist():
            here = period[line_order] == month
            sums = np.bincount(
                lines["product"][here],
                weights=lines["cartons"][here],
                minlength=len(self._catalogue.ids),
            )
            self._cartons[month] = self._cartons.get(month, 0) + sums.astype(np.int64)

    def _write_touches(self) -> None:
        touched = np.array(sorted(self._touched), dtype=np.int64).reshape(-1, 2)
        bulk.insert_columns(
            SalesTouch,
            {
                "company_id": np.full(len(touched), self._company.pk),
                "period": touched[:, 0],
                "retailer_id": touched[:, 1],
            },
        )


def new_batch(company: Company, label: str) -> OrderBatch:
    """The batch that the demo's orders belong to."""
    return OrderBatch.objects.create(
        company=company, channel=SOURCE, label=label, received_at=timezone.now()
    )


def _pairs(period: Ints, retailer: Ints) -> Iterator[tuple[int, int]]:
    pairs = np.unique(np.column_stack([period, retailer]), axis=0)
    return ((int(a), int(b)) for a, b in pairs)


def _period(day: Days) -> Ints:
    months = day.astype("datetime64[M]").astype(np.int64)
    return (1970 + months // 12) * 100 + months % 12 + 1


def _order_numbers(day: Days, shop: Ints) -> list[str]:
    days = np.datetime_as_string(day, unit="D")
    return [f"{a.replace('-', '')}{b + 1:06d}" for a, b in zip(days, shop.tolist(), strict=True)]
