"""Times bulk changes and exports of a list of 60,000 retailers: `python benchmarks/bench_lists.py`.

A PostgreSQL database of its own is made, filled and dropped. The bulk change sets the line of 10,000
retailers and is undone; the reference is what the database must do at least: one bare UPDATE of the same
rows and the same audit events by INSERT … SELECT, in one transaction. The export streams all 60,000 rows
as CSV through Django's whole stack, and writes them as XLSX; the reference is COPY of the same columns.
Peak memory is that of this process while it works, above what it held before.
Goals: 20 s for the change and for its undo; at most 40 MB more memory, whatever the number of rows.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

DATABASE = "lz_bench_lists"
GOAL_SECONDS, GOAL_MB = 20.0, 40.0
RETAILERS, CHANGED = 60_000, 10_000


def run(quick: bool = False) -> list[dict]:
    """All rows, or one that says why there are none."""
    where = ["-h", os.environ.get("POSTGRES_HOST", "127.0.0.1")]
    where += ["-p", os.environ.get("POSTGRES_PORT", "5432")]
    if subprocess.run(["createdb", *where, DATABASE], capture_output=True).returncode:
        note = "PostgreSQL not reachable, or the database exists already"
        blank = dict.fromkeys(("ours", "reference", "ratio", "unit", "goal"))
        return [{"name": "lists", "ok": False, "note": note, **blank}]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "POSTGRES_DB": DATABASE,
    }
    environment.pop("SQLITE_PATH", None)
    try:
        sizes = (6_000, 1_000) if quick else (RETAILERS, CHANGED)
        command = [sys.executable, __file__, "--child", *map(str, sizes)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, cwd=ROOT, timeout=1800
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return json.loads(done.stdout.strip().splitlines()[-1])
    finally:
        subprocess.run(["dropdb", "--force", *where, DATABASE], capture_output=True)


def _child(retailers: int, changed: int) -> None:
    import django

    django.setup()
    import tempfile

    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="bench-lists-"))
    settings.JOB_HEARTBEAT_SECONDS = 2
    call_command("migrate", verbosity=0)
    user, lines = _fill(retailers)
    rows = [*_changes(user, lines, changed), *_exports(user, retailers)]
    print(json.dumps(rows))


def _fill(retailers: int) -> tuple[Any, list[Any]]:
    from django.db import connection

    from accounts.models import User
    from accounts.services import create_company, ensure_unit
    from customers.models import Contact, Retailer

    company = create_company(code="bench", name="基准市")
    lines = [
        ensure_unit(company=company, names=[f"{c}县", f"{d}部", f"{n}线"])
        for c in range(7)
        for d in range(4)
        for n in range(14)
    ]
    Retailer.objects.bulk_create(
        [
            Retailer(
                company=company,
                code=f"R{number:06d}",
                name=f"云安{number % 997}便民烟酒店",
                search_key=f"r{number:06d} 云安{number % 997}便民烟酒店",
                licence_no=f"4301{number:08d}",
                address=f"新华路 {number} 号",
                line=lines[number % len(lines)],
                department=lines[number % len(lines)].parent,
                county=lines[number % len(lines)].parent.parent,
                recent_cartons=number * 7919 % 3001,
            )
            for number in range(retailers)
        ],
        batch_size=2000,
    )
    keys = Retailer.objects.values_list("pk", flat=True)
    Contact.objects.bulk_create(
        [Contact(retailer_id=pk, phone="13812345678", is_primary=True) for pk in keys],
        batch_size=5000,
    )
    user = User.objects.create_user("bench", "x" * 16, role="planner", company=company)
    with connection.cursor() as cursor:
        # What autovacuum does a minute later anyway.
        cursor.execute("ANALYZE")
    return user, lines


# --- bulk change ----------------------------------------------------------------------------


def _changes(user: Any, lines: list[Any], changed: int) -> list[dict]:
    from accounts.models import BulkChange
    from accounts.services import changes
    from accounts.services.change_jobs import find_action
    from accounts.services.changes import Selection
    from config.common import jobs
    from customers.lists import RETAILERS
    from customers.models import Retailer

    chosen = list(Retailer.objects.order_by("pk").values_list("pk", flat=True)[:changed])
    action = RETAILERS.action("line")
    params = {"unit": lines[-1].pk}
    selection = Selection(tuple(chosen), everything=False)
    what = {"spec": RETAILERS, "action": action, "selection": selection, "params": params}
    bare = _bare_update(chosen, lines[-1])
    started = time.perf_counter()
    prepared = changes.prepare_change(**what, by=user)
    preview = time.perf_counter() - started
    change = changes.start_change(**what, seen=prepared.seen, reason="bench", by=user)
    ours, memory = _measured(lambda: jobs.run(change.job.pk))
    change = BulkChange.objects.get(pk=change.pk)
    if change.status != "done" or change.changed + change.same != changed:
        raise RuntimeError(f"the change ended {change.status} with {change.changed} rows")
    spec, found = find_action(change)
    undo = changes.start_undo(change=change, spec=spec, action=found, by=user)
    back, _memory = _measured(lambda: jobs.run(undo.undo_job.pk))
    change.refresh_from_db()
    if change.status != "undone" or change.restored != change.changed:
        raise RuntimeError(f"the undo ended {change.status} with {change.restored} rows")
    goal = f"<= {GOAL_SECONDS:.0f} s"
    note = "reference: one UPDATE of these rows and their audit events by INSERT … SELECT"
    return [
        _row(f"bulk change of {changed:,} rows", ours, bare, "s", goal, ours <= GOAL_SECONDS,
             f"{note}; preview {preview:.2f} s; {memory:.0f} MB more memory"),
        _row(f"undo of {changed:,} rows", back, bare, "s", goal, back <= GOAL_SECONDS, note),
    ]  # fmt: skip


def _bare_update(chosen: list[int], line: Any) -> float:
    """What must happen at least; rolled back."""
    from django.db import connection, transaction

    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_retailer SET line_id = %s, department_id = %s, county_id = %s,"
            " updated_at = now() WHERE id = ANY(%s)",
            [line.pk, line.parent_id, line.parent.parent_id, chosen],
        )
        cursor.execute(
            "INSERT INTO accounts_auditevent (company_id, at, actor_label, action, object_type,"
            " object_id, object_label, changes, reason, request_id) SELECT company_id, now(), 'bench',"
            " 'retailer.update', 'customers.retailer', id::text, code || ' ' || name,"
            " jsonb_build_object('line', jsonb_build_array(line_id, %s)), 'bench', '-'"
            " FROM customers_retailer WHERE id = ANY(%s)",
            [line.pk, chosen],
        )
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    return seconds


# --- export ---------------------------------------------------------------------------------


def _exports(user: Any, retailers: int) -> list[dict]:
    from django.test import Client

    from config.common import jobs
    from config.common.models import JobRun

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    url = "/lists/retailers/export/"
    query = "?sort=-recent&cols=name,code,recent,county,line,manager,weekday,licence,address"
    first: list[float] = []

    def stream() -> int:
        started = time.perf_counter()
        size = 0
        for part in client.get(url + query).streaming_content:
            if not first:
                first.append(time.perf_counter() - started)
            size += len(part)
        return size

    bare = _copy()
    csv_seconds, csv_memory = _measured(stream)
    # A tenth of the rows must not need a tenth of the memory: it is flat.
    _seconds, small_memory = _measured(
        lambda: sum(map(len, client.get(url + query + "&q=云安1").streaming_content))
    )
    client.post(url, {"query": query})
    job = JobRun.objects.get(kind="list.export")
    xlsx_seconds, xlsx_memory = _measured(lambda: jobs.run(job.pk))
    job.refresh_from_db()
    if job.summary.get("rows") != retailers:
        raise RuntimeError(f"the export ended {job.status}: {job.error}")
    goal = f"<= {GOAL_MB:.0f} MB"
    note = "reference: COPY of the same columns"
    return [
        _row(f"export of {retailers:,} rows as CSV", csv_seconds, bare, "s", goal,
             csv_memory <= GOAL_MB,
             f"{note}; {csv_memory:.0f} MB more memory ({small_memory:.0f} MB for fewer rows); "
             f"first bytes after {first[0]:.2f} s"),
        _row(f"export of {retailers:,} rows as XLSX", xlsx_seconds, bare, "s", goal,
             xlsx_memory <= GOAL_MB, f"{note}; {xlsx_memory:.0f} MB more memory"),
    ]  # fmt: skip


def _copy() -> float:
    import io

    from django.db import connection

    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY (SELECT r.name, r.code, r.recent_cartons, c.name, c.code, l.name, l.code,"
            " r.order_weekday, r.licence_no, r.address FROM customers_retailer r"
            " LEFT JOIN accounts_orgunit c ON c.id = r.county_id"
            " LEFT JOIN accounts_orgunit l ON l.id = r.line_id"
            " ORDER BY r.recent_cartons DESC, r.id DESC) TO STDOUT (FORMAT csv)",
            io.StringIO(),
        )
    return time.perf_counter() - started


# --- helpers --------------------------------------------------------------------------------


def _measured(work: Any) -> tuple[float, float]:
    """Seconds, and the most memory (MB) held above what was held before."""
    import gc

    gc.collect()
    before = _resident()
    peak, ended = [before], threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            peak[0] = max(peak[0], _resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    try:
        work()
    finally:
        seconds = time.perf_counter() - started
        ended.set()
        watcher.join()
    return seconds, max(peak[0], _resident()) - before


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def _row(
    name: str, ours: float, reference: float, unit: str, goal: str, ok: bool, note: str
) -> dict:
    return {
        "name": f"{name}, PostgreSQL",
        "ours": round(ours, 2),
        "reference": round(reference, 2),
        "ratio": round(ours / reference, 1),
        "unit": unit,
        "goal": goal,
        "ok": ok,
        "note": note,
    }


if __name__ == "__main__":
    if "--child" in sys.argv:
        _child(int(sys.argv[-2]), int(sys.argv[-1]))
    else:
        for row in run(quick="--quick" in sys.argv):
            print(row)
