"""The demo, SQLite and no broker: the same promises, and the same result as on PostgreSQL."""

from typing import Any

import pytest

from tests.faults.harness import DAY, TAKES_MINUTES, World
from tests.faults.oracle import assert_undisturbed

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.mark.parametrize(
    "point",
    [
        "sales-inside-month",
        pytest.param("allocation-before-write", marks=TAKES_MINUTES),
        pytest.param("job-end-night.report", marks=TAKES_MINUTES),
    ],
)
def test_kill_of_the_nightly_command(
    point: str, sqlite_world: World, sqlite_reference: dict[str, Any]
) -> None:
    world = sqlite_world
    killed = world.folder / "killed"
    command = ["manage.py", "nightly", "--date", DAY]
    nightly = world.start("nightly", *command, faults=f"{point}=kill-once:{killed}")
    assert nightly.popen.wait(60) == -9, nightly.text()
    assert world.wait_status("running")

    loop = world.loop()
    world.wait_status("succeeded", "failed")

    assert loop.stop() == 0
    assert_undisturbed(world, sqlite_reference)


def test_both_engines_have_the_same_result(
    sqlite_reference: dict[str, Any], reference: dict[str, Any]
) -> None:
    assert sqlite_reference == reference
