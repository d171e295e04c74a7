"""Times the night against the bare floor: `python benchmarks/bench_night.py [--quick] [--engine sqlite]`.

A city of 15,020 retailers, 56 products and 24 months of orders (5.8 million lines) in a database of its
own, on PostgreSQL where it answers and on SQLite. Two nights are timed:

* the first night: every retailer and month is new, nothing is published;
* a usual night: one more day's orders (3,000 retailers), classes and this month's plan published.

The floor reads the very same input rows once by the same fastest way (binary COPY, fetchmany), makes one
numpy pass (bincount) over what it read, and writes the very same result rows into empty copies of the
same tables with the same keys. It decides nothing: no classes, no forecasts, no shares.

Every step runs in a process of its own, so that the peak memory is the night's own; night and floor
take turns. `run()` returns the rows for `benchmarks/run.py`.
"""

import argparse
import datetime as dt
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

GOAL_RATIO = 2.5
GOAL_MB = 1536.0
PRODUCTS = 56
FIRST_MONTH, LAST_MONTH = 202412, 202611
FIRST_NIGHT = "2026-11-21"
USUAL_NIGHTS = ("2026-11-23", "2026-11-24", "2026-11-25")
ORDERS_PER_MONTH = 2
LINES_PER_ORDER = 8


@dataclass(frozen=True)
class Row:
    """One comparison; ours and reference are seconds or megabytes."""

    name: str
    ours: float
    reference: float
    ratio: float
    unit: str
    goal: str
    ok: bool
    note: str = ""


# --- the parent: starts the steps and adds up ----------------------------------------------


def run(*, quick: bool = False, engines: tuple[str, ...] = ("postgres", "sqlite")) -> list[dict]:
    """All rows as dictionaries; an engine that does not answer is left out and said so."""
    rows: list[Row] = []
    for engine in engines:
        if engine == "postgres" and not postgres_answers():
            print("bench_night: PostgreSQL does not answer; SQLite only", file=sys.stderr)
            continue
        rows += measure(engine, retailers=1_500 if quick else 15_020, quick=quick)
    return [asdict(row) for row in rows]


def measure(engine: str, *, retailers: int, quick: bool) -> list[Row]:
    """Both nights on one engine."""
    with tempfile.TemporaryDirectory(prefix="bench-night-") as folder:
        database = (
            f"lz_bench_night_{os.getpid()}"
            if engine == "postgres"
            else str(Path(folder) / "bench.sqlite3")
        )
        step = stepper(engine, database, retailers)
        step("create")
        try:
            seeded = step("seed")
            step("keep")
            first, first_floor = [], []
            for turn in range(1 if quick else 2):
                if turn:
                    step("restore")
                first.append(step("night", FIRST_NIGHT))
                first_floor.append(step("floor_first"))
            step("publish")
            usual, usual_floor = [], []
            for day in USUAL_NIGHTS:
                step("add_day", day)
                usual.append(step("night", day))
                usual_floor.append(step("floor_usual", day))
        finally:
            step("drop")
    size = f"{retailers:,} retailers × {PRODUCTS} × 24 months, {seeded['lines']:,} lines"
    return [
        *rows_of(f"first night, {engine}, {size}", first, first_floor, quick=quick),
        *rows_of(
            f"usual night, {engine}, {retailers // 5:,} retailers ordered",
            usual,
            usual_floor,
            quick=quick,
        ),
    ]


def stepper(engine: str, database: str, retailers: int) -> Callable[..., dict[str, Any]]:
    """A function that runs one step in a fresh process and returns what it says."""

    def step(name: str, *words: str) -> dict[str, Any]:
        command = [sys.executable, __file__, "--step", name, "--engine", engine]
        command += ["--database", database, "--retailers", str(retailers), *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"step {name} on {engine} failed:\n{done.stderr[-3000:]}")
        said = json.loads(done.stdout.strip().splitlines()[-1])
        print(f"  {engine} {name} {' '.join(words)}: {said}", file=sys.stderr, flush=True)
        return dict(said)

    return step


