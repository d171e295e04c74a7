"""Fault points: places where a test may kill, stop or delay the program. Nothing in production."""

import os
import signal
import time
from fnmatch import fnmatchcase
from pathlib import Path

from django.conf import settings


def point(name: str) -> None:
    """Do what ``settings.FAULTS`` (or, for child processes, LIANGZHUN_FAULT) says for this name.

    ``kill`` ends the process at once, ``kill-once:<path>`` does so unless the file exists (and makes
    it first), ``stop-once:<path>`` freezes it likewise, ``sleep:<seconds>`` waits, ``wait:<path>`` waits
    for a file, ``raise`` raises, ``note:<path>`` adds a line to a file. Production settings leave FAULTS empty; the environment
    is only read when ``settings.FAULTS_FROM_ENV`` is true. There several faults are separated by
    ``;`` and the name may be a pattern: ``job-start-*=note:/tmp/a;sales-month=kill``.
    """
    if name in settings.FAULTS:
        _perform(name, settings.FAULTS[name])
    if getattr(settings, "FAULTS_FROM_ENV", False):
        for fault in os.environ.get("LIANGZHUN_FAULT", "").split(";"):
            pattern, _, action = fault.partition("=")
            if action and fnmatchcase(name, pattern):
                _perform(name, action)


def _perform(name: str, action: str) -> None:
    kind, _, argument = action.partition(":")
    if kind == "sleep":
        time.sleep(float(argument))
    elif kind == "raise":
        raise RuntimeError(f"fault point {name}")
    elif kind == "kill" or (kind == "kill-once" and _first(argument)):
        os.kill(os.getpid(), signal.SIGKILL)
    elif kind == "stop-once" and _first(argument):
        os.kill(os.getpid(), signal.SIGSTOP)
    elif kind == "wait":
        _wait_for(Path(argument))
    elif kind == "note":
        with Path(argument).open("a", encoding="utf-8") as file:
            file.write(f"{name} {os.getpid()}\n")


def _wait_for(path: Path, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.02)


def _first(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
