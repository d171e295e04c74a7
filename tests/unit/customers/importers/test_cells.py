"""The strict readers of cells, the mapping, and columns with every distinct text once."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.common.errors import RefusedFileError
from customers.importers import cells, fields, mapping
from customers.importers.fields import BadCellError

KNOWN = frozenset({"order_no", "ordered_on", "amount", "retailer_code"})
TEXT = st.text(
    st.characters(exclude_characters='\n\r,"', exclude_categories=["Cs", "Cc"]), max_size=6
)


def refusal(read, text: str) -> str:
    with pytest.raises(BadCellError) as found:
        read(text)
    return found.value.code


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("007", 7), ("+5", 5), ("-5", -5), ("1000000", 1_000_000)]
)
def test_whole_takes_plain_digits(text, value):
    assert fields.whole(-1_000_000, 1_000_000)(text) == value


@pytest.mark.parametrize(
    "text", ["1_000", "1e3", "１２", "٣", "²", "NaN", "inf", "0x10", "1.0", "--1", "1 2", "½"]
)
def test_whole_refuses_what_python_would_take(text):
    assert refusal(fields.whole(-(10**9), 10**9), text) == "not_a_number"


@pytest.mark.parametrize("text", ["1,000", "1'000", "12 345", "-1,000,000.50"])
def test_thousands_separators_are_refused_by_name(text):
    assert refusal(fields.cents(-(10**12), 10**12), text) == "thousands_separator"


@pytest.mark.parametrize(
    ("text", "rounding", "value"),
    [
        ("0.5", "half_up", 1),
        ("-0.5", "half_up", -1),
        ("2.499", "half_up", 2),
        ("2.999", "down", 2),
        ("0.30000000000000004", "half_up", 0),
    ],
)
def test_whole_rounds_only_as_the_mapping_says(text, rounding, value):
    assert fields.whole(-10, 10, rounding=rounding)(text) == value


@given(st.integers(-(10**12), 10**12))
def test_cents_reads_what_money_prints(number):
    assert fields.cents(-(10**12), 10**12)(str(Decimal(number).scaleb(-2))) == number


@pytest.mark.parametrize(
    ("text", "value"), [("1", 100), ("1.5", 150), ("-0.05", -5), ("0012.30", 1230)]
)
def test_cents_takes_up_to_two_decimals(text, value):
    assert fields.cents(-10_000, 10_000)(text) == value


def test_cents_refuses_a_third_decimal_unless_rounding_is_set():
    assert refusal(fields.cents(0, 1000), "1.005") == "too_many_decimals"
    assert fields.cents(0, 1000, rounding="half_up")("1.005") == 101


def test_date_takes_iso_and_the_format_of_the_mapping_and_nothing_else():
    assert fields.date_in()("2026-02-28") == dt.date(2026, 2, 28)
    assert fields.date_in("%m/%d/%Y")("4/1/2024") == dt.date(2024, 4, 1)
    for text in ("2026-2-28", "2026-02-30", "20260228", "２０２６-02-28", "2026-02-28 "):
        assert refusal(fields.date_in(), text) == "not_a_date"


def test_clean_strips_blanks_and_invisible_characters_of_any_script():
    assert fields.clean(" \u3000\u00a0\ufeffA 1\u200b\t") == "A 1"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\ud800", "\x85a"])
def test_clean_refuses_control_characters_inside(character):
    with pytest.raises(BadCellError):
        fields.clean(f"a{character}b")


@pytest.mark.parametrize(
    ("text", "value"),
    [("17850.0", "17850"), ("17850", "17850"), ("17850.5", "17850.5"), ("A.0", "A.0")],
)
def test_integer_text_drops_only_a_zero_fraction(text, value):
    assert fields.integer_text(text) == value


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=20))
def test_cutting_lines_gives_the_same_texts_as_split(rows):
    lines = [",".join(row) for row in rows]

    columns = cells.cut("".join(line + "\n" for line in lines), lines, ",", 3)

    assert [[it.distinct[code] for code in it.codes] for it in columns] == [
        list(column) for column in zip(*rows, strict=True)
    ]


def test_cutting_keeps_texts_that_look_like_numbers_or_nothing():
    lines = ["007,NA,1e3", "8,,nan", "1_0,null,TRUE"]

    columns = cells.cut("\n".join(lines) + "\n", lines, ",", 3)

    assert [[it.distinct[code] for code in it.codes] for it in columns] == [
        ["007", "8", "1_0"],
        ["NA", "", "null"],
        ["1e3", "nan", "TRUE"],
    ]


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=20))
def test_combining_columns_joins_row_by_row(rows):
    columns = [cells.Cells.of(column) for column in zip(*rows, strict=True)]

    joined = cells.combine(columns, "|".join)

    assert [joined.distinct[code] for code in joined.codes] == ["|".join(row) for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        "columns = 1",
        "[column]\norder_no = 'a'",
        "[columns]\norder = 'a'",
        "[columns]\norder_no = ['a']",
        "[columns]\norder_no = '{a'",
        "[columns]\norder_no = '{a!r}'",
        "[columns]\norder_no = '{}'",
        "[columns]\norder_no = 'a'\n[constants]\norder_no = 'b'",
        "[rounding]\namount = 'up'",
        "[rules]\nline_no = 'automatic'",
        "[rules]\nkind_from_sign = 1",
        "[formats]\ndate = 'ISO'",
        "[formats]\nretailer_code = 'number'",
        "[derived]\namount = 'a * b'",
        "[file]\nencoding = 'latin-1'",
        "[file]\ndelimiter = 'x'",
        "[file]\nfinal_newline = true",
        "[[skip]]\ncolumn = 'a'",
        "[[skip]]\ncolumn = 'a'\nvalues = 'b'",
        "[[skip]]\ncolumn = 'a'\nvalues = ['b']\nwhy = 'c'",
        "not toml",
    ],
)
def test_mapping_that_is_not_understood_is_refused(text):
    with pytest.raises(RefusedFileError) as found:
        mapping.parse(text, KNOWN)

    assert found.value.code == "bad_mapping"


def test_template_keeps_literals_between_columns():
    template = mapping.parse("[columns]\norder_no = 'x{a b}|{c}'", KNOWN).columns["order_no"]

    assert (template.columns, template.literals) == (("a b", "c"), ("x", "|", ""))


def test_every_example_mapping_is_understood():
    from pathlib import Path

    from customers.importers import registry

    examples = sorted((Path(__file__).parents[4] / "docs" / "examples").glob("*.toml"))
    for path in examples:
        kind = registry.get(path.stem.rpartition("_")[2])
        mapping.load(path, kind.known)
    assert len(examples) >= 9
