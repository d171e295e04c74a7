"""What a dry run says: groups that add up, what would change, what clashes, what to correct."""

import csv
import datetime as dt
import io

import pytest
from django.utils import timezone, translation

from accounts.models import Notification
from accounts.services import notices, record
from brands.models import Order, Product
from brands.services.orders import PushedLine, PushedOrder, push_orders
from config.common.errors import ConflictError, DomainError
from customers.importers import registry, uploads
from customers.importers.file_list import FILES
from customers.importers.findings import SAMPLE_ROWS
from customers.models import ImportedFile, Retailer
from customers.selectors.files import remembered_mapping
from customers.services import retailers as services
from tests.integration.files.conftest import (
    OBSERVATIONS,
    ORDERS,
    PRODUCTS,
    RETAILERS,
    applied,
    checked,
    counts,
    dump,
    fresh,
    received,
    rows_of,
    run,
    text,
)

Status = ImportedFile.Status
FIRST = text(
    RETAILERS, "R1,甲店,东城区,一部,便利店,13900001111,南街1号,12", "R2,乙店,东城区,二部,超市,,,"
)
MIXED = text(
    RETAILERS,
    "R1,甲店新,东城区,一部,便利店,13900002222,南街1号,12",
    "R2,乙店,东城区,二部,超市,,,",
    "N1,新店,东城区,一部,食杂店,,,",
    "N1,新店,东城区,一部,食杂店,,,",
    "N1,另一家,东城区,一部,食杂店,,,",
    "N2,坏店,东城区,一部,杂货,,,",
    ",无码,东城区,一部,超市,,,",
)  # fmt: skip


def sample(file: ImportedFile, group: str) -> list[dict]:
    return file.outcome["samples"][group]


def cells(row: dict) -> dict[str, tuple]:
    return {name: (before, after) for name, before, after in row["cells"]}


# --- groups that add up ---------------------------------------------------------------------


def test_every_row_of_retailers_is_in_one_group_and_nothing_is_written(planner):
    applied(planner, "retailers", FIRST)
    table = dump()

    file = checked(planner, "retailers", MIXED)

    assert counts(file) == {"new": 1, "changed": 1, "same": 2, "clash": 1, "refused": 2}
    assert sum(counts(file).values()) == file.outcome["rows"] == 7
    assert dump() == table


def test_every_row_of_products_is_in_one_group(planner):
    file = checked(
        planner,
        "products",
        text(
            PRODUCTS,
            "P0,Brand 0,Maker,1,200.00,230.00",
            "P1,Brand 1,Maker,1,201.00,299.00",
            "N1,新规,新厂,一类,300,350",
            "N1,新规,新厂,一类,300,360",
            "N2,坏规,新厂,九类,300,350",
        ),
    )

    assert counts(file) == {"new": 1, "changed": 1, "same": 1, "clash": 1, "refused": 1}
    assert cells(sample(file, "changed")[0]) == {"retail_price": ("231.00", "299.00")}
    assert cells(sample(file, "new")[0])["manufacturer"] == (None, "新厂")


def test_every_row_of_orders_is_in_one_group(planner, company):
    applied(
        planner,
        "orders",
        text(ORDERS, "A1,1,2026-11-02,R1,P0,5,200", "A2,1,2026-11-02,R1,P0,5,200"),
    )

    file = checked(
        planner,
        "orders",
        text(
            ORDERS,
            "A1,1,2026-11-02,R1,P0,5,200",
            "A2,1,2026-11-02,R1,P0,6,200",
            "A3,1,2026-11-02,R1,P0,5,200",
            "A3,1,2026-11-02,R1,P1,5,200",
            "A3,2,2026-11-03,R1,P1,5,200",
            "A4,1,2026-11-02,R99,P0,5,200",
        ),
    )  # fmt: skip

    assert counts(file) == {"new": 1, "changed": 0, "same": 1, "clash": 3, "refused": 1}
    assert [row["key"] for row in sample(file, "clash")] == ["A3", "A3", "A2"]
    assert [row["key"] for row in sample(file, "same")] == ["A1"]
    assert cells(sample(file, "new")[0])["product_code"] == (None, "P0")


