"""Own servers and own workers: started, killed and cleaned up by process id, never by name."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[2]
DAY = "2026-11-20"
TEMPLATE = "night_template"
# The run with servers may take its minutes; `make test` on a bare machine may not.
THOROUGH = (
    os.environ.get("TEST_DATABASE") == "postgres" or os.environ.get("REQUIRE_SERVICES") == "1"
)
TAKES_MINUTES = pytest.mark.skipif(
    not THOROUGH, reason="more kills of the same kind: run with TEST_DATABASE=postgres"
)


# --- waiting ------------------------------------------------------------------------------


def wait_until(
    what: str, found: Callable[[], Any], seconds: float = 60, *, log: Path | None = None
) -> Any:
    """The first true answer; AssertionError with the tail of the log when there is none in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = found()
        if answer:
            return answer
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-3000:] if log and log.exists() else ""
    raise AssertionError(f"{what}: not within {seconds} s\n{tail}")


def free_port() -> int:
    """A free port below the range that the kernel hands out by itself."""
    for _ in range(200):
        port = random.randint(15000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no free port")


# --- processes ----------------------------------------------------------------------------


@dataclass
class Process:
    """A process of ours in a session of its own, so that its whole tree can be killed."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def kill_tree(self) -> None:
        """SIGKILL to every process of the session's group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(20)

    def kill_only(self) -> None:
        """SIGKILL to this process alone."""
        self.popen.kill()
        self.popen.wait(20)

    def stop(self, seconds: float = 20) -> int:
        """SIGTERM; the exit code."""
        self.popen.terminate()
        return self.popen.wait(seconds)

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def children(self) -> list[int]:
        """Ids of its direct children."""
        text = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in text.split()]

    def text(self) -> str:
        return self.log.read_text(errors="replace")


@dataclass
class Stage:
    """Starts processes and ends all of them, whatever happens."""

    folder: Path
    processes: list[Process] = field(default_factory=list)

    def start(self, name: str, command: list[str], **options: Any) -> Process:
        log = self.folder / f"{name}-{len(self.processes)}.log"
        with log.open("wb") as out:
            popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **options,
            )
        process = Process(popen, log)
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.popen.wait(10)


# --- servers ------------------------------------------------------------------------------


def postgres_programs() -> Path | None:
    """The folder of initdb and postgres, newest version first."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))
    found = next((folder for folder in folders if (folder / "initdb").exists()), None)
    on_path = shutil.which("initdb")
    return found or (Path(on_path).parent if on_path else None)


def redis_program() -> str | None:
    return shutil.which("redis-server")


class Postgres:
    """A server of our own with the durability of production."""

    def __init__(self, stage: Stage, programs: Path) -> None:
        self.stage = stage
        self.programs = programs
        self.port = free_port()
        # Not below pytest's folder: the user postgres may not enter that one.
        self.folder = Path(tempfile.mkdtemp(prefix="lz-faults-pg-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self._as = {"user": "postgres", "group": "postgres", "extra_groups": []}
        data = str(self.folder / "data")
        options = ["-U", "liangzhun", "-A", "trust", "-k", "--locale=C.UTF-8", "-E", "UTF8"]
        subprocess.run(
            [str(programs / "initdb"), "-D", data, *options, "--no-instructions"],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._as,
        )
        self.start()

    def start(self) -> None:
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "fsync": "on",
            "synchronous_commit": "on",
            "max_connections": 60,
            "shared_buffers": "128MB",
            "deadlock_timeout": "200ms",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self.process = self.stage.start(
            "postgres",
            [str(self.programs / "postgres"), "-D", str(self.folder / "data"), *settings],
            cwd=self.folder,
            **self._as,
        )
        wait_until("Postgres", self._answers, 30, log=self.process.log)

    def _answers(self) -> bool:
        try:
            self.ask("SELECT 1")
        except psycopg2.OperationalError:
            return False
        return True

    def crash(self) -> None:
        """As ``pg_ctl -m immediate stop``: no shutdown, recovery at the next start."""
        self.process.popen.send_signal(signal.SIGQUIT)
        self.process.popen.wait(30)

    def ask(self, sql: str, *values: Any, database: str = "postgres") -> list[tuple[Any, ...]]:
        with contextlib.closing(
            psycopg2.connect(
                host="127.0.0.1",
                port=self.port,
                user="liangzhun",
                dbname=database,
                connect_timeout=3,
            )
        ) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql, values or None)
                return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis:
    """A server of our own: append-only file every second, nothing is evicted."""

    def __init__(self, stage: Stage, folder: Path, program: str) -> None:
        self.stage = stage
        self.folder = folder
        self.program = program
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    def start(self) -> None:
        options = {
            "port": self.port,
            "bind": "127.0.0.1",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "dir": str(self.folder),
        }
        settings = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self.process = self.stage.start("redis", [self.program, *settings, "--save", ""])
        wait_until("Redis", lambda: self.say("PING") == b"+PONG", 20, log=self.process.log)

    def say(self, command: str) -> bytes:
        """One command in the inline protocol; its first line of answer, b"" when refused."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(command.encode() + b"\r\n")
                return connection.recv(1000).split(b"\r\n")[0]
        except OSError:
            return b""


