"""The first look at a file: how it is written, where its header stands, what its columns hold."""

import gzip
import io

import pytest
import xlsxwriter

from customers.importers import uploads
from customers.importers.look import MAX_COLUMNS
from customers.models import ImportedFile
from customers.views.file_parts import look_of
from tests.integration.files.conftest import (
    RETAILERS,
    applied,
    checked,
    counts,
    fresh,
    received,
    run,
    text,
)

Status = ImportedFile.Status
BODY = text(RETAILERS, "N1,第一家便利店,东城区,一部,便利店,13900001111,南街1号,12")


def workbook(sheets: dict[str, list[list]]) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encoding_is_found_and_the_header_read(planner, encoding):
    file = received(planner, "retailers", BODY.encode(encoding))

    look = look_of(file)
    assert look.encoding == encoding.removesuffix("-sig")
    assert look.header == RETAILERS.split(",")
    assert file.status == Status.UPLOADED
    assert len(file.source) == 64


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_even_where_cells_hold_another(planner, delimiter):
    body = BODY.replace(",", delimiter).replace("南街1号", '"南街,1号;a|b\t"')

    file = checked(planner, "retailers", body)

    assert look_of(file).delimiter == delimiter
    assert counts(file)["new"] == 1


@pytest.mark.parametrize(
    "above",
    [
        "零售户基本信息表,,,,,,,\n",
        "云泽市烟草公司\n打印日期：2026-11-21\n\n",
        "\n\n",
        "导出,2026-11-21,共1户,,,,,\n",
    ],
)
def test_header_is_found_below_titles_and_lines_keep_their_numbers(planner, above):
    file = checked(planner, "retailers", above + BODY + "X,,,,,,,\n")

    assert look_of(file).header_line == above.count("\n") + 1
    assert counts(file) == {"new": 1, "changed": 0, "same": 0, "clash": 0, "refused": 1}
    assert file.preview[0]["line"] == above.count("\n") + 3


def test_header_of_names_that_nobody_knows_is_the_first_full_row(planner):
    file = received(planner, "retailers", "表\nA,B,C\n1,2,3\n4,5,6\n")

    assert (look_of(file).header_line, look_of(file).header) == (2, ["A", "B", "C"])


def test_samples_are_the_first_different_values_and_few_values_are_all_kept(planner):
    rows = [f"N{i},店{i},东城区,一部,{'超市' if i % 2 else '便利店'},,,," for i in range(50)]

    look = look_of(received(planner, "retailers", text(RETAILERS, *rows)))

    assert look.samples[0] == ["N0", "N1", "N2"]
    assert look.values[4] == ["便利店", "超市"]
    assert look.values[0] == []


def test_personal_data_are_neither_shown_nor_kept(planner):
    header = "客户编码,联系人,电话,备注"
    body = text(
        header, "N1,王小明,0731-8888888,手机13912345678", "N2,李,13700001111,430102199001011234"
    )

    file = received(planner, "retailers", body)

    kept = str(file.outcome)
    for secret in ("王小明", "0731-8888888", "13912345678", "13700001111", "430102199001011234"):
        assert secret not in kept


def test_a_sheet_can_be_chosen_and_an_empty_first_one_is_passed_over(planner):
    table = [row.split(",") for row in BODY.strip().split("\n")]
    book = workbook({"封面": [], "零售户": table, "其他": [["a", "b"], [1, 2]]})

    file = received(planner, "retailers", book, name="a.xlsx")
    look = look_of(file)
    assert (look.sheet, look.sheets) == ("零售户", ["封面", "零售户", "其他"])
    assert counts(checked(planner, "retailers", book, name="b.xlsx"))["new"] == 1

    run(uploads.look_again(file=file, text='[file]\nsheet = "其他"\n', sure=["sheet"], by=planner))

    assert look_of(fresh(file)).header == ["a", "b"]


def test_a_sheet_that_is_not_there_is_refused_with_the_names_of_the_others(planner):
    book = workbook({"甲": [["a", "b"], [1, 2]], "乙": []})
    file = received(planner, "retailers", book, name="a.xlsx")

    run(uploads.look_again(file=file, text='[file]\nsheet = "丙"\n', sure=["sheet"], by=planner))

    assert fresh(file).status == Status.REFUSED
    assert "甲" in fresh(file).message


def test_what_somebody_says_beats_what_is_found_out(planner):
    body = "客户编码,客户名称\n客户编码,客户名称\nN1,x\n"
    file = received(planner, "retailers", body)
    assert look_of(file).header_line == 1

    toml = "[file]\nheader_line = 2\n"
    run(uploads.look_again(file=file, text=toml, sure=["header_line"], by=planner))

    assert look_of(fresh(file)).header_line == 2


