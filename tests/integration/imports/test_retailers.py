"""Retailers and products from files."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import AuditEvent, Company, OrgUnit, User
from accounts.roles import Role
from accounts.services import create_company
from brands.models import Product
from config.common.errors import ConflictError, DomainError, RefusedFileError
from customers.models import CodeItem, CodeKind, Contact, Retailer
from customers.services import retailers as services
from tests.integration.imports.conftest import load, snapshot, written

HEADER = "retailer_code,name,organisation,format,order_weekday,biweekly,phone,status,tier"
ROW = "S1,长乐烟酒店,T/东城区/一部/3号线,便利店,周三,单周,13900001111,正常,12"
PRODUCTS = "product_code,name,manufacturer,price_class,wholesale_price,retail_price,key_brand"


def retailers_file(tmp_path, *rows, header=HEADER):
    return written(tmp_path / "r.csv", *rows, header=header)


def test_new_retailer_gets_units_codes_contact_and_search_key(company, tmp_path):
    outcome = load("retailers", retailers_file(tmp_path, ROW), company)

    assert outcome.line == "imported 1, updated 0, unchanged 0, rejected 0"
    shop = Retailer.objects.get(code="S1")
    assert (shop.county.name, shop.department.name, shop.line.path) == (
        "东城区",
        "一部",
        "东城区/一部/3号线",
    )
    assert (shop.format.code, shop.order_weekday, shop.biweekly) == ("B", 3, "odd")
    assert (shop.status, shop.source_tier) == ("active", 12)
    assert "clyjd" in shop.search_key
    assert "zlyjd" in shop.search_key
    assert Contact.objects.get(retailer=shop, is_primary=True).phone == "13900001111"


def test_same_retailers_twice_change_nothing(company, tmp_path):
    path = retailers_file(tmp_path, ROW)
    load("retailers", path, company)
    before = snapshot()

    outcome = load("retailers", path, company)

    assert outcome.line == "imported 0, updated 0, unchanged 1, rejected 0"
    assert snapshot() == before


def test_changed_retailer_is_updated_and_the_change_recorded_without_the_phone(company, tmp_path):
    load("retailers", retailers_file(tmp_path, ROW), company)
    changed = ROW.replace("长乐", "长安").replace("周三", "Fri").replace("1111", "2222")

    outcome = load("retailers", retailers_file(tmp_path, changed), company)

    assert outcome.line == "imported 0, updated 1, unchanged 0, rejected 0"
    shop = Retailer.objects.get(code="S1")
    assert (shop.name, shop.order_weekday) == ("长安烟酒店", 5)
    assert shop.search_key.startswith("s1 长安烟酒店 ")
    event = AuditEvent.objects.get(action="retailer.import", object_id=str(shop.pk))
    assert event.changes == {
        "name": ["长乐烟酒店", "长安烟酒店"],
        "order_weekday": [3, 5],
        "phone": ["139****1111", "139****2222"],
    }
    assert Contact.objects.get(retailer=shop).phone == "13900002222"


def test_blank_cells_leave_what_is_stored(company, tmp_path):
    load("retailers", retailers_file(tmp_path, ROW), company)

    outcome = load(
        "retailers", retailers_file(tmp_path, "S1,长乐烟酒店,T/东城区/一部/3号线,,,,,,"), company
    )

    assert outcome.line == "imported 0, updated 0, unchanged 1, rejected 0"


def test_every_kind_of_value_survives_an_update(company, tmp_path):
    header = HEADER + ",longitude,latitude,opened_on,licence_no,address"
    first = ROW + ",110.123456,32.5,2020-01-02,4201,南街 1 号"
    load("retailers", retailers_file(tmp_path, first, header=header), company)
    second = ROW + ",110.5,32.654321,2021-02-03,4202,北街 2 号"

    load("retailers", retailers_file(tmp_path, second, header=header), company)

    shop = Retailer.objects.get(code="S1")
    assert (shop.longitude, shop.latitude) == (Decimal("110.5"), Decimal("32.654321"))
    assert (str(shop.opened_on), shop.licence_no, shop.address) == (
        "2021-02-03",
        "4202",
        "北街 2 号",
    )


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (ROW.replace("便利店", "杂货铺"), "unknown_code"),
        (ROW.replace("周三", "周八"), "unknown_value"),
        (ROW.replace("T/东城区/一部/3号线", "T"), "organisation_path"),
        (ROW.replace("T/东城区/一部/3号线", "T/a/b/c/d"), "organisation_path"),
        (ROW.replace("T/东城区", "T//东城区"), "organisation_path"),
        (ROW.replace("T/", "Other/"), "other_company"),
        (ROW.replace("13900001111", "call me"), "bad_phone"),
        (ROW.replace("长乐烟酒店", "长" * 121), "too_long"),
        (ROW.replace(",12", ",100"), "out_of_range"),
        (ROW.replace("正常", "open"), "unknown_value"),
    ],
)
def test_bad_retailer_is_refused_and_nothing_changes(company, tmp_path, row, code):
    before = snapshot()

    outcome = load("retailers", retailers_file(tmp_path, row), company)

    assert (outcome.reasons, outcome.refused) == ({code: 1}, True)
    assert snapshot() == before


def test_refused_phone_is_not_shown(company, tmp_path):
    outcome = load("retailers", retailers_file(tmp_path, ROW.replace("1111", "x7731")), company)

    assert "7731" not in outcome.preview[0]["reason"]


def test_one_coordinate_without_the_other_is_refused(company, tmp_path):
    path = retailers_file(tmp_path, ROW + ",110.1,", header=HEADER + ",longitude,latitude")

    assert load("retailers", path, company).reasons == {"half_coordinates": 1}


def test_identical_rows_count_once_and_contradicting_ones_are_refused(company, tmp_path):
    path = retailers_file(tmp_path, ROW, ROW, ROW.replace("周三", "周四"))

    outcome = load("retailers", path, company, partial=True)

    assert outcome.line == "imported 1, updated 0, unchanged 1, rejected 1"
    assert outcome.reasons == {"conflicting_row": 1}
    assert "order_weekday" in outcome.preview[0]["reason"]


@pytest.mark.parametrize(("rule", "weekday"), [("first", 3), ("last", 4)])
def test_rule_for_duplicates_says_which_row_counts(company, tmp_path, rule, weekday):
    path = retailers_file(tmp_path, ROW, ROW.replace("周三", "周四"))

    outcome = load("retailers", path, company, text=f'[rules]\nduplicates = "{rule}"\n')

    assert outcome.line == "imported 1, updated 0, unchanged 1, rejected 0"
    assert Retailer.objects.get(code="S1").order_weekday == weekday


def test_unknown_codes_are_added_where_the_mapping_asks_for_it(company, tmp_path):
    path = retailers_file(tmp_path, ROW.replace("便利店", "Kiosk"))

    outcome = load("retailers", path, company, text="[rules]\ncreate_codes = true\n")

    assert outcome.imported == 1
    assert CodeItem.objects.get(company=company, name="Kiosk").kind == CodeKind.FORMAT


def test_company_of_the_file_is_created_when_none_is_given(db, tmp_path):
    outcome = load("retailers", retailers_file(tmp_path, ROW.replace("T/", "NEW/")), None)

    assert outcome.imported == 1
    company = Company.objects.get(code="NEW")
    assert CodeItem.objects.filter(company=company).count() == 24
    assert OrgUnit.objects.filter(company=company).count() == 3


def test_refused_file_creates_no_company(db, tmp_path):
    outcome = load("retailers", retailers_file(tmp_path, ROW.replace("周三", "周八")), None)

    assert outcome.refused
    assert not Company.objects.exists()


@pytest.mark.parametrize(
    ("header", "code", "named"),
    [
        (HEADER.replace("name", "names"), "unknown_column", "names"),
        (HEADER.replace(",organisation", ""), "missing_column", "organisation"),
        (HEADER.replace("status", "name"), "duplicate_column", "name"),
    ],
)
def test_wrong_header_is_refused_and_names_the_column(company, tmp_path, header, code, named):
    with pytest.raises(RefusedFileError) as refusal:
        load("retailers", retailers_file(tmp_path, ROW, header=header), company)

    assert refusal.value.code == code
    assert named in refusal.value.message
    assert header.split(",")[0] in refusal.value.message


def test_header_may_have_blanks_capitals_and_any_sequence(company, tmp_path):
    header = " Organisation ,NAME,Retailer_Code"

    outcome = load("retailers", retailers_file(tmp_path, "T/东城区,店,S1", header=header), company)

    assert outcome.imported == 1


def test_service_creates_updates_and_records(company):
    shop = services.create_retailer(
        company=company, code="N1", name="重庆店", phone="12345", by=None
    )
    services.update_retailer(retailer=shop, changes={"name": "北京店", "address": ""}, by=None)

    event = AuditEvent.objects.get(action="retailer.update")
    assert event.changes == {"name": ["重庆店", "北京店"]}
    assert "bjd" in Retailer.objects.get(code="N1").search_key


def test_service_refuses_a_taken_code_and_unknown_columns(company):
    with pytest.raises(ConflictError):
        services.create_retailer(company=company, code="R1", name="x", by=None)
    with pytest.raises(DomainError):
        services.update_retailer(
            retailer=Retailer.objects.get(code="R1"), changes={"company": 1}, by=None
        )


def test_service_that_changes_nothing_records_nothing(company):
    shop = Retailer.objects.get(code="R1")

    services.update_retailer(retailer=shop, changes={"name": shop.name}, by=None)

    assert not AuditEvent.objects.filter(action="retailer.update").exists()


def test_new_company_starts_with_its_code_lists(db):
    company = create_company(code="Z", name="Z")

    formats = CodeItem.objects.filter(company=company, kind=CodeKind.FORMAT)
    assert "".join(formats.values_list("code", flat=True)) == "ZBSNYFQ"


def test_product_is_created_updated_and_left_alone(company, tmp_path):
    row = "N1,七匹狼(软灰),福建中烟,一类,185.5,210,是"
    path = written(tmp_path / "p.csv", row, header=PRODUCTS)
    first = load("products", path, None)
    again = load("products", path, None)
    path = written(path, row.replace("210", "220"), header=PRODUCTS)
    changed = load("products", path, None)

    assert [it.line.split(",")[:3] for it in (first, again, changed)] == [
        ["imported 1", " updated 0", " unchanged 0"],
        ["imported 0", " updated 0", " unchanged 1"],
        ["imported 0", " updated 1", " unchanged 0"],
    ]
    product = Product.objects.get(code="N1")
    assert (product.retail_price, product.is_key_brand) == (Decimal("220.00"), True)


def test_auditor_sees_who_imported_products_and_from_what_to_what_a_price_changed(
    company, tmp_path, client
):
    row = "N1,七匹狼(软灰),福建中烟,一类,185.5,210,是"
    path = written(tmp_path / "p.csv", row, header=PRODUCTS)
    load("products", path, company)
    load("products", written(path, row.replace("210", "219.99"), header=PRODUCTS), company)

    shown = audit_page(client, company)

    assert shown.count("p.csv") >= 2
    assert "210.00 → 219.99" in shown
    assert "七匹狼(软灰)" in shown
    other = create_company(code="U", name="Another")
    assert "p.csv" not in audit_page(client, other)
    events = AuditEvent.objects.filter(action="product.import")
    assert events.get().changes == {"retail_price": ["210.00", "219.99"]}


def test_product_that_moves_to_another_class_and_maker_is_recorded_in_names(company, tmp_path):
    row = "N1,七匹狼(软灰),福建中烟,一类,185.5,210,是"
    path = written(tmp_path / "p.csv", row, header=PRODUCTS)
    load("products", path, None)
    moved = row.replace("一类", "二类").replace("福建中烟", "湖南中烟")
    load("products", written(path, moved, header=PRODUCTS), None)

    event = AuditEvent.objects.get(action="product.import")
    assert event.company is None
    assert event.changes == {
        "manufacturer": ["福建中烟", "湖南中烟"],
        "price_class": ["一类", "二类"],
    }


def audit_page(client, company) -> str:
    """What the auditor of a company is shown."""
    auditor = User.objects.create_user(
        f"auditor-{company.code}", "long-enough-4711", role=Role.AUDITOR, company=company
    )
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse("audit-list")).content.decode()


def test_limits_of_money_are_said_in_yuan(company, tmp_path):
    row = "N1,七匹狼(软灰),福建中烟,一类,0,10000000.01,是"

    with translation.override("en"):
        outcome = load("products", written(tmp_path / "p.csv", row, header=PRODUCTS), None)

    assert outcome.preview[0]["reason"] == (
        "wholesale_price must lie between 0.01 and 10000000.00, got '0.00'; "
        "retail_price must lie between 0.01 and 10000000.00, got '10000000.01'"
    )


@pytest.mark.parametrize(
    ("price", "expected"),
    [("158", "1"), ("157.99", "2"), ("113", "2"), ("112.99", "3"), ("28", "4"), ("1", "5")],
)
def test_price_class_follows_the_wholesale_price_when_it_is_auto(
    company, tmp_path, price, expected
):
    path = written(tmp_path / "p.csv", f"N1,x,y,auto,{price},300,", header=PRODUCTS)

    load("products", path, None)

    assert Product.objects.get(code="N1").price_class.code == expected


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("N1,x,y,六类,100,120,", "unknown_code"),
        ("N1,x,y,一类,0,120,", "out_of_range"),
        ("N1,x,y,一类,-5,120,", "out_of_range"),
        ("N1,x,y,一类,100.001,120,", "too_many_decimals"),
        ("N1,x,y,一类,100,,", "missing_value"),
        ("N1,,y,一类,100,120,", "missing_value"),
        ("N1,x,y,一类,100,120,maybe", "unknown_value"),
    ],
)
def test_bad_product_is_refused_and_nothing_changes(company, tmp_path, row, code):
    before = snapshot()

    outcome = load("products", written(tmp_path / "p.csv", row, header=PRODUCTS), None)

    assert (outcome.reasons, outcome.refused) == ({code: 1}, True)
    assert snapshot() == before


# --- customer managers --------------------------------------------------------------------

LOOKED_AFTER = "retailer_code,name,organisation,manager"


@pytest.fixture
def people(company):
    def person(username: str, name: str, role: str = Role.CUSTOMER_MANAGER, **more) -> User:
        return User.objects.create_user(
            username, "x", display_name=name, role=role, company=company, **more
        )

    return {
        "wang": person("wang", "王敏"),
        "li": person("li", "李强"),
        "li2": person("li2", "李强"),
        "gone": person("gone", "赵云", is_active=False),
        "boss": person("boss", "陈静", role=Role.PLANNER),
    }


def manager_of(code: str) -> str:
    manager = Retailer.objects.get(code=code).manager
    return manager.username if manager else ""


def test_a_file_says_who_looks_after_new_retailers_and_those_nobody_looks_after(
    company, people, tmp_path
):
    load("retailers", retailers_file(tmp_path, "S1,店,T/东城区", header=LOOKED_AFTER[:-8]), company)
    rows = ["S1,店,T/东城区,王敏", "S2,店二,T/东城区,LI2", "S3,店三,T/东城区,"]
    path = retailers_file(tmp_path, *rows, header=LOOKED_AFTER)

    outcome = load("retailers", path, company)

    assert outcome.line == "imported 2, updated 1, unchanged 0, rejected 0"
    assert [manager_of(code) for code in ("S1", "S2", "S3")] == ["wang", "li2", ""]
    event = AuditEvent.objects.get(action="retailer.import", object_label__startswith="S1")
    assert event.changes == {"manager": [None, "王敏"]}
    again = load("retailers", path, company)
    assert again.line == "imported 0, updated 0, unchanged 3, rejected 0"


def test_from_one_manager_to_another_leads_only_the_hand_over(company, people, tmp_path):
    rows = ["S1,店,T/东城区,wang", "S2,店二,T/东城区,wang"]
    load("retailers", retailers_file(tmp_path, *rows, header=LOOKED_AFTER), company)
    path = retailers_file(
        tmp_path, "S1,新店,T/东城区,li", "S2,新店二,T/东城区,", header=LOOKED_AFTER
    )

    outcome = load("retailers", path, company, partial=True)

    assert outcome.line == "imported 0, updated 1, unchanged 0, rejected 1"
    assert (manager_of("S1"), manager_of("S2")) == ("wang", "wang")
    assert Retailer.objects.get(code="S1").name == "店"
    assert dict(outcome.reasons) == {"looked_after": 1}


@pytest.mark.parametrize("name", ["李强", "赵云", "陈静", "nobody"])
def test_a_manager_who_is_none_or_not_the_only_one_of_the_name_is_refused(
    company, people, tmp_path, name
):
    path = retailers_file(tmp_path, f"S1,店,T/东城区,{name}", header=LOOKED_AFTER)

    outcome = load("retailers", path, company, partial=True)

    assert dict(outcome.reasons) == {"unknown_manager": 1}
    assert not Retailer.objects.filter(code="S1").exists()
