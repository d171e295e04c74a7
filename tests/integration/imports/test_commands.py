"""The commands: their last line, their exit code, what they leave behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from brands.models import OrderLine
from customers.models import ImportedFile
from tests.integration.imports.conftest import order_rows, snapshot, written

ROOT = Path(__file__).resolve().parents[3]


def last_line(capsys) -> str:
    return capsys.readouterr().out.strip().splitlines()[-1]


def test_import_says_its_counts_in_the_last_line_and_notes_the_file(company, tmp_path, capsys):
    call_command("import_orders", str(written(tmp_path / "o.csv", *order_rows(3))))

    assert last_line(capsys) == "imported 3, updated 0, unchanged 0, rejected 0"
    file = ImportedFile.objects.get()
    assert (file.kind, file.status, file.imported) == ("orders", "applied", 3)


def test_organisation_units_that_a_file_makes_are_named(company, tmp_path, capsys):
    path = tmp_path / "r.csv"
    path.write_text("retailer_code,name,organisation\nN1,Shop,T/East/One\nN2,Shop,T/East/One\n")

    for more in (["--dry-run"], []):
        call_command("import_retailers", str(path), *more)
        told = capsys.readouterr().out
        assert "organisation units that did not exist: 2\n  East\n  East/One\n" in told

    call_command("import_retailers", str(path))
    assert "organisation units" not in capsys.readouterr().out


def test_refused_rows_end_with_another_exit_code_and_take_nothing(company, tmp_path, capsys):
    path = written(tmp_path / "o.csv", *order_rows(3), "A9,1,2026-11-02,R99,P0,1,2")

    with pytest.raises(SystemExit) as ending:
        call_command("import_orders", str(path))

    assert ending.value.code == 1
    assert last_line(capsys) == "imported 0, updated 0, unchanged 0, rejected 1"
    assert not OrderLine.objects.exists()
    assert ImportedFile.objects.get().status == "refused"


def test_partial_takes_the_good_rows_and_ends_well(company, tmp_path, capsys):
    path = written(tmp_path / "o.csv", *order_rows(3), "A9,1,2026-11-02,R99,P0,1,2")

    call_command("import_orders", str(path), "--partial", "--company", "T")

    assert last_line(capsys) == "imported 3, updated 0, unchanged 0, rejected 1"


def test_dry_run_changes_nothing_at_all(company, tmp_path, capsys):
    before = snapshot()

    call_command("import_orders", str(written(tmp_path / "o.csv", *order_rows(3))), "--dry-run")

    assert last_line(capsys) == "imported 3, updated 0, unchanged 0, rejected 0"
    assert snapshot() == before


@pytest.mark.parametrize(
    "arguments",
    [["nowhere.csv"], ["o.csv", "--company", "X"], ["o.csv", "--mapping", "nowhere.toml"]],
)
def test_wrong_arguments_are_explained(company, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "o.csv", *order_rows(3))

    with pytest.raises(CommandError):
        call_command("import_orders", *arguments)


CHILD = """
import os, resource, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
import django
from django.conf import settings
database = settings.DATABASES["default"]
database["NAME"] = sys.argv[1]
if "init_command" in database["OPTIONS"]:  # SQLite's page cache fills up to 64 MB; that is not the import
    database["OPTIONS"]["init_command"] += "PRAGMA cache_size=-4000;"
django.setup()
import datetime as dt
from pathlib import Path
from accounts.models import Company
from customers.importers import engine, mapping, registry
outcome = engine.run(kind=registry.get("orders"), path=Path(sys.argv[2]), mapping=mapping.Mapping(),
    company=Company.objects.get(), options=engine.Options(),
    today=dt.date(2026, 11, 21), by=None)
print(outcome.imported, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("company")
def test_memory_does_not_grow_with_the_file(tmp_path):
    database = connection.settings_dict["NAME"]
    peaks = []
    # Both fill several blocks. Kept in memory, the 400,000 rows more would take over 160 MB.
    for count in (200_000, 600_000):
        path = written(tmp_path / f"{count}.csv", *distinct_rows(count, len(peaks)))
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(database), str(path)],
            cwd=ROOT,
            # One heap per thread would make the peak a matter of chance.
            env={**os.environ, "MALLOC_ARENA_MAX": "2"},
            capture_output=True,
            text=True,
            check=True,
        )
        imported, peak = map(int, done.stdout.split())
        assert imported == count
        peaks.append(peak)

    assert peaks[1] - peaks[0] < 80, peaks


def distinct_rows(count: int, batch: int) -> list[str]:
    return [
        f"{batch}A{i // 10:06d},{i % 10 + 1},2026-{i // 10 * 110 // count + 1:02d}-02,"
        f"R{i // 10 % 12},P{i % 3},{i % 40 + 1},{100 + i % 3}.50"
        for i in range(count)
    ]
