from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.common.units import (
    boxes_to_cartons,
    cartons_to_boxes,
    cartons_to_cases,
    cartons_to_sticks,
)


def test_w17_boxes_cartons_sticks():
    assert boxes_to_cartons(14_981) == 3_745_250
    assert cartons_to_sticks(3_745_250) == 749_050_000
    assert cartons_to_boxes(3_745_250) == 14_981


def test_fractions_of_boxes_and_cases_have_four_places():
    assert str(cartons_to_boxes(1)) == "0.0040"
    assert str(cartons_to_boxes(-251)) == "-1.0040"
    assert str(cartons_to_cases(120)) == "2.4000"
    assert boxes_to_cartons(Decimal("0.004")) == 1


def test_sticks_follow_the_product():
    assert cartons_to_sticks(3, sticks_per_carton=160) == 480


@given(st.integers(-(10**12), 10**12))
def test_cartons_survive_the_way_to_boxes_and_back(cartons):
    assert boxes_to_cartons(cartons_to_boxes(cartons)) == cartons


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: boxes_to_cartons(0.5), "float 0.5"),
        (lambda: boxes_to_cartons(Decimal("0.001")), "got 0.001"),
        (lambda: boxes_to_cartons(Decimal("NaN")), "NaN"),
        (lambda: cartons_to_boxes(1.5), "1.5"),
        (lambda: cartons_to_cases(Decimal("1")), "Decimal"),
        (lambda: cartons_to_sticks(1, sticks_per_carton=0), "got 0"),
    ],
)
def test_units_outside_their_range_say_value_and_expectation(call, match):
    with pytest.raises(ValueError, match=match):
        call()
