"""Reads of notices: how many are new, and folded by day and kind."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncDate

from accounts.models import Notification, Preference, User
from config.common.periods import SHANGHAI

MUTED = "notices.muted"
PAGE = 30


@dataclass(frozen=True)
class Folded:
    """The notices of one kind of one day.

    Args:
        day: The local day.
        kind: Code of the kind.
        count: How many there are.
        unread: How many of them are new.
        last: The newest of them.
    """

    day: dt.date
    kind: str
    count: int
    unread: int
    last: Notification


@dataclass(frozen=True)
class Day:
    """What a person was told on one day."""

    day: dt.date
    entries: list[Folded] = field(default_factory=list)


def list_notices(user: User) -> QuerySet[Notification]:
    """This person's notices."""
    return Notification.objects.visible_to(user)


def notices_of_day(user: User, day: dt.date, kind: str) -> QuerySet[Notification]:
    """The notices behind one folded line."""
    start = dt.datetime.combine(day, dt.time(), tzinfo=SHANGHAI)
    mine: QuerySet[Notification] = list_notices(user).filter(
        kind=kind, created_at__gte=start, created_at__lt=start + dt.timedelta(days=1)
    )
    return mine


def folded_notices(
    user: User, *, before: int | None = None, size: int = PAGE, unread_only: bool = False
) -> tuple[list[Folded], int | None]:
    """Notices folded by day and kind, the newest first; two queries, however many there are.

    Args:
        user: Whose.
        before: Only lines whose newest notice is older than this one.
        size: Lines at most.
        unread_only: Only what is new.

    Returns:
        The lines, and ``before`` of the next page (None at the end).
    """
    rows = list_notices(user).annotate(day=TruncDate("created_at", tzinfo=SHANGHAI))
    if unread_only:
        rows = rows.filter(read_at=None)
    groups: Any = (
        rows.values("day", "kind")
        .annotate(count=Count("pk"), unread=Count("pk", filter=Q(read_at=None)), last=Max("pk"))
        .order_by("-last")
    )
    if before is not None:
        groups = groups.filter(last__lt=before)
    found = list(groups[: size + 1])
    more, found = len(found) > size, found[:size]
    newest = Notification.objects.in_bulk([group["last"] for group in found])
    lines = [Folded(**{**group, "last": newest[group["last"]]}) for group in found]
    return lines, lines[-1].last.pk if more else None


def by_day(lines: list[Folded]) -> list[Day]:
    """Lines under their days."""
    days: list[Day] = []
    for line in lines:
        if not days or days[-1].day != line.day:
            days.append(Day(line.day))
        days[-1].entries.append(line)
    return days


def muted_kinds(user: User) -> dict[str, bool]:
    """What this person has chosen: kind to whether it is muted."""
    found = Preference.objects.visible_to(user).filter(key=MUTED).values_list("value", flat=True)
    value = found.first()
    return value if isinstance(value, dict) else {}
