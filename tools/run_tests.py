"""Run the test suite on a fresh checkout: set up what it needs, find a browser, call pytest.

    python3 tools/run_tests.py [arguments of pytest]

Browser tests run where Chromium is found (CHROMIUM=/path, or on PATH); otherwise they are skipped and
the summary says so. REQUIRE_BROWSER=1 and REQUIRE_SERVICES=1 turn such skips into failures.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import setup

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str:
    """Return the path of a Chromium, or an empty text."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        if not Path(named).is_file():
            setup.fail(f"CHROMIUM={named}: there is no such file.")
        return named
    return next((path for name in BROWSERS if (path := shutil.which(name))), "")


def workers() -> str:
    """Return how many test processes run at once."""
    return os.environ.get("TEST_WORKERS") or str(min(os.cpu_count() or 1, 4))


def main() -> None:
    """Run the command line."""
    setup.prepare(dev=True)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    environment.setdefault("TEST_RUN_ID", str(os.getpid()))
    browser = find_browser()
    if browser:
        environment["CHROMIUM"] = browser
    elif os.environ.get("REQUIRE_BROWSER") == "1":
        setup.fail(
            "REQUIRE_BROWSER=1, but no Chromium was found. Install one or set CHROMIUM=/path."
        )
    print(f"• tests, {workers()} at once, browser: {browser or 'none'}", flush=True)
    command = [str(setup.PYTHON), "-m", "pytest", "-p", "tests.strict", "-n", workers()]
    command += ["--dist", "worksteal", *sys.argv[1:]]
    raise SystemExit(
        subprocess.run(command, cwd=setup.ROOT, env=environment, check=False).returncode
    )


if __name__ == "__main__":
    main()
