"""Reading text files: whole or refused, in the right encoding, and the same by both ways of cutting."""

import csv
import io
import re

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from config.common import textfiles
from config.common.ahead import ahead
from config.common.errors import RefusedFileError
from config.common.pinyin import SEARCH_KEY_LENGTH, initials, search_key

NAMES = "长乐烟酒店便利䶮㐱𠮷东城区（ａ）１２·é　"
FIFTY = "a,b\n" + "".join(f"{i},店{i}\n" for i in range(50))


def read(path, size=40):
    file = textfiles.inspect(path)
    with textfiles.open_rows(file) as rows:
        found = []
        for block in rows.blocks(size):
            found += [line.split(",") for line in block.lines] if block.width else block.rows
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_file_cut_at_every_byte_is_refused_or_a_prefix_of_whole_rows(tmp_path, encoding, ending):
    body = FIFTY.replace("\n", ending).encode(encoding)
    whole = list(csv.reader(io.StringIO(FIFTY)))
    path = tmp_path / "a.csv"
    taken = 0
    for cut in range(len(body)):
        path.write_bytes(body[:cut])
        try:
            rows = read(path, size=10_000)
        except RefusedFileError:
            continue
        assert rows == whole[: len(rows)]
        taken += 1

    assert taken == 50


@given(
    st.text(st.sampled_from(NAMES), max_size=12), st.sampled_from(["utf-8", "gb18030", "utf-16"])
)
def test_text_is_read_right_or_refused_never_garbled(tmp_path_factory, name, encoding):
    path = tmp_path_factory.mktemp("enc") / "a.csv"
    path.write_bytes(f"code,name\n1,x{name}x\n".encode(encoding))

    assert read_or_refusal(path) in (["1", f"x{name}x"], "ambiguous_encoding", "mixed_encodings")


def read_or_refusal(path):
    """The second row, or why the file is refused."""
    try:
        return read(path, size=10_000)[1]
    except RefusedFileError as error:
        return error.code


CELL = st.text(st.sampled_from('ab,"\n 店'), max_size=5)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=12), st.integers(1, 30))
def test_blocks_of_any_size_give_the_rows_of_the_csv_module(tmp_path_factory, rows, size):
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes("\ufeff".encode() + stream.getvalue().encode())

    assert read(path, size) == [list(row) for row in rows]


def test_file_larger_than_allowed_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" * 1000)

    with pytest.raises(RefusedFileError) as refusal:
        textfiles.inspect(path, max_bytes=3000)

    assert refusal.value.code == "too_large"


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@a", "\tx", "\rx", "＝1", "－x"])
def test_formulas_are_made_harmless(text):
    assert textfiles.escape_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["-5", "+5", "-5.25", "a=b", "店", ""])
def test_numbers_and_plain_texts_stay_as_they_are(text):
    assert textfiles.escape_cell(text) == text


def test_pieces_come_in_order_and_errors_at_their_place():
    def pieces():
        yield 1
        yield 2
        raise ValueError("third")

    found = []
    with pytest.raises(ValueError, match="third"), ahead(pieces()) as ready:
        found.extend(ready)

    assert found == [1, 2]
    with ahead(iter(range(5))) as ready:
        assert list(ready) == [0, 1, 2, 3, 4]


def test_reader_that_stops_early_ends_the_thread():
    with ahead(iter(range(10_000))) as ready:
        assert next(ready) == 0


def test_initials_know_every_reading_the_usual_first():
    assert initials("重庆")[:2] == ["zq", "cq"]
    assert initials("七匹狼(软灰) 2")[0] == "qplrh2"
    assert initials("") == []


@given(st.text(max_size=200))
def test_search_key_fits_its_column_and_is_in_small_letters(name):
    key = search_key(name, "R1")

    assert len(key) <= SEARCH_KEY_LENGTH
    assert key.startswith("r1")


def refused(path, size):
    with pytest.raises(RefusedFileError) as caught, translation.override("en"):
        read(path, size)
    return caught.value.code, int(re.search(r"\bline (\d+)", caught.value.message, re.I)[1])


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("lines", "quoted_from", "broken", "code"),
    [
        # Few characters to the end of the file; a field too long; in the first batch and far behind it.
        (1_001, 1_001, 10, "huge_field"),
        (1_001, 5, 10, "huge_field"),
        (1_001, 900, 990, "half_file"),
        (1_001, 1_001, 1_001, "half_file"),
        (100_001, 2, 99_992, "half_file"),
        (100_001, 40_000, 99_992, "half_file"),
        (100_001, 2, 60_000, "huge_field"),
        (100_001, 100_002, 99_992, "half_file"),
    ],
)
def test_a_quotation_mark_left_open_is_told_by_the_line_where_it_opens(
    tmp_path, lines, quoted_from, broken, code, ending
):
    """``quoted_from``: the line from which each record has one pair of quotation marks around no text."""
    rows = ["code,name,street,telephone,district,note"]
    for line in range(2, lines + 1):
        mark = '""' if quoted_from <= line < broken else ""
        rows.append(f"{line},shop {line},a street in the city,0595-12345,east,{mark}")
    rows[broken - 1] = f'{broken},"shop,,,,'
    path = tmp_path / "a.csv"
    path.write_text(ending.join([*rows, ""]), newline="")

    for size in (4_000, 1_000_000):
        assert refused(path, size) == (code, broken)


def test_lines_inside_quotation_marks_count_where_the_line_is_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"two\nlines"\n\n2,"x"\n3,"y"z\n4,"w"\n')

    assert refused(path, 6) == ("broken_csv", 6)
    assert refused(path, 1_000) == ("broken_csv", 6)
