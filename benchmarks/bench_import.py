"""Times the import of order lines against a bare bulk load: `python benchmarks/bench_import.py [--rows N]`.

A CSV file of order lines (15,020 retailers, 56 products, about 10 lines an order) is imported, file to
committed rows with every check, and then the very same rows of orders and lines are loaded into the same
indexed tables without looking at them: binary COPY from memory on PostgreSQL, `executemany` of ready
tuples in one transaction on SQLite. Every run has a fresh copy of a prepared database; ours and floor
take turns, each in a process of its own; medians count. `run()` returns the rows for `benchmarks/run.py`.
"""

import argparse
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

RETAILERS, PRODUCTS, PER_ORDER = 15_020, 56, 10
GOAL = 0.5
TURNS = 3
TABLES = ("brands_order", "brands_orderline")


def run(
    rows: int = 1_000_000,
    *,
    quick: bool = False,
    engines: tuple[str, ...] = ("postgres", "sqlite"),
) -> list[dict[str, Any]]:
    """One row per engine; one that does not answer is left out and said so."""
    if quick:
        rows = min(rows, 50_000)
    found = []
    with tempfile.TemporaryDirectory(prefix="bench-import-") as name:
        folder = Path(name)
        for engine in engines:
            if engine == "postgres" and not postgres_answers():
                print("bench_import: PostgreSQL does not answer; SQLite only", file=sys.stderr)
                continue
            found.append(measure(engine, folder, rows, turns=1 if quick else TURNS))
    return found


def measure(engine: str, folder: Path, rows: int, *, turns: int) -> dict[str, Any]:
    """Prepared database, then import and floor in turn."""

    def step(name: str) -> dict[str, Any]:
        command = [sys.executable, __file__, "--step", name, "--engine", engine]
        command += ["--folder", str(folder), "--rows", str(rows), "--name", str(os.getpid())]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"step {name} on {engine} failed:\n{done.stderr[-3000:]}")
        said = json.loads(done.stdout.strip().splitlines()[-1])
        print(f"  {engine} {name}: {said}", file=sys.stderr, flush=True)
        return dict(said)

    ours, floor = [], []
    step("prepare")
    try:
        for _turn in range(turns):
            ours.append(step("ours"))
            floor.append(step("floor"))
    finally:
        step("drop")
    mine, bare = (median(it["seconds"] for it in runs) for runs in (ours, floor))
    return {
        "name": f"import of {rows:,} order lines, {engine}",
        "ours": round(rows / mine),
        "reference": round(rows / bare),
        "ratio": round(bare / mine, 2),
        "unit": "rows/s",
        "goal": f"≥ {GOAL} of the speed of a bare load",
        "ok": bare / mine >= GOAL,
        "note": f"{mine:.1f} s against {bare:.1f} s, {len(ours)} turns, "
        f"peak {max(it['peak_mb'] for it in ours):.0f} MB",
    }


def postgres_answers() -> bool:
    """True when a server is there."""
    import psycopg2

    try:
        psycopg2.connect(**server("postgres")).close()
    except psycopg2.OperationalError:
        return False
    return True


def server(database: str) -> dict[str, Any]:
    return {
        "dbname": database,
        "user": os.environ.get("POSTGRES_USER", "root"),
        "password": os.environ.get("POSTGRES_PASSWORD", ""),
        "host": os.environ.get("POSTGRES_HOST", "127.0.0.1"),
        "port": os.environ.get("POSTGRES_PORT", "5432"),
        "connect_timeout": 3,
    }


