"""Rivals push the same orders at the same time. Each test has a control in which the guard is off."""

import datetime as dt
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, OperationalError, connection

from brands.models import LineKind, Order, OrderLine
from brands.services import orders as service
from brands.services.orders import PushedLine, PushedOrder, push_orders
from config.common import retry
from config.common.retry import BusyError, retrying
from tests.integration.api.conftest import token_of

TODAY = dt.date(2026, 11, 21)


@pytest.fixture
def postgres(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("needs TEST_DATABASE=postgres")


def pushed(number: str, cartons: int = 5, revision: int = 0) -> PushedOrder:
    line = PushedLine(1, "P1", cartons, LineKind.SALE, unit_price_cents=100)
    return PushedOrder(number, "R1", TODAY, revision=revision, lines=(line,))


def together(threads: int, work) -> list:
    """``work(thread number)`` in threads that start at once; results or errors."""
    barrier = threading.Barrier(threads)

    def run(number: int):
        connection.ensure_connection()
        barrier.wait()
        try:
            return work(number)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def push(city, *orders: PushedOrder):
    return push_orders(
        company=city.company, source="main", orders=orders, channel="api", today=TODAY, by=None
    )


@pytest.fixture
def crowd(city, postgres):
    """100 identical pushes from 20 threads; what each was told."""

    def run() -> list:
        def work(_number: int) -> list:
            return [push(city, pushed("SAME"))[0].status for _ in range(5)]

        return together(20, work)

    return run


@pytest.mark.postgres
def test_hundred_identical_pushes_make_one_order(crowd):
    told = Counter(word for words in crowd() for word in words)

    assert told == {"created": 1, "unchanged": 99}
    assert Order.objects.count() == OrderLine.objects.count() == 1


@pytest.mark.postgres
def test_control_check_then_insert_fails_in_the_same_crowd(crowd, monkeypatch):
    manager = type(Order.objects)
    insert = manager.bulk_create

    def check_then_insert(self, rows, **options):
        stored = set(Order.objects.values_list("order_no", flat=True))
        time.sleep(0.05)
        return insert(self, [row for row in rows if row.order_no not in stored])

    monkeypatch.setattr(manager, "bulk_create", check_then_insert)

    assert any(isinstance(result, IntegrityError) for result in crowd())


@pytest.fixture
def opposite(city, postgres, monkeypatch):
    """Two threads push the same 20 new orders, one of them from the other end, both slowly."""
    manager = type(Order.objects)
    insert = manager.bulk_create

    def in_halves(self, rows, **options):
        insert(self, rows[:10], **options)
        time.sleep(0.2)
        return insert(self, rows[10:], **options)

    monkeypatch.setattr(manager, "bulk_create", in_halves)
    batch = [pushed(f"N{index:02d}") for index in range(20)]
    sequences = [batch, batch[::-1]]
    return lambda: together(2, lambda thread: push(city, *sequences[thread]))


@pytest.fixture
def lost_races(monkeypatch):
    seen = []
    monkeypatch.setattr(retry.logger, "warning", lambda *args: seen.append(args))
    return seen


@pytest.mark.postgres
def test_opposite_sequences_do_not_deadlock(opposite, lost_races):
    results = opposite()

    assert lost_races == []
    assert all(isinstance(result, list) for result in results)
    assert Order.objects.count() == 20


@pytest.mark.postgres
def test_control_unsorted_locks_deadlock_and_the_retry_saves_the_push(
    opposite, lost_races, monkeypatch
):
    monkeypatch.setattr(service, "sorted", list, raising=False)

    results = opposite()

    assert lost_races
    assert all(isinstance(result, list) for result in results)
    assert Order.objects.count() == 20


@pytest.mark.postgres
def test_rival_revisions_end_with_the_highest(city, postgres):
    def work(thread: int) -> None:
        for step in range(5):
            revision = step * 8 + thread
            push(city, *[pushed(f"N{index}", revision + 1, revision) for index in range(10)])

    assert together(8, work) == [None] * 8
    assert set(Order.objects.values_list("revision", "cartons")) == {(39, 40)}
    assert set(OrderLine.objects.values_list("ordered_cartons", flat=True)) == {40}
    assert OrderLine.objects.count() == 10


# --- the retry itself ---------------------------------------------------------------------


class LostError(Exception):
    def __init__(self, pgcode: str) -> None:
        self.pgcode = pgcode


def losing(times: int, code: str):
    """Work that loses so many races and then succeeds."""
    calls = []

    def work() -> int:
        calls.append(1)
        if len(calls) <= times:
            raise OperationalError("lost") from LostError(code)
        return len(calls)

    return work, calls


@pytest.fixture
def no_sleep(monkeypatch):
    monkeypatch.setattr(retry.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(retry, "connection", type("NoTransaction", (), {"in_atomic_block": False}))


@pytest.mark.parametrize("code", ["40001", "40P01", "55P03"])
def test_a_lost_race_is_repeated_three_times(no_sleep, code):
    work, _calls = losing(3, code)

    assert retrying(work) == 4


def test_who_loses_every_time_is_told_to_come_back(no_sleep):
    work, calls = losing(9, "40P01")

    with pytest.raises(BusyError):
        retrying(work)
    assert len(calls) == 4


def test_other_errors_are_not_repeated(no_sleep):
    work, calls = losing(9, "42P01")  # undefined table: a bug of ours

    with pytest.raises(OperationalError):
        retrying(work)
    assert len(calls) == 1


def test_only_the_owner_of_a_transaction_repeats_it(no_sleep, monkeypatch):
    monkeypatch.setattr(retry, "connection", type("Inside", (), {"in_atomic_block": True}))
    work, calls = losing(9, "40P01")

    with pytest.raises(OperationalError):
        retrying(work)
    assert len(calls) == 1


# --- a kept connection of the hot path ----------------------------------------------------


@pytest.mark.postgres
def test_quotas_survive_a_connection_that_died(client, city, products, postgres):
    city.publish_plan(202611, 1, 7, {(0, products[0]): 12})
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token_of(city.client())}"}

    def ask() -> list:
        response = client.get("/api/v1/quotas/?retailer=R1&month=2026-11", **headers)
        assert response.status_code == 200, response.content
        return response.json()["quotas"]

    expected = [{"product_code": "P1", "cartons": 12}]
    assert ask() == expected  # plans the statement
    assert ask() == expected  # has it planned
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    killer = connection.copy()
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    killer.close()

    assert ask() == expected
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")  # as a pooler may do
    assert ask() == expected
