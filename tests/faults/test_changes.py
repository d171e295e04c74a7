"""A worker dies in the middle of a bulk change, or of undoing one: nothing is lost, nothing done twice."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.faults.harness import ROOT, TAKES_MINUTES, World, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def _child(world: World, *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.child_changes", *arguments],
        cwd=ROOT,
        env=world.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]
    return json.loads(done.stdout.decode().strip().splitlines()[-1])


def _work_and_die(world: World, point: str) -> None:
    faults = f"{point}=kill-once:{world.folder / point}"
    worker = world.start("work", "-m", "tests.faults.child_changes", "work", faults=faults)
    assert worker.popen.wait(90) == -9, worker.text()
    assert (world.folder / point).exists()


def _work_to_the_end(world: World, pk: str, status: str) -> dict[str, Any]:
    worker = world.start("work", "-m", "tests.faults.child_changes", "work")
    wait_until(
        status,
        lambda: world.ask(f"SELECT status FROM accounts_bulkchange WHERE id = {pk}") == [(status,)],
        90,
        log=worker.log,
    )
    wait_until("stopped", lambda: worker.stop() == 0)
    found: dict[str, Any] = _child(world, "look", pk)
    return found


def _trial(world: World) -> None:
    pk = str(_child(world, "start"))

    _work_and_die(world, "list-change-inside")
    assert _child(world, "look", pk)["rows"] == 0
    _work_and_die(world, "list-change-chunk")
    assert _child(world, "look", pk)["rows"] == 50
    done = _work_to_the_end(world, pk, "done")

    assert done["attempts"] == [3]
    assert done["counts"] == [400, 0, 0, 0, 0]
    assert done["days"] == {"6": 400}
    assert (done["rows"], done["events"], done["objects"], done["files"]) == (400, 400, 400, 1)

    _child(world, "undo", pk)
    _work_and_die(world, "list-undo-chunk")
    undone = _work_to_the_end(world, pk, "undone")

    assert undone["attempts"] == [3, 2]
    assert undone["counts"] == [400, 0, 0, 400, 0]
    assert undone["days"] == {"None": 400}
    assert (undone["events"], undone["objects"], undone["files"]) == (800, 400, 2)


@TAKES_MINUTES
def test_kill_of_the_worker_on_sqlite(sqlite_world: World) -> None:
    _trial(sqlite_world)


def test_kill_of_the_worker_on_postgresql(world_without_broker: World) -> None:
    _trial(world_without_broker)
