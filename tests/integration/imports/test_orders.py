"""Orders from a file: what is stored, what is refused, and that repeating changes nothing."""

import csv
import datetime as dt

import pytest
from django.utils import translation

from brands.importers import order_store
from brands.models import Order, OrderBatch, OrderLine, SalesTouch
from brands.services.orders import PushedLine, PushedOrder, push_orders
from config.common.errors import RefusedFileError
from customers.importers import chunks
from tests.integration.imports.conftest import HEADER, load, order_rows, snapshot, written

DAY = "2026-11-02"


def test_lines_are_stored_with_sums_hash_batch_and_touched_sales(company, tmp_path):
    path = written(
        tmp_path / "o.csv",
        f"A1,1,{DAY},R1,P0,3,200.50,600.00,,sale",
        f"A1,2,{DAY},R1,P1,2,201,,7,",
        f"A2,1,{DAY},R2,P0,-1,200.50,,,退货",
        header=HEADER + ",amount,needed_cartons,kind",
    )

    outcome = load("orders", path, company)

    assert outcome.line == "imported 3, updated 0, unchanged 0, rejected 0"
    order = Order.objects.get(order_no="A1")
    assert (order.line_count, order.cartons, order.amount_cents) == (2, 5, 60000 + 40200)
    assert (order.period, order.ordered_on) == (202611, dt.date(2026, 11, 2))
    lines = OrderLine.objects.order_by("order_id", "line_no").values_list(
        "ordered_cartons", "needed_cartons", "quota_cartons", "unit_price_cents", "amount_cents"
    )
    assert list(lines) == [
        (3, None, None, 20050, 60000),
        (2, 7, None, 20100, 40200),
        (-1, None, None, 20050, -20050),
    ]
    batch = OrderBatch.objects.get()
    assert (batch.channel, batch.label, batch.orders, batch.lines) == ("file", "o.csv", 2, 3)
    assert SalesTouch.objects.count() == 2


def test_same_file_twice_changes_nothing(company, tmp_path):
    path = written(tmp_path / "o.csv", *order_rows(30))
    load("orders", path, company)
    before = snapshot()

    outcome = load("orders", path, company)

    assert outcome.line == "imported 0, updated 0, unchanged 30, rejected 0"
    assert snapshot() == before


def test_order_of_a_file_and_of_a_push_have_the_same_content(company, tmp_path):
    path = written(tmp_path / "o.csv", f"A1,1,{DAY},R1,P0,3,200.50", f"A1,2,{DAY},R1,P1,2,201")
    load("orders", path, company)

    (result,) = push_orders(
        company=company,
        source="main",
        orders=[
            PushedOrder(
                order_no="A1",
                retailer_code="R1",
                ordered_on=dt.date(2026, 11, 2),
                lines=(
                    PushedLine(2, "P1", 2, unit_price_cents=20100),
                    PushedLine(1, "P0", 3, unit_price_cents=20050),
                ),
            )
        ],
        channel="api",
        today=dt.date(2026, 11, 21),
        by=None,
    )

    assert result.status == "unchanged"


def test_repeated_order_with_other_content_is_refused_row_by_row(company, tmp_path):
    load("orders", written(tmp_path / "o.csv", *order_rows(6)), company)
    rows = order_rows(9)
    rows[4] = rows[4].replace(",P1,", ",P2,")
    path = written(tmp_path / "p.csv", *rows)
    before = snapshot()

    outcome = load("orders", path, company)

    assert outcome.reasons == {"order_clash": 3}
    assert [row["line"] for row in outcome.preview] == [5, 6, 7]
    assert outcome.refused
    assert snapshot() == before


def test_partial_takes_new_orders_and_leaves_the_contradicted_one(company, tmp_path):
    load("orders", written(tmp_path / "o.csv", *order_rows(6)), company)
    rows = order_rows(9)
    rows[4] = rows[4].replace(",P1,", ",P2,")

    outcome = load("orders", written(tmp_path / "p.csv", *rows), company, partial=True)

    assert outcome.line == "imported 3, updated 0, unchanged 3, rejected 3"


