"""Rows become arrays in the order of codes, whatever their primary keys are."""

import datetime as dt
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brands.services.sales import refresh_sales
from config.common import bulk
from segmentation import frames
from tests.integration.night.city import Line, make_city

ids = st.lists(st.integers(1, 50), unique=True, max_size=20)


def population_of(retailer_id: list[int]) -> frames.Population:
    count = len(retailer_id)
    codes = bulk.texts([f"R{number:03d}" for number in range(count)])
    return frames.Population(
        np.array(retailer_id, dtype=np.int64), codes, np.arange(count), bulk.texts([""] * count)
    )


@given(own=ids, asked=st.lists(st.integers(0, 60), max_size=30))
def test_rows_of_finds_who_belongs_to_the_population(own, asked):
    rows, known = population_of(own).rows_of(np.array(asked, dtype=np.int64))

    assert known.tolist() == [pk in own for pk in asked]
    assert rows.tolist() == [own.index(pk) for pk in asked if pk in own]


@pytest.mark.django_db
def test_history_and_first_purchase_by_hand():
    city = make_city(retailers=4, products=1, shuffle=3)
    other = make_city("other", retailers=1, products=1)
    for where, number, code, day, cartons in (
        (city, "1", "R000", dt.date(2024, 3, 5), 5),  # before the window
        (city, "2", "R000", dt.date(2026, 9, 5), 7),
        (city, "3", "R001", dt.date(2026, 10, 5), 3),
        (city, "4", "R001", dt.date(2026, 10, 9), 4),
        (city, "5", "R002", dt.date(2026, 9, 9), -2),  # a return alone is no purchase
        (other, "6", "R000", dt.date(2026, 9, 9), 99),
    ):
        where.place(number, code, day, [Line("P000", cartons, cartons * 100)])
    for each in (city, other):
        refresh_sales(company_id=each.pk, progress=lambda *_: None, assert_owner=lambda: None)
    population = frames.load_population(city.pk)

    history = frames.load_history(city.pk, population, [202608, 202609, 202610])

    assert population.code.tolist() == ["R000", "R001", "R002", "R003"]
    assert history.cartons.tolist() == [[0, 7, 0], [0, 0, 7], [0, -2, 0], [0, 0, 0]]
    assert history.amount_cents.tolist() == [[0, 700, 0], [0, 0, 700], [0, -200, 0], [0, 0, 0]]
    assert history.window(202609, 202610).cartons.tolist() == [7, 7, -2, 0]
    since = frames.load_months_since_first(city.pk, population, history)
    assert since.tolist() == [31, 0, -1, -1]


@pytest.mark.django_db
def test_codes_of_different_length_are_in_the_order_of_text_on_every_engine():
    city = make_city(retailers=0)
    from customers.models import Retailer

    for code in ("b", "A", "a1", "É", "Z", "一", "a"):
        Retailer.objects.create(company=city.company, code=code, name=code)

    assert frames.load_population(city.pk).code.tolist() == ["A", "Z", "a", "a1", "b", "É", "一"]


def test_the_hash_tells_codes_classes_ranks_and_figures_apart():
    population = population_of([5, 3])
    codes, rank = bulk.texts(["A", "B"]), np.array([1, 2])
    figures = {"x": np.array([1.5, 2.5])}

    def digest(**changes) -> str:
        words = {"population": population, "class_code": codes, "rank": rank, "figures": figures}
        return frames.classes_hash(**{**words, **changes})

    others = [
        digest(class_code=bulk.texts(["B", "A"])),
        digest(rank=np.array([2, 1])),
        digest(figures={"x": np.array([1.5, 2.6])}),
        digest(figures={"y": np.array([1.5, 2.5])}),
    ]
    assert digest() == digest(population=population_of([900, 1])), "row numbers do not count"
    assert digest() == digest(rank=np.array([1, 2], dtype=np.int32))
    assert len({digest(), *others}) == 5


def test_figures_become_one_json_text_per_retailer():
    rows = frames.json_rows({"a": np.array([1, 2]), "b": np.array([0.5, 7.0])})

    assert [json.loads(row) for row in rows] == [{"a": 1, "b": 0.5}, {"a": 2, "b": 7.0}]
