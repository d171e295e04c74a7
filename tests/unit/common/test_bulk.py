"""Arrays come back from the database as they went in, on either engine."""

import datetime as dt

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.services import create_company
from allocation.models import TierQuota
from brands.models import OrderBatch, OrderLine, ProductMonth, SalesDay
from config.common import bulk, copy_binary

pytestmark = pytest.mark.django_db
HYPOTHESIS = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LIMITS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
KINDS = {"smallint": "i2", "integer": "i4", "bigint": "i8"}


def ints(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def fetch(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def as_date(value: object) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


# --- round trips --------------------------------------------------------------------------


@HYPOTHESIS
@given(data=st.data())
def test_whole_numbers_survive_to_the_limits_of_their_type(data):
    rows = data.draw(st.integers(0, 20))
    columns = {
        name: data.draw(st.lists(st.integers(-limit, limit - 1), min_size=rows, max_size=rows))
        for name, limit in LIMITS.items()
    }
    types = {name: name for name in LIMITS}

    with bulk.staged("round_trip", {k: ints(v) for k, v in columns.items()}, types) as table:
        names = ", ".join(f'"{name}"' for name in LIMITS)
        found = bulk.read_columns(f"SELECT {names} FROM {table}", [], KINDS)

    assert {name: values.tolist() for name, values in found.items()} == columns
    assert {name: values.dtype.str[1:] for name, values in found.items()} == KINDS


@HYPOTHESIS
@given(
    rows=st.lists(
        st.tuples(
            st.floats(allow_nan=False),
            st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)),
        ),
        max_size=20,
    )
)
def test_floats_and_dates_survive(rows):
    columns = {
        "f": np.array([row[0] for row in rows], dtype=np.float64),
        "d": np.array([row[1] for row in rows], dtype="datetime64[D]"),
    }

    with bulk.staged("round_trip", columns, {"f": "double precision", "d": "date"}) as table:
        found = bulk.read_columns(f"SELECT f, d FROM {table}", [], {"f": "f8", "d": "M8"})

    assert found["f"].tolist() == [row[0] for row in rows]
    assert bulk.as_dates(found["d"]) == [row[1] for row in rows]


nullable = st.none() | st.integers(-(2**31), 2**31 - 1)


@HYPOTHESIS
@given(
    rows=st.lists(
        st.tuples(
            nullable, nullable, st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1))
        ),
        max_size=20,
    ),
    extra=st.sampled_from(["", "text", "numeric"]),
)
def test_masked_values_are_null_whatever_the_pattern(rows, extra):
    """On PostgreSQL a column of fractions makes it a text COPY; without one it is binary."""

    def masked(at: int, filler: object, dtype: str) -> np.ma.MaskedArray:
        values = [row[at] for row in rows]
        data = np.array([filler if value is None else value for value in values], dtype=dtype)
        return np.ma.array(data, mask=[value is None for value in values])

    columns = {
        "n": ints(list(range(len(rows)))),
        "a": masked(0, 0, "i8"),
        "b": masked(1, 0, "i8"),
        "d": masked(2, dt.date(2000, 1, 1), "datetime64[D]"),
    }
    types = {"n": "integer", "a": "integer", "b": "bigint", "d": "date"}
    if extra:
        columns["t"] = bulk.texts([str(number) for number in range(len(rows))])
        types["t"] = extra

    with bulk.staged("round_trip", columns, types) as table:
        found = fetch(f"SELECT a, b, d FROM {table} ORDER BY n")

    assert [(a, b, as_date(d)) for a, b, d in found] == rows


awkward = st.sampled_from(
    [
        "",
        "\\N",
        "\\",
        "\\.",
        "\t",
        "a\tb",
        "line\nbreak",
        "\r\n",
        "零售户 一号",
        "'quoted'",
        '"',
        "%s",
        "😀",
    ]
)
texts = awkward | st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20
)


@HYPOTHESIS
@given(
    values=st.lists(st.tuples(st.none() | texts, st.none() | texts), max_size=20),
    same=st.none() | texts,
    extra=st.sampled_from(["integer", "numeric"]),
)
def test_texts_survive_with_tabs_backslashes_and_null(values, same, extra):
    """In a binary COPY of integers and texts, and in the text COPY that fractions need."""
    columns = {
        "n": ints(list(range(len(values)))),
        "t": bulk.texts([one for one, _two in values]),
        "u": bulk.texts([two for _one, two in values]),
        "s": bulk.texts([same] * len(values)),
        "x": ints([7] * len(values)),
    }
    types = {"n": "integer", "t": "text", "u": "text", "s": "text", "x": extra}

    with bulk.staged("round_trip", columns, types) as table:
        found = fetch(f"SELECT t, u, s, x FROM {table} ORDER BY n")

    assert found == [(one, two, same, 7) for one, two in values]


@pytest.mark.parametrize("extra", ["", "text", "numeric"])
def test_more_rows_than_a_piece_survive_in_their_order(monkeypatch, extra):
    monkeypatch.setattr(bulk, "CHUNK", 7)
    monkeypatch.setattr(copy_binary, "CHUNK", 7)
    columns, types = {"n": ints(list(range(50)))}, {"n": "bigint"}
    if extra:
        columns["t"], types["t"] = bulk.texts([str(number) for number in range(50)]), extra

    with bulk.staged("round_trip", columns, types) as table:
        found = bulk.read_columns(f"SELECT n FROM {table} ORDER BY n", [], {"n": "i8"})

    assert found["n"].tolist() == list(range(50))


# --- tables with models -------------------------------------------------------------------


