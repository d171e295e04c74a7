"""Market observations from files: what is taken, what is refused, and that twice is once."""

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent, User
from accounts.roles import Role
from brands.models import MarketObservation, Product
from config.common import jobs
from config.common.errors import DomainError, RefusedFileError
from customers.importers import chunks, receiving, uploads
from customers.models import ImportedFile, Retailer
from tests.integration.imports import conftest
from tests.integration.imports.conftest import TODAY, load, written

ROOT = Path(__file__).resolve().parents[3]
HEADER = (
    "observed_on,retailer_code,product_code,shelf,carton_price,pack_price,stock_cartons,"
    "sold_cartons,out_of_stock_days,source"
)
ROW = "2026-11-03,R1,P2,1,228.50,23,12,5,0,survey"


def observations(tmp_path, *rows, header=HEADER, name="m.csv"):
    return written(tmp_path / name, *rows, header=header)


def stored() -> list[tuple]:
    names = [field.attname for field in MarketObservation._meta.concrete_fields]
    return sorted(MarketObservation.objects.values_list(*names))


def snapshot():
    return conftest.snapshot(), stored()


def reasons_in(path) -> list[dict[str, str]]:
    with path.with_name(path.name + ".errors.csv").open(encoding="utf-8-sig") as stream:
        # The words of the header depend on the language.
        names = ["line", "column", "code", "reason"]
        return [dict(zip(names, row, strict=False)) for row in list(csv.reader(stream))[1:]]


def test_every_column_is_stored_and_the_import_recorded(company, tmp_path):
    outcome = load("observations", observations(tmp_path, ROW), company)

    assert outcome.line == "imported 1, updated 0, unchanged 0, rejected 0"
    seen = MarketObservation.objects.get()
    assert (seen.company, seen.retailer.code, seen.product.code) == (company, "R1", "P2")
    assert (seen.observed_on, seen.period, seen.source) == (dt.date(2026, 11, 3), 202611, "survey")
    assert (seen.shelf, seen.carton_price, seen.pack_price) == (True, Decimal("228.50"), 23)
    assert (seen.stock_cartons, seen.sold_cartons, seen.out_of_stock_days) == (12, 5, 0)
    event = AuditEvent.objects.get(action="observations.import")
    assert event.changes == {"imported": 1, "updated": 0}
    assert (event.company_id, event.actor_label) == (company.pk, "import_observations")


@pytest.mark.parametrize(
    ("text", "shelf"), [("1", True), ("0", False), ("是", True), ("否", False)]
)
def test_shelf_is_yes_or_no_and_what_was_not_observed_stays_empty(company, tmp_path, text, shelf):
    load("observations", observations(tmp_path, f"2026-11-03,R1,P2,{text},,,,,,"), company)

    seen = MarketObservation.objects.get()
    assert seen.shelf is shelf
    assert (seen.carton_price, seen.stock_cartons, seen.source) == (None, None, "")


def test_optional_columns_may_be_missing(company, tmp_path):
    path = observations(
        tmp_path,
        "R1,2026-11-03,P0,4",
        header="retailer_code,observed_on,product_code,stock_cartons",
    )

    assert load("observations", path, company).imported == 1
    assert MarketObservation.objects.get().stock_cartons == 4


def test_same_file_twice_changes_nothing(company, tmp_path):
    path = observations(tmp_path, ROW, ROW.replace("R1", "R2"), ROW.replace("survey", ""))
    load("observations", path, company)
    before = snapshot()

    outcome = load("observations", path, company)

    assert outcome.line == "imported 0, updated 0, unchanged 3, rejected 0"
    assert snapshot() == before


def test_other_content_updates_and_an_empty_cell_leaves_what_is_stored(company, tmp_path):
    load("observations", observations(tmp_path, ROW), company)

    path = observations(tmp_path, "2026-11-03,R1,P2,,231.00,,0,,,survey", name="n.csv")
    outcome = load("observations", path, company)

    assert outcome.line == "imported 0, updated 1, unchanged 0, rejected 0"
    seen = MarketObservation.objects.get()
    assert (seen.shelf, seen.carton_price, seen.pack_price) == (True, 231, 23)
    assert (seen.stock_cartons, seen.sold_cartons) == (0, 5)
    event = AuditEvent.objects.filter(action="observations.import").latest("pk")
    assert event.changes == {"imported": 0, "updated": 1}