@pytest.mark.parametrize(
    "change",
    [("R1,", "R2,"), (DAY, "2026-11-03")],
    ids=["another shop", "another day"],
)
def test_old_order_with_another_head_is_a_clash(company, tmp_path, change):
    rows = [f"A1,1,{DAY},R1,P0,3,200.50", f"A1,2,{DAY},R1,P1,2,201"]
    load("orders", written(tmp_path / "o.csv", *rows), company)

    outcome = load(
        "orders", written(tmp_path / "p.csv", *(row.replace(*change) for row in rows)), company
    )

    assert outcome.reasons == {"order_clash": 2}


def test_missing_line_of_an_old_order_is_a_clash(company, tmp_path):
    rows = order_rows(3)
    load("orders", written(tmp_path / "o.csv", *rows), company)

    outcome = load("orders", written(tmp_path / "p.csv", *rows[:2]), company)

    assert outcome.reasons == {"order_clash": 2}


@pytest.fixture(params=[50, 0], ids=["few at a time", "staged"])
def tiny_chunks(monkeypatch, request):
    """A chunk holds two or three rows, so that orders spread over many."""
    monkeypatch.setattr(order_store, "_FEW", request.param)
    small = chunks.read_chunks

    def read(*args, **kwargs):
        return small(*args, **{**kwargs, "size": 100})

    monkeypatch.setattr("customers.importers.engine.read_chunks", read)


@pytest.mark.usefixtures("tiny_chunks")
def test_scattered_orders_get_the_same_rows_as_sorted_ones(company, tmp_path):
    rows = order_rows(36)
    scattered = rows[::3] + rows[1::3] + rows[2::3]
    load("orders", written(tmp_path / "o.csv", *scattered), company)
    scattered_orders = _orders()

    again = load("orders", written(tmp_path / "p.csv", *rows), company)

    assert again.line == "imported 0, updated 0, unchanged 36, rejected 0"
    assert [row[1:3] for row in scattered_orders] == [(3, sum_of(rows, n)) for n in range(12)]


def sum_of(rows: list[str], order: int) -> int:
    return sum(int(row.split(",")[5]) for row in rows if row.startswith(f"A{order:04d},"))


def _orders():
    columns = ("order_no", "line_count", "cartons", "amount_cents", "content_hash")
    return list(Order.objects.order_by("order_no").values_list(*columns))


@pytest.mark.usefixtures("tiny_chunks")
def test_same_scattered_file_twice_changes_nothing(company, tmp_path):
    rows = order_rows(36)
    path = written(tmp_path / "o.csv", *(rows[::3] + rows[1::3] + rows[2::3]))
    load("orders", path, company)
    before = snapshot()

    outcome = load("orders", path, company)

    assert outcome.line == "imported 0, updated 0, unchanged 36, rejected 0"
    assert snapshot() == before


@pytest.mark.usefixtures("tiny_chunks")
def test_line_number_given_twice_far_apart_is_refused(company, tmp_path):
    rows = [*order_rows(30), order_rows(1)[0]]

    outcome = load("orders", written(tmp_path / "o.csv", *rows), company, partial=True)

    assert outcome.reasons == {"duplicate_line": 1}
    assert outcome.preview[0]["line"] == 32
    assert Order.objects.get(order_no="A0000").line_count == 3


@pytest.mark.parametrize("second", ["R1,P0,3,200", "R1,P1,5,300"], ids=["same", "another"])
def test_line_number_given_twice_in_one_block_is_refused(company, tmp_path, second):
    path = written(
        tmp_path / "o.csv",
        f"A1,1,{DAY},R1,P0,3,200",
        f"A1,1,{DAY},{second}",
        f"A1,2,{DAY},R1,P2,1,200",
        f"A2,1,{DAY},R2,P0,3,200",
    )
    before = snapshot()

    whole = load("orders", path, company)
    assert (whole.line, snapshot()) == (
        "imported 0, updated 0, unchanged 0, rejected 1",
        before,
    )
    assert [(row["line"], row["column"], row["code"]) for row in whole.preview] == [
        (3, "line_no", "duplicate_line")
    ]
    partly = load("orders", path, company, partial=True)

    assert partly.line == "imported 3, updated 0, unchanged 0, rejected 1"
    kept = OrderLine.objects.filter(line_no=1, retailer__code="R1")
    assert kept.values_list("ordered_cartons", "amount_cents").get() == (3, 60000)
    assert Order.objects.get(order_no="A1").cartons == 4


