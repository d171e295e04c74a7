"""The strict JSON parser and the small readers of query parameters."""

import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError, UnsupportedMediaType

from config.common.api import (
    MAX_BODY_BYTES,
    StrictJSONParser,
    TooLarge,
    flat_errors,
    is_storable,
    to_json,
)
from config.common.api_input import iso_day, iso_moment, whole_number


def parse(body: bytes, media_type: str = "application/json"):
    return StrictJSONParser().parse(io.BytesIO(body), media_type)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"\xef\xbb\xbf[]", []),
        ('{"名": "零售户"}'.encode(), {"名": "零售户"}),
        (b'"\\ud83d\\udeac"', "🚬"),  # a whole pair is one character
        (b"1.10", Decimal("1.10")),
        (b"-0.01", Decimal("-0.01")),
    ],
)
def test_good_json_is_read(body, expected):
    assert parse(body) == expected


def test_numbers_with_a_fraction_never_become_floats():
    assert parse(b"[0.1, 1e2, 123456789.01]") == [
        Decimal("0.1"),
        Decimal("1e2"),
        Decimal("123456789.01"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": 1, "a": 1}',
        b"NaN",
        b"Infinity",
        b"1e400",
        b"1e-400",
        b"1e99999999999999999999",
        b"9" * 5000,
        b"0." + b"1" * 100,
        b'"\\u0000"',
        b'{"\\ud800": 1}',
        b'["\\udfff"]',
        b'"\x00"',
        b"\xff",
        "订单".encode("gbk"),
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_bad_json_is_refused(body):
    with pytest.raises(ParseError):
        parse(body)


def test_more_than_the_limit_is_not_read():
    with pytest.raises(TooLarge):
        parse(b" " * (MAX_BODY_BYTES + 1))
    assert parse(b" " * (MAX_BODY_BYTES - 2) + b"[]") == []


@pytest.mark.parametrize("charset", ["gbk", '"UTF-16"', "latin-1", "", "zlib"])
def test_another_charset_is_refused(charset):
    with pytest.raises(UnsupportedMediaType):
        parse(b"[]", f"application/json; Charset={charset}")


@pytest.mark.parametrize("charset", ["utf-8", '"UTF-8"', "Utf8"])
def test_utf8_may_be_said(charset):
    assert parse(b"[]", f"application/json; charset={charset}") == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_what_can_be_stored_is_read_as_it_was(value):
    text = json.dumps(value)

    if is_storable(json.dumps(value, ensure_ascii=False)) and "\\u0000" not in text:
        assert parse(text.encode()) == value
    else:
        with pytest.raises(ParseError):
            parse(text.encode())


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body):
    try:
        value = parse(body)
    except ParseError:
        return
    assert value == json.loads(body.decode("utf-8-sig"), parse_float=Decimal)


@pytest.mark.parametrize("text", ["0", "7", "10", "9" * 18])
def test_whole_numbers(text):
    assert whole_number(text) == int(text)


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "01", "1.0", "1_0", "１", "٣", " 1", "1\n", "9" * 19, "1e3", "x"]
)
def test_other_texts_are_no_whole_numbers(text):
    with pytest.raises(ValueError, match="not a whole number"):
        whole_number(text)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)))
def test_days_are_read_back(day):
    assert iso_day(day.isoformat()) == day


@pytest.mark.parametrize(
    "text", ["", "2026-2-3", "20260203", "2026-02-30", "1989-12-31", "2100-01-01", "２０２６-02-03"]
)
def test_other_texts_are_no_days(text):
    with pytest.raises(ValueError):  # noqa: PT011 - some messages are Python's
        iso_day(text)


def test_a_point_in_time_needs_its_offset():
    assert iso_moment("2026-11-21T08:00:00+08:00") == iso_moment("2026-11-21T00:00:00Z")
    for wrong in ("2026-11-21T08:00:00", "2026-11-21", "2026-11-21 08:00:00+08:00", "x"):
        with pytest.raises(ValueError, match="not a point in time"):
            iso_moment(wrong)


def test_errors_become_paths():
    nested = {"orders": {1: {"lines": [{}, {"amount": ["a", "b"]}]}}, "mode": ["c"]}

    assert flat_errors(nested) == {"orders[1].lines[1].amount": ["a", "b"], "mode": ["c"]}
    assert len(flat_errors({str(number): ["x"] for number in range(500)})) == 100


def test_decimals_leave_as_text():
    assert to_json({"amount": Decimal("0.10")}) == b'{"amount":"0.10"}'