def test_rows_of_a_model_are_what_the_model_reads():
    written = bulk.insert_columns(
        SalesDay,
        {
            "company_id": ints([1, 1]),
            "ordered_on": np.array(["2026-11-20", "2026-11-21"], dtype="datetime64[D]"),
            "period": ints([202611, 202611]),
            "orders": ints([3, 4]),
            "cartons": ints([2**40, -5]),
            "amount_cents": ints([0, 2**62]),
        },
    )

    rows = list(
        SalesDay.objects.order_by("ordered_on").values_list(
            "company_id", "ordered_on", "period", "orders", "cartons", "amount_cents"
        )
    )
    assert written == 2
    assert rows == [
        (1, dt.date(2026, 11, 20), 202611, 3, 2**40, 0),
        (1, dt.date(2026, 11, 21), 202611, 4, -5, 2**62),
    ]


def test_no_rows_write_nothing():
    assert bulk.insert_columns(TierQuota, {"line_id": ints([]), "tier": ints([])}) == 0
    assert bulk.insert_columns(TierQuota, {}) == 0


# --- what is refused ----------------------------------------------------------------------


def product_month(**changes: np.ndarray) -> dict[str, np.ndarray]:
    names = ("company_id", "period", "product_id", "retailers", "cartons", "amount_cents")
    return {**{name: ints([1]) for name in names}, **changes}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"retailers": ints([2**31])}, "retailers must fit integer, got 2147483648"),
        ({"retailers": ints([-(2**31) - 1])}, "must fit integer"),
        ({"cartons": np.array([1.5])}, "cartons must be whole numbers, got dtype float64"),
        ({"cartons": np.array([2**63], dtype=np.uint64)}, "cartons must fit bigint"),
        ({"cartons": ints([1, 2])}, "must have equal lengths"),
    ],
)
def test_what_a_column_cannot_hold_is_refused_instead_of_cut_off(changes, words):
    with pytest.raises(ValueError, match=words):
        bulk.insert_columns(ProductMonth, product_month(**changes))

    assert not ProductMonth.objects.exists()


def test_a_date_that_is_none_is_refused():
    day = np.array(["NaT"], dtype="datetime64[D]")

    with (
        pytest.raises(ValueError, match="must be dates, got NaT"),
        bulk.staged("nat", {"d": day}, {"d": "date"}),
    ):
        pass


def test_a_masked_value_is_not_checked_against_the_limits():
    huge = np.ma.array(ints([2**40, 7]), mask=[True, False])

    with bulk.staged("masked", {"n": huge}, {"n": "integer"}) as table:
        assert sorted(fetch(f"SELECT n FROM {table} WHERE n IS NOT NULL")) == [(7,)]


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_reading_null_is_an_error_whichever_row_it_is_in(missing):
    values = np.ma.array(ints([1, 2, 3]), mask=[number == missing for number in range(3)])

    with (
        bulk.staged(
            "nulls", {"n": values, "m": ints([1, 2, 3])}, {"n": "bigint", "m": "bigint"}
        ) as table,
        pytest.raises(ValueError, match="is NULL in some row"),
    ):
        bulk.read_columns(f"SELECT m, n FROM {table}", [], {"m": "i8", "n": "i8"})


def test_a_percent_sign_in_a_parameter_is_not_a_placeholder():
    found = bulk.read_columns("SELECT 1 AS one WHERE %s LIKE '%%s'", ["100%s"], {"one": "i8"})

    assert found["one"].tolist() == [1]


# --- staged tables and keys ---------------------------------------------------------------


def test_a_staged_table_is_gone_afterwards_and_its_name_can_be_used_again():
    for number in (1, 2):
        with bulk.staged("again", {"n": ints([number])}, {"n": "bigint"}) as table:
            assert fetch(f"SELECT n FROM {table}") == [(number,)]

    with pytest.raises(DatabaseError), transaction.atomic():
        fetch("SELECT n FROM again")


def test_an_error_inside_a_staged_block_comes_out_as_itself():
    with (
        pytest.raises(DatabaseError, match="no_such_column"),
        transaction.atomic(),
        bulk.staged("broken", {"n": ints([1])}, {"n": "bigint"}) as table,
    ):
        fetch(f"SELECT no_such_column FROM {table}")

    with bulk.staged("broken", {"n": ints([2])}, {"n": "bigint"}) as table:
        assert fetch(f"SELECT n FROM {table}") == [(2,)]


def test_reserved_keys_are_new_and_never_given_twice():
    company = create_company(code="bulk", name="Bulk")
    with transaction.atomic():
        first = bulk.reserve_ids(OrderBatch, 5)
        for pk in first.tolist():
            OrderBatch.objects.create(id=pk, company=company, channel="test")
        second = bulk.reserve_ids(OrderBatch, 3)
        later = OrderBatch.objects.create(id=int(second.max()), company=company, channel="test")
        third = bulk.reserve_ids(OrderBatch, 1)

    given_out = [*first.tolist(), *second.tolist(), *third.tolist()]
    assert len(set(given_out)) == 9
    assert later.pk in given_out


def test_the_types_of_a_models_columns_are_those_of_postgres():
    fields = {field.column: field for field in OrderLine._meta.concrete_fields}

    assert {name: bulk._type_name(field) for name, field in fields.items()} == {
        "period": "integer",
        "order_id": "bigint",
        "line_no": "integer",
        "company_id": "bigint",
        "retailer_id": "bigint",
        "product_id": "bigint",
        "ordered_on": "date",
        "kind": "smallint",
        "ordered_cartons": "integer",
        "needed_cartons": "integer",
        "quota_cartons": "integer",
        "unit_price_cents": "integer",
        "amount_cents": "bigint",
    }
