"""Fault points: places where a test may kill, stop or delay the program. Nothing in production."""

import os
import signal
import time

from django.conf import settings


def point(name: str) -> None:
    """Do what ``settings.FAULTS`` (or, for child processes, LIANGZHUN_FAULT) says for this name.

    ``kill`` ends the process at once, ``kill-once:<path>`` does so unless the file exists (and makes
    it first), ``sleep:<seconds>`` waits, ``raise`` raises. Production settings leave FAULTS empty
    and set DEMO False; the environment is only read when ``settings.FAULTS_FROM_ENV`` is true.
    """
    action = settings.FAULTS.get(name)
    if action is None and getattr(settings, "FAULTS_FROM_ENV", False):
        wanted, _, rest = os.environ.get("LIANGZHUN_FAULT", "").partition("=")
        action = rest if wanted == name else None
    if action:
        _perform(name, action)


def _perform(name: str, action: str) -> None:
    kind, _, argument = action.partition(":")
    if kind == "sleep":
        time.sleep(float(argument))
    elif kind == "raise":
        raise RuntimeError(f"fault point {name}")
    elif kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif kind == "kill-once":
        try:
            os.close(os.open(argument, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)
