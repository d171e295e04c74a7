"""Works without a broker: does what is due, once or again and again."""

import signal
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections

from config.common import housekeeping, jobs


class Command(BaseCommand):
    help = "Do every job that is due. With --loop, go on until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="Go on, looking every few seconds.")
        parser.add_argument("--seconds", type=float, default=1.0, help="Pause between looks.")

    def handle(self, *args: Any, **options: Any) -> None:
        self._stopped = False
        signal.signal(signal.SIGTERM, self._stop)
        last_beat = 0.0
        while not self._stopped:
            if time.monotonic() - last_beat > 30:
                last_beat = time.monotonic()
                self._quietly(jobs.beat_worker)
                self._quietly(housekeeping.tidy_when_due)
            done = self._quietly(self._work)
            if not options["loop"]:
                return
            if not done:
                self._pause(options["seconds"])

    def _work(self) -> int:
        """Do what is due until nothing is; how many jobs ended.

        A job that somebody else holds is passed over, so that it does not keep the others waiting.
        """
        done = 0
        while not self._stopped:
            ids = list(jobs.due().values_list("pk", flat=True))
            ended = sum(self._run(job_id) for job_id in ids)
            if not ended:
                return done
            done += ended
        return done

    def _run(self, job_id: int) -> bool:
        if self._stopped:
            return False
        try:
            job = jobs.run(job_id)
        except (DatabaseError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001 - the row says why; the next job must go on
            self.stderr.write(f"job {job_id} failed: {error}")
            return True
        if job is None:
            return False
        self.stdout.write(f"{job.key}: {job.status}")
        return True

    def _quietly(self, work: Any) -> Any:
        """The database may be away for a moment; the loop must not end for that."""
        try:
            return work()
        except (DatabaseError, InterfaceError) as error:
            self.stderr.write(f"database: {error}")
            close_old_connections()
            return 0

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._stopped:
            time.sleep(min(0.2, seconds))

    def _stop(self, *_: Any) -> None:
        self._stopped = True
