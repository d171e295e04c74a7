"""Translations with Babel only: no gettext tools needed.

Source strings are English, Chinese (zh_Hans) is the translation and the site's default.

    python tools/messages.py            compile .po -> .mo (what ./setup and make run)
    python tools/messages.py update     bring the .po files in line with code and templates
    python tools/messages.py missing    print {"English": ""} of what is untranslated, as JSON
    python tools/messages.py fill FILE  enter translations from such a JSON file
    python tools/messages.py check      fail if a .po is stale, incomplete or has wrong placeholders

The .po files carry no line numbers and are sorted by source string, so that two people who
add strings at the same time seldom touch the same lines.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LOCALES = ("zh_Hans",)
SKIPPED = {
    ".venv",
    "benchmarks",
    "docs",
    "migrations",
    "node_modules",
    "static",
    "staticfiles",
    "tests",
    "tools",
    "var",
}
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(
    r"%\((?P<named>\w+)\)[sdif]|(?P<positional>%(?:\.\d+)?[sdif])|\{(?P<braces>\w*)[^{}]*\}"
)


def sources() -> Iterator[Path]:
    """Yield the Python files and HTML templates whose strings are translated."""
    for folder, names, files in os.walk(ROOT):
        names[:] = sorted(n for n in names if n not in SKIPPED and not n.startswith("."))
        for name in sorted(files):
            if name.endswith((".py", ".html", ".txt")) and (
                name.endswith(".py") or "templates" in Path(folder).parts
            ):
                yield Path(folder) / name


def python_of(path: Path) -> str:
    """Return Python source that holds the file's translatable strings on the same lines."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    blanked = templatize(text, origin=str(path))
    # The rest of a template is blanked with X; its indentation would not be valid Python.
    return "\n".join(line.lstrip() for line in blanked.splitlines())