def rows_of(name: str, nights: list[dict], floors: list[dict], *, quick: bool) -> list[Row]:
    """Time and memory of one kind of night; at the quick size, where constants weigh most, unjudged."""
    ours = median(night["seconds"] for night in nights)
    floor = median(found["seconds"] for found in floors)
    # Turn by turn: what else the machine does at that moment slows both down.
    ratio = median(
        night["seconds"] / found["seconds"] for night, found in zip(nights, floors, strict=True)
    )
    stages = " ".join(f"{stage} {s:.1f}" for stage, s in nights[-1]["stages"].items())
    note = f"{len(nights)} runs; {stages}; floor read {floors[-1]['read']:,}"
    note += f" and wrote {floors[-1]['written']:,} rows"
    peak = max(night["peak_mb"] for night in nights)
    floor_peak = max(found["peak_mb"] for found in floors)
    return [
        Row(
            name,
            round(ours, 3),
            round(floor, 3),
            round(ratio, 2),
            "s",
            "none at this size" if quick else f"≤ {GOAL_RATIO} × floor",
            quick or ratio <= GOAL_RATIO,
            note,
        ),
        Row(
            f"{name}: peak memory",
            round(peak),
            round(floor_peak),
            round(peak / floor_peak, 2),
            "MB",
            f"≤ {GOAL_MB:.0f} MB",
            peak <= GOAL_MB,
            "ru_maxrss of the night's own process",
        ),
    ]


