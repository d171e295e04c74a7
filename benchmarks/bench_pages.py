"""Times the retailer list with 60,000 retailers: `python benchmarks/bench_pages.py`.

A database of its own is made, filled and dropped. Requests go through Django's whole stack in
one process (middleware, session, queries, template); the reference is the one SELECT that brings
the page's rows, sent by hand. Goals: at most 12 queries and 150 ms in the median.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

REPEATS = 15
GOAL_MS, GOAL_QUERIES = 150.0, 12
DATABASE = "lz_bench_pages"
ADDRESSES = {
    "retailer list": "/retailers/",
    "retailer list, last page's neighbour": "/retailers/?sort=recent",
    "retailer list, search of two Chinese characters": "/retailers/?q=%E4%B8%B4%E5%AE%89",
    "retailer list, search by initials": "/retailers/?q=laby",
    "retailer list, stage by purchases": "/retailers/?stage=maturity&sort=recent",
    "retailer list, ABC class and tiers": "/retailers/?abc=A&tier_from=20",
    "home": "/",
}


def run(retailers: int = 60_000) -> list[dict]:
    """All rows; on PostgreSQL where it answers, and on SQLite."""
    rows = []
    for engine in ("postgres", "sqlite"):
        rows += _engine_rows(engine, retailers)
    return rows


def _engine_rows(engine: str, retailers: int) -> list[dict]:
    path = ROOT / "var" / "bench-pages.sqlite3"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.demo"}
    environment.pop("POSTGRES_DB", None)
    if engine == "postgres":
        if subprocess.run(
            ["createdb", "-h", "127.0.0.1", DATABASE], capture_output=True
        ).returncode:
            return [{"name": "pages, PostgreSQL", "note": "not reachable, or the database exists"}]
        environment["POSTGRES_DB"] = DATABASE
    else:
        environment["SQLITE_PATH"] = str(path)
    try:
        command = [sys.executable, __file__, "--child", str(retailers)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, cwd=ROOT, timeout=900
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        found = json.loads(done.stdout.strip().splitlines()[-1])
    finally:
        if engine == "postgres":
            subprocess.run(["dropdb", "-h", "127.0.0.1", DATABASE], capture_output=True)
        else:
            for file in path.parent.glob("bench-pages.sqlite3*"):
                file.unlink()
    for row in found:
        row["name"] += f", {retailers:,} retailers, {engine}"
    return found


def _child(retailers: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    call_command("migrate", verbosity=0)
    user = _fill(retailers)
    print(json.dumps(_measure(user)))


def _fill(retailers: int):
    import datetime as dt

    import numpy as np
    from django.db import connection

    from accounts.models import User
    from accounts.services import create_company, ensure_unit
    from brands.models import RetailerMonth
    from config.common import bulk, jobs, nights, periods
    from customers.models import Retailer
    from segmentation.models import SegmentationRun
    from segmentation.services import publish_run

    company = create_company(code="bench", name="基准市")
    lines = [
        ensure_unit(company=company, names=[f"{c}县", f"{d}部", f"{n}线"])
        for c in range(7)
        for d in range(4)
        for n in range(5)
    ]
    first, second = "云临金福东南西北安平", "安泽源兴隆顺达和美丰"
    Retailer.objects.bulk_create(
        [
            Retailer(
                company=company,
                code=f"R{number:06d}",
                name=f"{first[number % 10]}{second[number // 10 % 10]}{number % 997}便民烟酒店",
                search_key=f"r{number:06d} {first[number % 10]}{second[number // 10 % 10]}"
                f"{number % 997}便民烟酒店 la{number % 997}bm",
                line=lines[number % len(lines)],
                department=lines[number % len(lines)].parent,
                county=lines[number % len(lines)].parent.parent,
            )
            for number in range(retailers)
        ],
        batch_size=2000,
    )
    ids = np.array(sorted(Retailer.objects.values_list("id", flat=True)))
    random = np.random.default_rng(1)
    size = random.lognormal(3, 1, retailers)
    for period in periods.period_range(202411, 202610):
        cartons = random.poisson(size)
        bulk.insert_columns(
            RetailerMonth,
            {
                "company_id": np.full(retailers, company.pk),
                "period": np.full(retailers, period),
                "retailer_id": ids,
                "orders": np.full(retailers, 4),
                "products": np.full(retailers, 20),
                "cartons": cartons,
                "amount_cents": cartons * 12_000,
            },
        )
    night = nights.start_night(
        company_id=company.pk, business_date=dt.date(2026, 10, 31), stages=["segments"]
    )
    jobs.run(night.children.get().pk)
    user = User.objects.create_user("bench", "x" * 16, role="planner", company=company)
    for run_ in SegmentationRun.objects.all():
        publish_run(run=run_, by=user)
    with connection.cursor() as cursor:
        # What autovacuum does a minute later anyway.
        cursor.execute("ANALYZE")
    return user


def _measure(user) -> list[dict]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(user)
    rows = []
    for name, address in ADDRESSES.items():
        response = client.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        with CaptureQueriesContext(connection) as context:
            client.get(address)
        queries = list(context.captured_queries)
        longest = max(queries, key=lambda query: float(query["time"]))["sql"]
        ours = _median_ms(lambda address=address: client.get(address))
        bare = _median_ms(lambda sql=longest: _bare(connection, sql))
        rows.append(
            {
                "name": name,
                "ours": round(ours, 1),
                "reference": round(bare, 2),
                "ratio": round(ours / bare, 1) if bare else None,
                "unit": "ms",
                "goal": f"<= {GOAL_MS:.0f} ms, <= {GOAL_QUERIES} queries",
                "ok": ours <= GOAL_MS and len(queries) <= GOAL_QUERIES,
                "note": f"{len(queries)} queries; reference: its longest SELECT alone",
            }
        )
    return rows


def _bare(connection, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("%", "%%"))
        cursor.fetchall()


def _median_ms(call) -> float:
    times = []
    for _ in range(REPEATS):
        start = perf_counter()
        call()
        times.append((perf_counter() - start) * 1000)
    return median(times)


if __name__ == "__main__":
    if "--child" in sys.argv:
        _child(int(sys.argv[-1]))
    else:
        for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else 60_000):
            print(row)