def test_every_row_of_observations_is_in_one_group(planner):
    applied(
        planner, "observations", text(OBSERVATIONS, "2026-11-03,R1,P0,229,", "2026-11-03,R2,P0,1,2")
    )

    file = checked(
        planner,
        "observations",
        text(
            OBSERVATIONS,
            "2026-11-03,R1,P0,230,",
            "2026-11-03,R2,P0,1,2",
            "2026-11-03,R3,P0,1,2",
            "2026-11-03,R3,P0,1,3",
            "2026-11-03,R99,P0,1,2",
        ),
    )  # fmt: skip

    assert counts(file) == {"new": 1, "changed": 1, "same": 1, "clash": 1, "refused": 1}
    assert cells(sample(file, "changed")[0]) == {"carton_price": ("229.00", "230")}
    assert sample(file, "changed")[0]["key"] == "2026-11-03 / R1 / P0"


def test_changed_rows_say_from_what_to_what_in_words_and_without_telephone_numbers(planner):
    applied(planner, "retailers", FIRST)

    file = checked(
        planner, "retailers", text(RETAILERS, "R1,甲店新,西城区,,超市,13900002222,南街1号,")
    )

    assert cells(sample(file, "changed")[0]) == {
        "organisation": ("东城区/一部", "西城区"),
        "name": ("甲店", "甲店新"),
        "format": ("便利店", "超市"),
        "phone": ("139****1111", "139****2222"),
    }
    assert "13900002222" not in str(file.outcome) + str(file.preview)


def test_organisation_ends_before_the_first_empty_part_and_needs_its_first(planner):
    body = text(
        "客户编码,客户名称,县级局,市场部,线路", "N1,a,东城区,,", "N2,b,东城区,一部,", "N3,c,,一部,x"
    )

    file = applied(planner, "retailers", body)

    assert counts(file)["refused"] == 1
    shops = Retailer.objects.filter(code__startswith="N").select_related("county", "department")
    assert [
        (it.county.name, it.department and it.department.name) for it in shops.order_by("code")
    ] == [
        ("东城区", None),
        ("东城区", "一部"),
    ]


def test_only_the_first_rows_of_a_group_are_kept(planner):
    rows = [f"N{number},店{number},东城区,一部,,,," for number in range(SAMPLE_ROWS + 30)]

    file = checked(planner, "retailers", text(RETAILERS, *rows))

    assert counts(file)["new"] == SAMPLE_ROWS + 30
    assert len(sample(file, "new")) == SAMPLE_ROWS


def test_values_that_nobody_knows_are_counted_for_the_table_of_meanings(planner):
    rows = [f"N{i},店{i},东城区,一部,{'杂货' if i % 3 else '摊位'},,," for i in range(6)]

    file = checked(planner, "retailers", text(RETAILERS, *rows))

    assert file.outcome["unknown"] == {"format": {"杂货": 4, "摊位": 2}}


def test_a_table_of_meanings_heals_unknown_values(planner):
    mapping = (
        '[columns]\nretailer_code="客户编码"\nname="客户名称"\norganisation="T/{县级局}"\nformat="业态"\n'
        '[values.format]\n"杂货"="Z"\n"T/旧城"="x"\n[values.organisation]\n"T/旧城"="T/东城区"\n'
    )
    body = text("客户编码,客户名称,县级局,业态", "N1,店,旧城, 杂货 ")

    file = checked(planner, "retailers", body, mapping=mapping)
    assert counts(file)["new"] == 1
    run(uploads.start_apply(file=file, partial=False, by=planner))

    shop = Retailer.objects.get(code="N1")
    assert (shop.format.name, shop.county.name) == ("食杂店", "东城区")


# --- what a person has changed by hand ------------------------------------------------------


@pytest.fixture
def by_hand(planner) -> Retailer:
    """A retailer of a file, whose address a person has changed since."""
    applied(planner, "retailers", FIRST)
    shop = Retailer.objects.get(code="R1")
    services.update_retailer(retailer=shop, changes={"address": "人工改的"}, by=planner)
    return shop


CHANGED = text(RETAILERS, "R1,甲店新,东城区,一部,便利店,,南街1号,12", "R2,乙店新,东城区,二部,,,,")


