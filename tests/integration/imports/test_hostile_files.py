"""Files that are broken or meant to hurt: refused with a reason, or read right; never in between."""

import gzip
import io
import resource
import struct
import zipfile

import pytest
import xlsxwriter

from brands.models import OrderLine
from config.common.errors import RefusedFileError
from customers.models import Retailer
from tests.integration.imports.conftest import HEADER, load, order_rows, snapshot, written

GOOD = ("\n".join([HEADER, *order_rows(3)]) + "\n").encode()
RETAILERS = "retailer_code,name,organisation"
RARE = "䶮㐱𠮷烟酒（店）＝１２·Ａ"


def workbook(rows, **options) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, **options})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return stream.getvalue()


def repacked(body: bytes, change) -> bytes:
    """The same workbook with its parts changed: ``change(name, content) -> content``."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return stream.getvalue()


def with_parts(body: bytes, parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO(body)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def sheet_of(xml: bytes) -> bytes:
    def change(name: str, content: bytes) -> bytes:
        return xml if name == "xl/worksheets/sheet1.xml" else content

    return repacked(GOOD_BOOK, change)


def as_table() -> list[list]:
    rows = [row.split(",") for row in order_rows(3)]
    return [
        HEADER.split(","),
        *[[*r[:1], int(r[1]), *r[2:5], int(r[5]), float(r[6])] for r in rows],
    ]


GOOD_BOOK = workbook(as_table())
START = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


def cell(ref: str, text: str) -> bytes:
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()


def lying_sizes(body: bytes) -> bytes:
    """Every size in the central directory says 10 bytes."""
    changed, place = bytearray(body), body.find(b"PK\x01\x02")
    while place >= 0:
        struct.pack_into("<I", changed, place + 24, 10)
        place = body.find(b"PK\x01\x02", place + 4)
    return bytes(changed)


def encrypted_flag(body: bytes) -> bytes:
    changed, place = bytearray(body), body.find(b"PK\x01\x02")
    while place >= 0:
        changed[place + 8] |= 1
        place = body.find(b"PK\x01\x02", place + 4)
    return bytes(changed)


def bomb() -> bytes:
    return with_parts(GOOD_BOOK, {"xl/media/a.bin": b"\0" * (201 * 1024 * 1024)})


def row_of(number: int, *cells: str) -> bytes:
    letters = "ABCDEFGH"
    body = b"".join(cell(f"{letters[i]}{number}", text) for i, text in enumerate(cells))
    return f'<row r="{number}">'.encode() + body + b"</row>"


HEADER_ROW = row_of(1, *HEADER.split(","))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
UTF16_ROW = order_rows(1)[0]

# name of the file, its bytes, expected reason
REFUSED = {
    "empty": ("a.csv", b"", "empty_file"),
    "header only": ("a.csv", HEADER.encode() + b"\n", "empty_file"),
    "blank lines only": ("a.csv", HEADER.encode() + b"\n\n\n", "empty_file"),
    "no final line break": ("a.csv", GOOD[:-1], "half_file"),
    "cut in a number": ("a.csv", GOOD[:-4], "half_file"),
    "cut between CR and LF": ("a.csv", GOOD.replace(b"\n", b"\r\n")[:-1], "half_file"),
    "open quotation mark": ("a.csv", GOOD + b'"A9,1,2026-11-02,R1\n', "half_file"),
    "open quotation mark, many rows": (
        "a.csv",
        GOOD.replace(b"A0000,2", b'"A0000,2') + b"x\n" * 400,
        "half_file",
    ),
    "text after a closed quotation mark": ("a.csv", GOOD + b'"A9"x,1,d,R1,P0,1,2\n', "broken_csv"),
    "NUL": ("a.csv", GOOD + b"A9\0,1,2026-11-02,R1,P0,1,2\n", "nul"),
    "nothing but NUL": ("a.csv", b"\0" * 3000 + b"\n", "nul"),
    "huge field": ("a.csv", GOOD + b"A" * 40_000 + b",1,2026-11-02,R1,P0,1,2\n", "huge_field"),
    "huge quoted field": ("a.csv", GOOD + b'"' + b"A" * 140_000 + b'",1,d,R,P,1,2\n', "huge_field"),
    "invalid bytes": ("a.csv", GOOD + b"\xff\xff\xff,1,2026-11-02,R1,P0,1,2\n", "unknown_encoding"),
    "cut inside a GBK pair": (
        "a.csv",
        GOOD + "A,店".encode("gb18030")[:-1] + b"\n",
        "unknown_encoding",
    ),
    "UTF-8 and GBK mixed": (
        "a.csv",
        GOOD + "A,长乐烟酒商店\n".encode() + "B,便利店名\n".encode("gb18030"),
        "mixed_encodings",
    ),
    "readable as two encodings": ("a.csv", GOOD + b"A,\xc3\xa9\n", "ambiguous_encoding"),
    "UTF-8 mark and GBK inside": (
        "a.csv",
        b"\xef\xbb\xbf" + GOOD + "A,便利店\n".encode("gb18030"),
        "unknown_encoding",
    ),
    "surrogates in UTF-8": ("a.csv", GOOD + b"\xed\xa0\x80,1\n", "unknown_encoding"),
    "UTF-16 cut in a unit": ("a.csv", GOOD.decode().encode("utf-16")[:-1], "unknown_encoding"),
    "UTF-16 without its mark": ("a.csv", GOOD.decode().encode("utf-16-le"), "nul"),
    "wrong column": ("a.csv", GOOD.replace(b"unit_price", b"price"), "unknown_column"),
    "missing column": ("a.csv", GOOD.replace(b"order_no,", b"amount,"), "missing_column"),
    "column twice": ("a.csv", GOOD.replace(b"unit_price", b"order_no"), "duplicate_column"),
    "semicolons": ("a.csv", GOOD.replace(b",", b";"), "unknown_column"),
    "damaged gzip": ("a.csv.gz", gzip.compress(GOOD)[:-9], "half_file"),
    "gzip with a wrong sum": ("a.csv.gz", gzip.compress(GOOD)[:-8] + b"\1" * 8, "half_file"),
    "text called gzip": ("a.csv.gz", GOOD, "wrong_type"),
    "gzip called text": ("a.csv", gzip.compress(GOOD), "wrong_type"),
    "workbook called CSV": ("a.csv", GOOD_BOOK, "wrong_type"),
    "xls called CSV": ("a.csv", OLE, "wrong_type"),
    "PDF called CSV": ("a.csv", b"%PDF-1.7\n" + GOOD, "wrong_type"),
    "web page called CSV": ("a.csv", b"<html><table><tr><td>1</td></tr></table>\n", "wrong_type"),
    "unknown ending": ("a.ods", GOOD, "unknown_type"),
    "macro ending": ("a.xlsm", GOOD_BOOK, "unknown_type"),
    "xls": ("a.xls", OLE, "unknown_type"),
    "CSV called workbook": ("a.xlsx", GOOD, "not_a_workbook"),
    "web page called workbook": ("a.xlsx", b"<html><table></table></html>", "not_a_workbook"),
    "xls called xlsx": ("a.xlsx", OLE, "old_or_encrypted_workbook"),
    "encrypted parts": ("a.xlsx", encrypted_flag(GOOD_BOOK), "old_or_encrypted_workbook"),
    "empty workbook file": ("a.xlsx", b"", "not_a_workbook"),
    "truncated workbook": ("a.xlsx", GOOD_BOOK[: len(GOOD_BOOK) // 2], "damaged_workbook"),
    "workbook with damaged bytes": (
        "a.xlsx",
        GOOD_BOOK[:200] + b"\xff" * 60 + GOOD_BOOK[260:],
        "damaged_workbook",
    ),
    "ZIP that is no workbook": ("a.xlsx", None, "not_a_workbook"),
    "workbook with macros": (
        "a.xlsx",
        with_parts(GOOD_BOOK, {"xl/vbaProject.bin": b"x"}),
        "macros",
    ),
    "too many parts": (
        "a.xlsx",
        with_parts(GOOD_BOOK, {f"p/{n}": b"" for n in range(1001)}),
        "workbook_too_large",
    ),
    "ZIP bomb": ("a.xlsx", bomb, "workbook_too_large"),
    "ZIP bomb with lying sizes": ("a.xlsx", lambda: lying_sizes(bomb()), None),
    "ratio bomb": (
        "a.xlsx",
        with_parts(GOOD_BOOK, {"xl/media/a.bin": b"\0" * (30 * 1024 * 1024)}),
        "workbook_too_large",
    ),
    "far cell": (
        "a.xlsx",
        sheet_of(
            START + HEADER_ROW + b'<row r="1048576">' + cell("XFD1048576", "x") + b"</row>" + END
        ),
        "workbook_too_large",
    ),
    "too many columns": (
        "a.xlsx",
        workbook([[f"c{n}" for n in range(101)], [1] * 101]),
        "workbook_too_large",
    ),
    "huge cell": (
        "a.xlsx",
        sheet_of(START + HEADER_ROW + row_of(2, "A" * 40_000) + END),
        "workbook_too_large",
    ),
    "entity bomb": (
        "a.xlsx",
        sheet_of(
            b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
            b'<!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + START[21:] + row_of(1, "&c;") + END
        ),
        None,
    ),
    "external entity": (
        "a.xlsx",
        sheet_of(
            b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            + START[21:]
            + row_of(1, "&x;")
            + END
        ),
        None,
    ),
    "sheet that is no XML": ("a.xlsx", sheet_of(b"not xml at all"), None),
    "sheet cut in half": ("a.xlsx", sheet_of(START + HEADER_ROW + b"<row r='2'><c r="), None),
    "missing sheet": (
        "a.xlsx",
        with_parts(b"PK\x05\x06" + b"\0" * 18, {"xl/workbook.xml": b"<workbook/>"}),
        None,
    ),
    "empty sheet": ("a.xlsx", workbook([]), "empty_file"),
    "workbook with the header only": ("a.xlsx", workbook([HEADER.split(",")]), "empty_file"),
    "nested ZIP instead of a sheet": ("a.xlsx", sheet_of(GOOD_BOOK), None),
}


def not_a_workbook() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return stream.getvalue()


def test_corpus_is_as_large_as_promised():
    assert len(REFUSED) >= 57


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_file_is_refused_with_a_reason_and_nothing_changes(company, tmp_path, name):
    file, body, code = REFUSED[name]
    body = not_a_workbook() if body is None else body() if callable(body) else body
    path = tmp_path / file
    path.write_bytes(body)
    before = snapshot()

    with pytest.raises(RefusedFileError) as refusal:
        load("orders", path, company)

    assert refusal.value.message
    assert refusal.value.code == (code or refusal.value.code)
    assert snapshot() == before


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_file_cut_at_many_places_is_refused_or_a_right_prefix(company, tmp_path, ending):
    whole = GOOD.replace(b"\n", ending)
    ends = {place for place in range(len(whole)) if whole[:place].endswith(ending)}
    path = tmp_path / "o.csv"
    taken = []
    for cut in sorted({*range(1, len(whole), 23), *ends}):
        path.write_bytes(whole[:cut])
        try:
            outcome = load("orders", path, company, dry_run=True)
        except RefusedFileError:
            continue
        taken.append((cut, outcome.imported, outcome.rejected))

    assert {cut for cut, _imported, _rejected in taken} <= ends
    assert {rejected for _cut, _imported, rejected in taken} == {0}
    assert [imported for _cut, imported, _rejected in taken] == [1, 2]


ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "utf-16"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_rare_characters_arrive_as_they_were_written(company, tmp_path, encoding):
    path = written(tmp_path / "r.csv", f"X1,{RARE},T/东城区", header=RETAILERS, encoding=encoding)

    load("retailers", path, company)

    assert Retailer.objects.get(code="X1").name == RARE


def test_gbk_file_is_read_as_gb18030(company, tmp_path):
    path = written(tmp_path / "r.csv", "X1,便利店,T/东城区", header=RETAILERS, encoding="gbk")

    load("retailers", path, company)

    assert Retailer.objects.get(code="X1").name == "便利店"


def test_ambiguous_file_is_taken_when_the_mapping_names_the_encoding(company, tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes(f"{RETAILERS}\nX1,Caf".encode() + b"\xc3\xa9,T/E\n")

    load("retailers", path, company, text='[file]\nencoding = "utf-8"\n')

    assert Retailer.objects.get(code="X1").name == "Café"


def test_final_line_break_may_be_missing_where_the_mapping_says_so(company, tmp_path):
    path = tmp_path / "o.csv"
    path.write_bytes(GOOD[:-1])

    outcome = load("orders", path, company, text='[file]\nfinal_newline = "optional"\n')

    assert outcome.imported == 3


def test_good_workbook_is_taken(company, tmp_path):
    path = tmp_path / "a.XLSX"
    path.write_bytes(GOOD_BOOK)

    outcome = load("orders", path, company)

    assert outcome.line == "imported 3, updated 0, unchanged 0, rejected 0"
    assert OrderLine.objects.filter(unit_price_cents=20050).count() == 1


def test_formulas_count_by_their_stored_values_and_errors_are_refused(company, tmp_path):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(as_table()):
        sheet.write_row(number, 0, row)
    sheet.write_formula(1, 5, "=2+3", None, 5)
    sheet.write_formula(2, 5, "=NA()", None, "#N/A")
    sheet.write_formula(3, 5, "=X", None, "")
    book.close()
    path = tmp_path / "a.xlsx"
    path.write_bytes(stream.getvalue())

    outcome = load("orders", path, company, partial=True)

    assert (outcome.imported, outcome.rejected) == (1, 2)
    assert OrderLine.objects.get().ordered_cartons == 5
    assert [row["column"] for row in outcome.preview] == ["ordered_cartons"] * 2


@pytest.mark.slow
def test_workbook_of_too_many_rows_is_refused(company, tmp_path):
    path = tmp_path / "a.xlsx"
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(2, 200_010)
    )
    path.write_bytes(
        repacked(
            GOOD_BOOK,
            lambda name, old: (
                START + HEADER_ROW + rows + END if name.endswith("sheet1.xml") else old
            ),
        )
    )

    with pytest.raises(RefusedFileError) as refusal:
        load("orders", path, company)

    assert refusal.value.code == "workbook_too_large"


@pytest.mark.slow
def test_one_cell_of_a_gigabyte_does_not_cost_our_memory(company, tmp_path):
    xml = START + HEADER_ROW + b'<row r="2"><c r="A2" t="inlineStr"><is><t>'
    path = tmp_path / "a.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        zipfile.ZipFile(io.BytesIO(GOOD_BOOK)) as good,
    ):
        for name in good.namelist():
            if not name.endswith("sheet1.xml"):
                archive.writestr(name, good.read(name))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as stream:
            stream.write(xml)
            for _block in range(64):
                stream.write(b"A" * (16 * 1024 * 1024))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(RefusedFileError) as refusal:
        load("orders", path, company)

    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert refusal.value.code == "workbook_too_large"
    assert grown < 100