@pytest.mark.parametrize("part", ["retailer", "product", "day", "source"])
def test_another_retailer_product_day_or_source_is_another_observation(company, tmp_path, part):
    load("observations", observations(tmp_path, ROW), company)
    other = {
        "retailer": ROW.replace("R1", "R2"),
        "product": ROW.replace("P2", "P1"),
        "day": ROW.replace("11-03", "11-04"),
        "source": ROW.replace("survey", "visit"),
    }[part]

    assert load("observations", observations(tmp_path, other), company).imported == 1
    assert MarketObservation.objects.count() == 2


REFUSED = {
    "retailer": (("R1", "R99"), "retailer_code", "unknown_retailer"),
    "product": (("P2", "P99"), "product_code", "unknown_product"),
    "no retailer": (("R1", ""), "retailer_code", "missing_value"),
    "tomorrow": (("2026-11-03", "2026-11-22"), "observed_on", "date_out_of_range"),
    "before 2000": (("2026-11-03", "1999-12-31"), "observed_on", "date_out_of_range"),
    "no date": (("2026-11-03", "2026-11-31"), "observed_on", "not_a_date"),
    "shelf": ((",1,228", ",2,228"), "shelf", "unknown_value"),
    "price zero": (("228.50", "0"), "carton_price", "price_not_possible"),
    "price negative": (("228.50", "-1"), "carton_price", "price_not_possible"),
    "price large": (("228.50", "100000"), "carton_price", "price_not_possible"),
    "price in thousandths": (("228.50", "228.505"), "carton_price", "too_many_decimals"),
    "price is no number": (("228.50", "NaN"), "carton_price", "not_a_number"),
    "pack price": ((",23,", ",0.00,"), "pack_price", "price_not_possible"),
    "stock": ((",12,", ",-1,"), "stock_cartons", "out_of_range"),
    "sold": ((",5,", ",1.5,"), "sold_cartons", "not_a_number"),
    "days": ((",0,survey", ",32,survey"), "out_of_stock_days", "out_of_range"),
    "source": (("survey", "s" * 41), "source", "too_long"),
    "nothing observed": ((",1,228.50,23,12,5,0,", ",,,,,,,"), "shelf", "nothing_measured"),
}


@pytest.mark.parametrize(("change", "column", "code"), REFUSED.values(), ids=list(REFUSED))
def test_a_row_that_cannot_be_is_refused_and_nothing_is_taken(
    company, tmp_path, change, column, code
):
    path = observations(tmp_path, ROW.replace("R1", "R3"), ROW.replace(*change, 1))
    before = snapshot()

    outcome = load("observations", path, company)

    assert outcome.line == "imported 0, updated 0, unchanged 0, rejected 1"
    assert snapshot() == before
    (row,) = reasons_in(path)
    assert (row["line"], row["column"], row["code"]) == ("3", column, code)


@pytest.mark.parametrize("change", [("2026-11-03", str(TODAY)), ("228.50", "99999.99")])
def test_the_last_possible_values_are_taken(company, tmp_path, change):
    assert load("observations", observations(tmp_path, ROW.replace(*change)), company).imported == 1


def test_a_file_without_any_figure_is_refused_as_a_whole(company, tmp_path):
    path = observations(
        tmp_path, "2026-11-03,R1,P1", header="observed_on,retailer_code,product_code"
    )

    with pytest.raises(RefusedFileError) as refused:
        load("observations", path, company)

    assert "carton_price" in refused.value.message


def test_retailers_of_another_company_are_unknown(company, tmp_path):
    other = conftest.create_company(code="O", name="Other")
    Retailer.objects.create(company=other, code="X1", name="Theirs")

    outcome = load("observations", observations(tmp_path, ROW.replace("R1", "X1")), company)

    assert outcome.reasons == {"unknown_retailer": 1}


def test_a_company_must_be_named(company, tmp_path):
    with pytest.raises(DomainError, match="--company"):
        load("observations", observations(tmp_path, ROW), None)


