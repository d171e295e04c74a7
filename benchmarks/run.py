"""Run the benchmarks, print a table of ratios, store it: `make bench ARGS="--quick --only import"`.

Each `bench_<name>.py` here has `run()` (or `run(quick=...)`) that returns rows with the keys name, ours,
reference, ratio, unit, goal, ok and note. Each runs in a process of its own, so that none warms another's
caches or settings, and measures its own floor in the same run: the ratios count, not the seconds.
"""

import argparse
import importlib
import inspect
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
KEYS = ("name", "ours", "reference", "ratio", "unit", "goal", "ok", "note")
Row = dict[str, Any]


def names() -> list[str]:
    """The benchmarks that are there."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def run_here(name: str, *, quick: bool, output: Path) -> None:
    """Run one benchmark in this process and write its rows."""
    sys.path[:0] = [str(HERE.parent), str(HERE)]
    module = importlib.import_module(f"bench_{name}")
    takes_quick = "quick" in inspect.signature(module.run).parameters
    rows = module.run(quick=True) if quick and takes_quick else module.run()
    output.write_text(json.dumps(rows, default=str), encoding="utf-8")


def run_apart(name: str, *, quick: bool) -> tuple[list[Row], float]:
    """Run one benchmark in a process of its own; a crash becomes a row that falls short."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "rows.json"
        command = [sys.executable, str(Path(__file__)), "--child", name, "--output", str(output)]
        started = time.monotonic()
        done = subprocess.run([*command, *(["--quick"] if quick else [])], check=False)
        seconds = time.monotonic() - started
        if done.returncode == 0 and output.is_file():
            return [checked(name, row) for row in json.loads(output.read_text())], seconds
    return [crashed(name, done.returncode)], seconds


def checked(name: str, row: Row) -> Row:
    """The row, with every key."""
    missing = [key for key in KEYS if key not in row]
    if missing:
        raise SystemExit(f"bench_{name}.py: a row lacks {', '.join(missing)}: {row}")
    return {"benchmark": name, **{key: row[key] for key in KEYS}}


def crashed(name: str, code: int) -> Row:
    """The row of a benchmark that did not end well."""
    note = f"ended with exit code {code}; see above"
    blank: Row = dict.fromkeys(KEYS, "")
    return {"benchmark": name, **blank, "name": name, "ok": False, "note": note, "crashed": True}


def shown(value: Any) -> str:
    """A figure with three digits that matter."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value is None else str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | ours | reference | unit | ratio | goal | |", "|---|--:|--:|---|--:|---|---|"]
    for row in rows:
        verdict = "ok" if row["ok"] else "**short**"
        cells = [
            str(row["name"]) + (f" — {row['note']}" if row["note"] else ""),
            shown(row["ours"]),
            shown(row["reference"]),
            str(row["unit"]),
            shown(row["ratio"]),
            str(row["goal"]),
            verdict,
        ]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


def store(rows: list[Row], facts: dict[str, Any], *, quick: bool) -> Path:
    """Write the result as JSON and Markdown; a quick run never overwrites a full one."""
    RESULTS.mkdir(exist_ok=True)
    stem = RESULTS / ("quick" if quick else "latest")
    body = json.dumps({"machine": facts, "rows": rows}, indent=1, ensure_ascii=False)
    stem.with_suffix(".json").write_text(body + "\n", encoding="utf-8")
    about = ", ".join(f"{key} {value}" for key, value in facts.items())
    stem.with_suffix(".md").write_text(f"{about}\n\n{table(rows)}\n", encoding="utf-8")
    return stem.with_suffix(".md")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", choices=names(), help="only this one")
    parser.add_argument("--quick", action="store_true", help="small inputs, to see that it runs")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_here(options.child, quick=options.quick, output=options.output)
        return
    facts = machine()
    rows: list[Row] = []
    for name in options.only or names():
        print(f"• {name} ...", flush=True)
        found, seconds = run_apart(name, quick=options.quick)
        print(f"  {seconds:.1f} s", flush=True)
        rows += found
    print("\n" + table(rows))
    if not options.only:
        print(f"\nstored in {store(rows, facts, quick=options.quick)}")
    short = [str(row["name"]) for row in rows if not row["ok"]]
    print(f"\nFALLS SHORT ({len(short)}): " + "; ".join(short) if short else "\nevery goal is met")
    if any(row.get("crashed") for row in rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
