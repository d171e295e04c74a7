"""What child processes of the fault tests do: seed, start nights, tell what is in the database.

Prints one line of JSON. ``BROKEN`` names parts of the job code to switch off, for negative controls.
"""

import datetime as dt
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import django

from tests.faults.fingerprint import fingerprint

DAY = dt.date(2026, 11, 20)
RETAILERS, PRODUCTS, MONTHS = 400, 56, 24
SUPPLY = 7
LONG_JOB = "test.long"


def main() -> None:
    django.setup()
    _break(os.environ.get("BROKEN", ""))
    _register()
    command, *arguments = sys.argv[1:]
    print(json.dumps(_COMMANDS[command](*arguments)))


# --- seed ---------------------------------------------------------------------------------


def seed() -> Any:
    """One company with 400 retailers and two years of orders; the same on every engine."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from accounts.services import create_company, ensure_unit
    from brands.models import Manufacturer, PriceClass, Product
    from customers.models import Retailer

    company = create_company(code="faults", name="故障测试公司")
    line = ensure_unit(company=company, names=["东县", "一部", "一线"])
    classes = [
        PriceClass.objects.get_or_create(
            code=str(number), defaults={"name": f"{number}类", "position": number}
        )[0]
        for number in range(1, 6)
    ]
    maker = Manufacturer.objects.create(name="某中烟")
    Product.objects.bulk_create(
        Product(
            code=f"P{number:03d}",
            name=f"品{number}",
            manufacturer=maker,
            price_class=classes[number % 5],
            wholesale_price=100 + number,
            retail_price=120 + number,
        )
        for number in range(PRODUCTS)
    )
    Retailer.objects.bulk_create(
        Retailer(
            company=company,
            code=f"R{number:05d}",
            name=f"店{number}",
            county=line.parent.parent,
            department=line.parent,
            line=line,
        )
        for number in range(RETAILERS)
    )
    return _orders(company)


def _orders(company: Any) -> int:
    import numpy as np
    from django.db import transaction

    from brands.models import Order, OrderBatch, OrderLine, Product, SalesTouch
    from config.common import bulk, periods
    from customers.models import Retailer

    rng = np.random.default_rng(1)
    ids = np.array(Retailer.objects.order_by("code").values_list("id", flat=True))
    products = np.array(Product.objects.order_by("code").values_list("id", flat=True))
    size = rng.lognormal(0, 0.8, RETAILERS)
    batch = OrderBatch.objects.create(company=company, channel="file")
    lines_each = 7
    count = RETAILERS
    for month in range(MONTHS):
        period = periods.shift(202411, month)
        first = np.datetime64(periods.first_day(period))
        days = [day for day in range(28) if (first + day).astype(dt.date).weekday() < 5]
        ordered = first + rng.choice(days, count)
        line_of = np.repeat(np.arange(count), lines_each)
        product = (rng.integers(0, PRODUCTS, count)[:, None] + np.arange(lines_each) * 8).reshape(
            -1
        ) % PRODUCTS
        cartons = 1 + rng.poisson(3 * size[line_of])
        price = 10000 + product * 100
        total = count * lines_each
        with transaction.atomic():
            order_id = bulk.reserve_ids(Order, count)
            bulk.insert_columns(
                Order,
                {
                    "id": order_id,
                    "company_id": np.full(count, company.pk),
                    "source": bulk.texts(["main"] * count),
                    "order_no": bulk.texts([f"{period}-{n}" for n in range(count)]),
                    "retailer_id": ids,
                    "ordered_on": ordered,
                    "period": np.full(count, period),
                    "status": bulk.texts(["active"] * count),
                    "revision": np.zeros(count, int),
                    "line_count": np.full(count, lines_each),
                    "cartons": np.bincount(line_of, cartons).astype(int),
                    "amount_cents": np.bincount(line_of, cartons * price).astype(int),
                    "content_hash": np.zeros(count, int),
                    "batch_id": np.full(count, batch.pk),
                },
            )
            nothing = np.ma.masked_all(total, dtype=int)
            bulk.insert_columns(
                OrderLine,
                {
                    "period": np.full(total, period),
                    "order_id": order_id[line_of],
                    "line_no": np.tile(np.arange(1, lines_each + 1), count),
                    "company_id": np.full(total, company.pk),
                    "retailer_id": ids[line_of],
                    "product_id": products[product],
                    "ordered_on": ordered[line_of],
                    "kind": np.ones(total, int),
                    "ordered_cartons": cartons,
                    "needed_cartons": nothing,
                    "quota_cartons": nothing,
                    "unit_price_cents": price,
                    "amount_cents": cartons * price,
                },
            )
            bulk.insert_columns(
                SalesTouch,
                {
                    "company_id": np.full(count, company.pk),
                    "period": np.full(count, period),
                    "retailer_id": ids,
                },
            )
    return OrderLine.objects.count()


# --- nights -------------------------------------------------------------------------------


def _company() -> Any:
    from accounts.models import Company

    return Company.objects.get(code="faults")


def start_night() -> Any:
    """Put a night into the queue; how long the caller waited."""
    from config.common import nights

    company = _company()
    begun = time.monotonic()
    night = nights.start_night(company_id=company.pk, business_date=DAY)
    return {"id": night.pk, "seconds": time.monotonic() - begun}


def start_night_in_thread() -> Any:
    """As a threaded web server does it: in a thread that has never seen Celery."""
    import threading

    from django.db import connection

    found: dict[str, Any] = {}

    def work() -> None:
        found.update(start_night())
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found


def nightly() -> Any:
    """A night in this process, from start to end."""
    from config.common import nights

    company = _company()
    night = nights.start_night(company_id=company.pk, business_date=DAY)
    night = nights.run_inline(night)
    return {"status": night.status, "hash": night.result_hash}


def run_due_jobs() -> Any:
    """``manage.py run_due_jobs --loop`` with what BROKEN switches off."""
    from django.core.management import call_command

    call_command("run_due_jobs", loop=True, seconds=0.3)


def run_job(job_id: str, go: str = "") -> Any:
    """Try to do one job; its status, or None when it was not ours. ``go``: wait for this file."""
    from config.common import jobs

    if go:
        Path(f"{go}.{os.getpid()}").touch()
        while not Path(go).exists():
            time.sleep(0.005)
    job = jobs.run(int(job_id))
    return job.status if job else None


def create_long_job() -> Any:
    """A job that keeps one transaction open as long as the fault point ``long-job`` says."""
    from config.common import jobs

    return jobs.create(kind=LONG_JOB, key=LONG_JOB, company_id=None).pk


def _long_job(context: Any) -> Any:
    from django.db import transaction
    from django.utils import timezone

    from config.common import faults, jobs
    from config.common.models import WorkerBeat

    with transaction.atomic():
        context.assert_owner()
        context.progress(1, 2, "half")
        faults.point("long-job")
        WorkerBeat.objects.create(name=f"effect {context.attempt}", seen_at=timezone.now())
    return jobs.JobResult()


def limit_supply() -> Any:
    """What a person may do meanwhile: a supply agreed for this month, smaller than planned."""
    from allocation.models import SupplyCap
    from brands.models import Product

    product = Product.objects.get(code="P003")
    SupplyCap.objects.create(
        company=_company(), period=202611, product=product, cartons=SUPPLY, reason="test"
    )
    return None


def supply_total() -> Any:
    """The total that the draft of that month gives to that product."""
    from allocation.models import PlanLine

    line = PlanLine.objects.get(plan__period=202611, product__code="P003")
    return line.total_cartons


# --- negative controls --------------------------------------------------------------------


def _register() -> None:
    from config.common import jobs

    jobs.register(LONG_JOB, _long_job)


def _break(parts: str) -> None:
    """Switch off what a test claims to need, so that it can show the damage."""
    from config.common import jobs, leases
    from config.common.models import JobRun, JobStatus

    if "owner" in parts:
        jobs.JobContext.assert_owner = lambda self: None  # type: ignore[method-assign]
        leases.try_hold = lambda job_id: True
    if "claim" in parts:

        def claim(job_id: int) -> JobRun | None:
            """Read, think, write: what the conditional UPDATE replaces."""
            job = JobRun.objects.get(pk=job_id)
            if job.status != JobStatus.QUEUED:
                return None
            time.sleep(2)
            job.status, job.attempts = JobStatus.RUNNING, job.attempts + 1
            job.lease_until = leases.lease_end()
            job.save()
            return job

        jobs.claim = claim


_COMMANDS = {
    "seed": seed,
    "start-night": start_night,
    "start-night-in-thread": start_night_in_thread,
    "nightly": nightly,
    "run-job": run_job,
    "create-long-job": create_long_job,
    "run-due-jobs": run_due_jobs,
    "limit-supply": limit_supply,
    "supply-total": supply_total,
    "fingerprint": fingerprint,
}

if __name__ == "__main__":
    main()
