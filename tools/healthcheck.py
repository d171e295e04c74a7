"""Health checks of the containers. Standard library only, so that they take no time to start.

python tools/healthcheck.py web     /health/ready answers 200
python tools/healthcheck.py beat    the schedule was written in the last ten minutes
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
URL = "http://127.0.0.1:8000/health/ready"
BEAT_SECONDS = 600


def web() -> bool:
    """Ask the web server; by the site's own name, because it answers to no other."""
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    request = urllib.request.Request(URL, headers={"Host": host or "127.0.0.1"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError as error:
        print(error, file=sys.stderr)
        return False


def beat() -> bool:
    """Look at the age of the schedule file, which beat writes every few minutes."""
    files = list((ROOT / "var").glob("celerybeat-schedule*"))
    return any(time.time() - file.stat().st_mtime < BEAT_SECONDS for file in files)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["web", "beat"])
    raise SystemExit(0 if {"web": web, "beat": beat}[parser.parse_args().what]() else 1)


if __name__ == "__main__":
    main()
