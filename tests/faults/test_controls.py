"""Negative controls: with a guard switched off the damage happens and is seen (rule 10)."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.child import SUPPLY
from tests.faults.harness import ROOT, Process, World, notes, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def _overtaken(world: World, broken: str) -> int:
    """A worker is frozen before it writes, another does its stage with newer data, the first wakes.

    Returns:
        The supply-bound total that the plan has in the end.
    """
    frozen = world.folder / "frozen"
    old = world.loop(faults=f"allocation-before-write=stop-once:{frozen}", BROKEN=broken)
    world.start_night()
    wait_until("the first worker to be frozen", frozen.exists, log=old.log)
    world.child("limit-supply")
    world.loop()
    world.wait_status("succeeded")
    assert world.stages()["allocation"]["attempts"] == 2
    assert world.child("supply-total") == SUPPLY

    old.thaw()
    wait_until(
        "the first worker to end",
        lambda: "taken over" in old.text() or "allocation: " in old.text(),
        log=old.log,
    )
    return int(world.child("supply-total"))


def test_a_worker_that_was_overtaken_cannot_write(world_without_broker: World) -> None:
    assert _overtaken(world_without_broker, broken="") == SUPPLY


def test_control_without_the_check_of_the_owner_it_overwrites_newer_results(
    world_without_broker: World,
) -> None:
    assert _overtaken(world_without_broker, broken="owner") != SUPPLY


def _claimed_by(world: World, broken: str, processes: int = 4) -> int:
    """Several processes want the same stage at the same moment; how many began it."""
    starts, go = world.folder / "starts", world.folder / "go"
    world.start_night()
    job_id = str(world.stages()["sales"]["id"])
    rivals = [
        world.start(
            "rival",
            *["-m", "tests.faults.child", "run-job", job_id, str(go)],
            faults=f"job-start-*=note:{starts}",
            BROKEN=broken,
        )
        for _ in range(processes)
    ]
    wait_until("all rivals", lambda: len(list(world.folder.glob("go.*"))) == processes)
    go.touch()
    for rival in rivals:
        rival.popen.wait(60)
    return len(notes(starts))


def test_one_of_several_claims_wins(world_without_broker: World) -> None:
    assert _claimed_by(world_without_broker, broken="") == 1


def test_control_without_the_conditional_update_several_do(world_without_broker: World) -> None:
    assert _claimed_by(world_without_broker, broken="claim") > 1


def _long_job(world: World, **more: str) -> tuple[str, Process]:
    """A job that stays inside its transaction until ``world.go_on``."""
    inside = world.folder / "inside"
    job_id = str(world.child("create-long-job"))
    faults = f"long-job=note:{inside};long-job=wait:{world.folder / 'go-on'}"
    process = world.start(
        "long", "-m", "tests.faults.child", "run-job", job_id, faults=faults, **more
    )
    wait_until("the transaction", inside.exists, log=process.log)
    return job_id, process


def _long_job_row(world: World, columns: str = "status, attempts") -> tuple[Any, ...]:
    return world.ask(f"SELECT {columns} FROM common_jobrun WHERE kind = 'test.long'")[0]


def test_a_long_transaction_shows_progress_and_keeps_its_lease(world_without_broker: World) -> None:
    world = world_without_broker
    _job, process = _long_job(world)
    first_lease = _long_job_row(world, "lease_until")
    text = "progress_text, lease_until < now()"
    wait_until("progress", lambda: _long_job_row(world, text) == ("half", False), 20)
    loop = world.loop()
    wait_until(
        "two renewals of the lease from inside a transaction",
        lambda: _long_job_row(world, "lease_until - interval '8 seconds'") > first_lease,
    )
    world.go_on()
    assert process.popen.wait(60) == 0

    assert _long_job_row(world) == ("succeeded", 1)
    assert "test.long" not in loop.text()


@pytest.mark.parametrize(("broken", "claims"), [("", False), ("owner", True)])
def test_a_transaction_without_a_heart_keeps_others_from_claiming(
    broken: str, claims: bool, world_without_broker: World
) -> None:
    """The lease has run out, but what the transaction holds cannot be taken."""
    world = world_without_broker
    job_id, process = _long_job(world, FAULTS_NO_HEART="1", BROKEN=broken)
    wait_until("the end of the lease", lambda: _long_job_row(world, "lease_until < now()")[0])
    world.child("run-job", job_id, BROKEN=broken)
    world.go_on()
    assert process.popen.wait(60) == 0

    assert _long_job_row(world) == ("succeeded", 2 if claims else 1)
    effects = world.ask("SELECT count(*) FROM common_workerbeat WHERE name LIKE 'effect%'")
    assert effects == [(2 if claims else 1,)]


def test_the_oracle_sees_what_is_wrong(
    world_without_broker: World, reference: dict[str, Any]
) -> None:
    """Each kind of damage, done by hand, is found by the fingerprint that all trials rely on."""
    world = world_without_broker
    world.child("nightly")
    damages = {
        "quotas of plan 202611": """UPDATE allocation_retailerquota SET cartons = cartons + 1
            WHERE ctid IN (SELECT q.ctid FROM allocation_retailerquota q
            JOIN allocation_plan p ON p.id = q.plan_id WHERE p.period = 202611 LIMIT 1)""",
        "touches are used up": """INSERT INTO brands_salestouch (company_id, period, retailer_id)
            SELECT company_id, 202611, id FROM customers_retailer LIMIT 1""",
        "sales equal the orders": "UPDATE brands_monthlysales SET cartons = cartons + 1",
        "no open jobs": "UPDATE common_jobrun SET status = 'queued' WHERE kind = 'night.report'",
    }
    for sql in damages.values():
        world.ask(sql)
    world.ask("UPDATE segmentation_assignment SET rank = 0 WHERE rank = 1")
    found = world.child("fingerprint")

    assert set(damages) <= set(found["invariants"])
    changed = {name for name, value in found.items() if value != reference["fingerprint"][name]}
    assert changed == {"quotas", "sales", "classes", "invariants"}


def _settings(module: str, code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": module, **environment}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        timeout=60,
        check=False,
    )


PRODUCTION = {
    "SECRET_KEY": "a" * 20 + "0123456789" * 4,
    "ALLOWED_HOSTS": "crm.example",
    "CSRF_TRUSTED_ORIGINS": "https://crm.example",
    "POSTGRES_DB": "x",
    "POSTGRES_USER": "x",
    "POSTGRES_PASSWORD": "x",
    "POSTGRES_HOST": "127.0.0.1",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CACHE_URL": "redis://127.0.0.1:1/1",
}


@pytest.mark.parametrize("module", ["production", "demo"])
def test_no_fault_point_is_armed_outside_the_tests(module: str, tmp_path: Path) -> None:
    code = (
        "from django.conf import settings; from config.common import faults;"
        "faults.point('job-start-night.sales');"
        "print(dict(settings.FAULTS), getattr(settings, 'FAULTS_FROM_ENV', False))"
    )
    done = _settings(
        f"config.settings.{module}",
        code,
        **PRODUCTION,
        LIANGZHUN_FAULT="job-start-*=kill",
        LIANGZHUN_FAULT_TESTS="1",
    )
    assert done.stdout.decode().strip() == "{} False", done.stderr.decode()


def test_the_settings_of_these_tests_refuse_to_serve_anything_else() -> None:
    done = _settings("config.settings.faults", "import django; django.setup()")
    assert done.returncode != 0
    assert b"ImproperlyConfigured" in done.stderr


def test_control_armed_in_these_settings_the_same_point_kills() -> None:
    done = _settings(
        "config.settings.faults",
        "from config.common import faults; faults.point('job-start-night.sales')",
        LIANGZHUN_FAULT="job-start-*=kill",
        LIANGZHUN_FAULT_TESTS="1",
    )
    assert done.returncode == -9
