"""What a customer manager's retailers mean as work: figures before and after a hand-over.

Apps above register what they know: open work that goes along (visits, complaints, tasks), and figures
of each retailer (its class, its visits a month).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise

from accounts.models import User
from customers.core.handover import mean_distance_km
from customers.models import Retailer

Words = Promise | str
NOBODY = 0  # stands for "no customer manager" where a key is needed


@dataclass(frozen=True)
class WorkKind:
    """A kind of open work that belongs to a retailer and to who looks after it.

    Args:
        name: Stands in stored figures.
        label: What it is called: "open visits".
        count: How much of it the retailers with these keys have.
        move: Gives it from one person (None: nobody) to another, in the caller's transaction; how much
            was moved.
    """

    name: str
    label: Words
    count: Callable[[Sequence[int]], int]
    move: Callable[[Sequence[int], User | None, User], int]


@dataclass(frozen=True)
class LoadKind:
    """A figure of each retailer that tells something about the work with it.

    Args:
        name: Stands in stored figures.
        label: What it is called: "ABC class".
        of: The figure by key of the retailer, in one query. Words are counted (12 A, 30 B), whole
            numbers are added up.
    """

    name: str
    label: Words
    of: Callable[[Sequence[int]], Mapping[int, str | int]]


_work: dict[str, WorkKind] = {}
_load: dict[str, LoadKind] = {}


def register_work(
    name: str,
    label: Words,
    *,
    count: Callable[[Sequence[int]], int],
    move: Callable[[Sequence[int], User | None, User], int],
) -> None:
    """Say what else moves when a retailer is handed over. Called from ``AppConfig.ready``."""
    _work[name] = WorkKind(name, label, count, move)


def register_workload(
    name: str, label: Words, of: Callable[[Sequence[int]], Mapping[int, str | int]]
) -> None:
    """Add a figure to the workload of a hand-over. Called from ``AppConfig.ready``."""
    _load[name] = LoadKind(name, label, of)


def work_kinds() -> list[WorkKind]:
    """What moves along, in the order it was registered."""
    return list(_work.values())


def work_label(name: str) -> str:
    """What a kind of work is called; one that is gone keeps its name."""
    return str(_work[name].label) if name in _work else name


def load_label(name: str) -> str:
    """What a figure is called; one that is gone keeps its name."""
    return str(_load[name].label) if name in _load else name


def open_work(keys: Sequence[int]) -> dict[str, int]:
    """Open work of these retailers by kind; kinds without any are left out."""
    found = {kind.name: kind.count(keys) for kind in work_kinds()} if keys else {}
    return {name: number for name, number in found.items() if number}


# --- figures ------------------------------------------------------------------------------

_FIELDS = ("pk", "manager_id", "order_weekday", "recent_cartons", "latitude", "longitude")


def workloads(
    moving: Iterable[int], managers: Sequence[int], to_manager: int
) -> dict[int, dict[str, dict[str, Any]]]:
    """Workload of everybody concerned, before and after retailers go to ``to_manager``.

    Args:
        moving: Keys of the retailers.
        managers: Keys of who has them now; ``NOBODY`` for nobody.
        to_manager: Key of who gets them.

    Returns:
        By key of the manager ``{"before": …, "after": …}``; see ``_figures``. One query, and one for
        each registered figure.
    """
    gone = set(moving)
    people = [pk for pk in {*managers, to_manager} if pk != NOBODY]
    rows = list(
        Retailer.objects.filter(Q(pk__in=gone) | Q(manager__in=people))
        .order_by("pk")
        .values(*_FIELDS)
    )
    known = {kind.name: kind.of([row["pk"] for row in rows]) for kind in _load.values()}
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for person in people:
        before = [row for row in rows if row["manager_id"] == person]
        kept = [row for row in before if person == to_manager or row["pk"] not in gone]
        new = [row for row in rows if row["pk"] in gone and row["manager_id"] != to_manager]
        after = [*kept, *new] if person == to_manager else kept
        found[person] = {"before": _figures(before, known), "after": _figures(after, known)}
    return found


def _figures(
    rows: Sequence[Mapping[str, Any]], known: Mapping[str, Mapping[int, str | int]]
) -> dict[str, Any]:
    """Figures of some retailers, as they are stored.

    ``retailers``; ``cartons`` a month (a third of the last three closed months); ``weekdays`` by ISO number;
    ``km`` (``mean_distance_km``) from ``located`` retailers; ``mix`` (counts of words) and ``sums`` of
    what apps have registered.
    """
    weekdays = Counter(str(row["order_weekday"]) for row in rows if row["order_weekday"])
    located = [row for row in rows if row["latitude"] is not None]
    distance = mean_distance_km(
        [row["latitude"] for row in located], [row["longitude"] for row in located]
    )
    mix: dict[str, dict[str, int]] = {}
    sums: dict[str, int] = {}
    for name, values in known.items():
        mine = [values[row["pk"]] for row in rows if row["pk"] in values]
        words = Counter(value for value in mine if isinstance(value, str))
        if words:
            mix[name] = dict(words)
        elif mine:
            sums[name] = sum(value for value in mine if isinstance(value, int))
    return {
        "retailers": len(rows),
        "cartons": round(sum(row["recent_cartons"] for row in rows) / 3),
        "weekdays": dict(weekdays),
        "km": None if distance is None else round(distance, 1),
        "located": len(located),
        "mix": mix,
        "sums": sums,
    }