def with_rule(planner, value: str) -> ImportedFile:
    file = checked(planner, "retailers", CHANGED)
    file = uploads.set_rule(file=file, name="hand_changes", value=value, by=planner)
    run(uploads.start_check(file=file, by=planner))
    return fresh(file)


def test_a_row_that_would_undo_a_change_by_hand_is_refused_and_shown(planner, by_hand, settings):
    file = checked(planner, "retailers", CHANGED)

    assert counts(file) == {"new": 0, "changed": 1, "same": 0, "clash": 1, "refused": 0}
    assert file.reasons == {"changed_by_hand": 1}
    row = sample(file, "clash")[0]
    assert cells(row) == {"name": ("甲店", "甲店新"), "address": ("人工改的", "南街1号")}
    assert "地址" in row["note"]
    assert "planner" in row["note"]
    rows = rows_of(file.errors_path, settings)
    assert rows[1][:3] == ["2", "retailer_code", "changed_by_hand"]
    assert rows[1][4:6] == ["R1", "甲店新"]
    with pytest.raises(DomainError):
        uploads.start_apply(file=file, partial=False, by=planner)
    run(uploads.start_apply(file=file, partial=True, by=planner))
    by_hand.refresh_from_db()
    assert (by_hand.name, by_hand.address) == ("甲店", "人工改的")
    assert Retailer.objects.get(code="R2").name == "乙店新"


def test_the_value_is_kept_and_the_rest_of_the_row_taken_where_that_is_wanted(planner, by_hand):
    file = with_rule(planner, "keep")

    assert counts(file) == {"new": 0, "changed": 2, "same": 0, "clash": 0, "refused": 0}
    assert "地址" in sample(file, "changed")[0]["note"]
    run(uploads.start_apply(file=file, partial=False, by=planner))
    by_hand.refresh_from_db()
    assert (by_hand.name, by_hand.address) == ("甲店新", "人工改的")


def test_the_value_is_overwritten_where_that_is_wanted(planner, by_hand):
    file = with_rule(planner, "overwrite")

    run(uploads.start_apply(file=file, partial=False, by=planner))
    by_hand.refresh_from_db()
    assert by_hand.address == "南街1号"


def test_a_change_before_the_last_file_of_this_source_is_past(planner, by_hand):
    file = with_rule(planner, "overwrite")
    run(uploads.start_apply(file=file, partial=False, by=planner))

    again = checked(planner, "retailers", CHANGED.replace("南街1号", "南街2号"))

    assert counts(again)["changed"] == 1


def test_a_change_is_protected_from_a_file_of_another_source_too(planner, by_hand):
    other = text("客户编码,客户名称,县级局,地址", "R1,甲店,东城区,南街3号")

    assert checked(planner, "retailers", other).reasons == {"changed_by_hand": 1}


def test_a_file_or_the_clock_is_no_hand(planner, by_hand):
    services.update_retailer(
        retailer=Retailer.objects.get(code="R2"), changes={"address": "系统"}, by=None
    )
    applied(planner, "retailers", text("客户编码,客户名称,县级局,地址", "R2,乙店,东城区,别的"))

    file = checked(planner, "retailers", text(RETAILERS, "R2,乙店,东城区,二部,,,又一个,"))

    assert counts(file)["changed"] == 1


def test_units_of_a_retailer_stay_together(planner):
    applied(planner, "retailers", FIRST)
    shop = Retailer.objects.get(code="R1")
    services.update_retailer(retailer=shop, changes={"department": None}, by=planner)
    file = checked(planner, "retailers", text(RETAILERS, "R1,新名,西城区,三部,,,,"))
    file = uploads.set_rule(file=file, name="hand_changes", value="keep", by=planner)
    run(uploads.start_check(file=file, by=planner))
    run(uploads.start_apply(file=fresh(file), partial=False, by=planner))

    shop.refresh_from_db()
    assert (shop.name, shop.county.name, shop.department) == ("新名", "东城区", None)


