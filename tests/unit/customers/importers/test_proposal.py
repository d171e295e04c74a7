"""Which column is probably which, told by its name; what is not certain is left open."""

import pytest

from brands.importers.columns import OBSERVATIONS, ORDERS, PRODUCTS
from customers.importers import registry
from customers.importers.proposal import (
    is_number_of_people,
    is_of_people,
    names_of,
    plain_name,
    propose,
)
from customers.importers.registry import Kind
from customers.importers.retailer_columns import COLUMNS as RETAILERS
from customers.importers.retailer_columns import compose
from customers.importers.sources import fingerprint


class Someone:
    """A company, as far as a proposal looks at one."""

    code = "YN"


def kind(name: str) -> Kind:
    return registry.get(name)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Retailer_Code", "retailercode"),
        (" 订购量（条） ", "订购量"),
        ("批发价(元/条)", "批发价"),
        ("ＳＫＵ", "sku"),
        ("客户 编码", "客户编码"),
        ("（备注）", "(备注)"),
        ("", ""),
    ],
)
def test_what_does_not_matter_in_a_name_is_left_out(name, plain):
    assert plain_name(name) == plain


# As they come from ordering systems, marketing systems and people's own sheets.
FILES = {
    "orders": (
        "orders",
        ["订单编号", "订单日期", "客户编码", "客户名称", "品规代码", "品规名称", "条数", "金额"],
        {
            "order_no": "订单编号",
            "ordered_on": "订单日期",
            "retailer_code": "客户编码",
            "product_code": "品规代码",
            "ordered_cartons": "条数",
            "amount": "金额",
        },
    ),
    "orders with needs": (
        "orders",
        ["单据号", "行号", "订货日期", "零售户编号", "卷烟编码", "需求量(条)", "合理定量", "订购量(条)", "批发价(元/条)"],
        {
            "order_no": "单据号",
            "line_no": "行号",
            "ordered_on": "订货日期",
            "retailer_code": "零售户编号",
            "product_code": "卷烟编码",
            "ordered_cartons": "订购量(条)",
            "needed_cartons": "需求量(条)",
            "quota_cartons": "合理定量",
            "unit_price": "批发价(元/条)",
        },
    ),
    "retailers": (
        "retailers",
        ["客户编码", "客户名称", "专卖许可证号", "业态", "市场类型", "守法等级", "订货日", "手机号码", "经营地址", "档位", "备注"],
        {
            "retailer_code": "客户编码",
            "name": "客户名称",
            "licence_no": "专卖许可证号",
            "format": "业态",
            "market_type": "市场类型",
            "compliance_grade": "守法等级",
            "order_weekday": "订货日",
            "phone": "手机号码",
            "address": "经营地址",
            "tier": "档位",
        },
    ),
    "products": (
        "products",
        ["卷烟代码", "卷烟名称", "工业公司", "价类", "批发价", "零售指导价", "条盒条码"],
        {
            "product_code": "卷烟代码",
            "name": "卷烟名称",
            "manufacturer": "工业公司",
            "price_class": "价类",
            "wholesale_price": "批发价",
            "retail_price": "零售指导价",
            "carton_barcode": "条盒条码",
        },
    ),
    "observations": (
        "observations",
        ["采集日期", "客户编码", "商品编码", "是否上柜", "条价", "库存条数"],
        {
            "observed_on": "采集日期",
            "retailer_code": "客户编码",
            "product_code": "商品编码",
            "shelf": "是否上柜",
            "carton_price": "条价",
            "stock_cartons": "库存条数",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "header", "expected"), FILES.values(), ids=list(FILES))
def test_chinese_headings_find_their_columns(name, header, expected):
    assert propose(header, kind(name), None).columns == expected


@pytest.mark.parametrize("name", ["products", "retailers", "orders", "observations"])
def test_our_own_names_and_labels_are_always_found(name):
    known = kind(name)
    own = [column.name for column in known.columns]

    assert propose(own, known, None).columns == dict(zip(own, own, strict=True))
    assert propose([it.upper() for it in own], known, None).columns.keys() == set(own)


def test_own_name_beats_a_synonym_and_the_surer_synonym_a_later_one():
    found = propose(["客户编码", "retailer_code", "客户号"], kind("retailers"), None).columns
    assert found["retailer_code"] == "retailer_code"

    found = propose(["客户号", "零售户编码"], kind("retailers"), None).columns
    assert found["retailer_code"] == "零售户编码"


def test_a_column_of_the_file_is_proposed_once():
    # 销量 could be ordered cartons; 日期 the order date: each stands for one of ours only.
    found = propose(["日期", "销量", "price"], kind("orders"), None).columns

    assert sorted(found.values()) == sorted(set(found.values()))


def test_a_name_that_stands_twice_or_has_braces_or_means_nothing_is_left_open():
    header = ["客户编码", "客户编码", "{name}", "", "随便"]

    assert propose(header, kind("retailers"), None).columns == {}


def test_organisation_is_put_together_from_its_parts_from_the_county_down():
    header = ["县级局", "市场部", "线路", "客户编码"]

    assert compose(header, Someone()) == {"organisation": "YN/{县级局}/{市场部}/{线路}"}
    assert compose(["县级局", "线路"], Someone()) == {"organisation": "YN/{县级局}"}
    assert compose(["市场部"], Someone()) == {}
    assert compose(header, None) == {}


def test_a_path_in_one_column_is_preferred_to_its_parts():
    found = propose(["所属机构", "县级局"], kind("retailers"), Someone())

    assert found.columns["organisation"] == "所属机构"
    assert found.templates == {}


@pytest.mark.parametrize(
    "columns", [PRODUCTS, RETAILERS, ORDERS, OBSERVATIONS], ids=["p", "r", "o", "m"]
)
def test_no_synonym_stands_for_two_columns_of_a_kind_as_the_first_choice_of_both(columns):
    first: dict[str, str] = {}
    for column in columns:
        for name in (plain_name(column.name), plain_name(str(column.label))):
            assert first.setdefault(name, column.name) == column.name
        assert len(names_of(column)) == len(set(names_of(column)))
        assert column.hint


@pytest.mark.parametrize("name", ["联系人", "身份证号码", "手机号", "Phone", "经营者姓名"])
def test_columns_of_people_are_known_by_their_names(name):
    for held in ("retailers", "orders"):
        assert is_of_people(name) or is_number_of_people(name, kind(held))
        assert not is_of_people("客户名称")
        assert not is_number_of_people("客户名称", kind(held))


# --- the source of a file -----------------------------------------------------------------


def test_same_columns_in_another_sequence_are_the_same_source():
    assert fingerprint(["客户编码", " Name "]) == fingerprint(["name", "客户编码"])
    assert len(fingerprint(["a"])) == 64


def test_other_columns_are_another_source():
    assert len({fingerprint(it) for it in (["a"], ["a", "a"], ["a", "b"], ["ab"], [])}) == 5


@pytest.mark.parametrize(
    "head", [["line", "column", "code", "reason"], ["行号", "列", "编码", "原因"]]
)
def test_a_corrected_file_of_refused_rows_is_of_the_same_source(head):
    assert fingerprint([*head, "客户编码", "名称"]) == fingerprint(["客户编码", "名称"])