def postgres_answers() -> bool:
    """True when a PostgreSQL server takes connections."""
    import psycopg2

    try:
        psycopg2.connect(**postgres_arguments("postgres"), connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def postgres_arguments(database: str) -> dict[str, Any]:
    return {
        "dbname": database,
        "host": os.environ.get("POSTGRES_HOST", "127.0.0.1"),
        "port": int(os.environ.get("POSTGRES_PORT") or 5432),
        "user": os.environ.get("POSTGRES_USER", "root"),
        "password": os.environ.get("POSTGRES_PASSWORD", ""),
    }


# --- the steps: each runs in its own process -----------------------------------------------


def set_up(engine: str, database: str) -> None:
    """Django with the settings of the suite, on the benchmark's own database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    os.environ["TEST_DATABASE"] = "postgres" if engine == "postgres" else "sqlite"
    import django

    from config.settings import test as settings  # noqa: TID251 - the database is our own

    settings.DATABASES["default"]["NAME"] = database
    settings.JOB_HEARTBEAT_SECONDS = 2  # as in production
    django.setup()


def create(engine: str, database: str) -> None:
    if engine == "postgres":
        maintain(f'CREATE DATABASE "{database}"')
    set_up(engine, database)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def drop(engine: str, database: str) -> None:
    if engine == "postgres":
        maintain(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        maintain(f'DROP DATABASE IF EXISTS "{database}_kept" WITH (FORCE)')


def keep(engine: str, database: str) -> None:
    """Put the seeded database aside, so that each first night finds the very same one."""
    if engine == "postgres":
        maintain(f'CREATE DATABASE "{database}_kept" TEMPLATE "{database}"')
        return
    set_up(engine, database)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copyfile(database, f"{database}.kept")


def restore(engine: str, database: str) -> None:
    if engine == "postgres":
        maintain(f'DROP DATABASE "{database}" WITH (FORCE)')
        maintain(f'CREATE DATABASE "{database}" TEMPLATE "{database}_kept"')
        return
    for ending in ("-wal", "-shm"):
        Path(database + ending).unlink(missing_ok=True)
    shutil.copyfile(f"{database}.kept", database)


def maintain(sql: str) -> None:
    import psycopg2

    server = psycopg2.connect(**postgres_arguments("postgres"))
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(sql)
    server.close()


def seed(retailers: int) -> dict[str, Any]:
    from accounts.models import User
    from accounts.services import create_company, ensure_unit
    from brands.models import Manufacturer, OrderBatch, PriceClass, Product
    from config.common import periods
    from customers.models import Retailer

    company = create_company(code="bench", name="Bench")
    for name, role in (("planner", "planner"), ("approver", "approver")):
        User.objects.create(username=name, role=role, company=company)
    line = ensure_unit(company=company, names=["东县", "一部", "一线"])
    maker = Manufacturer.objects.create(name="某中烟")
    classes = [
        PriceClass.objects.get_or_create(
            code=str(number), defaults={"name": f"{number}类", "position": number}
        )[0]
        for number in range(1, 6)
    ]
    Product.objects.bulk_create(
        Product(
            code=f"P{number:03d}",
            name=f"品规{number}",
            manufacturer=maker,
            price_class=classes[number % 5],
            wholesale_price=100 + number,
            retail_price=120 + number,
        )
        for number in range(PRODUCTS)
    )
    Retailer.objects.bulk_create(
        (
            Retailer(company=company, code=f"R{number:05d}", name=f"店{number}", line=line)
            for number in range(retailers)
        ),
        batch_size=2000,
    )
    batch = OrderBatch.objects.create(company=company, channel="file")
    rng = np.random.default_rng(20261121)
    lines = 0
    for period in periods.period_range(FIRST_MONTH, LAST_MONTH):
        first = np.datetime64(periods.first_day(period))
        last_day = 20 if period == LAST_MONTH else 28
        days = first + np.arange(last_day)
        days = days[np.is_busday(days)]
        shops = np.repeat(np.arange(retailers), ORDERS_PER_MONTH)
        lines += add_orders(company, batch, rng, shops, rng.choice(days, len(shops)))
    analyse()
    return {"lines": lines}


def add_orders(company: Any, batch: Any, rng: Any, shops: Any, days: Any) -> int:
    """Orders of some shops on some days, all of one month, with the touches that importers leave."""
    from django.db import transaction

    from brands.models import LineKind, Order, OrderLine, Product, SalesTouch
    from config.common import bulk, periods
    from customers.models import Retailer

    retailer_id = np.array(Retailer.objects.order_by("code").values_list("id", flat=True))
    product_id = np.array(Product.objects.order_by("code").values_list("id", flat=True))
    size = np.random.default_rng(7).lognormal(0, 0.8, len(retailer_id))
    orders = len(shops)
    period = periods.period_of(days[0].astype("datetime64[D]").item())
    index = np.repeat(np.arange(orders), LINES_PER_ORDER)
    start = rng.integers(0, PRODUCTS, orders)
    step = np.arange(LINES_PER_ORDER) * 5
    product = ((start[:, None] + step).ravel() % PRODUCTS).astype(np.int64)
    cartons = 1 + rng.poisson(3 * size[shops[index]])
    price = 10_000 + product * 100

    def full(value: int, length: int) -> Any:
        return np.full(length, value, dtype=np.int64)

    with transaction.atomic():
        order_id = bulk.reserve_ids(Order, orders)
        bulk.insert_columns(
            Order,
            {
                "id": order_id,
                "company_id": full(company.pk, orders),
                "source": bulk.texts(["main"] * orders),
                "order_no": bulk.texts([f"{period}-{pk}" for pk in order_id.tolist()]),
                "retailer_id": retailer_id[shops],
                "ordered_on": days,
                "period": full(period, orders),
                "status": bulk.texts(["active"] * orders),
                "revision": full(0, orders),
                "line_count": full(LINES_PER_ORDER, orders),
                "cartons": np.bincount(index, cartons, orders).astype(np.int64),
                "amount_cents": np.bincount(index, cartons * price, orders).astype(np.int64),
                "content_hash": full(0, orders),
                "batch_id": full(batch.pk, orders),
            },
        )
        count = len(index)
        unknown = np.ma.masked_all(count, dtype=np.int64)
        bulk.insert_columns(
            OrderLine,
            {
                "period": full(period, count),
                "order_id": order_id[index],
                "line_no": np.tile(np.arange(1, LINES_PER_ORDER + 1), orders),
                "company_id": full(company.pk, count),
                "retailer_id": retailer_id[shops[index]],
                "product_id": product_id[product],
                "ordered_on": days[index],
                "kind": full(LineKind.SALE.value, count),
                "ordered_cartons": cartons,
                "needed_cartons": unknown,
                "quota_cartons": unknown,
                "unit_price_cents": price,
                "amount_cents": cartons * price,
            },
        )
        touched = np.unique(retailer_id[shops])
        bulk.insert_columns(
            SalesTouch,
            {
                "company_id": full(company.pk, len(touched)),
                "period": full(period, len(touched)),
                "retailer_id": touched,
            },
        )
    return count


def analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def add_day(retailers: int, day: str) -> dict[str, Any]:
    from accounts.models import Company
    from brands.models import OrderBatch

    rng = np.random.default_rng(int(day.replace("-", "")))
    # Just below a fifth of the shops, as on one of five order days.
    shops = np.sort(rng.choice(retailers, retailers // 5 - 1, replace=False))
    company, batch = Company.objects.get(), OrderBatch.objects.first()
    days = np.full(len(shops), np.datetime64(day))
    return {"lines": add_orders(company, batch, rng, shops, days)}


def night(day: str) -> dict[str, Any]:
    from django.core.checks import run_checks

    from accounts.models import Company
    from config.common import nights

    # Before its first job: a worker of Celery and `manage.py nightly` both do, and it imports every view and address.
    run_checks()
    started = perf_counter()
    row = nights.start_night(
        company_id=Company.objects.get().pk, business_date=dt.date.fromisoformat(day)
    )
    row = nights.run_inline(row)
    seconds = perf_counter() - started
    if row.status != "succeeded":
        raise SystemExit(f"the night ended as {row.status}: {row.error}")
    return {
        "seconds": seconds,
        "peak_mb": peak_mb(),
        "stages": {
            stage.kind.split(".")[1]: round(stage.seconds or 0, 3)
            for stage in row.children.order_by("position")
        },
        "result": row.result_hash[:12],
    }


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def publish() -> dict[str, Any]:
    from accounts.models import User
    from allocation.models import Plan
    from allocation.services import approve_plan, publish_plan
    from segmentation.models import SegmentationRun
    from segmentation.services import publish_run

    planner = User.objects.get(username="planner")
    for proposal in SegmentationRun.objects.all():
        publish_run(run=proposal, by=planner)
    plan = Plan.objects.get(period=LAST_MONTH)
    approver = User.objects.get(username="approver")
    approved = approve_plan(plan=plan, by=approver, seen_hash=plan.result_hash)
    publish_plan(plan=approved, by=planner)
    return {"quotas": plan.quota_rows}


# --- the floor -----------------------------------------------------------------------------

LINE_COLUMNS = {
    "retailer_id": "i8",
    "product_id": "i8",
    "order_id": "i8",
    "cartons": "i8",
    "amount_cents": "i8",
    "kind": "i2",
}
LINES_OF_MONTH = """SELECT retailer_id, product_id, order_id, ordered_cartons AS cartons, amount_cents, kind
    FROM brands_orderline WHERE period = %s AND company_id = %s"""
LINES_OF_DAY = """SELECT l.retailer_id, l.product_id, l.order_id, l.ordered_cartons AS cartons,
        l.amount_cents, l.kind
    FROM floor_touched t JOIN brands_order o ON o.retailer_id = t.retailer_id
     AND o.ordered_on BETWEEN %s AND %s
    JOIN brands_orderline l ON l.period = %s AND l.order_id = o.id"""
MONTHS = """SELECT retailer_id, period, cartons, amount_cents FROM brands_retailermonth
    WHERE company_id = %s"""
PURCHASES = """SELECT retailer_id, product_id, cartons FROM brands_monthlysales
    WHERE company_id = %s AND period BETWEEN %s AND %s"""


def result_tables() -> list[tuple[str, dict[str, str]]]:
    """Tables that a night fills, children first, with the types of their columns."""
    from allocation.models import DemandForecast, PlanLine, RetailerQuota, TierQuota
    from brands.models import MonthlySales, ProductMonth, RetailerMonth, SalesDay
    from segmentation.models import Assignment

    models = [RetailerQuota, TierQuota, PlanLine, DemandForecast, Assignment]
    models += [SalesDay, ProductMonth, RetailerMonth, MonthlySales]
    return [(model._meta.db_table, column_types(model)) for model in models]


def column_types(model: Any) -> dict[str, str]:
    from django.db import connection

    return {
        field.column: (field.db_type(connection) or "").split("(")[0].removesuffix(" unsigned")
        for field in model._meta.concrete_fields
    }


class Floor:
    """Reads, one pass, writes; holds the rows to write beforehand, and counts."""

    def __init__(self) -> None:
        from accounts.models import Company

        self.company = Company.objects.get().pk
        self.read = 0
        self.written = 0
        self.seconds = 0.0
        self.types = dict(result_tables())

    def rows(self, table: str, where: str = "1 = 1") -> dict[str, Any]:
        """Stored result rows as columns, to be written again."""
        from django.db import connection

        from config.common import bulk

        types = self.types[table]
        with connection.cursor() as cursor:
            names = ", ".join(f'"{name}"' for name in types)
            cursor.execute(f'SELECT {names} FROM "{table}" WHERE {where}')
            rows = cursor.fetchall()
        columns = list(zip(*rows, strict=True)) if rows else [() for _ in types]
        return {name: as_column(values, bulk) for name, values in zip(types, columns, strict=True)}

    def copy_of(self, table: str) -> str:
        """An empty copy of a table with the same keys."""
        from django.db import connection

        copy = f"floor_{table}"
        with connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE IF EXISTS "{copy}"')
            if connection.vendor == "postgresql":
                cursor.execute(f'CREATE TABLE "{copy}" (LIKE "{table}" INCLUDING ALL)')
                return copy
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL "
                "ORDER BY type DESC",
                [table],
            )
            for (sql,) in cursor.fetchall():
                renamed = sql.replace(f'"{table}"', f'"{copy}"', 1)
                cursor.execute(renamed.replace('INDEX "', 'INDEX "floor_', 1))
        return copy

    def select(self, sql: str, params: list[Any], dtypes: dict[str, str]) -> dict[str, Any]:
        from config.common import bulk

        found = bulk.read_columns(sql, params, dtypes)
        self.read += len(next(iter(found.values())))
        return found

    def write(self, copy: str, columns: dict[str, Any], types: dict[str, str]) -> None:
        from config.common import bulk

        self.written += bulk.insert_into(copy, columns, types)

    def common_reads(self) -> None:
        """What every night looks at: 24 months of totals, a quarter of purchases, who is who."""
        months = self.select(
            MONTHS,
            [self.company],
            {"retailer_id": "i8", "period": "i8", "cartons": "i8", "amount_cents": "i8"},
        )
        one_pass(months["retailer_id"], months["cartons"])
        bought = self.select(
            PURCHASES,
            [self.company, 202608, 202610],
            {"retailer_id": "i8", "product_id": "i8", "cartons": "i8"},
        )
        one_pass(bought["retailer_id"], bought["cartons"])
        self.plain("SELECT code, id, opened_on FROM customers_retailer WHERE company_id = %s")

    def published_reads(self) -> None:
        self.plain(
            "SELECT a.retailer_id, a.class_code FROM segmentation_assignment a "
            "JOIN segmentation_segmentationrun r ON r.id = a.run_id "
            "WHERE r.company_id = %s AND r.status = 'published'"
        )

    def plain(self, sql: str) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(sql, [self.company])
            self.read += len(cursor.fetchall())

    def result(self) -> dict[str, Any]:
        return {
            "seconds": self.seconds,
            "peak_mb": peak_mb(),
            "read": self.read,
            "written": self.written,
        }


def as_column(values: Any, bulk: Any) -> Any:
    sample = next((value for value in values if value is not None), None)
    if isinstance(sample, dt.date):
        return np.array(values, dtype="datetime64[D]")
    if isinstance(sample, bool) or not isinstance(sample, int | float):
        return bulk.texts([None if value is None else as_text(value) for value in values])
    if any(value is None for value in values):
        missing = np.array([value is None for value in values])
        return np.ma.array([value or 0 for value in values], mask=missing)
    return np.array(values)


def as_text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def one_pass(retailer_id: Any, cartons: Any) -> Any:
    return np.bincount(retailer_id, cartons)


def floor_first() -> dict[str, Any]:
    """Everything that the first night read and wrote."""
    from django.db import transaction

    from config.common import periods

    floor = Floor()
    months = periods.period_range(FIRST_MONTH, LAST_MONTH)
    monthly = (
        "brands_monthlysales",
        "brands_retailermonth",
        "brands_productmonth",
        "brands_salesday",
    )
    others = [table for table in floor.types if table not in monthly]
    copies = {table: floor.copy_of(table) for table in floor.types}
    stored = {table: floor.rows(table) for table in others}
    for period in months:
        # The rows to write are fetched beforehand; only reading, passing and writing are timed.
        rows = {table: floor.rows(table, f"period = {period}") for table in monthly}
        started = perf_counter()
        lines = floor.select(LINES_OF_MONTH, [period, floor.company], LINE_COLUMNS)
        one_pass(lines["retailer_id"], lines["cartons"])
        with transaction.atomic():
            for table in monthly:
                floor.write(copies[table], rows[table], floor.types[table])
        floor.seconds += perf_counter() - started
    started = perf_counter()
    floor.common_reads()
    with transaction.atomic():
        for table in reversed(others):
            floor.write(copies[table], stored[table], floor.types[table])
    floor.seconds += perf_counter() - started
    drop_copies(copies)
    return floor.result()


def floor_usual(day: str) -> dict[str, Any]:
    """What the usual night of a day read and wrote; it writes no classes and no quotas again."""
    from django.db import connection, transaction

    from brands.models import Order
    from config.common import bulk

    floor = Floor()
    touched = np.array(
        Order.objects.filter(ordered_on=day).values_list("retailer_id", flat=True).distinct()
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS floor_touched")
        cursor.execute("CREATE TABLE floor_touched (retailer_id bigint)")
    bulk.insert_into("floor_touched", {"retailer_id": touched}, {"retailer_id": "bigint"})
    chosen = f"period = {LAST_MONTH} AND retailer_id IN (SELECT retailer_id FROM floor_touched)"
    wanted = {
        "brands_monthlysales": chosen,
        "brands_retailermonth": chosen,
        "brands_productmonth": f"period = {LAST_MONTH}",
        "brands_salesday": f"period = {LAST_MONTH}",
        "allocation_demandforecast": "period > 202611",
    }
    copies = {table: floor.copy_of(table) for table in wanted}
    rows = {table: floor.rows(table, where) for table, where in wanted.items()}
    started = perf_counter()
    floor.select("SELECT retailer_id FROM floor_touched", [], {"retailer_id": "i8"})
    lines = floor.select(LINES_OF_DAY, ["2026-11-01", "2026-11-30", LAST_MONTH], LINE_COLUMNS)
    one_pass(lines["retailer_id"], lines["cartons"])
    floor.common_reads()
    floor.published_reads()
    with transaction.atomic():
        for table, columns in rows.items():
            floor.write(copies[table], columns, floor.types[table])
    floor.seconds = perf_counter() - started
    drop_copies({**copies, "": "floor_touched"})
    return floor.result()


def drop_copies(copies: dict[str, str]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for copy in copies.values():
            cursor.execute(f'DROP TABLE "{copy}"')


def do_step(options: argparse.Namespace) -> dict[str, Any]:
    """One step in this process."""
    on_the_server = {"create": create, "drop": drop, "keep": keep, "restore": restore}
    if options.step in on_the_server:
        on_the_server[options.step](options.engine, options.database)
        return {}
    set_up(options.engine, options.database)
    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "seed": lambda: seed(options.retailers),
        "add_day": lambda: add_day(options.retailers, options.words[0]),
        "night": lambda: night(options.words[0]),
        "publish": publish,
        "floor_first": floor_first,
        "floor_usual": lambda: floor_usual(options.words[0]),
    }
    return steps[options.step]()


def main() -> int:
    """Prints one row per comparison; exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="1,500 retailers, for a smoke test")
    parser.add_argument("--engine", choices=["postgres", "sqlite"], help="only this one")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    parser.add_argument("--retailers", type=int, default=15_020, help=argparse.SUPPRESS)
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(do_step(options)))
        return 0
    engines = (options.engine,) if options.engine else ("postgres", "sqlite")
    rows = run(quick=options.quick, engines=engines)
    for row in rows:
        mark = "ok  " if row["ok"] else "MISS"
        print(
            f"{mark} {row['name']}: {row['ours']:,} {row['unit']}, floor {row['reference']:,}, "
            f"ratio {row['ratio']} ({row['goal']}); {row['note']}"
        )
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