def test_a_product_changed_by_hand_is_protected_too(planner, company):
    product = Product.objects.get(code="P0")
    product.retail_price = 250
    product.save()
    record(action="product.update", company_id=company.pk, by=planner, obj=product,
           changes={"retail_price": ["230.00", "250.00"]})  # fmt: skip
    body = text(PRODUCTS, "P0,新名,Maker,1,200.00,260.00")

    file = checked(planner, "products", body)
    assert file.reasons == {"changed_by_hand": 1}
    file = uploads.set_rule(file=file, name="hand_changes", value="keep", by=planner)
    run(uploads.start_check(file=file, by=planner))
    run(uploads.start_apply(file=fresh(file), partial=False, by=planner))

    product.refresh_from_db()
    assert (product.name, product.retail_price) == ("新名", 250)


# --- files to work with ---------------------------------------------------------------------


def test_a_corrected_file_of_refused_rows_comes_back_as_it_is(planner, settings):
    header = "客户编码,客户名称,县级局,业态,地址"
    file = checked(
        planner, "retailers", text(header, "N1,=店,东城区,杂货,+86a", "N2,店,东城区,超市,")
    )
    run(uploads.start_apply(file=file, partial=True, by=planner))
    rows = rows_of(file.errors_path, settings)
    assert rows[1][4:] == ["N1", "'=店", "东城区", "杂货", "'+86a"]  # no formulas
    stream = io.StringIO()
    csv.writer(stream).writerows([cell.replace("杂货", "超市") for cell in row] for row in rows)
    corrected = stream.getvalue()

    again = received(
        planner, "retailers", b"\xef\xbb\xbf" + corrected.encode(), name="a.errors.csv"
    )

    assert again.source == file.source
    assert again.outcome["look"]["header"] == header.split(",")
    again = uploads.set_mapping(file=again, text=file.mapping, by=planner)
    run(uploads.start_check(file=again, by=planner))
    run(uploads.start_apply(file=fresh(again), partial=False, by=planner))
    shop = Retailer.objects.get(code="N1")
    assert (shop.name, shop.address) == ("=店", "+86a")


def test_a_corrected_file_with_our_own_columns_comes_back_too_and_its_errors_do_not_nest(
    planner, settings
):
    body = text("retailer_code,name,organisation,tier", "N1,x,T/东城区,200", "N2,y,T/东城区,1")
    file = checked(planner, "retailers", body)
    errors = (settings.MEDIA_ROOT / file.errors_path).read_bytes()

    again = checked(planner, "retailers", errors, mapping="")

    assert again.status == Status.CHECKED
    rows = rows_of(again.errors_path, settings)
    assert rows[0][4:] == ["retailer_code", "name", "organisation", "tier"]
    assert rows[1][4:] == ["N1", "x", "T/东城区", "200"]


def test_the_result_file_says_what_became_of_every_line(planner, settings):
    applied(planner, "retailers", FIRST)
    file = applied(planner, "retailers", MIXED, name="mixed.csv")

    rows = rows_of(file.result_path, settings)

    assert rows[0] == ["行号", "编码", "结果", "原因"]
    assert [row[:3] for row in rows[1:]] == [
        ["2", "R1", "变更"],
        ["3", "R2", "未变"],
        ["4", "N1", "新增"],
        ["5", "N1", "未变"],
        ["6", "N1", "冲突"],
        ["7", "N2", "拒收"],
        ["8", "", "拒收"],
    ]
    assert rows[6][3]
    # The page, the notices and the list count in the same way.
    outcomes = [row[2] for row in rows[1:]]
    assert counts(file)["clash"] == outcomes.count("冲突") == 1
    assert counts(file)["refused"] == outcomes.count("拒收") == 2
    told = notices.words(Notification.objects.get(kind="file.applied", params__name="mixed.csv"))
    assert "冲突 1" in told
    assert "拒收 2" in told
    listed = {it.code: it for it in FILES.source.columns(planner)}
    assert listed["clash"].read([file], planner) == {file.pk: 1}
    assert listed["rejected"].read([file], planner) == {file.pk: 2}


def test_reasons_name_columns_by_their_labels_and_the_errors_file_keeps_the_code(planner, settings):
    file = applied(
        planner, "retailers", text(RETAILERS, "N1,,东城区,一部,,1,,", "N2,店,东城区,,,,,")
    )

    result, errors = (rows_of(path, settings)[1] for path in (file.result_path, file.errors_path))
    label = registry.get("retailers").column("name").label
    assert result[3].startswith(f"{label} 为空; ")
    assert errors[1] == "name"
    for told in (
        result[3],
        errors[3],
        file.preview[0]["reason"],
        sample(file, "refused")[0]["note"],
    ):
        assert "phone" not in told
        assert "name" not in told


