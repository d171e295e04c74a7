"""Two people, or a person and the clock, at the same moment. Each race has a negative control."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection

from accounts.models import AuditEvent
from config.common.errors import ConflictError
from customers.models import HandOver, HandOverRetailer, HandOverStatus, Retailer
from customers.selectors import handover as reads
from customers.services import handover
from tests.unit.customers.services.handover_city import DAY, TODAY, Place, ask, make_place

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'",
        reason="SQLite has one writer at a time; run with TEST_DATABASE=postgres",
    ),
]
ROUNDS = 6


def together(*works: Callable[[], Any]) -> list[Any]:
    """Do all at once, each on a connection of its own; results or errors in their order."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=10)
            return work()
        except (ConflictError, OperationalError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def copies(hand_over: HandOver) -> list[HandOver]:
    """As two people have it on their screens."""
    rows = HandOver.objects.select_related("to_manager")
    return [rows.get(pk=hand_over.pk) for _ in range(2)]


def won(results: list[Any]) -> int:
    return sum(not isinstance(result, Exception) for result in results)


@pytest.fixture
def place() -> Place:
    return make_place()


def test_two_approvers_approve_and_carry_out_once(place):
    for number in range(ROUNDS):
        one, other = copies(ask(place, number, by=place.planner, effective_on=TODAY))

        results = together(
            lambda one=one: handover.approve(hand_over=one, today=TODAY, by=place.approver),
            lambda other=other: handover.approve(hand_over=other, today=TODAY, by=place.approver),
        )

        assert won(results) == 1
        assert sum(isinstance(result, ConflictError) for result in results) == 1
    assert AuditEvent.objects.filter(action="hand_over.approve").count() == ROUNDS
    assert AuditEvent.objects.filter(action="retailer.hand_over").count() == ROUNDS


def test_negative_control_read_then_write_lets_both_approve(place):
    """The same race with the naive step; if this stops failing the race is no race any more."""
    one, other = copies(ask(place, 0))
    gate = threading.Barrier(2)

    def naive(row: HandOver) -> bool:
        waits = HandOver.objects.get(pk=row.pk).status == HandOverStatus.REQUESTED
        gate.wait(timeout=10)
        if waits:
            HandOver.objects.filter(pk=row.pk).update(status=HandOverStatus.APPROVED)
        return waits

    assert together(lambda: naive(one), lambda: naive(other)) == [True, True]


def test_of_approval_and_withdrawal_one_wins_and_the_retailer_is_where_it_says(place):
    for number in range(ROUNDS):
        one, other = copies(ask(place, number, by=place.planner, effective_on=TODAY))

        results = together(
            lambda one=one: handover.approve(hand_over=one, today=TODAY, by=place.approver),
            lambda other=other: handover.withdraw(hand_over=other, by=place.planner),
        )

        assert won(results) == 1
        row = HandOver.objects.get(pk=one.pk)
        shop = Retailer.objects.get(pk=place.shops[number].pk)
        assert (row.status, shop.manager_id == place.bob.pk) in [
            ("done", True), ("withdrawn", False),
        ]  # fmt: skip
        assert not HandOverRetailer.objects.filter(is_open=True).exists()


def test_many_workers_carry_a_due_hand_over_out_once(place):
    for number in range(ROUNDS):
        hand_over = ask(place, number, by=place.planner)
        handover.approve(hand_over=hand_over, today=TODAY, by=place.approver)

        results = together(*[lambda: handover.apply_due(business_date=TODAY + DAY)] * 4)

        assert sorted(len(result) for result in results) == [0, 0, 0, 1]
    assert AuditEvent.objects.filter(action="hand_over.done").count() == ROUNDS


def test_two_requests_for_one_retailer_leave_one(place, monkeypatch):
    # Both have looked before either wrote: only the constraint of the database stands between.
    monkeypatch.setattr(reads, "open_hand_overs_of", lambda keys: {})
    for number in range(ROUNDS):
        results = together(*[lambda number=number: ask(place, number, by=place.planner)] * 2)

        assert won(results) == 1
        assert HandOverRetailer.objects.filter(retailer=place.shops[number]).count() == 1
    assert HandOver.objects.count() == ROUNDS