# --- the world of one trial ---------------------------------------------------------------


@dataclass
class World:
    """One database with one company, and the processes that work on it."""

    stage: Stage
    environment: dict[str, str]
    ask: Callable[..., list[tuple[Any, ...]]]
    redis: Redis | None = None

    @property
    def folder(self) -> Path:
        return self.stage.folder

    def env(self, faults: str = "", **more: str) -> dict[str, str]:
        return {**self.environment, "LIANGZHUN_FAULT": faults, **more}

    def child(self, *arguments: str, faults: str = "", **more: str) -> Any:
        """Run tests/faults/child.py to its end; what it printed as JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.child", *arguments],
            cwd=ROOT,
            env=self.env(faults, **more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]
        lines = done.stdout.decode().strip().splitlines()
        return json.loads(lines[-1]) if lines else None

    def start(self, name: str, *command: str, faults: str = "", **more: str) -> Process:
        return self.stage.start(
            name, [sys.executable, *command], cwd=ROOT, env=self.env(faults, **more)
        )

    def worker(self, *, faults: str = "", ready: bool = False) -> Process:
        """A real Celery worker with two pool processes. What is rung before it is ready waits."""
        number = len(self.stage.processes)
        command = ["-m", "celery", "-A", "config.celery", "worker", "-c", "2"]
        process = self.start("worker", *command, "-n", f"w{number}@%h", "-l", "INFO", faults=faults)
        if ready:
            wait_until("worker", lambda: " ready." in process.text(), 60, log=process.log)
        return process

    def beat(self) -> Process:
        schedule = str(self.folder / f"beat-{len(self.stage.processes)}")
        return self.start("beat", "-m", "celery", "-A", "config.celery", "beat", "-s", schedule)

    def loop(self, *, faults: str = "", **more: str) -> Process:
        """``run_due_jobs --loop``: works without a broker."""
        command = ["-m", "tests.faults.child", "run-due-jobs"]
        return self.start("loop", *command, faults=faults, **more)

    def start_night(self) -> Any:
        return self.child("start-night")

    def hold_in_sales(self, point: str = "sales-month") -> str:
        """Faults for a worker that stops, alive, at the first month of sales until ``go_on``."""
        return f"{point}=note:{self.folder / 'months'};{point}=wait:{self.folder / 'go-on'}"

    def wait_until_held(self) -> None:
        self.wait_note(self.folder / "months", "sales-")
        assert self.stages()["sales"]["status"] == "running"

    def go_on(self) -> None:
        (self.folder / "go-on").touch()

    # --- looking on -----------------------------------------------------------------------

    def night(self) -> dict[str, Any] | None:
        """The night's own row; None while the database is away."""
        rows = self._jobs("kind = 'night'")
        return rows[0] if rows else None

    def stages(self) -> dict[str, dict[str, Any]]:
        rows = self._jobs("kind <> 'night'")
        return {row["kind"].split(".")[1]: row for row in rows}

    def _jobs(self, condition: str) -> list[dict[str, Any]]:
        columns = ("id", "kind", "status", "attempts", "result_hash", "error", "progress_done")
        try:
            rows = self.ask(
                f"SELECT {', '.join(columns)} FROM common_jobrun WHERE {condition} ORDER BY position"
            )
        except psycopg2.OperationalError:
            return []
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def wait_status(self, *wanted: str, seconds: float = 90) -> dict[str, Any]:
        def found() -> Any:
            night = self.night()
            return night if night and night["status"] in wanted else None

        try:
            return dict(wait_until(f"night {wanted}", found, seconds))
        except AssertionError as error:
            tails = "\n".join(f"--- {p.log.name}\n{p.text()[-2500:]}" for p in self.stage.processes)
            raise AssertionError(f"{error}\n{self.night()}\n{self.stages()}\n{tails}") from None

    def wait_note(self, path: Path, text: str, times: int = 1, seconds: float = 60) -> None:
        """Until a fault point has left so many notes that begin with ``text``."""
        wait_until(
            f"{times} × {text}",
            lambda: sum(line.startswith(text) for line in notes(path)) >= times,
            seconds,
        )


def notes(path: Path) -> list[str]:
    """What ``note:<path>`` fault points have written."""
    return path.read_text().splitlines() if path.exists() else []


@contextlib.contextmanager
def ending(stage: Stage) -> Iterator[Stage]:
    """A stage whose processes are gone afterwards."""
    try:
        yield stage
    finally:
        stage.end()
