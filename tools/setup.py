"""Make this checkout ready to run: virtual environment, packages, browser libraries, translations.

Standard library only: it runs before anything is installed. What is up to date is left alone, so a
second run takes under a second and needs no network.

    python3 tools/setup.py          what the site needs
    python3 tools/setup.py --dev    also what tests and checks need
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 11)
NO_VENV = """A virtual environment cannot be made with {python}: its module ensurepip is missing.
Install it and run the same command again. On Debian and Ubuntu:

    sudo apt-get install python3-venv
"""


def fail(message: str) -> None:
    """End with a message and exit code 1."""
    raise SystemExit(message)


def check_python() -> None:
    """Refuse a Python that is too old, with a message that helps."""
    if sys.version_info < OLDEST_PYTHON:
        fail(
            f"Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer is needed; {sys.executable} is "
            f"{sys.version.split()[0]}. Name another one: make PYTHON=python3.12 ..."
        )


def digest(*paths: Path) -> str:
    """Return a hash of the contents of files."""
    content = b"\0".join(path.read_bytes() for path in paths)
    return hashlib.sha256(sys.version.encode() + content).hexdigest()


def step(title: str, command: list[str | Path], **environment: str) -> None:
    """Run a command, saying what it is for and how long it took; end when it fails."""
    started = time.monotonic()
    print(f"• {title} ...", flush=True)
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env={**os.environ, **environment}, check=False
    )
    if done.returncode:
        fail(f"{title} failed (exit code {done.returncode}); the lines above say why.")
    print(f"  {time.monotonic() - started:.1f} s", flush=True)


def make_venv() -> None:
    """Make .venv, or make it again when its Python has gone."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False).returncode == 0:
        return
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        fail(NO_VENV.format(python=sys.executable))
    step("virtual environment", [sys.executable, "-m", "venv", "--clear", VENV])


def install_packages(*, dev: bool) -> None:
    """Install the pinned packages unless the stamp says that they are there."""
    files = [ROOT / "requirements.txt"]
    if dev:
        files.append(ROOT / "requirements-dev.txt")
    stamp = VENV / ("packages-dev.stamp" if dev else "packages.stamp")
    wanted = digest(*files)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    # Compiled when it is first imported: most of what comes with the packages never is, and compiling all of it
    # is a third of the time that this step takes.
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--no-compile"]
    command += ["-r", files[-1]]
    step("pinned packages", command, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    stamp.write_text(wanted)
    if dev:
        (VENV / "packages.stamp").write_text(digest(files[0]))


def prepare(*, dev: bool) -> None:
    """Do everything that is missing."""
    # For this process's children: what is installed uncompiled must be compiled once, not at every start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    check_python()
    make_venv()
    install_packages(dev=dev)
    assets: list[str | Path] = [PYTHON, "tools/assets.py"]
    step("browser libraries", [*assets, "--dev"] if dev else assets)
    step("translations", [PYTHON, "tools/messages.py"])


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    prepare(dev=parser.parse_args().dev)


if __name__ == "__main__":
    main()