def test_the_result_file_of_orders_names_clashes_once(planner, settings):
    applied(planner, "orders", text(ORDERS, "A1,1,2026-11-02,R1,P0,5,200", "A2,1,2026-11-02,R1,P0,5,200"))  # fmt: skip
    body = text(
        ORDERS,
        "A3,1,2026-11-02,R1,P0,5,200",
        "A2,1,2026-11-02,R1,P0,6,200",
        "A1,1,2026-11-02,R1,P0,5,200",
    )

    file = applied(planner, "orders", body)

    rows = rows_of(file.result_path, settings)
    assert sorted(row[:3] for row in rows[1:]) == [
        ["2", "A3", "新增"],
        ["3", "A2", "冲突"],
        ["4", "A1", "未变"],
    ]


def test_a_failed_apply_leaves_no_result_file(planner, settings):
    file = checked(planner, "retailers", FIRST)
    ImportedFile.objects.filter(pk=file.pk).update(path="imports/gone.csv")

    with pytest.raises(FileNotFoundError):
        run(uploads.start_apply(file=fresh(file), partial=False, by=planner))

    assert fresh(file).status == Status.FAILED
    assert not list((settings.MEDIA_ROOT / "imports").glob("*result*"))


def test_reasons_are_written_in_the_language_of_the_person(planner):
    with translation.override("en"):
        file = received(planner, "retailers", text(RETAILERS, "N1,x,东城区,,杂货,,,"))
        file = uploads.set_mapping(file=file, text='[columns]\nretailer_code="客户编码"\nname="客户名称"\norganisation="T/{县级局}"\nformat="业态"\n', by=planner)  # fmt: skip
        job = uploads.start_check(file=file, by=planner)
    with translation.override("zh-hans"):
        run(job)

    assert "is not in the code list" in fresh(file).preview[0]["reason"]


# --- rules of the steps ---------------------------------------------------------------------


def test_the_mapping_is_remembered_for_the_source_when_it_is_checked(planner):
    file = checked(planner, "retailers", FIRST)
    other = received(planner, "retailers", text(RETAILERS, "N9,x,东城区,,,,,"), name="b.csv")

    last = remembered_mapping(other)

    assert last is not None
    assert (last.mapping, last.name, last.used_by) == (file.mapping, "a.csv", planner)
    assert remembered_mapping(received(planner, "retailers", "a,b\n1,2\n")) is None


def test_another_mapping_needs_another_check(planner):
    file = checked(planner, "retailers", FIRST)

    file = uploads.set_mapping(file=file, text=file.mapping + "\n", by=planner)

    assert file.status == Status.UPLOADED
    with pytest.raises(ConflictError):
        uploads.start_apply(file=file, partial=False, by=planner)


def test_columns_of_an_applied_file_cannot_be_matched_again(planner):
    file = applied(planner, "retailers", FIRST)

    with pytest.raises(ConflictError):
        uploads.set_mapping(file=file, text="", by=planner)


def test_the_same_file_read_in_the_same_way_is_not_applied_twice(planner):
    applied(planner, "retailers", FIRST)
    again = checked(planner, "retailers", FIRST)

    with pytest.raises(ConflictError) as conflict:
        uploads.start_apply(file=again, partial=False, by=planner)

    assert conflict.value.code == "already_imported"


def test_a_push_between_check_and_apply_stops_a_whole_apply_and_says_so(planner, company):
    file = checked(planner, "orders", text(ORDERS, "A1,1,2026-11-02,R1,P0,5,200"))
    order = PushedOrder("A1", "R1", dt.date(2026, 11, 2), lines=(PushedLine(1, "P0", 1, amount_cents=1),))  # fmt: skip
    push_orders(company=company, source="main", orders=[order], channel="api",
                today=timezone.localdate(), by=None)  # fmt: skip

    run(uploads.start_apply(file=file, partial=False, by=planner))

    file = fresh(file)
    assert (file.status, bool(file.message)) == (Status.FAILED, True)
    assert Order.objects.get().cartons == 1