@pytest.mark.usefixtures("tiny_chunks")
def test_lines_numbered_by_the_import_go_on_over_chunks(company, tmp_path):
    rows = [row.replace(",1,2026", ",,2026") for row in order_rows(30)]
    path = written(tmp_path / "o.csv", *(rows[::3] + rows[1::3] + rows[2::3]))
    text = '[rules]\nline_no = "auto"\n[columns]\norder_no = "order_no"\n'

    first = load("orders", path, company, text=text)
    numbers = set(OrderLine.objects.values_list("line_no", flat=True))
    second = load("orders", path, company, text=text)

    assert (first.imported, second.unchanged, numbers) == (30, 30, {1, 2, 3})


def test_line_with_another_shop_than_its_order_is_refused(company, tmp_path):
    rows = order_rows(6)
    rows[1] = rows[1].replace(",R0,", ",R5,")

    outcome = load("orders", written(tmp_path / "o.csv", *rows), company, partial=True)

    assert outcome.reasons == {"inconsistent_order": 1}
    assert (outcome.imported, outcome.preview[0]["column"]) == (5, "retailer_code")


def test_the_first_and_the_last_possible_day_are_taken(company, tmp_path):
    path = written(tmp_path / "o.csv", "A,1,2000-01-01,R1,P0,3,2", "B,1,2026-12-22,R1,P0,3,2")

    assert load("orders", path, company).imported == 2


def test_a_wish_that_found_no_quota_is_taken_and_zero_without_a_wish_is_not(company, tmp_path):
    path = written(
        tmp_path / "o.csv",
        f"A1,1,{DAY},R1,P0,0,200.50,8",
        f"A1,2,{DAY},R1,P1,0,200.50,0",
        f"A1,3,{DAY},R1,P2,0,200.50,",
        f"A1,4,{DAY},R1,P2,-1,200.50,8",
        header=HEADER + ",needed_cartons",
    )

    outcome = load("orders", path, company, partial=True)

    assert (outcome.imported, outcome.reasons) == (1, {"negative_sale": 3})
    columns = ("line_no", "ordered_cartons", "needed_cartons", "amount_cents")
    assert OrderLine.objects.values_list(*columns).get() == (1, 0, 8, 0)


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (f"A1,1,{DAY},R1,P0,-3,200", "negative_sale", "ordered_cartons"),
        (f"A1,1,{DAY},R1,P0,0,200", "negative_sale", "ordered_cartons"),
        (f"A1,1,{DAY},R99,P0,3,200", "unknown_retailer", "retailer_code"),
        (f"A1,1,{DAY},R1,P9,3,200", "unknown_product", "product_code"),
        (f"A1,1,{DAY},R1,P0,1_000,200", "not_a_number", "ordered_cartons"),
        (f"A1,1,{DAY},R1,P0,1e3,200", "not_a_number", "ordered_cartons"),
        (f"A1,1,{DAY},R1,P0,１２,200", "not_a_number", "ordered_cartons"),
        (f"A1,1,{DAY},R1,P0,٣,200", "not_a_number", "ordered_cartons"),
        (f"A1,1,{DAY},R1,P0,NaN,200", "not_a_number", "ordered_cartons"),
        (f"A1,1,{DAY},R1,P0,1.5,200", "not_a_number", "ordered_cartons"),
        (f"A1,1,{DAY},R1,P0,3,Infinity", "not_a_number", "unit_price"),
        (f'A1,1,{DAY},R1,P0,"1,000",200', "thousands_separator", "ordered_cartons"),
        (f"A1,1,{DAY},R1,P0,1000001,200", "out_of_range", "ordered_cartons"),
        (f"A1,1,{DAY},R1,P0,99999999999999999999999,200", "out_of_range", "ordered_cartons"),
        (f"A1,1,{DAY},R1,P0,3,200.123", "too_many_decimals", "unit_price"),
        (f"A1,1,{DAY},R1,P0,3,0", "price_not_positive", "unit_price"),
        (f"A1,1,{DAY},R1,P0,3,", "no_amount", "amount"),
        (f"A1,0,{DAY},R1,P0,3,200", "out_of_range", "line_no"),
        ("A1,1,2026-02-30,R1,P0,3,200", "not_a_date", "ordered_on"),
        ("A1,1,2.11.2026,R1,P0,3,200", "not_a_date", "ordered_on"),
        ("A1,1,1026-11-02,R1,P0,3,200", "out_of_range", "ordered_on"),
        ("A1,1,1991-11-02,R1,P0,3,200", "date_out_of_range", "ordered_on"),
        ("A1,1,1999-12-31,R1,P0,3,200", "date_out_of_range", "ordered_on"),
        ("A1,1,2026-12-23,R1,P0,3,200", "date_out_of_range", "ordered_on"),
        ("A1,1,2031-11-02,R1,P0,3,200", "date_out_of_range", "ordered_on"),
        (f",1,{DAY},R1,P0,3,200", "missing_value", "order_no"),
        (f"A1,1,{DAY},,P0,3,200", "missing_value", "retailer_code"),
        (f"A\u200b1,1,{DAY},R1,P0,3,200", "invalid_characters", "order_no"),
        (f"{'A' * 61},1,{DAY},R1,P0,3,200", "too_long", "order_no"),
        (f"A1,1,{DAY},R1,P0,3", "wrong_width", ""),
        (f"A1,1,{DAY},R1,P0,3,200,9", "wrong_width", ""),
    ],
)
def test_bad_row_is_refused_with_its_reason_and_nothing_changes(
    company, tmp_path, row, code, column
):
    path = written(tmp_path / "o.csv", *order_rows(3), row, encoding="utf-8-sig")
    before = snapshot()

    outcome = load("orders", path, company)

    assert (outcome.reasons, outcome.refused, outcome.imported) == ({code: 1}, True, 0)
    assert (outcome.preview[0]["line"], outcome.preview[0]["column"]) == (5, column)
    assert snapshot() == before


