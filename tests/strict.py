"""pytest plugin: says what was not tested, and with REQUIRE_… turns such skips into failures.

A suite that skips what it cannot reach is green on a laptop, and must not be in CI.
"""

import os
from collections.abc import Generator
from typing import Any

import pytest

# Marker of a test: the variable that says it must not be skipped.
REQUIRED_BY = {
    "faults": "REQUIRE_SERVICES",
    "postgres": "REQUIRE_SERVICES",
    "e2e": "REQUIRE_BROWSER",
}
NAMES = {
    "faults": "tests that kill servers",
    "postgres": "tests of PostgreSQL",
    "e2e": "browser tests",
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        for marker, variable in REQUIRED_BY.items():
            if os.environ.get(variable) == "1" and item.get_closest_marker(marker):
                reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
                report.outcome = "failed"
                report.longrepr = f"{variable}=1 forbids skipping this test: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    for marker, name in NAMES.items():
        found = [report for report in skipped if marker in getattr(report, "keywords", {})]
        if found:
            reason = found[0].longrepr[2] if isinstance(found[0].longrepr, tuple) else ""
            terminalreporter.write_line(f"NOT RUN: {len(found)} {name}. {reason}", yellow=True)