class Place:
    """Names of the databases and files of one benchmark."""

    def __init__(self, engine: str, folder: Path, name: str) -> None:
        self.engine = engine
        self.file = folder / "orders.csv"
        self.loaded = folder / f"loaded-{engine}"
        if engine == "postgres":
            self.template, self.work = f"lz_bench_import_t{name}", f"lz_bench_import_{name}"
        else:
            self.template, self.work = str(folder / "template.db"), str(folder / "work.db")

    def fresh(self) -> None:
        """An untouched copy of the prepared database."""
        if self.engine == "sqlite":
            for ending in ("", "-wal", "-shm"):
                Path(self.work + ending).unlink(missing_ok=True)
            shutil.copyfile(self.template, self.work)
            return
        self.execute(
            f"DROP DATABASE IF EXISTS {self.work}",
            f"CREATE DATABASE {self.work} TEMPLATE {self.template}",
        )

    def execute(self, *statements: str) -> None:
        import psycopg2

        link = psycopg2.connect(**server("postgres"))
        link.autocommit = True
        with link.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        link.close()

    def use(self, database: str) -> None:
        """Start Django on a database."""
        import django
        from django.conf import settings

        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
        if self.engine == "postgres":
            os.environ["TEST_DATABASE"] = "postgres"
        settings.DATABASES["default"]["NAME"] = database
        django.setup()


def prepare(place: Place, rows: int) -> dict[str, Any]:
    """The file, and a database with retailers and products."""
    if not place.file.exists():
        write_file(place.file, rows)
    if place.engine == "postgres":
        place.execute(
            f"DROP DATABASE IF EXISTS {place.template}", f"CREATE DATABASE {place.template}"
        )
    place.use(place.template)
    from decimal import Decimal

    from django.core.management import call_command
    from django.db import connection

    from accounts.services import create_company
    from brands.models import Manufacturer, PriceClass, Product
    from customers.models import Retailer

    call_command("migrate", verbosity=0, skip_checks=True)
    company = create_company(code="BENCH", name="Bench")
    Retailer.objects.bulk_create(
        [Retailer(company=company, code=f"R{i:05d}", name=f"R{i}") for i in range(RETAILERS)]
    )
    maker = Manufacturer.objects.create(name="M")
    Product.objects.bulk_create(
        [
            Product(
                code=f"P{i:03d}",
                name=f"P{i}",
                manufacturer=maker,
                price_class=PriceClass.objects.order_by("position")[0],
                wholesale_price=Decimal(100 + i),
                retail_price=Decimal(120 + i),
            )
            for i in range(PRODUCTS)
        ]
    )
    if place.engine == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return {"bytes": place.file.stat().st_size}


def write_file(path: Path, rows: int) -> None:
    """Order lines as an ordering system writes them: order by order, day by day."""
    import numpy as np

    rng = np.random.default_rng(20261121)
    orders = rows // PER_ORDER
    days = np.datetime64("2026-09-01") + np.sort(rng.integers(0, 61, orders))
    retailers = rng.integers(0, RETAILERS, orders)
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(
            "order_no,line_no,ordered_on,retailer_code,product_code,ordered_cartons,"
            "needed_cartons,quota_cartons,unit_price,amount\n"
        )
        written = 0
        for order in range(orders):
            many = int(rng.integers(5, 16)) if order < orders - 1 else rows - written
            many = min(many, rows - written, PRODUCTS)
            head = f"D{20260901000 + order}"
            shop = f"{days[order]},R{retailers[order]:05d}"
            chosen = rng.permutation(PRODUCTS)[:many].tolist()
            cartons = rng.integers(1, 41, many).tolist()
            lines = []
            for number, (product, count) in enumerate(zip(chosen, cartons, strict=True), start=1):
                price = 100 + product
                lines.append(
                    f"{head},{number},{shop},P{product:03d},{count},{count + 3},{count + 9},"
                    f"{price}.50,{count * price + count // 2}.{'50' if count % 2 else '00'}\n"
                )
            written += many
            stream.write("".join(lines))


