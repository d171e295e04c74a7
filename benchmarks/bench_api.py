"""Times the quotas of one retailer over HTTP: `python benchmarks/bench_api.py`.

gunicorn (2 processes × 4 threads) serves the product with its production settings, and beside it a bare
Django view without middleware, token or throttle that sends the same JSON built by PostgreSQL. Four client
processes with plain sockets and keep-alive ask both in turns, so that the noise of the machine meets both.
A database of its own is made, filled with 1,000 retailers × 30 quotas, and dropped. Goal: half the speed
of the bare view.
"""

import json
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from multiprocessing import Pool
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

DATABASE = "lz_bench_api"
RETAILERS, PRODUCTS = 1_000, 30
CLIENTS, ROUNDS, REQUESTS = 4, 5, 600
MONTH = 202611
GOAL = 0.5

BARE = '''
import sys
from django.conf import settings
settings.configure(
    SECRET_KEY="x" * 50, ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, MIDDLEWARE=[],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": %(database)r,
        "USER": %(user)r, "HOST": %(host)r, "PORT": %(port)r, "CONN_MAX_AGE": 60}},
)
import django
django.setup()
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.urls import path

SQL = """
SELECT row_to_json(x)::text FROM (
  SELECT r.code AS retailer_code, p.id AS plan_id, p.version AS plan_version, p.publication_no,
    p.published_at,
    (SELECT json_agg(json_build_object('product_code', d.code, 'cartons', q.cartons) ORDER BY d.code)
     FROM allocation_retailerquota q JOIN brands_product d ON d.id = q.product_id
     WHERE q.plan_id = p.id AND q.retailer_id = r.id) AS quotas
  FROM customers_retailer r JOIN allocation_plan p
    ON p.company_id = r.company_id AND p.period = %%s AND p.status = 'published'
  WHERE r.company_id = %(company)s AND r.code = %%s) x
"""

def quotas(request):
    with connection.cursor() as cursor:
        cursor.execute(SQL, [int(request.GET["month"].replace("-", "")), request.GET["retailer"]])
        body = cursor.fetchone()[0].encode()
    return HttpResponse(
        body, content_type="application/json", headers={"Content-Length": str(len(body))}
    )

urlpatterns = [path("api/v1/quotas/", quotas)]
application = get_wsgi_application()
'''


def run(quick: bool = False) -> list[dict]:
    """The row, or one that says why there is none."""
    if subprocess.run(["createdb", *_where(), DATABASE], capture_output=True).returncode:
        note = "PostgreSQL not reachable, or the database exists already"
        return [_row(None, None, note)]
    try:
        with tempfile.TemporaryDirectory() as folder:
            return [_measure(Path(folder), rounds=2 if quick else ROUNDS)]
    finally:
        subprocess.run(["dropdb", "--force", *_where(), DATABASE], capture_output=True)


def _where() -> list[str]:
    return ["-h", _host(), "-p", _port(), "-U", _user()]


def _host() -> str:
    return os.environ.get("POSTGRES_HOST", "127.0.0.1")


def _port() -> str:
    return os.environ.get("POSTGRES_PORT", "5432")


def _user() -> str:
    return os.environ.get("POSTGRES_USER", "root")


def _environment() -> dict[str, str]:
    redis = f"redis://127.0.0.1:{os.environ.get('REDIS_PORT', '6379')}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "POSTGRES_DB": DATABASE,
        "POSTGRES_USER": _user(),
        "POSTGRES_PASSWORD": os.environ.get("POSTGRES_PASSWORD") or "none",
        "POSTGRES_HOST": _host(),
        "POSTGRES_PORT": _port(),
        "REDIS_URL": f"{redis}/14",
        "CACHE_URL": f"{redis}/15",
        "SECURE_SSL_REDIRECT": "False",
        "PYTHONPATH": str(ROOT),
    }


