"""A small city for tests of the night, and a writer of orders that leaves touches as importers do.

Everything follows from codes, never from primary keys: two cities of the same description hold the same
facts, in whatever sequence their rows were made.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from accounts.models import Company, User
from accounts.services import create_company, ensure_unit
from brands.models import (
    LineKind,
    Manufacturer,
    Order,
    OrderBatch,
    OrderLine,
    OrderStatus,
    PriceClass,
    Product,
    SalesTouch,
)
from config.common import nights, periods
from config.common.models import JobRun
from customers.models import Retailer

SALE, RETURN, CANCELLED = LineKind.SALE.value, LineKind.RETURN.value, LineKind.CANCELLED.value


@dataclass(frozen=True)
class Line:
    """Product code, cartons (negative for a return), cents, kind."""

    product: str
    cartons: int
    cents: int
    kind: int = SALE


@dataclass
class City:
    """A company and its rows by code."""

    company: Company
    retailers: dict[str, Retailer] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)

    @property
    def pk(self) -> int:
        return self.company.pk

    def person(self, name: str, role: str) -> User:
        user, _created = User.objects.get_or_create(
            username=f"{self.company.code}.{name}", defaults={"role": role, "company": self.company}
        )
        return user

    @property
    def planner(self) -> User:
        return self.person("planner", "planner")

    @property
    def approver(self) -> User:
        return self.person("approver", "approver")

    def place(
        self, order_no: str, retailer: str, day: dt.date, lines: Sequence[Line], *, status: str = ""
    ) -> Order:
        """Store an order or a new version of it, with touches of the old and the new month."""
        with transaction.atomic():
            old = Order.objects.filter(company=self.company, order_no=order_no).first()
            if old is not None:
                OrderLine.objects.filter(period=old.period, order_id=old.pk).delete()
                self._touch(old.retailer_id, old.period)
            batch, _created = OrderBatch.objects.get_or_create(company=self.company, channel="test")
            counted = [line for line in lines if line.kind != CANCELLED]
            order, _created = Order.objects.update_or_create(
                company=self.company,
                source="main",
                order_no=order_no,
                defaults={
                    "retailer": self.retailers[retailer],
                    "ordered_on": day,
                    "period": periods.period_of(day),
                    "status": status or OrderStatus.ACTIVE,
                    "line_count": len(lines),
                    "cartons": sum(line.cartons for line in counted),
                    "amount_cents": sum(line.cents for line in counted),
                    "batch": batch,
                },
            )
            OrderLine.objects.bulk_create(
                OrderLine(
                    period=order.period,
                    order=order,
                    line_no=number,
                    company=self.company,
                    retailer=self.retailers[retailer],
                    product=self.products[line.product],
                    ordered_on=day,
                    kind=line.kind,
                    ordered_cartons=line.cartons,
                    unit_price_cents=10_000,
                    amount_cents=line.cents,
                )
                for number, line in enumerate(lines, start=1)
            )
            self._touch(order.retailer_id, order.period)
        return order

    def cancel(self, order_no: str) -> None:
        """An order that did not happen: its lines stay, as cancelled ones."""
        with transaction.atomic():
            order = Order.objects.get(company=self.company, order_no=order_no)
            OrderLine.objects.filter(period=order.period, order_id=order.pk).update(kind=CANCELLED)
            order.status = OrderStatus.CANCELLED
            order.save()
            self._touch(order.retailer_id, order.period)

    def _touch(self, retailer_id: int, period: int) -> None:
        SalesTouch.objects.create(company=self.company, period=period, retailer_id=retailer_id)

    def night(
        self,
        day: dt.date,
        *,
        stages: list[str] | None = None,
        listener: Callable[[JobRun, int, int, str], None] | None = None,
    ) -> JobRun:
        """Run a night in this process."""
        row = nights.start_night(company_id=self.pk, business_date=day, stages=stages)
        return nights.run_inline(row, listener=listener)


def make_city(
    code: str = "city",
    *,
    retailers: int = 5,
    products: int = 3,
    shuffle: int | None = None,
) -> City:
    """A company with retailers R000… and products P000….

    Args:
        code: Of the company.
        retailers: How many.
        products: How many; the first are in price class 1.
        shuffle: Seed by which the rows are made in another sequence, after some others that shift the
            primary keys.
    """
    company = create_company(code=code, name=f"{code} company")
    city = City(company)
    rng = random.Random(shuffle)
    maker, _created = Manufacturer.objects.get_or_create(name="某中烟")
    classes = [
        PriceClass.objects.get_or_create(
            code=str(number), defaults={"name": f"{number}类", "position": number}
        )[0]
        for number in range(1, 6)
    ]
    retailer_numbers, product_numbers = list(range(retailers)), list(range(products))
    if shuffle is not None:
        other = create_company(code=f"{code}-other", name=f"{code} other")
        for number in range(7):
            Retailer.objects.create(company=other, code=f"X{number}", name="别家")
        rng.shuffle(retailer_numbers)
        rng.shuffle(product_numbers)
    line = ensure_unit(company=company, names=["东县", "一部", "一线"])
    for number in product_numbers:
        name = f"P{number:03d}"
        city.products[name] = Product.objects.get_or_create(
            code=name,
            defaults={
                "name": f"品规{number}",
                "manufacturer": maker,
                "price_class": classes[number % 5],
                "wholesale_price": 100 + number,
                "retail_price": 120 + number,
            },
        )[0]
    for number in retailer_numbers:
        name = f"R{number:03d}"
        city.retailers[name] = Retailer.objects.create(
            company=company,
            code=name,
            name=f"零售户{number}",
            line=line,
            opened_on=dt.date(2015, 1, 1) + dt.timedelta(days=37 * (number % 11)),
        )
    return city


def history(
    city: City, *, first: int = 202411, last: int = 202610, seed: int = 1, density: float = 0.7
) -> int:
    """Monthly orders of most retailers, from one seed and codes alone. Returns the number of lines."""
    rng = random.Random(seed)
    codes, products = sorted(city.retailers), sorted(city.products)
    size = {code: rng.lognormvariate(0, 0.8) for code in codes}
    taste = {code: rng.random() for code in products}
    lines = 0
    orders: list[tuple[str, str, dt.date, list[Line]]] = []
    for period in periods.period_range(first, last):
        for code in codes:
            if rng.random() > density + 0.2 * size[code]:
                continue
            day = _weekday(period, rng)
            chosen = [product for product in products if rng.random() < 0.3 + 0.6 * taste[product]]
            found = [
                Line(product, cartons := 1 + int(12 * size[code] * rng.random()), cartons * 10_000)
                for product in chosen
            ]
            orders.append((f"{period}-{code}", code, day, found))
            lines += len(found)
    store_orders(city, orders)
    return lines


def _weekday(period: int, rng: random.Random) -> dt.date:
    day = periods.first_day(period) + dt.timedelta(days=rng.randrange(26))
    return day - dt.timedelta(days=max(0, day.weekday() - 4)) if day.day > 2 else day


def store_orders(city: City, orders: Iterable[tuple[str, str, dt.date, list[Line]]]) -> None:
    """Many new orders at once, with one touch per retailer and month."""
    orders = list(orders)
    with transaction.atomic():
        batch, _created = OrderBatch.objects.get_or_create(company=city.company, channel="test")
        rows = Order.objects.bulk_create(
            Order(
                company=city.company,
                order_no=number,
                retailer=city.retailers[retailer],
                ordered_on=day,
                period=periods.period_of(day),
                line_count=len(lines),
                cartons=sum(line.cartons for line in lines),
                amount_cents=sum(line.cents for line in lines),
                batch=batch,
            )
            for number, retailer, day, lines in orders
        )
        OrderLine.objects.bulk_create(
            OrderLine(
                period=row.period,
                order_id=row.pk,
                line_no=position,
                company=city.company,
                retailer_id=row.retailer_id,
                product=city.products[line.product],
                ordered_on=row.ordered_on,
                kind=line.kind,
                ordered_cartons=line.cartons,
                unit_price_cents=10_000,
                amount_cents=line.cents,
            )
            for row, (_number, _retailer, _day, lines) in zip(rows, orders, strict=True)
            for position, line in enumerate(lines, start=1)
        )
        SalesTouch.objects.bulk_create(
            SalesTouch(company=city.company, period=period, retailer_id=pk)
            for pk, period in sorted({(row.retailer_id, row.period) for row in rows})
        )