def test_errors_file_names_line_column_reason_and_the_row_with_formulas_made_harmless(
    company, tmp_path
):
    path = written(tmp_path / "o.csv", *order_rows(3), f"=1+1,1,{DAY},R1,P0,-3,200")

    outcome = load("orders", path, company)

    assert outcome.errors_path == tmp_path / "o.csv.errors.csv"
    with outcome.errors_path.open(encoding="utf-8-sig", newline="") as stream:
        header, row = list(csv.reader(stream))
    assert header[4:] == HEADER.split(",")
    assert row[:3] == ["5", "ordered_cartons", "negative_sale"]
    assert row[4:] == ["'=1+1", "1", DAY, "R1", "P0", "-3", "200"]


def test_errors_are_sorted_by_line_and_say_every_wrong_cell_of_a_row(company, tmp_path):
    path = written(
        tmp_path / "o.csv",
        f"A1,1,{DAY},R1,P0,3,0",
        f"A1,2,{DAY},R1,P0,x,y",
        f"A1,3,{DAY},R1",
        f"A1,0,{DAY},R99,P9,3,2",
        *order_rows(3),
        f",1,{DAY},R1,P0,3,2",
    )

    with translation.override("en"):
        outcome = load("orders", path, company)

    assert outcome.rejected == 5
    assert outcome.reasons == {
        "missing_value": 1,
        "not_a_number": 1,
        "out_of_range": 1,
        "price_not_positive": 1,
        "wrong_width": 1,
    }
    assert [row["line"] for row in outcome.preview] == [2, 3, 4, 5, 9]
    reasons = outcome.preview[3]["reason"].split("; ")
    assert [text.split()[0] for text in reasons[:2]] == ["line_no", "retailer_code"]
    assert "product_code 'P9' is not in the catalogue" in outcome.preview[3]["reason"]
    assert outcome.preview[1]["reason"].count("plain digits") == 2
    with outcome.errors_path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    assert [(row[0], row[3]) for row in rows] == [
        (str(row["line"]), row["reason"]) for row in outcome.preview
    ]


def test_good_import_removes_the_errors_file_of_an_earlier_one(company, tmp_path):
    path = written(tmp_path / "o.csv", f"A1,1,{DAY},R1,P0,-3,200")
    stale = load("orders", path, company).errors_path

    load("orders", written(path, *order_rows(3)), company)

    assert stale is not None
    assert not stale.exists()


def test_partial_takes_the_good_rows(company, tmp_path):
    path = written(tmp_path / "o.csv", *order_rows(3), f"A9,1,{DAY},R99,P0,3,200")

    outcome = load("orders", path, company, partial=True)

    assert outcome.line == "imported 3, updated 0, unchanged 0, rejected 1"
    assert OrderLine.objects.count() == 3