@pytest.mark.parametrize("size", [chunks.CHUNK_CHARACTERS, 60], ids=["one block", "many blocks"])
@pytest.mark.parametrize("before", [[], [ROW], [ROW.replace("228.50", "200")]])
def test_repeated_rows_are_unchanged_and_contradicting_ones_refused(
    company, tmp_path, monkeypatch, size, before
):
    if before:
        load("observations", observations(tmp_path, *before, name="before.csv"), company)
    monkeypatch.setattr(chunks.read_chunks, "__kwdefaults__", {"size": size})
    rows = [ROW, ROW.replace("R1", "R2"), ROW, ROW.replace("228.50", "229.50")]
    path = observations(tmp_path, *rows)

    outcome = load("observations", path, company, partial=True)

    assert outcome.reasons == {"conflicting_row": 1}
    assert outcome.imported + outcome.updated + outcome.unchanged == 3
    assert (outcome.imported, outcome.updated) == {
        (): (2, 0),
        (ROW,): (1, 0),
    }.get(tuple(before), (1, 1))
    (row,) = reasons_in(path)
    assert (row["line"], row["column"]) == ("5", "observed_on")
    assert "carton_price" in row["reason"]
    assert {it.carton_price for it in MarketObservation.objects.all()} == {Decimal("228.50")}


def test_partial_takes_the_good_rows_and_a_dry_run_none(company, tmp_path):
    path = observations(tmp_path, ROW, ROW.replace("R1", "R99"))

    tried = load("observations", path, company, partial=True, dry_run=True)
    assert not MarketObservation.objects.exists()
    taken = load("observations", path, company, partial=True)

    assert tried.line == taken.line == "imported 1, updated 0, unchanged 0, rejected 1"
    assert MarketObservation.objects.count() == 1


def test_a_mapping_renames_columns_sets_constants_and_formats(company, tmp_path):
    path = written(
        tmp_path / "m.csv",
        "03/11/2026,R1,P2,12.6",
        header="日期,客户,品规,库存",
        encoding="gb18030",
    )
    text = """
[columns]
observed_on = "日期"
retailer_code = "客户"
product_code = "品规"
stock_cartons = "库存"
[constants]
source = "采集"
[formats]
observed_on = "%d/%m/%Y"
[rounding]
stock_cartons = "down"
"""

    assert load("observations", path, company, text=text).imported == 1
    seen = MarketObservation.objects.get()
    assert (seen.observed_on, seen.stock_cartons, seen.source) == (
        dt.date(2026, 11, 3),
        12,
        "采集",
    )


def test_the_command_takes_the_example_of_the_documentation(company, tmp_path, capsys):
    rows = (ROOT / "docs/examples/observations.csv").read_text(encoding="utf-8")
    for number, code in enumerate(sorted({row.split(",")[1] for row in rows.splitlines()[1:]})):
        Retailer.objects.filter(code=f"R{number}").update(code=code)
    for number, code in enumerate(sorted({row.split(",")[2] for row in rows.splitlines()[1:]})):
        Product.objects.filter(code=f"P{number}").update(code=code)
    path = tmp_path / "observations.csv"
    path.write_text(rows, encoding="utf-8")

    call_command("import_observations", str(path))

    count = len(rows.splitlines()) - 1
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert last == f"imported {count}, updated 0, unchanged 0, rejected 0"
    file = ImportedFile.objects.get()
    assert (file.kind, file.status, file.imported) == ("observations", "applied", count)


def test_the_command_refuses_with_another_exit_code(company, tmp_path):
    with pytest.raises(SystemExit) as ending:
        call_command("import_observations", str(observations(tmp_path, ROW.replace("R1", "R99"))))

    assert ending.value.code == 1
    assert not MarketObservation.objects.exists()


def test_an_uploaded_file_is_checked_and_applied(company, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    planner = User.objects.create_user("planner", role=Role.PLANNER, company=company)
    upload = SimpleUploadedFile("采集.csv", f"{HEADER}\n{ROW}\n".encode("gb18030"))
    file = receiving.receive(kind="observations", upload=upload, company=company, by=planner)

    jobs.run(uploads.start_check(file=file, by=planner).pk)
    file.refresh_from_db()
    assert (file.status, file.imported, MarketObservation.objects.count()) == ("checked", 1, 0)
    jobs.run(uploads.start_apply(file=file, partial=False, by=planner).pk)

    assert MarketObservation.objects.count() == 1
    assert AuditEvent.objects.get(action="observations.import").actor == planner


@pytest.mark.parametrize(
    "wrong",
    [
        {"carton_price": Decimal(0)},
        {"pack_price": Decimal(-1)},
        {"stock_cartons": -1},
        {"sold_cartons": -1},
        {"out_of_stock_days": 32},
    ],
)
def test_the_database_refuses_impossible_figures(company, tmp_path, wrong):
    load("observations", observations(tmp_path, ROW), company)

    with pytest.raises(IntegrityError), transaction.atomic():
        MarketObservation.objects.update(**wrong)
