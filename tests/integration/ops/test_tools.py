import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import support
from tests.integration.ops.scripts import load_tool

ROOT = Path(__file__).parents[3]
setup = load_tool("setup")
demo = load_tool("demo")
run_tests = load_tool("run_tests")


def test_an_old_python_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 2, "final", 0))

    with pytest.raises(SystemExit, match=r"make PYTHON=python3\.12"):
        setup.check_python()


def test_a_taken_port_is_said_before_anything_is_done() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]

        with pytest.raises(SystemExit, match=f"Port {number} .* is in use.*PORT="):
            demo.check_port(number)

    demo.check_port(number)


@pytest.mark.parametrize("text", ["eight", "0", "70000", "-1", "８０００"])
def test_a_port_that_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)

    with pytest.raises(SystemExit, match="PORT must be"):
        demo.port()


def test_the_port_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    assert demo.port() == 8123

    monkeypatch.delenv("PORT")
    assert demo.port() == 8000


def test_a_step_is_done_again_when_its_files_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "STAMPS", tmp_path / "stamps")
    file = tmp_path / "file"
    file.write_text("one")
    before = demo.fingerprint([file], content=True)
    assert not demo.is_done("step", before)

    demo.set_done("step", before)
    assert demo.is_done("step", before)

    file.write_text("two")
    assert not demo.is_done("step", demo.fingerprint([file], content=True))


def test_a_step_that_fails_ends_the_set_up_with_its_name() -> None:
    with pytest.raises(SystemExit, match="small step failed"):
        setup.step("small step", [sys.executable, "-c", "raise SystemExit(3)"])


def test_programs_are_stopped_by_their_own_number() -> None:
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    programs = {"a": subprocess.Popen(sleeper), "b": subprocess.Popen(sleeper)}

    demo.stop(programs)

    assert all(program.returncode is not None for program in programs.values())


def test_a_named_browser_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")

    with pytest.raises(SystemExit, match="/nowhere/chromium"):
        run_tests.find_browser()


def test_without_a_browser_the_suite_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")

    assert run_tests.find_browser() == ""


@pytest.mark.parametrize(
    ("required", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_a_missing_service_skips_or_fails_as_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, required: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("REQUIRE_SERVICES", required)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("REDIS_PORT", str(free.getsockname()[1]))

    with pytest.raises(outcome, match="redis is not reachable"):
        support.require("redis")


SKIPPING = """
import pytest

@pytest.mark.faults
def test_one():
    pytest.skip("no server here")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("required", "code", "said"), [("", 0, "NOT RUN: 1 "), ("1", 1, "forbids")]
)
def test_the_summary_says_what_was_not_run_and_ci_fails_on_it(
    tmp_path: Path, required: str, code: int, said: str
) -> None:
    (tmp_path / "test_skipping.py").write_text(SKIPPING)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    faults: kills servers\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.strict", "-p", "no:django"]

    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "REQUIRE_SERVICES": required},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout


def test_the_script_of_ci_is_valid_and_runs_what_the_readme_says() -> None:
    script = ROOT / ".ci" / "run"

    done = subprocess.run(["bash", "-n", str(script)], capture_output=True, check=False)

    text = script.read_text()
    assert done.returncode == 0
    assert os.access(script, os.X_OK)
    for line in ("make check", "make test", "TEST_DATABASE=postgres REQUIRE_SERVICES=1"):
        assert line in text
    readme = (ROOT / "README.md").read_text()
    assert "make demo" in readme
    assert "make test" in readme


def test_the_bare_set_up_needs_nothing_but_the_standard_library() -> None:
    for name in ("setup", "demo", "run_tests", "healthcheck", "assets"):
        done = subprocess.run(
            [
                sys.executable,
                "-I",
                "-S",
                "-c",
                f"import sys; sys.path.insert(0, 'tools'); import {name}",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
