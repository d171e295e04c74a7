"""What every trial must leave behind."""

from typing import Any

from tests.faults.harness import World


def assert_undisturbed(world: World, reference: dict[str, Any]) -> None:
    """The night ended well, with the hash and the rows of a night that nobody disturbed."""
    night = world.night()
    assert night is not None
    assert night["status"] == "succeeded", (night, world.stages())
    assert night["result_hash"] == reference["hash"]
    found = world.child("fingerprint")
    assert found["invariants"] == []
    assert found == reference["fingerprint"]
