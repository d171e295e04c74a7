"""Builds the whole demo city in one transaction."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction

from accounts.models import Company, User
from accounts.services import create_company
from allocation.models import SupplyCap
from brands.models import Order, OrderBatch, OrderLine
from config.common import periods
from config.management.demo import names
from config.management.demo.calendar import trade_calendar
from config.management.demo.catalogue import Catalogue, build_catalogue
from config.management.demo.orders import SOURCE, OrderWriter, new_batch
from config.management.demo.organisation import DEMO_CODE, build_people, build_tree, user_name
from config.management.demo.population import draw_shops, draw_taste
from config.management.demo.reset import delete_company_data
from config.management.demo.retailers import build_retailers
from config.management.demo.series import City

SCARCE_PRICE = 380.0
SCARCE_SHARE = 0.9
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wish:
    """What was asked for. ``until`` None means today for a new city, and "as it is" for an old one."""

    retailers: int
    months: int
    seed: int
    today: dt.date
    until: dt.date | None = None
    company_code: str = DEMO_CODE

    @property
    def last_day(self) -> dt.date:
        """The last day with orders."""
        return self.until or self.today

    @property
    def first_day(self) -> dt.date:
        """The first day of the first of ``months`` closed months."""
        closed = periods.last_closed(self.last_day)
        return periods.first_day(periods.shift(closed, 1 - self.months))


@dataclass(frozen=True)
class Seeded:
    """The city as it is now, and whether this call made it."""

    company: Company
    retailers: int
    months: int
    seed: int
    until: dt.date
    orders: int
    lines: int
    content_hash: str
    is_new: bool


class SeedError(Exception):
    """The city cannot be made; the message says why and what to do."""


def seed_city(
    wish: Wish, *, reset: bool, say: Tell, weeks: Callable[[int], None] = lambda _n: None
) -> Seeded:
    """Make the demo city; if it is there already, change nothing.

    Args:
        wish: How large, from which seed, until when.
        reset: Delete the demo company's data first.
        say: Told each step.
        weeks: Told how many further weeks of orders have been written.

    Raises:
        SeedError: The company is a real one, or another city is there.
    """
    company = Company.objects.filter(code=wish.company_code).first()
    if company is not None and not company.is_demo:
        raise SeedError(
            f"The company {wish.company_code} is not a demo company; its data stay untouched. "
            "Choose another code with --company."
        )
    if company is not None and not reset:
        existing = seeded_city(company)
        if existing is not None:
            return _unchanged(existing, wish)
    with transaction.atomic():
        seeded = _build(company, wish, reset=reset, say=say, weeks=weeks)
    _analyse()
    return seeded


def _unchanged(existing: Seeded, wish: Wish) -> Seeded:
    same = (existing.retailers, existing.months, existing.seed) == (
        wish.retailers,
        wish.months,
        wish.seed,
    )
    if not same or (wish.until is not None and wish.until != existing.until):
        raise SeedError(
            f"The demo company {wish.company_code} holds another city ({existing.retailers} "
            f"retailers, {existing.months} months, seed {existing.seed}, until {existing.until}). "
            "Use --reset to replace it."
        )
    return existing


def _build(
    company: Company | None,
    wish: Wish,
    *,
    reset: bool,
    say: Tell,
    weeks: Callable[[int], None],
) -> Seeded:
    if company is None:
        name = names.COMPANY + ("" if wish.company_code == DEMO_CODE else f" {wish.company_code}")
        company = create_company(code=wish.company_code, name=name, is_demo=True)
    elif reset:
        say(f"deleted {delete_company_data(company):,} rows of the old city")
    rng = np.random.default_rng([wish.seed, 1])
    first, last = np.datetime64(wish.first_day, "D"), np.datetime64(wish.last_day, "D")
    shops = draw_shops(rng, wish.retailers, first, last)
    catalogue = build_catalogue(wish.last_day)
    tree = build_tree(company, wish.retailers)
    managers = build_people(company, tree, rng)
    retailer_ids = build_retailers(company, shops, tree, managers, rng)
    say(
        f"{len(retailer_ids):,} retailers on {len(tree.lines)} lines in {len(tree.counties)} counties"
    )
    city = City(
        shops=shops,
        taste=draw_taste(np.random.default_rng([wish.seed, 2]), shops, catalogue.prices),
        prices=catalogue.prices,
        launched=catalogue.launched,
        calendar=trade_calendar(wish.first_day, wish.last_day),
        first_day=wish.first_day,
        last_day=wish.last_day,
        seed=wish.seed,
    )
    batch = new_batch(company, "")
    writer = OrderWriter(company, retailer_ids, catalogue, batch)
    digest = writer.write(city, weeks)
    _agree_supply(company, catalogue, writer, wish.last_day)
    batch.orders, batch.lines = writer.orders, writer.lines
    batch.label = _label(wish, digest)
    batch.save()
    say(f"{writer.orders:,} orders with {writer.lines:,} lines")
    return Seeded(
        company,
        wish.retailers,
        wish.months,
        wish.seed,
        wish.last_day,
        writer.orders,
        writer.lines,
        digest,
        is_new=True,
    )


def _agree_supply(
    company: Company, catalogue: Catalogue, writer: OrderWriter, last_day: dt.date
) -> None:
    """The manufacturers give less of the dearest products than is asked for."""
    planner = User.objects.get(username=user_name(company, "planner"))
    closed = periods.last_closed(last_day)
    months = periods.period_range(periods.shift(closed, -2), closed)
    mean = np.mean([writer.cartons(month) for month in months], axis=0)
    for position in np.flatnonzero(catalogue.prices >= SCARCE_PRICE).tolist():
        for ahead in (0, 1):
            SupplyCap.objects.create(
                company=company,
                period=periods.shift(periods.period_of(last_day), ahead),
                product_id=int(catalogue.ids[position]),
                cartons=int(mean[position] * SCARCE_SHARE),
                reason="工业协议货源（演示）",
                created_by=planner,
            )


# The batch of the orders remembers how they were made; no table is needed for it.
_LABEL = re.compile(
    r"seed_demo retailers=(\d+) months=(\d+) seed=(\d+) until=(\d{4}-\d\d-\d\d) hash=([0-9a-f]{64})"
)


def _label(wish: Wish, digest: str) -> str:
    return (
        f"seed_demo retailers={wish.retailers} months={wish.months} seed={wish.seed} "
        f"until={wish.last_day} hash={digest}"
    )


def seeded_city(company: Company) -> Seeded | None:
    """The city that a company holds, or None."""
    for batch in OrderBatch.objects.filter(company=company, channel=SOURCE).order_by("-pk"):
        match = _LABEL.fullmatch(batch.label)
        if match:
            return Seeded(
                company,
                int(match[1]),
                int(match[2]),
                int(match[3]),
                dt.date.fromisoformat(match[4]),
                batch.orders,
                batch.lines,
                match[5],
                is_new=False,
            )
    return None


def _analyse() -> None:
    """Tell PostgreSQL what has come, or the first night plans its queries for empty tables."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            for model in (Order, OrderLine):
                cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
