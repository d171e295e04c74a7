"""A mapping as a form and as TOML: both ways, and nothing is lost on the way."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.importers import document as documents
from customers.importers import mapping, registry
from customers.importers.document import (
    COLUMN,
    CONSTANT,
    DERIVED,
    NOTHING,
    TEMPLATE,
    Choices,
    Pick,
    changed,
    choices_of,
    dump,
    problems,
)
from customers.importers.mapping import WITH_COMMAS, Mapping

HEADER = ["订单编号", "日期", "客户", "品规", "条数", "金额", 'a "b"', "x{y"]
MAPPED = {
    "order_no": Pick(COLUMN, "订单编号"),
    "ordered_on": Pick(COLUMN, "日期"),
    "retailer_code": Pick(COLUMN, "客户"),
    "product_code": Pick(COLUMN, "品规"),
    "ordered_cartons": Pick(COLUMN, "条数"),
    "amount": Pick(COLUMN, "金额"),
}
EXPERT = """
# a comment
[columns]
order_no = "{订单编号}-{日期}"
ordered_on = "日期"
retailer_code = "客户"
product_code = "品规"
ordered_cartons = "条数"

[derived]
unit_price = "金额 / 条数"

[formats]
date = "%d.%m.%Y"
retailer_code = "integer_text"

[rounding]
unit_price = "half_up"
ordered_cartons = "down"

[rules]
line_no = "auto"