def ours(place: Place, rows: int) -> dict[str, Any]:
    """The import, as the command runs it; what it stored is kept for the floor."""
    place.fresh()
    place.use(place.work)
    from accounts.models import Company
    from config.common.periods import business_today
    from customers.importers import engine, mapping, registry

    company = Company.objects.get(code="BENCH")
    before = perf_counter()
    outcome = engine.run(
        kind=registry.get("orders"),
        path=place.file,
        mapping=mapping.Mapping(),
        company=company,
        options=engine.Options(errors_path=place.file.with_suffix(".errors.csv")),
        today=business_today(),
        by=None,
    )
    seconds = perf_counter() - before
    lines = sum(1 for _line in place.file.open("rb")) - 1
    if (outcome.imported, outcome.rejected) != (lines, 0):
        raise RuntimeError(f"{lines} lines, but {outcome.line}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if not place.loaded.exists():
        keep(place)
    return {"seconds": seconds, "peak_mb": peak, "lines": lines}


def keep(place: Place) -> None:
    """Store the imported rows in the form in which the floor loads them fastest."""
    from django.db import connection

    place.loaded.mkdir()
    with connection.cursor() as cursor:
        for table in TABLES:
            target = place.loaded / table
            if place.engine == "postgres":
                order = "period, order_id, line_no" if table.endswith("line") else "id"
                with target.open("wb") as stream:
                    cursor.copy_expert(
                        f"COPY (SELECT * FROM {table} ORDER BY {order}) TO STDOUT (FORMAT binary)",
                        stream,
                    )
    if place.engine == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(place.work, place.loaded / "database")


def floor(place: Place, rows: int) -> dict[str, Any]:
    """The same rows into the same tables, unseen."""
    place.fresh()
    place.use(place.work)
    seconds = floor_postgres(place) if place.engine == "postgres" else floor_sqlite(place)
    return {"seconds": seconds}


def floor_postgres(place: Place) -> float:
    from django.db import connection, transaction

    bodies = {table: (place.loaded / table).read_bytes() for table in TABLES}
    connection.ensure_connection()
    before = perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for table, body in bodies.items():
            cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT binary)", io.BytesIO(body))
    return perf_counter() - before


def floor_sqlite(place: Place) -> float:
    import gc
    import sqlite3

    from django.db import connection, transaction

    source = sqlite3.connect(place.loaded / "database")
    bodies = {
        TABLES[0]: source.execute(f"SELECT * FROM {TABLES[0]} ORDER BY id").fetchall(),
        TABLES[1]: source.execute(
            f"SELECT * FROM {TABLES[1]} ORDER BY period, order_id, line_no"
        ).fetchall(),
    }
    source.close()
    gc.freeze()
    connection.ensure_connection()
    before = perf_counter()
    with transaction.atomic():
        raw = connection.connection.cursor()
        for table, tuples in bodies.items():
            marks = ", ".join("?" * len(tuples[0]))
            raw.executemany(f"INSERT INTO {table} VALUES ({marks})", tuples)
        raw.close()
    return perf_counter() - before


def drop(place: Place, rows: int) -> dict[str, Any]:
    """Leave nothing behind."""
    if place.engine == "postgres":
        place.execute(
            f"DROP DATABASE IF EXISTS {place.work}", f"DROP DATABASE IF EXISTS {place.template}"
        )
    return {}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engine", action="append", choices=["postgres", "sqlite"])
    parser.add_argument("--step", choices=["prepare", "ours", "floor", "drop"])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--name", default="")
    options = parser.parse_args()
    engines = tuple(options.engine or ("postgres", "sqlite"))
    if options.step:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
        place = Place(engines[0], options.folder, options.name)
        steps = {"prepare": prepare, "ours": ours, "floor": floor, "drop": drop}
        print(json.dumps(steps[options.step](place, options.rows)))
        return
    for row in run(options.rows, engines=engines):
        print(
            f"{row['name']}: {row['ours']:,} against {row['reference']:,} {row['unit']}, "
            f"ratio {row['ratio']} ({row['goal']}: {'ok' if row['ok'] else 'SHORT'}); {row['note']}"
        )


if __name__ == "__main__":
    main()