def test_dry_run_counts_the_same_and_keeps_nothing(company, tmp_path):
    path = written(tmp_path / "o.csv", *order_rows(9))
    before = snapshot()

    dry = load("orders", path, company, dry_run=True)
    assert snapshot() == before
    wet = load("orders", path, company)

    assert dry.line == wet.line == "imported 9, updated 0, unchanged 0, rejected 0"


def test_row_that_names_its_order_with_blanks_belongs_to_it(company, tmp_path):
    path = written(tmp_path / "o.csv", f" A1,1,{DAY},R1,P0,3,200", f"A1\u3000,2,{DAY},R1,P1,3,200")

    load("orders", path, company)

    assert list(Order.objects.values_list("order_no", "line_count")) == [("A1", 2)]


def test_blank_rows_at_the_end_are_no_rows(company, tmp_path):
    path = written(tmp_path / "o.csv", *order_rows(3), ",,,,,,", "", " , ,,,,,")

    outcome = load("orders", path, company)

    assert (outcome.imported, outcome.rejected) == (3, 0)


def test_another_number_of_rows_than_expected_takes_nothing(company, tmp_path):
    path = written(tmp_path / "o.csv", *order_rows(3))
    before = snapshot()

    with pytest.raises(RefusedFileError) as refusal:
        load("orders", path, company, expected_rows=4)

    assert refusal.value.code == "half_file"
    assert snapshot() == before


def test_refused_values_leave_no_temporary_table_behind(company, tmp_path):
    load("orders", written(tmp_path / "o.csv", f"A1,1,{DAY},R1,P0,-3,200"), company)

    outcome = load("orders", written(tmp_path / "o.csv", *order_rows(3)), company)

    assert outcome.imported == 3


def test_quoted_and_unquoted_files_give_the_same_orders(company, tmp_path):
    rows = order_rows(9)
    quoted = [",".join(f'"{cell}"' for cell in row.split(",")) for row in rows]
    load("orders", written(tmp_path / "o.csv", *rows), company)

    outcome = load("orders", written(tmp_path / "q.csv", *quoted), company)

    assert outcome.line == "imported 0, updated 0, unchanged 9, rejected 0"


# --- orders of which only some rows are good ------------------------------------------------


def _spoiled(rows: list[str], *places: int) -> list[str]:
    return [row.replace(",P", ",X") if at in places else row for at, row in enumerate(rows)]


@pytest.mark.parametrize("size", [chunks.CHUNK_CHARACTERS, 150], ids=["one block", "many blocks"])
@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("places", "incomplete"),
    [
        ([], 0),
        ([0], 1),
        ([5], 1),
        ([4, 5, 7, 9, 11], 3),
        ([3, 4, 5], 0),
    ],
    ids=["none", "first row", "last row", "several", "a whole order"],
)
def test_orders_that_would_lack_rows_are_counted(
    company, tmp_path, monkeypatch, size, dry_run, places, incomplete
):
    monkeypatch.setattr(chunks, "CHUNK_CHARACTERS", size)
    path = written(tmp_path / "o.csv", *_spoiled(order_rows(15), *places))

    outcome = load("orders", path, company, partial=True, dry_run=dry_run)

    assert outcome.rejected == len(places)
    assert outcome.incomplete == incomplete


def test_an_order_that_is_there_and_comes_without_a_row_is_a_clash_not_incomplete(
    company, tmp_path
):
    load("orders", written(tmp_path / "o.csv", *order_rows(6)), company)

    path = written(tmp_path / "p.csv", *_spoiled(order_rows(9), 4, 7))
    outcome = load("orders", path, company, partial=True)

    assert outcome.reasons == {"order_clash": 2, "unknown_product": 2}
    assert outcome.incomplete == 1


def test_rows_that_the_mapping_leaves_out_make_no_order_incomplete(company, tmp_path):
    text = '[[skip]]\ncolumn = "product_code"\nvalues = ["X1"]\nreason = "not a product"\n'
    rows = [row.replace(",P1,", ",X1,") for row in order_rows(6)]

    outcome = load("orders", written(tmp_path / "o.csv", *rows), company, text=text, partial=True)

    assert outcome.imported == 4
    assert outcome.incomplete == 0
