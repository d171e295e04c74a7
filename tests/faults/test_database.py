"""PostgreSQL crashes under the night: workers come back by themselves (F-15, F-16)."""

import os
import signal
import time
from typing import Any

import pytest

from tests.faults.harness import Postgres, World
from tests.faults.oracle import assert_undisturbed

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.fixture(params=["sales-month", "sales-inside-month"], ids=["between", "inside"])
def half_done(request: pytest.FixtureRequest, world: World) -> World:
    """A night whose first stage is under way in a worker, between or inside transactions."""
    world.worker(faults=world.hold_in_sales(request.param))
    world.beat()
    world.start_night()
    world.wait_until_held()
    return world


def test_crash_and_restart_of_the_server(
    half_done: World, postgres: Postgres, reference: dict[str, Any]
) -> None:
    postgres.crash()
    half_done.go_on()
    time.sleep(1.5)
    postgres.start()

    half_done.wait_status("succeeded", "failed")

    assert_undisturbed(half_done, reference)


def test_kill_of_one_backend(
    half_done: World, postgres: Postgres, reference: dict[str, Any]
) -> None:
    """The server ends all other connections too, and recovers."""
    kill_a_backend(half_done)
    half_done.go_on()

    half_done.wait_status("succeeded", "failed")

    assert_undisturbed(half_done, reference)


def test_crash_of_the_server_while_the_loop_works_without_a_broker(
    world_without_broker: World, postgres: Postgres, reference: dict[str, Any]
) -> None:
    world = world_without_broker
    loop = world.loop(faults=world.hold_in_sales())
    world.start_night()
    world.wait_until_held()
    postgres.crash()
    world.go_on()
    time.sleep(1.5)
    postgres.start()

    world.wait_status("succeeded", "failed")

    assert loop.stop() == 0, "the loop must outlive the crash and end when told"
    assert_undisturbed(world, reference)


def kill_a_backend(world: World) -> None:
    """Connections come and go: one that has just ended cannot be killed, so ask again."""
    for _ in range(50):
        rows = world.ask(
            """SELECT pid FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()
               ORDER BY query_start DESC LIMIT 1"""
        )
        try:
            os.kill(rows[0][0], signal.SIGKILL)
        except (IndexError, ProcessLookupError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError("no connection to kill")
