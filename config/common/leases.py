"""Proof that a worker still owns its job, and the thread that keeps the lease alive."""

import datetime as dt
import logging
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

logger = logging.getLogger(__name__)

# First half of the advisory lock's key; the second is the job's id.
_JOBS = 1


def lease_end() -> dt.datetime:
    """Until when a worker that shows a sign of life now keeps its job."""
    return timezone.now() + dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)


def hold(job_id: int) -> None:
    """Keep others from claiming a job until this transaction ends, however long it lasts.

    On PostgreSQL an advisory lock, not a lock on the row: the heart must be able to write the row
    meanwhile. SQLite has one writer at a time, which is the same guarantee.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_JOBS, _half(job_id)])


def try_hold(job_id: int) -> bool:
    """As ``hold``; False, at once, when a worker's transaction holds the job."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_JOBS, _half(job_id)])
        (held,) = cursor.fetchone()
    return bool(held)


def _half(job_id: int) -> int:
    return job_id % 2**31


class Heart(threading.Thread):
    """Renews the lease and writes progress over a connection of its own.

    On SQLite its write waits while the job's own transaction holds the only write lock; that is
    harmless, because whoever wants to claim the job waits for the same lock.

    Args:
        name: Of the thread.
        flush: Writes progress and renews the lease.
        is_dirty: True when there is new progress to write.
    """

    def __init__(self, name: str, flush: Callable[[], bool], is_dirty: Callable[[], bool]) -> None:
        super().__init__(daemon=True, name=name)
        self._flush = flush
        self._is_dirty = is_dirty
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to beat, unless settings say that there is no heart."""
        if settings.JOB_HEARTBEAT_SECONDS:
            super().start()

    def stop(self) -> None:
        """End, and wait until a write under way is done."""
        self._stopped.set()
        if self.is_alive():
            self.join(timeout=5)

    def run(self) -> None:
        """Beat until stopped. A database that is away for a while does not end it."""
        last = timezone.now()
        try:
            while not self._stopped.wait(settings.JOB_HEARTBEAT_SECONDS):
                stale = (timezone.now() - last).total_seconds()
                if not self._is_dirty() and stale < settings.JOB_LEASE_SECONDS / 4:
                    continue
                if self._beat():
                    last = timezone.now()
        finally:
            connection.close()

    def _beat(self) -> bool:
        try:
            if connection.connection is None and connection.vendor == "sqlite":
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA busy_timeout = 200")
            self._flush()
        except (DatabaseError, InterfaceError) as error:
            logger.debug("heart of %s: %s", self.name, error)
            connection.close()
            return False
        return True
