"""The last part of `make demo`: web server and worker start together and stop together."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ops.scripts import TOOLS

ROOT = TOOLS.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
SERVE = "import sys; sys.path.insert(0, 'tools'); import demo; demo.serve(int(sys.argv[1]))"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="the demo runs in .venv, which is not there"),
]


def free_port() -> int:
    while True:
        number = random.randint(20_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                continue
            return number


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    found = {**os.environ, "SQLITE_PATH": str(tmp_path / "demo.sqlite3")}
    found["DJANGO_SETTINGS_MODULE"] = "config.settings.demo"
    for name in ("POSTGRES_DB", "TEST_DATABASE"):
        found.pop(name, None)
    # No tables: the server says that it lives without them, and the worker waits for a database.
    return found


def hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def demo(environment: dict[str, str]) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    port = free_port()
    program = subprocess.Popen(
        [sys.executable, "-u", "-c", SERVE, str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Whatever starts the suite in the background hands down that Ctrl-C is ignored.
        preexec_fn=hear_ctrl_c,
    )
    yield program, f"http://127.0.0.1:{port}"
    if program.poll() is None:
        program.send_signal(signal.SIGINT)
        program.wait(timeout=40)
    assert program.stdout is not None
    program.stdout.close()


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for_announcement(program: "subprocess.Popen[str]", url: str) -> None:
    assert program.stdout is not None
    for line in program.stdout:
        if url in line:
            return
    pytest.fail("the demo ended before it said its address")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_the_demo_answers_and_ctrl_c_leaves_no_process_behind(
    demo: tuple["subprocess.Popen[str]", str],
) -> None:
    program, url = demo
    wait_for_announcement(program, url)
    children = children_of(program.pid)

    with urllib.request.urlopen(f"{url}/health/live", timeout=10) as answer:
        assert answer.status == 200
    program.send_signal(signal.SIGINT)

    assert program.wait(timeout=40) == 0
    assert len(children) == 2
    assert not any(is_alive(pid) for pid in children)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_when_the_worker_dies_the_demo_stops_and_says_so(
    demo: tuple["subprocess.Popen[str]", str],
) -> None:
    program, url = demo
    wait_for_announcement(program, url)
    children = children_of(program.pid)
    names = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in children}
    [worker] = [pid for pid, name in names.items() if "run_due_jobs" in name]

    os.kill(worker, signal.SIGKILL)

    assert program.wait(timeout=40) == 1
    deadline = time.monotonic() + 10
    while any(is_alive(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(is_alive(pid) for pid in children)