def template_catalog() -> Catalog:
    """Return a catalogue of every string found, without translations."""
    catalog = Catalog(project="Liangzhun", charset="utf-8")
    for path in sources():
        # CRLF in a template and LF in the .po would be two strings: text mode has removed it.
        stream = io.BytesIO(python_of(path).encode())
        for _, message, comments, context in extract(
            "python", stream, keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            if message and message != ("", ""):
                catalog.add(
                    message,
                    locations=[(path.relative_to(ROOT).as_posix(), 1)],
                    auto_comments=comments,
                    context=context,
                )
    return catalog


def po_path(locale: str) -> Path:
    """Return where a language's .po file lies."""
    return LOCALE / locale / "LC_MESSAGES" / "django.po"


def load(locale: str) -> Catalog:
    """Read a .po file; an empty catalogue where there is none yet."""
    path = po_path(locale)
    if not path.exists():
        return Catalog(locale=locale, project="Liangzhun", charset="utf-8")
    with path.open("rb") as stream:
        return read_po(stream, locale=locale)


def save(catalog: Catalog, locale: str) -> None:
    """Write a .po file in one step, in an order that does not depend on who ran it."""
    stream = io.BytesIO()
    catalog.fuzzy = False
    write_po(
        stream,
        catalog,
        width=100,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
        omit_header=True,
    )
    header = (
        'msgid ""\nmsgstr ""\n'
        '"Project-Id-Version: Liangzhun\\n"\n'
        f'"Language: {locale}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    replace(po_path(locale), header.encode() + stream.getvalue().strip() + b"\n")


def replace(path: Path, content: bytes) -> None:
    """Put a file in place at once: a running server never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)


def key(message: Message) -> tuple[str | None, str | tuple[str, ...]]:
    """Return what makes a message unique."""
    return (message.context, message.id if isinstance(message.id, str) else tuple(message.id))


def strings(message: Message) -> list[str]:
    """Return the translations of a message, one per plural form."""
    if isinstance(message.string, (tuple, list)):
        return list(message.string)
    return [message.string or ""]


def is_open(message: Message) -> bool:
    """Say whether a message has no finished translation."""
    return message.fuzzy or not all(strings(message))


def placeholders(text: str) -> Counter[str]:
    """Return the placeholders of a string with their numbers; %% is none."""
    return Counter(match.group(0) for match in PLACEHOLDER.finditer(text.replace("%%", "")))


def update(locale: str) -> None:
    """Add new strings, drop those no longer used, keep the translations."""
    catalog = load(locale)
    before = {key(m) for m in catalog if m.id}
    catalog.update(template_catalog(), no_fuzzy_matching=True)
    save(catalog, locale)
    after = {key(m) for m in catalog if m.id}
    left = sum(is_open(m) for m in catalog if m.id)
    print(
        f"{locale}: {len(after - before)} new, {len(before - after)} dropped, {left} untranslated"
    )


def faults(locale: str) -> list[str]:
    """Return what is wrong with a .po file, one sentence a fault."""
    catalog = load(locale)
    wanted = {key(m) for m in template_catalog() if m.id}
    held = {key(m): m for m in catalog if m.id}
    found = [f"not in the .po (run 'update'): {k[1]!r}" for k in wanted - held.keys()]
    found += [f"no longer used (run 'update'): {k[1]!r}" for k in held.keys() - wanted]
    for name, message in held.items():
        if is_open(message):
            found.append(f"{'fuzzy' if message.fuzzy else 'untranslated'}: {name[1]!r}")
            continue
        # With plurals the last form is the general one ("%(count)s items").
        english = message.id if isinstance(message.id, str) else message.id[-1]
        found += [
            f"placeholders differ: {english!r} / {text!r}"
            for text in strings(message)
            if placeholders(english) != placeholders(text)
        ]
    return sorted(found)


def compile_all() -> None:
    """Write the .mo file of every .po file."""
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        with path.open("rb") as stream:
            catalog = read_po(stream, locale=path.parent.parent.name)
        binary = io.BytesIO()
        write_mo(binary, catalog)
        replace(path.with_suffix(".mo"), binary.getvalue())


def check() -> None:
    """Exit with 1 and a list if any .po file has a fault."""
    found = [f"{locale}: {fault}" for locale in LOCALES for fault in faults(locale)]
    for line in found:
        print(line)
    if found:
        raise SystemExit(f"messages: {len(found)} faults")
    print("messages: in order")


def missing(locale: str) -> None:
    """Print the untranslated strings as a JSON object to fill in."""
    opened = {
        m.id if isinstance(m.id, str) else m.id[-1]: "" for m in load(locale) if m.id and is_open(m)
    }
    json.dump(opened, sys.stdout, ensure_ascii=False, indent=1)
    print()


def fill(locale: str, file: Path) -> None:
    """Enter translations from a JSON object {English: Chinese}; unknown keys are reported."""
    given = json.loads(file.read_text(encoding="utf-8"))
    catalog = load(locale)
    unused = set(given)
    for message in catalog:
        english = message.id if isinstance(message.id, str) else message.id[-1]
        if english and given.get(english):
            plural = not isinstance(message.id, str)
            message.string = (given[english],) * catalog.num_plurals if plural else given[english]
            message.flags.discard("fuzzy")
            unused.discard(english)
    save(catalog, locale)
    print(f"{locale}: {len(given) - len(unused)} entered")
    for name in sorted(unused):
        print(f"not in the .po or left empty: {name!r}")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "action",
        nargs="?",
        default="compile",
        choices=["compile", "update", "missing", "fill", "check"],
    )
    parser.add_argument("file", nargs="?", type=Path, help="JSON file for 'fill'")
    args = parser.parse_args()
    if args.action == "check":
        return check()
    for locale in LOCALES:
        if args.action == "update":
            update(locale)
        elif args.action == "missing":
            missing(locale)
        elif args.action == "fill":
            fill(locale, args.file or parser.error("fill needs a JSON file"))
    if args.action in ("compile", "update", "fill"):
        compile_all()
    return None


if __name__ == "__main__":
    main()
