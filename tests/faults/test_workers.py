"""A worker dies: the night goes on, and its result is that of an undisturbed one (F-01, F-02, F-06)."""

import time
from typing import Any

import pytest

from tests.faults.harness import World, notes
from tests.faults.oracle import assert_undisturbed

pytestmark = [pytest.mark.faults, pytest.mark.slow]

STAGES = ("sales", "segments", "demand", "allocation", "report")


def _kills(world: World, points: tuple[str, ...]) -> str:
    return ";".join(f"{point}=kill-once:{world.folder / point}" for point in points)


@pytest.mark.parametrize(
    "points",
    [
        pytest.param(tuple(f"job-start-night.{name}" for name in STAGES), id="at_every_start"),
        pytest.param(tuple(f"job-end-night.{name}" for name in STAGES), id="before_every_end"),
        pytest.param(
            (
                "sales-inside-month",
                "sales-month",
                "allocation-before-write",
                "allocation-inside-write",
            ),
            id="inside_and_between_transactions",
        ),
    ],
)
def test_kill_of_the_process_that_does_a_stage(
    points: tuple[str, ...], world: World, reference: dict[str, Any]
) -> None:
    world.worker(faults=_kills(world, points))
    world.beat()
    world.start_night()

    world.wait_status("succeeded", "failed")

    assert [point for point in points if not (world.folder / point).exists()] == []
    attempts = {name: row["attempts"] for name, row in world.stages().items()}
    assert sum(attempts.values()) >= len(STAGES) + len(points)
    assert_undisturbed(world, reference)


def test_kill_of_the_whole_worker_in_the_middle_of_a_stage(
    world: World, reference: dict[str, Any]
) -> None:
    worker = world.worker(faults=world.hold_in_sales())
    world.beat()
    world.start_night()
    world.wait_until_held()
    worker.kill_tree()

    world.worker()
    world.wait_status("succeeded", "failed")

    assert world.stages()["sales"]["attempts"] == 2
    assert_undisturbed(world, reference)


def test_a_stage_that_always_kills_its_worker_is_given_up(world: World) -> None:
    starts = world.folder / "starts"
    world.worker(faults=f"job-start-*=note:{starts};allocation-before-write=kill")
    world.beat()
    world.start_night()

    night = world.wait_status("failed", "succeeded")
    time.sleep(3)  # three more rounds of the sweeper must not bring it back

    stages = world.stages()
    assert night["status"] == "failed"
    assert "allocation" in night["error"]
    assert stages["allocation"]["status"] == "failed"
    assert stages["allocation"]["attempts"] == 3
    assert sum("night.allocation" in line for line in notes(starts)) == 3
    assert stages["report"]["status"] == "cancelled"
    assert world.ask("SELECT count(*) FROM allocation_retailerquota") == [(0,)]
    assert world.ask("SELECT count(*) FROM allocation_plan WHERE status <> 'draft'") == [(0,)]


def test_two_workers_and_two_sweepers_do_each_stage_once(
    world: World, reference: dict[str, Any]
) -> None:
    starts = world.folder / "starts"
    for _ in range(2):
        world.worker(faults=f"job-start-*=note:{starts};job-start-*=sleep:1.2")
        world.beat()
    world.start_night()

    world.wait_status("succeeded", "failed")

    begun = [line.split()[0].removeprefix("job-start-night.") for line in notes(starts)]
    assert begun == list(STAGES)
    assert {row["attempts"] for row in world.stages().values()} == {1}
    assert_undisturbed(world, reference)


def test_sigterm_lets_the_stage_end(world: World, reference: dict[str, Any]) -> None:
    """A deployment: the worker ends what it does, exits with 0, and the next one goes on."""
    worker = world.worker(faults=world.hold_in_sales())
    world.beat()
    world.start_night()
    world.wait_until_held()

    worker.popen.terminate()
    time.sleep(1)
    world.go_on()
    assert worker.popen.wait(40) == 0
    assert world.stages()["sales"]["attempts"] == 1
    assert world.stages()["sales"]["status"] == "succeeded"

    world.worker()
    world.wait_status("succeeded", "failed")
    assert_undisturbed(world, reference)
