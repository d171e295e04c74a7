"""What is cleared away from time to time: files whose days are over, drafts nobody came back to.

Every worker does it once an hour, beside the sweep of the jobs. A task must be safe to repeat and to
run twice at once.
"""

import time
from collections.abc import Callable

EVERY_SECONDS = 3600.0

_tasks: dict[str, Callable[[], int]] = {}
_next_at = 0.0


def register(name: str, task: Callable[[], int]) -> None:
    """Say what is to be cleared away; the task returns how much it removed. Called from ``ready``."""
    _tasks[name] = task


def tidy() -> dict[str, int]:
    """Do all of it now; how much each task removed."""
    return {name: task() for name, task in _tasks.items()}


def tidy_when_due() -> dict[str, int]:
    """Do it if this process has not done so for an hour."""
    global _next_at
    if time.monotonic() < _next_at:
        return {}
    _next_at = time.monotonic() + EVERY_SECONDS
    return tidy()
