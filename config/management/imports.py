"""What the import commands share."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from accounts.models import Company
from config.common.errors import DomainError
from config.common.periods import business_today
from customers.importers import engine, mapping, registry, uploads
from customers.importers.engine import Options, Outcome


class ImportCommand(BaseCommand):
    """Imports one file; the last line of the output is for programs."""

    kind = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV, CSV.GZ or XLSX")
        parser.add_argument("--mapping", type=Path, help="TOML file, see docs/importing.md")
        parser.add_argument("--dry-run", action="store_true", help="count, keep nothing")
        parser.add_argument("--partial", action="store_true", help="take the good rows")
        parser.add_argument("--company", default="", help="code of the company")
        parser.add_argument("--errors", type=Path, help="default: FILE.errors.csv")
        parser.add_argument("--expect-rows", type=int, help="refuse a file with another number")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path}: no such file")
        try:
            outcome = self._run(path, options)
        except DomainError as error:
            raise CommandError(error.message) from error
        self._report(outcome)
        if outcome.refused:
            sys.exit(1)

    def _run(self, path: Path, options: dict[str, Any]) -> Outcome:
        kind = registry.get(self.kind)
        text = _read(options["mapping"])
        company = _company(options["company"], required=kind.needs_company)
        with tqdm(total=path.stat().st_size, unit="B", unit_scale=True, disable=None) as bar:
            outcome = engine.run(
                kind=kind,
                path=path,
                mapping=mapping.parse(text, kind.known),
                company=company,
                options=Options(
                    partial=options["partial"],
                    dry_run=options["dry_run"],
                    errors_path=options["errors"] or path.with_name(path.name + ".errors.csv"),
                    expected_rows=options["expect_rows"],
                    progress=lambda done, total: _move(bar, done, total),
                ),
                today=business_today(),
                by=None,
            )
        if not options["dry_run"]:
            uploads.record_command(
                kind=kind.name,
                path=path,
                company=company,
                mapping=text,
                partial=options["partial"],
                outcome=outcome,
            )
        return outcome

    def _report(self, outcome: Outcome) -> None:
        self._report_units(outcome.units_made)
        for code, count in outcome.reasons.items():
            self.stdout.write(f"{code}: {count}")
        for row in outcome.preview[:5]:
            self.stdout.write(f"  line {row['line']}: {row['reason']}")
        if outcome.errors_path is not None:
            self.stdout.write(f"refused rows: {outcome.errors_path}")
        if outcome.incomplete and not outcome.refused:
            self.stdout.write(
                f"incomplete orders: {outcome.incomplete}; no file can add the refused rows later: revert the file "
                "and bring a corrected one, or send the whole orders as a new revision by REST"
            )
        if outcome.refused:
            self.stdout.write("nothing was taken; --partial takes the good rows")
        self.stdout.write(outcome.line)

    def _report_units(self, paths: list[str]) -> None:
        if not paths:
            return
        self.stdout.write(f"organisation units that did not exist: {len(paths)}")
        for path in paths[: uploads.UNITS_NAMED]:
            self.stdout.write(f"  {path}")
        if len(paths) > uploads.UNITS_NAMED:
            self.stdout.write(f"  and {len(paths) - uploads.UNITS_NAMED} more")


def _read(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}") from error


def _company(code: str, *, required: bool) -> Company | None:
    if code:
        company = Company.objects.filter(code=code).first()
        if company is None:
            known = ", ".join(Company.objects.values_list("code", flat=True)) or "none"
            raise CommandError(f"there is no company {code}; there are: {known}")
        return company
    if not required:
        return None
    companies = list(Company.objects.all()[:2])
    return companies[0] if len(companies) == 1 else None


def _move(bar: "tqdm[Any]", done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)
