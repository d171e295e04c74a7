"""The demo: set up, fill a fictional city, run one night, serve it. Standard library only.

Run again it starts in seconds and changes nothing: stamps under var/stamps/ say what is done.
Ctrl-C stops the web server and the background worker.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import setup

ROOT = setup.ROOT
VAR = ROOT / "var"
STAMPS = VAR / "stamps"
DATABASE = Path(os.environ.get("SQLITE_PATH") or VAR / "demo.sqlite3")
SETTINGS = "config.settings.demo"
SIZE = ["--retailers", "2000", "--months", "24", "--seed", "1"]
STOP_SECONDS = 20
START_SECONDS = 60


def manage(title: str, *arguments: str) -> None:
    """Run a management command as a step."""
    setup.step(title, [setup.PYTHON, "manage.py", *arguments], DJANGO_SETTINGS_MODULE=SETTINGS)


def fingerprint(paths: list[Path], *, content: bool) -> str:
    """Return a hash of files by content, or (faster) by size and time."""
    found = hashlib.sha256((setup.ROOT / "requirements.txt").read_bytes())
    for path in sorted(paths):
        state = path.stat()
        mark = path.read_bytes() if content else f"{state.st_size} {state.st_mtime_ns}".encode()
        found.update(str(path).encode() + b"\0" + mark)
    return found.hexdigest()


def is_done(name: str, wanted: str) -> bool:
    """Say whether a step was done for exactly this state."""
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text() == wanted


def set_done(name: str, wanted: str) -> None:
    """Remember that a step is done."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(wanted)


def collect_static() -> None:
    """Bring the static files to staticfiles/, hashed and compressed."""
    files = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
    wanted = fingerprint(files, content=False)
    if is_done("static", wanted) and (ROOT / "staticfiles" / "staticfiles.json").is_file():
        return
    manage("static files", "collectstatic", "--noinput", "--clear", "-v0")
    set_done("static", wanted)


def database_key() -> str:
    """Name the database, so that stamps of a deleted or another one do not count."""
    if os.environ.get("POSTGRES_DB"):  # config/settings/demo.py: the same demo on a real engine
        return f"postgres {os.environ.get('POSTGRES_HOST', '')} {os.environ['POSTGRES_DB']}"
    return f"{DATABASE} {DATABASE.stat().st_ino if DATABASE.exists() else 'none'}"


def fill_database() -> None:
    """Migrate, seed, run one night, publish: once for a database."""
    # Ours and, under .venv, those of the packages.
    migrations = fingerprint(list(ROOT.glob("*/**/migrations/0*.py")), content=True)
    key = database_key()
    if is_done("migrate", f"{key} {migrations}") and is_done("city", key):
        return
    DATABASE.parent.mkdir(parents=True, exist_ok=True)
    manage("database tables", "migrate", "-v0")
    key = database_key()
    set_done("migrate", f"{key} {migrations}")
    if is_done("city", key):
        return
    manage("fictional city", "seed_demo", *SIZE)
    manage("one night", "nightly", "--company", "DEMO")
    manage("publication of classes and of this month's plan", "publish_demo")
    set_done("city", key)


def prepare() -> None:
    """Everything but serving."""
    setup.prepare(dev=False)
    collect_static()
    fill_database()


def port() -> int:
    """Return the port asked for, or end with a message."""
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        setup.fail(f"PORT must be a number from 1 to 65535, got {text!r}.")
    return int(text)


def check_port(number: int) -> None:
    """End with a message when somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            reason = "is in use" if error.errno == errno.EADDRINUSE else "needs more rights"
            setup.fail(
                f"Port {number} of 127.0.0.1 {reason} (another demo?). Stop that program, or choose "
                f"another port: PORT={8001 if number == 8000 else 8000} make demo"
            )


def start(*command: str) -> subprocess.Popen[bytes]:
    """Start a program that we end ourselves: Ctrl-C reaches only this script."""
    return subprocess.Popen(
        [str(setup.PYTHON), *command],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS},
        start_new_session=True,
    )


def stop(programs: dict[str, subprocess.Popen[bytes]]) -> None:
    """End the programs: first politely, then not."""
    for program in programs.values():
        if program.poll() is None:
            program.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for program in programs.values():
        try:
            program.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def wait_until_up(url: str, programs: dict[str, subprocess.Popen[bytes]]) -> None:
    """Wait for the first answer; give up when a program has ended or time is up."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and all(p.poll() is None for p in programs.values()):
        try:
            with urllib.request.urlopen(f"{url}/health/live", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    ended = [name for name, program in programs.items() if program.poll() is not None]
    stop(programs)
    setup.fail(f"The demo did not start: {', '.join(ended) or 'the web server'} did not come up.")


def serve(number: int) -> None:
    """Run the web server and the background worker until Ctrl-C or until one of them ends."""
    programs = {
        "the background worker": start("manage.py", "run_due_jobs", "--loop"),
        "the web server": start(
            *("-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{number}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
            *("--graceful-timeout", "5", "--log-level", "warning"),
        ),
    }
    url = f"http://127.0.0.1:{number}"
    try:
        wait_until_up(url, programs)
        print(f"\nLiangzhun 量准 is at {url}   (Ctrl-C stops it)", flush=True)
        while all(program.poll() is None for program in programs.values()):
            time.sleep(0.5)
        ended = [name for name, program in programs.items() if program.poll() is not None]
        print(f"{', '.join(ended)} ended; stopping the rest.", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nstopping ...", flush=True)
        return
    finally:
        stop(programs)
    raise SystemExit(1)


def forget() -> None:
    """Delete the demo's database, so that the next start makes a new one."""
    for suffix in ("", "-wal", "-shm"):
        DATABASE.with_name(DATABASE.name + suffix).unlink(missing_ok=True)
    shutil.rmtree(STAMPS, ignore_errors=True)
    print(f"{DATABASE} is gone; `make demo` makes a new one.")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--setup-only", action="store_true", help="do not serve")
    parser.add_argument("--forget", action="store_true", help="delete the demo's database")
    options = parser.parse_args()
    if options.forget:
        forget()
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    number = port()
    try:
        if not options.setup_only:
            setup.check_python()
            check_port(number)
        prepare()
        manage("summary", "demo_summary")
        if not options.setup_only:
            serve(number)
    except KeyboardInterrupt:
        raise SystemExit("\nstopped") from None


if __name__ == "__main__":
    main()
