"""What the health of the installation looks like to a person: each part with a word and what to do.

``config.common.views`` answers machines; this answers whoever looks after the installation.
"""

import datetime as dt
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.common import jobs
from config.common.models import JobRun, JobStatus, WorkerBeat

GOOD, WARN, BAD = "good", "warn", "bad"
FRESH = dt.timedelta(minutes=3)
LATE = dt.timedelta(minutes=5)
GIB = 1024**3


@dataclass(frozen=True)
class Finding:
    """One part of the installation.

    Args:
        title: Which part.
        tone: ``good``, ``warn`` or ``bad``.
        words: How it is.
        advice: What to do; "" when nothing is.
        facts: Figures, as (label, value).
    """

    title: str
    tone: str
    words: str
    advice: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)


def look() -> list[Finding]:
    """Every part, the worst first; what cannot be asked is a finding of its own."""
    parts: list[Callable[[], Finding]] = [database, migrations, workers, queue, caching, disk]
    found = [part() for part in parts]
    order = {BAD: 0, WARN: 1, GOOD: 2}
    return sorted(found, key=lambda one: order[one.tone])


def database() -> Finding:
    """It answers, how fast, and which one it is."""
    title = _("Database")
    started = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            version, size = _version_and_size(cursor)
            took = (time.perf_counter() - started) * 1000
    except DatabaseError as error:
        return Finding(
            title, BAD, _("It does not answer: %(why)s") % {"why": error},
            _("Look whether the server of the database runs and whether its disk is full."),
        )  # fmt: skip
    slow = took > 200
    return Finding(
        title,
        WARN if slow else GOOD,
        _("Answers in %(ms)s ms.") % {"ms": f"{took:.1f}"},
        _("It is slow: look at its load, its disk and the network in between.") if slow else "",
        [(_("Version"), version), (_("Size"), _bytes(size))],
    )


def _version_and_size(cursor: Any) -> tuple[str, int]:
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT current_setting('server_version'), pg_database_size(current_database())"
        )
        version, size = cursor.fetchone()
        return f"PostgreSQL {version}", int(size)
    cursor.execute("SELECT sqlite_version()")
    (version,) = cursor.fetchone()
    path = Path(str(connection.settings_dict["NAME"]))
    return f"SQLite {version}", path.stat().st_size if path.is_file() else 0


def migrations() -> Finding:
    """The tables fit this release."""
    title = _("Tables")
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not missing:
        return Finding(title, GOOD, _("They fit this release."))
    names = ", ".join(f"{step.app_label}.{step.name}" for step, _back in missing[:5])
    words = ngettext("%(n)d migration is missing.", "%(n)d migrations are missing.", len(missing))
    return Finding(
        title,
        BAD,
        words % {"n": len(missing)},
        _("Run manage.py migrate, or start the service “migrate” again."),
        [(_("Missing"), names)],
    )


def workers() -> Finding:
    """Which workers have been seen lately."""
    title = _("Workers")
    now = timezone.now()
    beats = list(WorkerBeat.objects.order_by("-seen_at").values_list("name", "seen_at")[:20])
    alive = [(name, seen) for name, seen in beats if now - seen < FRESH]
    facts = [(name, f"{timezone.localtime(seen):%Y-%m-%d %H:%M:%S}") for name, seen in alive[:8]]
    if alive:
        words = ngettext("%(n)d worker is at hand.", "%(n)d workers are at hand.", len(alive))
        return Finding(title, GOOD, words % {"n": len(alive)}, facts=facts)
    last = beats[0][1] if beats else None
    words_none = (
        _("No worker since %(at)s.") % {"at": f"{timezone.localtime(last):%Y-%m-%d %H:%M}"}
        if last
        else _("No worker has ever been seen.")
    )
    return Finding(
        title,
        BAD,
        words_none,
        _(
            "Nights, imports and exports wait. Start the service “worker”; without a broker, "
            "manage.py run_due_jobs --loop."
        ),
    )


def queue() -> Finding:
    """How much waits, for how long, and what has failed lately."""
    title = _("Jobs")
    now = timezone.now()
    due = jobs.due(now)
    waiting = due.filter(status=JobStatus.QUEUED).order_by()
    late = waiting.aggregate(number=Count("pk"), oldest=Min("created_at"))
    number, oldest = late["number"], late["oldest"]
    counted = JobRun.objects.aggregate(
        running=Count("pk", filter=Q(status=JobStatus.RUNNING)),
        failed=Count(
            "pk",
            filter=Q(
                status=JobStatus.FAILED, parent=None, finished_at__gt=now - dt.timedelta(days=7)
            ),
        ),
    )
    facts = [
        (_("Waiting"), str(number)),
        (_("Running"), str(counted["running"])),
        (_("Failed in the last 7 days"), str(counted["failed"])),
    ]
    if oldest is not None:
        facts.insert(1, (_("Oldest waits since"), f"{timezone.localtime(oldest):%Y-%m-%d %H:%M}"))
    if oldest is not None and now - oldest > LATE:
        words = ngettext("%(n)d job waits too long.", "%(n)d jobs wait too long.", number)
        return Finding(
            title,
            WARN,
            words % {"n": number},
            _("Look at the workers above; a long night can be the reason, too. More workers help."),
            facts,
        )
    return Finding(title, GOOD, _("Nothing waits long."), facts=facts)


def caching() -> Finding:
    """The cache keeps what it is given."""
    title = _("Cache")
    try:
        cache.set("health.page", "1", 10)
        kept = cache.get("health.page") == "1"
    except Exception as error:  # noqa: BLE001 - any client library may raise its own errors here
        return Finding(
            title, WARN, _("It does not answer: %(why)s") % {"why": type(error).__name__},
            _("Pages are slower without it. Look whether Redis runs."),
        )  # fmt: skip
    if kept:
        return Finding(title, GOOD, _("Keeps what it is given."))
    return Finding(
        title, WARN, _("It forgets at once."), _("Look at its memory limit and at CACHE_URL.")
    )


def disk() -> Finding:
    """Room where files that people send and get are kept."""
    title = _("Disk of the files")
    place = Path(settings.MEDIA_ROOT)
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        room = shutil.disk_usage(place)
    except OSError as error:
        return Finding(title, BAD, str(error), _("Look at MEDIA_ROOT and its rights."))
    share = room.free / room.total if room.total else 0.0
    facts = [
        (_("Free"), f"{_bytes(room.free)} ({share:.0%})"),
        (_("Folder"), str(settings.MEDIA_ROOT)),
    ]
    if room.free < GIB or share < 0.05:
        return Finding(
            title, BAD, _("Almost full."),
            _("Uploads will fail soon. Make room, or move MEDIA_ROOT to a larger disk."), facts,
        )  # fmt: skip
    if room.free < 5 * GIB or share < 0.15:
        return Finding(title, WARN, _("Getting full."), _("Plan for more room."), facts)
    return Finding(title, GOOD, _("There is room."), facts=facts)


def versions() -> list[tuple[str, str]]:
    """What runs here."""
    return [
        (_("Liangzhun"), settings.VERSION),
        ("Django", django.get_version()),
        ("Python", platform.python_version()),
        (_("System"), platform.platform()),
        (_("Time zone"), settings.TIME_ZONE),
    ]


def _bytes(number: int) -> str:
    size = float(number)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:,.0f} {unit}" if unit in ("B", "KB") else f"{size:,.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} TB"
