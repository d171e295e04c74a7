"""Two changes of the same rows at the same moment; controls show that without the locks it goes wrong."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import BulkChangeRow
from accounts.roles import Role
from accounts.services import change_jobs, changes
from config.common import jobs
from config.common.errors import ConflictError
from customers.lists import RETAILERS
from customers.models import Retailer
from customers.services import bulk
from tests.factories import City, make_city
from tests.integration.lists.changing import action, changed, start

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'",
        reason="SQLite has one writer at a time; run with TEST_DATABASE=postgres",
    ),
]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def city() -> City:
    return make_city()


def together(*works: Callable[[], Any]) -> list[Any]:
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=10)
            return work()
        except ConflictError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def slow_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave time between reading rows and writing them, so that two that do not wait would meet."""
    write = bulk._write

    def late(keys: Any, values: Any) -> None:
        time.sleep(0.4)
        write(keys, values)

    monkeypatch.setattr(bulk, "_write", late)


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if nobody had thought of it."""
    monkeypatch.setattr(
        change_jobs,
        "lock_rows",
        lambda spec, keys, by: list(
            spec.rows(by).filter(pk__in=keys).order_by("pk").values_list("pk", flat=True)
        ),
    )
    read = bulk._read

    def unlocked(rows: Any, keys: Any, columns: Any, *more: str) -> Any:
        names = ("pk", "code", "name", "company_id", *more, *columns)
        return list(rows.filter(pk__in=keys).order_by("pk").values(*names))

    assert read is not unlocked
    monkeypatch.setattr(bulk, "_read", unlocked)


def histories(city: City, *days: int) -> list[list[tuple[Any, Any]]]:
    """Per retailer: what two changes at the same moment say it was before and became."""
    planner = city.people[Role.PLANNER]
    waiting = [start("weekday", {"order_weekday": day}, planner) for day in days]
    together(*[lambda pk=one.job.pk: jobs.run(pk) for one in waiting])
    rows = BulkChangeRow.objects.filter(change__in=waiting, outcome="changed")
    found: dict[int, list[tuple[Any, Any]]] = {}
    for row in rows:
        pair = (row.before["order_weekday"], row.after["order_weekday"])
        found.setdefault(row.object_id, []).append(pair)
    return [pairs for _pk, pairs in sorted(found.items())]


def is_one_story(pairs: list[tuple[Any, Any]]) -> bool:
    """True when one change begins where the other ended."""
    return len(pairs) < 2 or pairs[0][1] == pairs[1][0] or pairs[1][1] == pairs[0][0]


def test_two_changes_of_the_same_rows_are_one_after_the_other(city, monkeypatch):
    slow_writes(monkeypatch)

    stories = histories(city, 6, 7)

    assert [pairs for pairs in stories if len(pairs) == 2]
    assert [pairs for pairs in stories if not is_one_story(pairs)] == []


def test_negative_control_without_locks_both_start_from_the_same_value(city, monkeypatch):
    slow_writes(monkeypatch)
    without_locks(monkeypatch)

    assert [pairs for pairs in histories(city, 6, 7) if not is_one_story(pairs)]


def test_a_change_and_an_undo_at_the_same_moment_lose_nothing(city, monkeypatch):
    planner = city.people[Role.PLANNER]
    for day in (6, 7, 6):
        first = changed("weekday", {"order_weekday": day}, planner)
        other = start("weekday", {"order_weekday": 5}, planner)
        changes.start_undo(change=first, spec=RETAILERS, action=action("weekday"), by=planner)
        first.refresh_from_db()

        waiting = (first.undo_job.pk, other.job.pk)
        together(*[lambda pk=pk: jobs.run(pk) for pk in waiting])

        # Whoever came first: a row that was restored was changed from its old value, a clash keeps 5.
        assert set(Retailer.objects.values_list("order_weekday", flat=True)) == {5}


def test_an_undo_asked_for_twice_is_one(city):
    planner = city.people[Role.PLANNER]
    change = changed("weekday", {"order_weekday": 6}, planner)

    def undo() -> Any:
        return changes.start_undo(
            change=change, spec=RETAILERS, action=action("weekday"), by=planner
        )

    found = together(undo, undo)

    assert sum(isinstance(one, ConflictError) for one in found) == 1


def moved_meanwhile(city: City) -> tuple[int | None, str]:
    """Somebody holds a row, moves it to another county and commits; then the change goes on."""
    county = city.people[Role.COUNTY_MANAGER]
    change = start("weekday", {"order_weekday": 6}, county, city.eastern.pk)
    held, go_on = threading.Event(), threading.Event()

    def move() -> None:
        with transaction.atomic():
            row = Retailer.objects.select_for_update().get(pk=city.eastern.pk)
            held.set()
            go_on.wait(10)
            row.county = city.west
            row.save()

    def work() -> None:
        held.wait(10)
        threading.Timer(0.5, go_on.set).start()
        jobs.run(change.job.pk)

    together(move, work)
    return Retailer.objects.get(pk=city.eastern.pk).order_weekday, change.rows.get().outcome


def test_a_row_that_leaves_the_county_while_the_change_waits_is_not_changed(city):
    assert moved_meanwhile(city) == (1, "refused")


def test_negative_control_without_the_lock_before_the_look_it_is_changed(city, monkeypatch):
    without_locks(monkeypatch)

    assert moved_meanwhile(city)[1] == "changed"
