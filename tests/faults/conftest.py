"""Servers of our own for the whole run; a fresh copy of the seeded database for each trial."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.faults.harness import (
    ROOT,
    TEMPLATE,
    THOROUGH,
    Postgres,
    Redis,
    Stage,
    World,
    ending,
    postgres_programs,
    redis_program,
)


def _environment(**more: str) -> dict[str, str]:
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ
    }
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "config.settings.faults",
        "LIANGZHUN_FAULT_TESTS": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        **more,
    }


def _child(environment: dict[str, str], command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.child", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of our own with a seeded template database."""
    if not THOROUGH:
        pytest.skip(
            "kills its own PostgreSQL and Redis for minutes: run with TEST_DATABASE=postgres"
        )
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL's initdb is not installed on this machine")
    with ending(Stage(tmp_path_factory.mktemp("postgres"))) as stage:
        server = Postgres(stage, programs)
        try:
            server.ask(f"CREATE DATABASE {TEMPLATE}")
            _child(
                _environment(FAULTS_POSTGRES_PORT=str(server.port), FAULTS_DATABASE=TEMPLATE),
                "seed",
            )
            yield server
        finally:
            server.close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Processes of one trial."""
    with ending(Stage(tmp_path)) as stage:
        yield stage


def _world(postgres: Postgres, stage: Stage, name: str, redis: Redis | None) -> World:
    postgres.ask(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")

    def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return postgres.ask(sql, *values, database=name)

    environment = _environment(
        FAULTS_POSTGRES_PORT=str(postgres.port),
        FAULTS_DATABASE=name,
        FAULTS_REDIS_URL=redis.url if redis else "",
    )
    return World(stage, environment, ask, redis)


def _drop(postgres: Postgres, stage: Stage, name: str) -> None:
    stage.end()
    with contextlib.suppress(psycopg2.OperationalError):
        postgres.ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def world(postgres: Postgres, stage: Stage) -> Iterator[World]:
    """PostgreSQL and Redis, as in production."""
    program = redis_program()
    if program is None:
        pytest.skip("redis-server is not installed on this machine")
    redis = Redis(stage, stage.folder / "redis", program)
    yield _world(postgres, stage, "trial", redis)
    _drop(postgres, stage, "trial")


@pytest.fixture
def world_without_broker(postgres: Postgres, stage: Stage) -> Iterator[World]:
    """PostgreSQL alone: ``run_due_jobs`` does the work."""
    yield _world(postgres, stage, "trial", None)
    _drop(postgres, stage, "trial")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same data in an SQLite file."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    _child(_environment(FAULTS_SQLITE=str(path)), "seed")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def sqlite_world(sqlite_template: Path, stage: Stage) -> World:
    """The demo: SQLite, no broker."""
    return _sqlite_world(sqlite_template, stage)


def _sqlite_world(sqlite_template: Path, stage: Stage) -> World:
    path = stage.folder / "trial.sqlite3"
    shutil.copy(sqlite_template, path)

    def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
            return connection.execute(sql, values).fetchall()

    return World(stage, _environment(FAULTS_SQLITE=str(path)), ask)


@pytest.fixture(scope="session")
def reference(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an undisturbed night leaves: its hash and the fingerprint of every table."""
    with ending(Stage(tmp_path_factory.mktemp("reference"))) as stage:
        world = _world(postgres, stage, "reference", None)
        found = _undisturbed(world)
        _drop(postgres, stage, "reference")
    return found


@pytest.fixture(scope="session")
def sqlite_reference(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What an undisturbed night leaves in SQLite."""
    with ending(Stage(tmp_path_factory.mktemp("reference"))) as stage:
        return _undisturbed(_sqlite_world(sqlite_template, stage))


def _undisturbed(world: World) -> dict[str, Any]:
    night = world.child("nightly")
    assert night["status"] == "succeeded"
    return {"hash": night["hash"], "fingerprint": world.child("fingerprint")}
