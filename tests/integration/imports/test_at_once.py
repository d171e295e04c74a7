"""Two imports of the same orders at the same time: each order once, and both are told the truth."""

import threading

import pytest
from django.db import connection, connections

from brands.models import Order, OrderLine
from config.common import locks
from config.common.errors import ConflictError
from tests.integration.imports.conftest import load, order_rows, written

pytestmark = pytest.mark.django_db(transaction=True)


def both(company, path) -> list[object]:
    """What two imports in two threads return or raise."""
    start, found = threading.Barrier(2), []

    def work() -> None:
        try:
            start.wait(timeout=10)
            found.append(load("orders", path, company, errors_path=None).line)
        except ConflictError as error:
            found.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(found)


def test_second_import_waits_and_finds_everything_unchanged(company, tmp_path):
    path = written(tmp_path / "o.csv", *order_rows(3000))

    assert both(company, path) == [
        "imported 0, updated 0, unchanged 3000, rejected 0",
        "imported 3000, updated 0, unchanged 0, rejected 0",
    ]
    assert (Order.objects.count(), OrderLine.objects.count()) == (1000, 3000)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer anyway")
def test_without_the_lock_one_of_them_fails_cleanly(company, tmp_path, monkeypatch):
    """The negative control: what the lock saves the second person from."""
    monkeypatch.setattr(locks, "hold", lambda name, number: None)
    path = written(tmp_path / "o.csv", *order_rows(30_000))

    assert "stored_meanwhile" in both(company, path)
    assert OrderLine.objects.count() == 30_000


def test_lock_is_only_held_inside_a_transaction():
    with pytest.raises(RuntimeError):
        locks.hold("orders", 1)
