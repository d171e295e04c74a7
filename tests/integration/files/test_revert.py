"""A file is taken back: exactly what it did, and nothing that somebody has changed or used since."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AuditEvent, Comment, OrgUnit, User
from accounts.roles import Role
from accounts.services import set_policy
from brands.models import (
    Manufacturer,
    MarketObservation,
    Order,
    OrderLine,
    Product,
    RetailerMonth,
    SalesTouch,
)
from brands.services.orders import PushedLine, PushedOrder, push_orders
from brands.services.sales import refresh_sales
from config.common import faults, housekeeping, jobs
from config.common.errors import ConflictError, DomainError
from config.common.pinyin import search_key
from customers.importers import file_jobs, reverting, uploads
from customers.models import CodeItem, Contact, ImportedChange, ImportedFile, Retailer
from customers.services import retailers as services
from tests.integration.files.conftest import (
    OBSERVATIONS,
    ORDERS,
    PRODUCTS,
    RETAILERS,
    actions,
    applied,
    dump,
    fresh,
    reverted,
    rows_of,
    text,
)

Status = ImportedFile.Status
FIRST = text(
    RETAILERS,
    "R1,甲店,东城区,一部,便利店,13900001111,南街1号,12",
    "R2,乙店,东城区,二部,超市,,北街2号,",
)
SECOND = text(
    RETAILERS,
    "R1,甲店新,西城区,三部,食杂店,13900002222,南街9号,15",
    "R2,乙店,东城区,二部,超市,13900003333,北街2号,",
    "N1,新一,东城区,一部,便利店,13900004444,新街1号,3",
    "N2,新二,北城区,四部,,,,",
)
NEW_PRODUCTS = text(PRODUCTS, "P0,新名,新厂,二类,188.00,210", "N9,新规,又一厂,一类,300,350")
SEEN = text(OBSERVATIONS, "2026-11-03,R1,P0,230,5", "2026-11-04,R2,P1,231,6")
ORDERED = text(
    ORDERS,
    "A1,1,2026-11-02,R1,P0,5,200",
    "A1,2,2026-11-02,R1,P1,3,201",
    "A2,1,2026-10-02,R2,P0,4,200",
)


def refresh(company) -> None:
    """What the night does with orders that have changed."""
    refresh_sales(company_id=company.pk, progress=lambda *_said: None, assert_owner=lambda: None)


@pytest.fixture
def before(planner) -> ImportedFile:
    """Two retailers as a first file has left them."""
    return applied(planner, "retailers", FIRST)


def outcomes(file: ImportedFile, settings) -> dict[str, str]:
    """The result file of reverting: key to outcome."""
    rows = rows_of(file.outcome["revert"]["path"], settings)
    return {row[0]: row[1] for row in rows[1:]}


# --- exactly back ---------------------------------------------------------------------------


def test_retailers_people_units_and_codes_are_as_before(before, planner, settings):
    table = dump()
    mapping_rules = "\n[rules]\ncreate_codes = true\n"
    file = applied(planner, "retailers", SECOND.replace("食杂店", "临时摊位"), mapping=(
        '[columns]\nretailer_code="客户编码"\nname="客户名称"\n'
        'organisation="T/{县级局}/{市场部}"\nformat="业态"\nphone="手机号码"\naddress="地址"\ntier="档位"\n'
        + mapping_rules
    ))  # fmt: skip
    assert (file.status, file.imported, file.updated) == (Status.APPLIED, 2, 2)
    assert dump() != table
    assert CodeItem.objects.filter(name="临时摊位").exists()
    assert OrgUnit.objects.filter(name="北城区").exists()

    file = reverted(planner, file)

    assert file.status == Status.REVERTED
    assert dump() == table
    assert (file.reverted_by, file.outcome["revert"]["restored"]) == (planner, 2)
    shop = Retailer.objects.get(code="R1")
    assert actions(shop)[-2:] == ["retailer.import", "retailer.revert"]
    event = AuditEvent.objects.get(action="retailer.revert", object_id=str(shop.pk))
    assert event.reason == "wrong file"
    assert event.changes["name"] == ["甲店新", "甲店"]
    assert event.changes["phone"] == ["139****2222", "139****1111"]
    assert event.changes["format"] == ["临时摊位", "便利店"]
    assert "13900002222" not in str(AuditEvent.objects.values_list("changes"))


def test_restored_retailer_is_found_by_its_old_name_and_tells_clients_that_it_has_changed(
    before, planner
):
    file = applied(planner, "retailers", SECOND)
    changed_at = Retailer.objects.get(code="R1").updated_at

    reverted(planner, file)

    shop = Retailer.objects.get(code="R1")
    assert "甲店新" not in shop.search_key
    assert shop.updated_at > changed_at


def test_products_and_manufacturers_are_as_before(planner):
    Product.objects.filter(code="P0").update(search_key=search_key("Brand 0", "P0"))
    table = dump()
    file = applied(planner, "products", NEW_PRODUCTS)
    assert Product.objects.get(code="P0").manufacturer.name == "新厂"

    file = reverted(planner, file)

    assert (file.status, dump()) == (Status.REVERTED, table)
    assert not Manufacturer.objects.filter(name="又一厂").exists()
    event = AuditEvent.objects.get(action="product.revert", object_label__startswith="P0")
    assert event.changes["manufacturer"] == ["新厂", "Maker"]


def test_observations_are_as_before(planner):
    applied(planner, "observations", text(OBSERVATIONS, "2026-11-03,R1,P0,229,"))
    table = dump()
    file = applied(planner, "observations", SEEN)
    assert MarketObservation.objects.count() == 2

    file = reverted(planner, file)

    assert (file.status, dump()) == (Status.REVERTED, table)


def test_orders_go_and_the_night_computes_their_months_anew(planner, company):
    applied(planner, "orders", text(ORDERS, "B1,1,2026-11-02,R1,P0,7,200"))
    refresh(company)
    table, months = dump(), list(RetailerMonth.objects.values_list())
    file = applied(planner, "orders", ORDERED)
    refresh(company)
    assert list(RetailerMonth.objects.values_list()) != months

    file = reverted(planner, file)

    assert (file.status, dump()) == (Status.REVERTED, table)
    assert file.outcome["revert"]["deleted"] == 2
    assert sorted(SalesTouch.objects.values_list("retailer__code", "period")) == [
        ("R1", 202611),
        ("R2", 202610),
    ]
    refresh(company)
    assert list(RetailerMonth.objects.values_list()) == months


def test_a_file_can_be_applied_again_after_it_was_reverted(planner, before):
    table = dump()
    file = applied(planner, "retailers", SECOND)
    once = {name: rows for name, rows in dump().items() if name == "Retailer"}
    reverted(planner, file)

    again = applied(planner, "retailers", SECOND)

    assert (again.status, again.imported, again.updated) == (Status.APPLIED, 2, 2)
    names = {row[3] for row in once["Retailer"]}
    assert {row[3] for row in dump()["Retailer"]} == names
    assert reverted(planner, again).status == Status.REVERTED
    assert dump() == table


def test_files_are_taken_back_in_any_order_where_they_do_not_touch(planner, before):
    one = applied(planner, "retailers", text(RETAILERS, "R1,一次,东城区,一部,,,,"))
    two = applied(planner, "retailers", text(RETAILERS, "R1,两次,东城区,一部,,,,"))

    one = reverted(planner, one)
    assert (one.status, one.outcome["revert"]["left"]) == (Status.APPLIED, 1)
    assert one.message

    assert reverted(planner, two).status == Status.REVERTED
    assert Retailer.objects.get(code="R1").name == "一次"
    assert reverted(planner, fresh(one)).status == Status.REVERTED
    assert Retailer.objects.get(code="R1").name == "甲店"


# --- changed or used since ------------------------------------------------------------------


def test_what_a_person_has_changed_since_is_left_and_named(before, planner, settings):
    file = applied(planner, "retailers", SECOND)
    shop = Retailer.objects.get(code="R1")
    services.update_retailer(retailer=shop, changes={"address": "人工改的"}, by=planner)
    services.update_retailer(
        retailer=Retailer.objects.get(code="R2"), changes={"phone": "13911112222"}, by=planner
    )

    file = reverted(planner, file)

    assert file.outcome["revert"] | {"path": ""} == {
        "restored": 0, "deleted": 4, "left": 4, "path": "",
        "parts": {"units": {"deleted": 2, "left": 2}},
    }  # fmt: skip
    shop.refresh_from_db()
    assert (shop.name, shop.address) == ("甲店新", "人工改的")
    rows = rows_of(file.outcome["revert"]["path"], settings)
    reasons = {row[0]: row[2] for row in rows[1:]}
    assert "地址" in reasons["R1 甲店新"]
    assert "电话" in reasons["R2 乙店"]
    assert "13911112222" not in str(rows)


def test_another_column_that_changed_since_is_no_hindrance(before, planner):
    file = applied(planner, "retailers", text(RETAILERS, "R1,新名,东城区,一部,,,,"))
    shop = Retailer.objects.get(code="R1")
    services.update_retailer(retailer=shop, changes={"address": "人工改的"}, by=planner)

    reverted(planner, file)

    shop.refresh_from_db()
    assert (shop.name, shop.address) == ("甲店", "人工改的")


def test_a_new_retailer_that_has_orders_by_now_is_left_with_its_people(before, planner, settings):
    file = applied(planner, "retailers", SECOND)
    applied(planner, "orders", ORDERED.replace("R1", "N1"))

    file = reverted(planner, file)

    shop = Retailer.objects.get(code="N1")
    assert Contact.objects.filter(retailer=shop, phone="13900004444").exists()
    assert not Retailer.objects.filter(code="N2").exists()
    assert outcomes(file, settings)["N1 新一"] == "保持不变"


@pytest.mark.parametrize("what", ["comment", "manager", "contact"])
def test_a_new_retailer_that_somebody_cares_for_by_now_is_left(before, planner, company, what):
    file = applied(planner, "retailers", SECOND)
    shop = Retailer.objects.get(code="N1")
    if what == "comment":
        Comment.objects.create(
            company=company,
            object_type="customers.retailer",
            object_id=str(shop.pk),
            author=planner,
            text="open late",
        )
    elif what == "manager":
        services.update_retailer(retailer=shop, changes={"manager": planner}, by=planner)
    else:
        Contact.objects.create(retailer=shop, name="Li", phone="13955556666")

    reverted(planner, file)

    assert Retailer.objects.filter(code="N1").exists()
    assert not Retailer.objects.filter(code="N2").exists()


def test_a_unit_that_another_retailer_uses_by_now_is_left(before, planner, settings):
    file = applied(planner, "retailers", SECOND)
    applied(planner, "retailers", text(RETAILERS, "X1,别家,北城区,四部,,,,"))

    reverted(planner, file)

    assert OrgUnit.objects.filter(path="北城区/四部").exists()
    assert not OrgUnit.objects.filter(name="西城区").exists()


def test_a_value_whose_code_is_gone_is_left(before, planner, settings):
    file = applied(planner, "retailers", SECOND)
    shop = Retailer.objects.get(code="R1")
    old = ImportedChange.objects.get(file=file, object_id=shop.pk, before__isnull=False)
    assert old.before is not None
    Retailer.objects.filter(format_id=old.before["format_id"]).update(format=None)
    CodeItem.objects.filter(pk=old.before["format_id"]).delete()

    file = reverted(planner, file)

    shop.refresh_from_db()
    assert shop.name == "甲店新"
    assert outcomes(file, settings)["R1 甲店新"] == "保持不变"


def test_a_retailer_deleted_since_is_named_and_does_no_harm(before, planner, settings):
    file = applied(planner, "retailers", SECOND)
    Retailer.objects.get(code="N2").delete()

    file = reverted(planner, file)

    assert file.status == Status.REVERTED
    assert outcomes(file, settings)["N2 新二"] == "保持不变"


def test_a_product_that_was_ordered_is_left(planner, settings):
    file = applied(planner, "products", NEW_PRODUCTS)
    applied(planner, "orders", ORDERED.replace("P1", "N9"))

    file = reverted(planner, file)

    assert Product.objects.filter(code="N9").exists()
    assert Product.objects.get(code="P0").name == "Brand 0"
    assert Manufacturer.objects.filter(name="又一厂").exists()


def test_an_order_pushed_again_since_stays_and_is_named(planner, company, settings):
    file = applied(planner, "orders", ORDERED)
    order = PushedOrder(
        order_no="A1",
        retailer_code="R1",
        ordered_on=dt.date(2026, 11, 2),
        revision=1,
        lines=(PushedLine(1, "P0", 9, amount_cents=9000),),
    )
    push_orders(
        company=company, source="main", orders=[order], channel="api",
        today=dt.date(2026, 11, 21), by=None,
    )  # fmt: skip

    file = reverted(planner, file)

    assert list(Order.objects.values_list("order_no", "cartons")) == [("A1", 9)]
    assert OrderLine.objects.count() == 1
    assert outcomes(file, settings) == {"A2": "已删除", "A1": "保持不变"}


def test_an_order_cancelled_since_stays_cancelled(planner, company):
    file = applied(planner, "orders", ORDERED)
    order = PushedOrder("A1", "R1", dt.date(2026, 11, 2), revision=0, cancelled=True)
    push_orders(
        company=company, source="main", orders=[order], channel="api",
        today=dt.date(2026, 11, 21), by=None,
    )  # fmt: skip

    reverted(planner, file)

    assert list(Order.objects.values_list("order_no", "status")) == [("A1", "cancelled")]


# --- whole or not at all --------------------------------------------------------------------


def test_a_failure_in_the_middle_leaves_everything_as_it_was(before, planner, settings):
    file = applied(planner, "retailers", SECOND)
    table, changes = dump(), ImportedChange.objects.count()
    settings.FAULTS = {"revert-written": "raise"}
    job = uploads.start_revert(file=file, reason="x", by=planner)

    with pytest.raises(RuntimeError):
        jobs.run(job.pk)

    file = fresh(file)
    assert (file.status, file.reverted_at) == (Status.APPLIED, None)
    assert file.message
    assert (dump(), ImportedChange.objects.count()) == (table, changes)
    assert not AuditEvent.objects.filter(action="retailer.revert").exists()
    settings.FAULTS = {}
    assert reverted(planner, file).status == Status.REVERTED


def test_a_worker_that_lost_its_job_takes_nothing_back(before, planner):
    file = applied(planner, "retailers", SECOND)
    table = dump()
    job = jobs.claim(uploads.start_revert(file=file, reason="x", by=planner).pk)
    assert job is not None
    context = jobs.JobContext(job)
    context.attempt = 99

    with pytest.raises(jobs.LostLeaseError):
        file_jobs.revert_job(context)

    assert dump() == table


def test_reverting_twice_changes_nothing_more(before, planner):
    file = applied(planner, "retailers", SECOND)
    job = uploads.start_revert(file=file, reason="x", by=planner)
    jobs.run(job.pk)
    table, events = dump(), AuditEvent.objects.count()

    result = file_jobs.revert_job(jobs.JobContext(job))

    assert result.summary["restored"] == 2
    assert (dump(), AuditEvent.objects.count()) == (table, events)
    with pytest.raises(ConflictError):
        uploads.start_revert(file=fresh(file), reason="x", by=planner)


@pytest.mark.django_db(transaction=True)
def test_somebody_who_uses_what_goes_just_now_stops_it_cleanly(before, planner, monkeypatch):
    """The negative control: without the look at who needs it, the database refuses, and nothing is lost."""
    file = applied(planner, "retailers", SECOND)
    applied(planner, "observations", SEEN.replace("R1", "N1"))
    table = dump()
    monkeypatch.setattr(reverting, "who_needs", lambda *_args, **_more: {})

    job = jobs.run(uploads.start_revert(file=file, reason="x", by=planner).pk)

    assert (job.status, fresh(file).status) == ("failed", Status.APPLIED)
    assert dump() == table


# --- who, until when, what is kept ------------------------------------------------------------


def test_after_seven_days_it_is_too_late_and_nothing_is_kept(before, planner):
    file = applied(planner, "retailers", SECOND)
    late = timezone.now() - dt.timedelta(days=7, minutes=1)
    ImportedFile.objects.filter(pk=file.pk).update(applied_at=late)

    with pytest.raises(ConflictError):
        uploads.start_revert(file=fresh(file), reason="x", by=planner)
    kept = ImportedChange.objects.filter(file=before).count()
    assert housekeeping.tidy()["import changes"] > 0
    assert not ImportedChange.objects.filter(file=file).exists()
    assert ImportedChange.objects.filter(file=before).count() == kept


def test_the_company_may_set_another_number_of_days(before, planner, company):
    file = applied(planner, "retailers", SECOND)
    ImportedFile.objects.filter(pk=file.pk).update(applied_at=timezone.now() - dt.timedelta(days=2))
    set_policy(
        company=company,
        code="files",
        params={"revert_days": 1},
        effective_from=dt.date(2026, 1, 1),
        by=None,
    )

    with pytest.raises(ConflictError):
        uploads.start_revert(file=fresh(file), reason="x", by=planner)


def test_a_reason_is_needed(before, planner):
    with pytest.raises(DomainError) as refusal:
        uploads.start_revert(file=before, reason=" ", by=planner)

    assert refusal.value.code == "no_reason"


def test_a_file_of_the_command_line_cannot_be_reverted(planner, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("retailer_code,name,organisation\nS1,x,T/东城区\n")
    call_command("import_retailers", str(path))

    with pytest.raises(ConflictError):
        uploads.start_revert(file=ImportedFile.objects.get(), reason="x", by=planner)
    assert not ImportedChange.objects.exists()


def test_the_command_reverts_a_file_and_says_what_it_did(before, planner, capsys):
    file = applied(planner, "retailers", SECOND)

    call_command("revert_file", str(file.pk), "--reason", "wrong month")

    assert fresh(file).status == Status.REVERTED
    assert capsys.readouterr().out.strip().endswith("restored 2, deleted 6, left 0")
    event = AuditEvent.objects.get(action="file.reverted")
    assert (event.actor, event.actor_label, event.reason) == (None, "revert_file", "wrong month")
    with pytest.raises(CommandError):
        call_command("revert_file", str(file.pk), "--reason", "again")


def test_orders_write_no_change_by_line(planner):
    applied(planner, "orders", ORDERED)

    assert not ImportedChange.objects.exists()


def test_a_fault_point_of_reverting_is_dead_in_production(settings):
    assert settings.FAULTS == {}
    faults.point("revert-written")


def test_an_auditor_may_not_revert(before, client, company):
    auditor = User.objects.create_user("auditor", role=Role.AUDITOR, company=company)
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(f"/files/{before.pk}/revert/", {"reason": "x"}).status_code == 403
