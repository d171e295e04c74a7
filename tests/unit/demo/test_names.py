import csv

import numpy as np

from config.management.demo import names
from config.management.demo.catalogue import PRODUCTS_FILE


def test_places_have_unique_names_however_many_there_are() -> None:
    towns = [names.town_of(number) for number in range(500)]

    assert len(set(towns)) == 500


def test_telephone_numbers_cannot_be_anybodys() -> None:
    numbers = names.phone_numbers(np.random.default_rng(1), 200)

    assert all(len(number) == 11 and number.startswith("100") for number in numbers)


def test_the_sample_products_keep_the_least_retail_margin_of_ten_percent() -> None:
    with PRODUCTS_FILE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    margins = [1 - float(row["wholesale_price"]) / float(row["retail_price"]) for row in rows]

    assert len(rows) == 56
    assert len({row["product_code"] for row in rows}) == 56
    assert len({row["carton_barcode"] for row in rows}) == 56
    assert min(margins) > 0.10
