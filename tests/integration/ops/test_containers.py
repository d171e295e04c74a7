"""Docker files, as far as they can be checked without an engine."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from django.urls import resolve

from config.celery import app
from tests.integration.ops.scripts import load_tool
from tests.support import require

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:[-?][^}]*)?\}")
SERVICE_KEYS = {
    "build",
    "command",
    "depends_on",
    "environment",
    "healthcheck",
    "image",
    "init",
    "ports",
    "restart",
    "shm_size",
    "stop_grace_period",
    "volumes",
}
SECRETS = {"SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text()))


def documented() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", EXAMPLE, re.M))


def required_variables() -> set[str]:
    found = VARIABLE.findall(COMPOSE.read_text())
    return {name for name, rest in found if rest.startswith(":?")}


# --- compose ------------------------------------------------------------------------------


def test_the_services_of_production_are_there_and_have_only_known_keys(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]

    assert set(services) == {"migrate", "web", "worker", "beat", "postgres", "redis"}
    for name, service in services.items():
        assert set(service) <= SERVICE_KEYS, name


def test_services_wait_for_services_that_exist_and_can_say_that_they_are_ready(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    for service in services.values():
        for other, rule in service.get("depends_on", {}).items():
            healthy = rule["condition"] == "service_healthy"
            assert healthy or rule["condition"] == "service_completed_successfully"
            assert not healthy or "test" in services[other]["healthcheck"]


def test_named_volumes_are_declared(compose: dict[str, Any]) -> None:
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }

    assert used == set(compose["volumes"])


def test_every_variable_of_compose_is_documented() -> None:
    used = {name for name, _rest in VARIABLE.findall(COMPOSE.read_text())}

    assert used <= documented()
    assert used >= SECRETS


def test_secrets_have_no_default_and_no_value_in_the_repository() -> None:
    assert required_variables() >= SECRETS
    for name in SECRETS:
        assert re.search(rf"^{name}=$", EXAMPLE, re.M)


def test_every_variable_that_production_reads_is_documented() -> None:
    text = (ROOT / "config/settings/production.py").read_text()
    read = set(re.findall(r'env\.(?:required|flag|number|words|redis)\("(\w+)"', text))
    read |= set(re.findall(r'environ\.get\("(\w+)"', text))

    assert read - {"SQLITE_PATH"} <= documented()
    assert len(read) > 10


def test_every_variable_that_production_requires_is_passed_on_by_compose(
    compose: dict[str, Any],
) -> None:
    text = (ROOT / "config/settings/production.py").read_text()
    needed = set(re.findall(r'env\.(?:required|words|redis)\("(\w+)"', text))

    for name in ("migrate", "web", "worker", "beat"):
        assert needed <= set(compose["services"][name]["environment"])


def test_the_database_starts_with_checksums_and_the_broker_never_drops_messages(
    compose: dict[str, Any],
) -> None:
    postgres, redis = compose["services"]["postgres"], compose["services"]["redis"]

    assert "--data-checksums" in postgres["environment"]["POSTGRES_INITDB_ARGS"]
    for setting in ("synchronous_commit=on", "deadlock_timeout=200ms", "log_lock_waits=on"):
        assert setting in postgres["command"]
    command = " ".join(redis["command"])
    for option in ("--appendonly yes", "--appendfsync everysec", "noeviction"):
        assert option in command


def test_nothing_but_the_web_server_is_reachable_and_that_only_from_this_machine(
    compose: dict[str, Any],
) -> None:
    open_ports = {
        name: service["ports"]
        for name, service in compose["services"].items()
        if "ports" in service
    }

    assert list(open_ports) == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in open_ports["web"])


def run_compose(tmp_path: Path, leave_out: str = "") -> "subprocess.CompletedProcess[str]":
    program = require("docker-compose")
    filled = {name: "value-of-this-test" for name in required_variables() if name != leave_out}
    shutil.copy(COMPOSE, tmp_path)
    (tmp_path / ".env").write_text("".join(f"{k}={v}\n" for k, v in filled.items()))
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [program, "config"], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_compose_accepts_the_file(tmp_path: Path) -> None:
    done = run_compose(tmp_path)

    assert done.returncode == 0, done.stderr
    assert "value-of-this-test" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SECRETS | {"ALLOWED_HOSTS"}))
def test_compose_refuses_to_start_without_a_required_variable(tmp_path: Path, name: str) -> None:
    done = run_compose(tmp_path, leave_out=name)

    assert done.returncode != 0
    assert ".env.example" in done.stderr


# --- what they start ----------------------------------------------------------------------


def test_the_health_check_asks_an_address_that_exists() -> None:
    tool = load_tool("healthcheck")

    match = resolve(tool.URL.split(":8000", 1)[1])

    assert match.url_name == "health-ready"
    assert "EXPOSE 8000" in DOCKERFILE


def test_the_health_check_of_beat_looks_at_the_age_of_its_schedule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = load_tool("healthcheck")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    (tmp_path / "var").mkdir()
    assert not tool.beat()

    schedule = tmp_path / "var" / "celerybeat-schedule"
    schedule.write_text("")
    assert tool.beat()

    old = time.time() - tool.BEAT_SECONDS - 5
    os.utime(schedule, (old, old))
    assert not tool.beat()


def test_the_clock_starts_tasks_that_exist(compose: dict[str, Any]) -> None:
    app.loader.import_default_modules()

    started = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert started == {"liangzhun.sweep.v1", "liangzhun.start_nights.v1"}
    assert started <= set(app.tasks)
    for name in ("worker", "beat"):
        assert compose["services"][name]["command"][:3] == ["celery", "-A", "config.celery"]


def test_the_one_shot_service_runs_a_command_that_exists(compose: dict[str, Any]) -> None:
    python, manage, command, *_options = compose["services"]["migrate"]["command"]

    assert python == "python"
    assert (ROOT / manage).is_file()
    assert command in get_commands()


@pytest.mark.slow
def test_gunicorn_accepts_the_command_line_of_the_dockerfile() -> None:
    found = re.search(r"^CMD \[(.*?)\]$", DOCKERFILE, re.M | re.S)
    assert found is not None
    words = re.findall(r'"([^"]*)"', found.group(1))

    done = subprocess.run(
        [sys.executable, "-m", *words, "--check-config"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


# --- Dockerfile ---------------------------------------------------------------------------


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    program = Path(sys.executable).parent / "hadolint"

    done = subprocess.run(
        [program, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_the_image_is_built_by_the_steps_that_make_demo_takes() -> None:
    for step in (
        "install -r requirements.txt",
        "tools/assets.py",
        "tools/messages.py",
        "manage.py collectstatic",
    ):
        assert step in DOCKERFILE


def test_what_the_image_copies_exists_and_secrets_stay_outside() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.M):
        *sources, _target = line.split()
        assert all((ROOT / source).exists() for source in sources)
    assert {".env", ".git", "var", ".venv", "node_modules"} <= set(ignored)


def test_the_container_does_not_run_as_root_on_the_python_that_the_project_asks_for() -> None:
    users = re.findall(r"^USER (.*)$", DOCKERFILE, re.M)
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)

    assert users == ["10001"]
    assert set(images) == {"python:3.11-slim-bookworm"}


def test_tools_are_loaded_as_modules() -> None:
    assert isinstance(load_tool("setup"), ModuleType)
