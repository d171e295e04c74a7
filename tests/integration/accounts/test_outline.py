"""The tree of a company as somebody pastes it."""

import pytest

from accounts.services import create_company
from accounts.services.setup import read_outline

PASTED = "甲县\t东市场部\t一线\n\t\t二线\n乙县\t西市场部\n乙县\t\t三线"


@pytest.mark.parametrize("sign", ["\t", "/", ",", "，", " / ", "\t "])
@pytest.mark.django_db
def test_an_empty_cell_means_the_one_above_it(sign):
    company = create_company(code="new", name="新公司", by=None)

    outline = read_outline(company, PASTED.replace("\t", sign))

    assert outline.problems == []
    assert outline.paths == [
        ("甲县",),
        ("甲县", "东市场部"),
        ("甲县", "东市场部", "一线"),
        ("甲县", "东市场部", "二线"),
        ("乙县",),
        ("乙县", "西市场部"),
        ("乙县", "西市场部", "三线"),
    ]
    assert sorted(outline.new.values()) == [2, 2, 3]


@pytest.mark.django_db
def test_a_heading_with_blanks_is_passed_over():
    company = create_company(code="new", name="新公司", by=None)

    outline = read_outline(company, "县 \t 市场部 \t线路\n甲县 \t 东市场部\t")

    assert outline.paths == [("甲县",), ("甲县", "东市场部")]
