"""Rules in words: values go from storage to the form and back without a change."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.services.rules import check_values
from allocation.core.defaults import POLICIES
from config.common import policies
from config.common.policies import (
    CHOICE,
    DECIMAL,
    PERCENT,
    WHOLE,
    Parameter,
    PolicySchema,
    number_text,
)


@pytest.mark.parametrize(
    ("kind", "stored", "typed", "shown"),
    [
        (PERCENT, "0.30", Decimal("30"), "30 %"),
        (PERCENT, "-0.3", Decimal("-30"), "-30 %"),
        (PERCENT, "0.125", Decimal("12.5"), "12.5 %"),
        (DECIMAL, "1.50", Decimal("1.5"), "1.5 times"),
        (WHOLE, 3, 3, "3 times"),
        (WHOLE, 100, 100, "100 times"),
    ],
)
def test_values_are_shown_as_people_write_them(kind, stored, typed, shown):
    one = Parameter("x", "X", kind, unit="times")

    assert one.typed(stored) == typed
    assert one.shown(stored) == shown
    assert one.typed(one.stored(typed)) == typed


@given(st.integers(-10_000, 10_000))
def test_per_cent_with_one_place_goes_there_and_back(tenths):
    one = Parameter("x", "X", PERCENT)
    typed = Decimal(tenths) / 10

    assert one.typed(one.stored(typed)) == typed


def test_numbers_have_no_needless_zeros():
    assert [number_text(Decimal(text)) for text in ("30", "30.0", "0.50", "100", "1E+2")] == [
        "30",
        "30",
        "0.5",
        "100",
        "100",
    ]


def test_every_rule_of_allocation_is_declared_completely():
    """What the computation reads, the form shows; what the form stores, the computation reads."""
    for code, defaults in POLICIES.items():
        schema = policies.find(code)
        assert schema is not None, code
        assert _plain(schema.params(schema.values({}))) == _plain(defaults), code
        assert check_values(schema, schema.values({})) == {}, code


def _plain(value):
    """Numbers without needless zeros, however they are written."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, str) and value.lstrip("-").replace(".", "").isdigit():
        return number_text(Decimal(value))
    return value


def test_every_declared_rule_has_ranges_that_hold_its_defaults():
    for schema in policies.all_schemas():
        assert check_values(schema, schema.values(None)) == {}, schema.code
        for one in schema.parameters:
            assert str(one.label)
            assert one.kind in (WHOLE, DECIMAL, PERCENT, CHOICE)


def test_a_value_outside_its_range_is_named():
    schema = policies.find("demand.forecast")
    values = schema.values(None)

    assert set(check_values(schema, values | {"recent_months": 13})) == {"recent_months"}
    assert set(check_values(schema, values | {"growth_cap": "3.01"})) == {"growth_cap"}
    assert set(check_values(schema, values | {"growth_floor": "0.01"})) == {"growth_floor"}


def test_only_what_differs_is_a_difference():
    schema = PolicySchema(
        "x",
        "X",
        "",
        (Parameter("a.b", "AB", PERCENT), Parameter("c", "C", WHOLE)),
        {"a": {"b": "0.5"}, "c": 1},
    )

    found = schema.differences({"a": {"b": "0.50"}}, {"a": {"b": "0.5"}, "c": 2})

    assert [(one.code, was, now) for one, was, now in found] == [("c", 1, 2)]