def _measure(folder: Path, rounds: int) -> dict:
    environment = _environment()
    done = subprocess.run(
        [sys.executable, __file__, "--child"],
        env=environment,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    facts = json.loads(done.stdout.strip().splitlines()[-1])
    names = {"database": DATABASE, "user": _user(), "host": _host(), "port": _port()}
    (folder / "bare.py").write_text(BARE % {**names, "company": facts["company"]})
    ports = {"ours": _free_port(), "bare": _free_port()}
    servers = [
        _serve("config.wsgi", ports["ours"], environment, ROOT),
        _serve("bare", ports["bare"], {**os.environ, "PYTHONPATH": str(folder)}, folder),
    ]
    try:
        return _race(ports, facts["token"], rounds)
    finally:
        for server in servers:
            server.terminate()
            server.wait(timeout=20)


def _serve(module: str, port: int, environment: dict, folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "gunicorn", f"{module}:application"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    command += ["--worker-class", "gthread", "--keep-alive", "30", "--log-level", "error"]
    server = subprocess.Popen(command, env=environment, cwd=folder)
    for _ in range(150):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return server
    raise RuntimeError(f"{module} does not answer")


def _free_port() -> int:
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def _race(ports: dict[str, int], token: str, rounds: int) -> dict:
    rates: dict[str, list[float]] = {"bare": [], "ours": []}
    with Pool(CLIENTS) as pool:
        for number in range(rounds + 1):
            for name in rates:
                jobs = [
                    (ports[name], token, number * CLIENTS + client) for client in range(CLIENTS)
                ]
                started = time.perf_counter()
                sizes = pool.starmap(_ask_many, jobs)
                seconds = time.perf_counter() - started
                if min(sizes) < 100 * PRODUCTS // 4:
                    raise RuntimeError(f"{name} gave too little: {sizes}")
                if number:  # the first round warms up
                    rates[name].append(CLIENTS * REQUESTS / seconds)
    return _row(median(rates["ours"]), median(rates["bare"]), f"{CLIENTS} clients, keep-alive")


def _ask_many(port: int, token: str, seed: int) -> int:
    """Ask for random retailers over one connection; the mean size of the bodies."""
    chosen = random.Random(seed)
    total = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for _ in range(REQUESTS):
            code = chosen.randrange(RETAILERS)
            connection.sendall(
                f"GET /api/v1/quotas/?retailer=R{code}&month=2026-11 HTTP/1.1\r\n"
                f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
            )
            total += _read(connection)
    return total // REQUESTS


def _read(connection: socket.socket) -> int:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head[:300])
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    size = len(body)
    while size < length:
        size += len(connection.recv(65536))
    return length


def _row(ours: float | None, reference: float | None, note: str) -> dict:
    ratio = ours / reference if ours and reference else None
    return {
        "name": f"quotas of one retailer by REST, {RETAILERS:,} × {PRODUCTS}",
        "ours": ours and round(ours),
        "reference": reference and round(reference),
        "ratio": ratio and round(ratio, 3),
        "unit": "requests/s",
        "goal": f">= {GOAL} of a bare view",
        "ok": ratio is not None and ratio >= GOAL,
        "note": note,
    }


def _child() -> None:
    """Fill the database; print company and token."""
    import django

    django.setup()
    import datetime as dt

    import numpy as np
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone
    from oauth2_provider.models import get_access_token_model

    from accounts.models import Company
    from accounts.services.clients import create_api_client
    from allocation.models import Plan, RetailerQuota
    from brands.models import Manufacturer, PriceClass, Product
    from config.common import bulk
    from customers.models import Retailer

    call_command("migrate", verbosity=0)
    company = Company.objects.create(code="bench", name="bench")
    maker = Manufacturer.objects.create(name="bench")
    price_class, _ = PriceClass.objects.get_or_create(code="B", defaults={"name": "bench"})
    retailers = Retailer.objects.bulk_create(
        Retailer(company=company, code=f"R{number}", name=f"R{number}")
        for number in range(RETAILERS)
    )
    products = Product.objects.bulk_create(
        Product(
            code=f"P{number:03d}",
            name=f"P{number}",
            manufacturer=maker,
            price_class=price_class,
            wholesale_price=100,
            retail_price=120,
        )
        for number in range(PRODUCTS)
    )
    plan = Plan.objects.create(
        company=company,
        period=MONTH,
        status="published",
        publication_no=1,
        published_at=timezone.now(),
    )
    size = RETAILERS * PRODUCTS
    bulk.insert_columns(
        RetailerQuota,
        {
            "plan_id": np.full(size, plan.pk),
            "retailer_id": np.repeat([row.pk for row in retailers], PRODUCTS),
            "product_id": np.tile([row.pk for row in products], RETAILERS),
            "tier": np.full(size, 15),
            "weight": np.arange(size),
            "upper": np.full(size, 50),
            "cartons": np.arange(size) % 40 + 1,
        },
    )
    client, _secret = create_api_client(
        company=company, name="bench", scopes=["quota:read"], by=None
    )
    token = get_access_token_model()(
        application=client,
        scope="quota:read",
        expires=timezone.now() + dt.timedelta(hours=1),
        token="",
    )
    token._raw_token = raw = secrets.token_urlsafe(24)
    token.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(json.dumps({"company": company.pk, "token": raw}))


if __name__ == "__main__":
    if "--child" in sys.argv:
        _child()
    else:
        for row in run(quick="--quick" in sys.argv):
            print(json.dumps(row, ensure_ascii=False))