[[skip]]
column = "品规"
values = ["运费", "a\\"b"]
reason = "not a product"
"""


@pytest.fixture
def orders():
    return registry.get("orders")


def picked(orders, **picks) -> Choices:
    found = {column.name: Pick() for column in orders.columns}
    return Choices(picks={**found, **MAPPED, **picks}, rules={"line_no": "auto"})


def wrong(choices, kind, before=None) -> dict[str, str]:
    read = Mapping(rules=choices.rules)
    return problems(choices, kind, HEADER, before or Choices(), read)


def test_form_becomes_toml_that_the_importer_reads(orders):
    sale = {"kind": Pick(CONSTANT, "sale")}
    choices = picked(orders, **sale, needed_cartons=Pick(COLUMN, 'a "b"'))
    choices.number, choices.fractions, choices.date = WITH_COMMAS, "half_up", "%Y/%m/%d"
    choices.values = {"kind": {"销": "sale", 'quo"te': "return"}}

    text = dump(changed({}, choices, orders, HEADER))
    read = mapping.parse(text, orders.known)

    assert read.columns["needed_cartons"].columns == ('a "b"',)
    assert read.constants == {"kind": "sale"}
    assert read.values == {"kind": {"销": "sale", 'quo"te': "return"}}
    assert read.formats == {"date": "%Y/%m/%d", "number": WITH_COMMAS}
    assert read.rounding == dict.fromkeys(
        ("ordered_cartons", "needed_cartons", "amount"), "half_up"
    )
    assert read.rules == {"line_no": "auto"}


def test_toml_becomes_a_form_and_the_same_toml_again(orders):
    document = tomllib.loads(EXPERT)
    choices = choices_of(document, orders, HEADER)

    assert choices.picks["order_no"] == Pick(TEMPLATE, "{订单编号}-{日期}")
    assert choices.picks["unit_price"] == Pick(DERIVED, "金额 / 条数")
    assert (choices.date, choices.fractions) == ("%d.%m.%Y", None)
    again = changed(document, choices, orders, HEADER)
    assert again == document
    assert mapping.parse(dump(again), orders.known) == mapping.parse(EXPERT, orders.known)


def test_what_the_form_does_not_know_survives_a_change_in_the_form(orders):
    choices = choices_of(tomllib.loads(EXPERT), orders, HEADER)
    choices.picks["amount"] = Pick(COLUMN, "金额")

    after = changed(tomllib.loads(EXPERT), choices, orders, HEADER)

    assert after["columns"]["amount"] == "金额"
    assert after["skip"] == tomllib.loads(EXPERT)["skip"]
    assert after["formats"]["retailer_code"] == "integer_text"
    assert after["derived"] == {"unit_price": "金额 / 条数"}


def test_our_own_columns_read_as_they_are_need_no_text_at_all(orders):
    header = ["order_no", "line_no", "ordered_on", "retailer_code", "product_code"]
    header += ["ordered_cartons", "Amount"]
    choices = choices_of({}, orders, header)

    assert choices.picks["amount"] == Pick(COLUMN, "Amount")
    assert dump(changed({}, choices, orders, header)) == ""


def test_a_column_with_our_name_can_be_left_out(orders):
    header = ["order_no", "amount", "unit_price"]
    choices = choices_of({}, orders, header)
    choices.picks["amount"] = Pick(NOTHING)

    document = changed({}, choices, orders, header)

    assert document["columns"]["amount"] == ""
    assert choices_of(document, orders, header).picks["amount"] == Pick(NOTHING)
    assert mapping.parse(dump(document), orders.known).columns["amount"].is_nothing


@given(
    st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=4),
    st.lists(st.text(max_size=10), max_size=4),
)
def test_any_text_survives_being_written_as_toml(table, values):
    storable = {k: v for k, v in table.items() if _plain(k) and _plain(v)}
    entries = [{"column": "c", "values": [it for it in values if _plain(it)]}]

    read = tomllib.loads(dump({"values": {"kind": storable}, "skip": entries}))

    assert read.get("values", {"kind": {}})["kind"] == storable
    assert read["skip"] == entries


def _plain(text: str) -> bool:
    return not any(0xD800 <= ord(sign) <= 0xDFFF for sign in text)


# --- what is wrong with it ----------------------------------------------------------------


def test_a_complete_mapping_has_no_problem(orders):
    assert wrong(picked(orders), orders) == {}


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"order_no": Pick()}, "order_no"),
        ({"retailer_code": Pick(COLUMN, "没有")}, "retailer_code"),
        ({"retailer_code": Pick(COLUMN, "日期")}, "retailer_code"),
        ({"retailer_code": Pick(COLUMN, "x{y")}, "retailer_code"),
        ({"retailer_code": Pick(CONSTANT, " ")}, "retailer_code"),
        ({"order_no": Pick(TEMPLATE, "no braces")}, "order_no"),
        ({"order_no": Pick(TEMPLATE, "{没有}-{日期}")}, "order_no"),
        ({"order_no": Pick(TEMPLATE, "{日期}}")}, "order_no"),
        ({"order_no": Pick(TEMPLATE, "{日期!r}")}, "order_no"),
        ({"amount": Pick()}, "unit_price"),
    ],
)
def test_problem_stands_at_its_column(orders, change, column):
    assert list(wrong(picked(orders, **change), orders)) == [column]


def test_line_numbers_are_needed_unless_the_lines_are_numbered(orders):
    choices = picked(orders)
    choices.rules = {"line_no": "given"}

    assert list(wrong(choices, orders)) == ["line_no"]


def test_a_name_that_stands_twice_in_the_header_cannot_be_used(orders):
    found = problems(
        picked(orders), orders, [*HEADER, "客户"], Choices(), Mapping(rules={"line_no": "auto"})
    )

    assert list(found) == ["retailer_code"]


def test_one_column_for_two_of_ours_is_refused_unless_an_expert_has_said_so(orders):
    twice = picked(orders, needed_cartons=Pick(COLUMN, "条数"))

    assert list(wrong(twice, orders)) == ["needed_cartons"]
    assert wrong(twice, orders, before=twice) == {}


def test_documents_module_offers_only_formats_that_read_their_own_example():
    for form, example in documents.DATE_FORMATS.items():
        read = Mapping(formats={"date": form}).date("ordered_on")
        assert str(read(str(example))) == "2026-11-21"
