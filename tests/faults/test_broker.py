"""Redis dies, forgets or hangs: it costs time, never work (F-10 to F-13)."""

import time
from typing import Any

import pytest

from tests.faults.harness import Process, World
from tests.faults.oracle import assert_undisturbed

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def _held_in_sales(world: World) -> Process:
    """A night whose first stage is under way in a worker, which waits to be let go on."""
    worker = world.worker(faults=world.hold_in_sales())
    world.start_night()
    world.wait_until_held()
    return worker


def test_messages_alone_carry_a_night_that_a_thread_of_the_web_server_started(
    world: World, reference: dict[str, Any]
) -> None:
    """No beat, no sweeper: every stage is rung by the one before it."""
    world.worker()
    world.child("start-night-in-thread")

    world.wait_status("succeeded", "failed")

    assert_undisturbed(world, reference)


def test_redis_killed_in_the_middle_and_back_after_two_seconds(
    world: World, reference: dict[str, Any]
) -> None:
    assert world.redis is not None
    worker = _held_in_sales(world)
    world.beat()
    world.redis.process.kill_only()
    time.sleep(2)
    world.redis.start()
    world.go_on()

    world.wait_status("succeeded", "failed")

    assert worker.popen.poll() is None, "the worker must outlive its broker"
    assert {row["attempts"] for row in world.stages().values()} == {1}, "nothing may be done again"
    assert_undisturbed(world, reference)


def test_redis_gone_for_good_and_the_night_is_done_without_a_broker(
    world: World, reference: dict[str, Any]
) -> None:
    assert world.redis is not None
    worker = _held_in_sales(world)
    world.redis.process.kill_only()
    time.sleep(1)
    world.go_on()

    world.loop()
    world.wait_status("succeeded", "failed")

    assert worker.popen.poll() is None, "the worker must go on looking for its broker"
    assert world.stages()["sales"]["attempts"] == 1
    assert_undisturbed(world, reference)


def test_redis_forgets_everything(world: World, reference: dict[str, Any]) -> None:
    assert world.redis is not None
    _held_in_sales(world)
    world.beat()
    assert world.redis.say("FLUSHALL") == b"+OK"
    world.go_on()

    world.wait_status("succeeded", "failed")

    assert_undisturbed(world, reference)


def test_a_hung_redis_keeps_nobody_waiting_for_more_than_five_seconds(
    world: World, reference: dict[str, Any]
) -> None:
    assert world.redis is not None
    world.redis.process.freeze()

    started = world.start_night()

    assert started["seconds"] < 5
    assert world.night() is not None, "the night is a row, whatever Redis does"
    world.redis.process.thaw()
    world.worker()
    world.beat()
    world.wait_status("succeeded", "failed")
    assert_undisturbed(world, reference)
