"""Figures whose unit people switch: what the page says without JavaScript, and what it hands to it."""

import re

import pytest
from django.template import Context, Template

from config.common.figures import amount, per_box, quantity, unit_name


def _text(html) -> str:
    return re.sub(r"<[^>]*>", "", str(html))


@pytest.mark.parametrize(
    ("shown_in", "text"), [("cartons", "12,345 条"), ("cases", "246.90 件"), ("boxes", "49.38 箱")]
)
def test_cartons_are_written_in_the_unit_the_page_suggests(shown_in, text):
    assert _text(quantity(12345, shown_in)) == text


@pytest.mark.parametrize(
    ("shown_in", "places", "text"),
    [("yuan", 2, "1,234,567.89 元"), ("yuan", 0, "1,234,568 元"), ("wan", 2, "123.46 万元")],
)
def test_cents_are_written_as_money(shown_in, places, text):
    assert _text(amount(123456789, shown_in, places=places)) == text


def test_sales_per_box_are_the_amount_of_250_cartons():
    # 1,000 yuan for 5 cartons: 200 a carton, 50,000 a box.
    assert _text(per_box(100_000, 5)) == "50,000 元/箱"


@pytest.mark.parametrize(
    "html", [quantity(None), amount(None), amount(""), per_box(5, 0), per_box(5, -3)]
)
def test_what_is_not_known_is_a_dash(html):
    assert html == "–"


def test_the_base_value_travels_along_for_the_browser():
    html = str(quantity(-250, "boxes"))

    assert 'data-quantity="cartons"' in html
    assert 'data-value="-250"' in html
    assert 'data-shown-in="boxes"' in html
    assert _text(html) == "-1.00 箱"
    assert 'data-value="1200"' in str(amount(120_000))


def test_a_bare_figure_leaves_its_unit_to_the_head_of_the_column():
    assert _text(quantity(12345, "boxes", bare=True)) == "49.38"
    assert _text(quantity("12.5", places=1, bare=True)) == "12.5"
    assert _text(unit_name("cartons", "boxes")) == "箱"
    assert 'data-unit-of="yuan_per_box"' in str(unit_name("yuan_per_box"))


def test_templates_have_them_as_tags():
    page = Template(
        '{% load lz %}{% quantity n "boxes" %}|{% amount c places=0 %}|{% unit_name "cartons" %}'
    )

    assert _text(page.render(Context({"n": 500, "c": 100}))) == "2.00 箱|1 元|条"