HOSTILE = {
    "nothing": (b"\n", "empty"),
    "NUL": (BODY.encode() + b"\0\n", "nul"),
    "no line break at the end": (BODY.encode()[:-1], "half"),
    "open quotation mark": (BODY.encode() + b'"N9,x\n', "half"),
    "no encoding": (BODY.encode() + b"\xff\xff\xff\n", "encoding"),
    "too many columns": (",".join(f"c{i}" for i in range(MAX_COLUMNS + 1)).encode() + b"\n1\n", "columns"),
    "html": (b"<html><table></table>\n", "html"),
    "zip": (b"PK\x03\x04" + b"x" * 50 + b"\n", "zip"),
    "huge cell": (b"a,b\n" + b"x" * 40_000 + b",1\n", "huge"),
}  # fmt: skip


@pytest.mark.parametrize("body", [it[0] for it in HOSTILE.values()], ids=list(HOSTILE))
def test_hostile_file_is_refused_at_the_first_look_with_a_sentence(planner, body):
    file = received(planner, "retailers", body)

    assert (file.status, file.source) == (Status.REFUSED, "")
    assert file.message.endswith(("。", "？"))
    assert "look" not in file.outcome


def test_names_of_columns_may_be_anything_and_do_no_harm(planner):
    names = ["<script>alert(1)</script>", "=1+1", "{x}", '"q""q"', "a" * 300, "", "", "客户编码"]
    header = ",".join('"' + name.strip('"').replace('"', '""') + '"' for name in names)

    file = received(planner, "retailers", header + "\n" + ",".join("12345678") + "\n")

    assert file.status == Status.UPLOADED
    assert len(look_of(file).header) == 8
    assert max(map(len, look_of(file).header)) <= 200


def test_a_packed_file_is_looked_at_too(planner):
    file = received(planner, "retailers", gzip.compress(BODY.encode("gb18030")), name="a.csv.gz")

    assert look_of(file).header == RETAILERS.split(",")


@pytest.mark.parametrize("kind", ["retailers", "orders"])
def test_telephone_numbers_are_shown_by_their_ends_and_people_not_at_all(planner, kind):
    body = text(
        "客户编码,联系电话,负责人",
        "R1,13900001111,叶明远",
        "R2,0571-8800 1234,",
        "R3,叶明远13900001111,",
    )

    look = look_of(received(planner, kind, body))

    assert look.samples[1:] == [["139****1111", "057****1234", "***"], ["***"]]
    assert look.values[1:] == [[], []]


def test_dates_and_numbers_are_proposed_by_their_looks(planner):
    header = "订单编号,订单日期,客户编码,品规代码,条数,金额"
    body = text(header, 'A1,2026年11月2日,R1,P0,5,"1,000.00"', 'A1,2026年11月2日,R1,P1,"1,000",20')

    file = applied(planner, "orders", body)

    assert counts(file)["new"] == 2
    assert "%Y年%m月%d日" in file.mapping
    assert "1,234.5" in file.mapping
    assert 'line_no = "auto"' in file.mapping


def test_full_width_digits_are_no_date_in_a_chinese_format(planner):
    header = "订单编号,订单日期,客户编码,品规代码,条数,金额"
    body = text(header, "A1,2026年11月2日,R1,P0,5,10", "A2,２０２６年11月2日,R1,P0,5,10")
    mapping = (
        '[columns]\norder_no="订单编号"\nordered_on="订单日期"\nretailer_code="客户编码"\n'
        'product_code="品规代码"\nordered_cartons="条数"\namount="金额"\n'
        '[formats]\ndate="%Y年%m月%d日"\n[rules]\nline_no="auto"\n'
    )

    assert checked(planner, "orders", body, mapping=mapping).reasons == {"not_a_date": 1}


@pytest.mark.parametrize("number", ["1,00", "1,0000", "1,000,00", ",1", "1,"])
def test_only_real_groups_of_thousands_are_numbers(planner, number):
    header = "订单编号,订单日期,客户编码,品规代码,条数,金额"
    mapping = (
        '[columns]\norder_no="订单编号"\nordered_on="订单日期"\nretailer_code="客户编码"\n'
        'product_code="品规代码"\nordered_cartons="条数"\namount="金额"\n'
        '[formats]\nnumber="1,234.5"\n[rules]\nline_no="auto"\n'
    )
    body = text(header, f'A1,2026-11-02,R1,P0,5,"{number}"')

    assert counts(checked(planner, "orders", body, mapping=mapping))["refused"] == 1
