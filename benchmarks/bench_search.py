"""Times the search box with 60,000 retailers on PostgreSQL: `python benchmarks/bench_search.py`.

A database of its own is made, filled with names as a city has them, and dropped. A request goes through
Django's whole stack in one process; the reference is the same request with the naive way of finding
retailers: ``LIKE '%…%'`` over all keys, without index and without ranking. Goals: at most 150 ms and
12 queries.
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

REPEATS = 11
GOAL_MS, GOAL_QUERIES = 150.0, 12
# What is typed: what it stands for.
TEXTS = {
    "": "box just opened, with 30 recent items",
    "便利": "two Chinese characters, in every fourth name",
    "星河": "two Chinese characters, in every twentieth name",
    "龙虎": "two Chinese characters that no name holds",
    "店": "one Chinese character, in most names",
    "xhj": "initials",
    "lyw 福来": "initials and two characters",
    "yz": "beginning of every code",
    "YZ031234": "code",
    "4301234": "beginning of a licence number",
    "7788": "last four digits of a telephone",
    "zzqq": "letters that nothing holds",
    "2026-11": "month",
}


def run(quick: bool = False) -> list[dict]:
    """All rows, where PostgreSQL answers."""
    retailers = 3_000 if quick else 60_000
    database = f"lz_bench_search_{os.getpid()}"
    if subprocess.run(["createdb", "-h", "127.0.0.1", database], capture_output=True).returncode:
        blank = dict.fromkeys(("ours", "reference", "ratio"))
        note = "PostgreSQL is not reachable"
        return [{"name": "search", **blank, "unit": "ms", "goal": "–", "ok": True, "note": note}]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "POSTGRES_DB": database,
    }
    try:
        command = [sys.executable, __file__, "--child", str(retailers)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, cwd=ROOT, timeout=1800
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return json.loads(done.stdout.strip().splitlines()[-1])
    finally:
        subprocess.run(["dropdb", "-h", "127.0.0.1", database], capture_output=True)


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
    rows = [_row(user, text, meaning, retailers) for text, meaning in TEXTS.items()]
    print(json.dumps([*rows, _writing(retailers)]))


def _fill(retailers: int):
    import numpy as np
    from django.db import connection

    from accounts.models import User
    from accounts.services import create_company, ensure_unit
    from config.management.demo import names
    from customers.models import Contact, Retailer
    from customers.services.retailers import retailer_search_key

    random = np.random.default_rng(7)
    company = create_company(code="bench", name="基准市")
    lines = [
        ensure_unit(company=company, names=[f"{c}县", f"{d}部", f"{n}线"])
        for c in range(7)
        for d in range(4)
        for n in range(5)
    ]
    towns = [names.town_of(int(number)) for number in random.integers(0, 400, retailers)]
    formats = list(random.choice(list(names.SUFFIX), retailers))
    licences = random.integers(0, 10**8, retailers)
    rows = []
    for number, name in enumerate(names.shop_names(random, formats, towns)):
        line = lines[number % len(lines)]
        text = {"code": f"YZ{number + 1:06d}", "name": name}
        text["licence_no"] = f"4301{licences[number]:08d}"
        key = retailer_search_key(**text)
        units = {"line": line, "department": line.parent, "county": line.parent.parent}
        rows.append(Retailer(company=company, **text, **units, search_key=key))
    Retailer.objects.bulk_create(rows, batch_size=2000)
    ids = Retailer.objects.order_by("code").values_list("pk", flat=True)
    phones = names.phone_numbers(random, retailers)
    Contact.objects.bulk_create(
        [
            Contact(retailer_id=pk, phone=phone, is_primary=True, is_key_man=True)
            for pk, phone in zip(ids, phones, strict=True)
        ],
        batch_size=2000,
    )
    user = User.objects.create_user("bench", "x" * 16, role="planner", company=company)
    _fill_rest(company, user, list(ids[:20]))
    with connection.cursor() as cursor:
        # What autovacuum does a minute later anyway.
        cursor.execute("ANALYZE")
    return user


def _fill_rest(company, user, retailers: list[int]) -> None:
    """Six hundred products, three years of plans, files, nights and recent items."""
    from accounts.services.recent import remember
    from allocation.models import Plan
    from brands.models import Manufacturer, PriceClass, Product
    from config.common import periods
    from config.common.models import JobRun
    from config.common.pinyin import search_key
    from customers.models import ImportedFile

    maker = Manufacturer.objects.create(name="基准中烟")
    price_class = PriceClass.objects.order_by("position").first()
    Product.objects.bulk_create(
        [
            Product(
                code=f"4301{number:04d}",
                name=f"星河{number}(软)",
                search_key=search_key(f"星河{number}(软)", f"4301{number:04d}"),
                manufacturer=maker,
                price_class=price_class,
                wholesale_price=100,
                retail_price=120,
                carton_barcode=f"69010283{number:05d}",
            )
            for number in range(600)
        ]
    )
    months = periods.period_range(202401, 202612)
    Plan.objects.bulk_create(
        [Plan(company=company, period=month, status="superseded") for month in months]
    )
    ImportedFile.objects.bulk_create(
        [
            ImportedFile(company=company, kind="orders", name=f"订单-{n}.csv", sha256="0", bytes=1)
            for n in range(3000)
        ]
    )
    JobRun.objects.bulk_create(
        [
            JobRun(kind="night", key=f"bench:{n}", company_id=company.pk, status="succeeded")
            for n in range(1000)
        ]
    )
    for pk in retailers:
        remember(kind="retailer", key=str(pk), by=user)
    for pk in Product.objects.values_list("pk", flat=True)[:6]:
        remember(kind="product", key=str(pk), by=user)
    for pk in Plan.objects.values_list("pk", flat=True)[:4]:
        remember(kind="plan", key=str(pk), by=user)


def _row(user, text: str, meaning: str, retailers: int) -> dict:
    from unittest import mock

    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    import customers.search

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def ask() -> None:
        answer = client.get("/search/box/", {"q": text})
        if answer.status_code != 200:
            raise RuntimeError(f"{text} answered {answer.status_code}")

    ask()
    with CaptureQueriesContext(connection) as context:
        ask()
    number = len(context.captured_queries)
    ours, naive = [], []
    for _ in range(REPEATS):
        ours.append(_ms(ask))
        with mock.patch.object(customers.search, "best_retailers", _naive):
            naive.append(_ms(ask))
    mine, other = median(ours), median(naive)
    return {
        "name": f"search box: {meaning} ({text or 'empty'}), {retailers:,} retailers",
        "ours": round(mine, 1),
        "reference": round(other, 1),
        "ratio": round(mine / other, 2),
        "unit": "ms",
        "goal": f"<= {GOAL_MS:.0f} ms, <= {GOAL_QUERIES} queries",
        "ok": mine <= GOAL_MS and number <= GOAL_QUERIES,
        "note": f"{number} queries, slowest {max(ours):.0f} ms; reference: the same request, LIKE",
    }


def _naive(user, query, limit: int):
    """Every key is read until so many hold all words."""
    from customers.models import Retailer
    from customers.selectors.search import FoundRetailer

    rows = Retailer.objects.visible_to(user)
    for word in query.words:
        rows = rows.filter(search_key__contains=word)
    columns = ("pk", "code", "name", "status", "county__name")
    return [FoundRetailer(*row) for row in rows.order_by("code").values_list(*columns)[:limit]]


def _writing(retailers: int) -> dict:
    """What a night changes must not touch the index: 60,000 rows without and with its triggers."""
    from django.db import connection, transaction

    def change() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE customers_retailer SET recent_cartons = recent_cartons + 1")
            transaction.set_rollback(True)

    def change_without() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE customers_retailer DISABLE TRIGGER USER")
            cursor.execute("UPDATE customers_retailer SET recent_cartons = recent_cartons + 1")
            transaction.set_rollback(True)

    change()
    pairs = [(_ms(change), _ms(change_without)) for _ in range(3)]
    mine, other = (median(times) for times in zip(*pairs, strict=True))
    return {
        "name": f"purchases of {retailers:,} retailers written by a night, beside the index",
        "ours": round(mine),
        "reference": round(other),
        "ratio": round(mine / other, 2),
        "unit": "ms",
        "goal": "<= 1.3 x without the index",
        "ok": mine <= 1.3 * other,
        "note": "reference: the same UPDATE with its triggers off",
    }


def _ms(call) -> float:
    start = perf_counter()
    call()
    return (perf_counter() - start) * 1000


if __name__ == "__main__":
    if "--child" in sys.argv:
        _child(int(sys.argv[-1]))
    else:
        for row in run(quick="--quick" in sys.argv):
            print(row)
