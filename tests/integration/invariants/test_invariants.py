"""Every rule of check_invariants notices when it is broken: each has its negative control."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.services import create_company, ensure_unit
from allocation.models import Plan, PlanLine, RetailerQuota
from brands.models import (
    Manufacturer,
    MonthlySales,
    Order,
    OrderBatch,
    OrderLine,
    PriceClass,
    Product,
    ProductMonth,
)
from config.management.invariants import INVARIANTS, broken
from customers.models import Retailer
from segmentation.models import Scheme, SegmentationRun

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 10, 5)


@pytest.fixture
def city():
    company = create_company(code="inv", name="Invariant city")
    unit = ensure_unit(company=company, names=["East"])
    retailer = Retailer.objects.create(company=company, code="R1", name="One", county=unit)
    price_class, _ = PriceClass.objects.get_or_create(
        code="3", defaults={"name": "三类", "position": 3}
    )
    product = Product.objects.create(
        code="P1",
        name="Product",
        manufacturer=Manufacturer.objects.create(name="Maker"),
        price_class=price_class,
        wholesale_price="100.00",
        retail_price="110.00",
    )
    batch = OrderBatch.objects.create(company=company, channel="test")
    order = Order.objects.create(
        company=company,
        order_no="1",
        retailer=retailer,
        ordered_on=DAY,
        period=202610,
        line_count=1,
        cartons=5,
        amount_cents=50_000,
        batch=batch,
    )
    OrderLine.objects.create(
        period=202610,
        order=order,
        line_no=1,
        company=company,
        retailer=retailer,
        product=product,
        ordered_on=DAY,
        ordered_cartons=5,
        amount_cents=50_000,
    )
    sales = {"company": company, "period": 202610, "product": product}
    MonthlySales.objects.create(**sales, retailer=retailer, cartons=5, amount_cents=50_000)
    ProductMonth.objects.create(**sales, retailers=1, cartons=5, amount_cents=50_000)
    plan = Plan.objects.create(company=company, period=202611, quota_rows=1)
    PlanLine.objects.create(
        plan=plan,
        product=product,
        forecast_cartons=5,
        node_factor="1.00",
        history_weight="0.5",
        total_cartons=6,
        released_cartons=5,
        reserve_cartons=1,
    )
    RetailerQuota.objects.create(
        plan=plan, retailer=retailer, product=product, tier=1, weight=1, upper=5, cartons=5
    )
    scheme = Scheme.objects.get(company=company, code="abc")
    SegmentationRun.objects.create(
        company=company,
        scheme=scheme,
        version=scheme.versions.get(),
        business_date=DAY,
        window_from=202510,
        window_to=202609,
        retailers=0,
        result_hash="x",
    )
    return company


BREAKS = {
    "brands_order.retailer_id": "UPDATE brands_order SET retailer_id = 999999",
    "brands_orderline.order_id": "UPDATE brands_orderline SET order_id = 999999",
    "brands_orderline.product_id": "UPDATE brands_orderline SET product_id = 999999",
    "brands_orderline.retailer_id": "UPDATE brands_orderline SET retailer_id = 999999",
    "brands_monthlysales.retailer_id": "UPDATE brands_monthlysales SET retailer_id = 999999",
    "brands_monthlysales.product_id": "UPDATE brands_monthlysales SET product_id = 999999",
    "allocation_retailerquota.plan_id": "UPDATE allocation_retailerquota SET plan_id = 999999",
    "allocation_retailerquota.retailer_id": "UPDATE allocation_retailerquota SET retailer_id = 999999",
    "allocation_retailerquota.product_id": "UPDATE allocation_retailerquota SET product_id = 999999",
    "order.totals": "UPDATE brands_order SET cartons = 6",
    "order.period": "UPDATE brands_order SET period = 202609",
    "sales.lines": "UPDATE brands_monthlysales SET amount_cents = 1",
    "sales.products": "UPDATE brands_productmonth SET cartons = 6",
    "quota.released": "UPDATE allocation_planline SET released_cartons = 4, reserve_cartons = 2",
    "quota.total": "UPDATE allocation_planline SET reserve_cartons = 7",
    "quota.upper": "UPDATE allocation_retailerquota SET upper = 4",
    "plan.rows": "UPDATE allocation_plan SET quota_rows = 2",
    "classes.rows": "UPDATE segmentation_segmentationrun SET retailers = 1",
}


def test_every_rule_has_its_negative_control():
    assert set(BREAKS) == {invariant.code for invariant in INVARIANTS}


def test_sound_data_break_no_rule(city, capsys):
    call_command("check_invariants")

    assert f"{len(INVARIANTS)} rules hold" in capsys.readouterr().out


@pytest.mark.parametrize("code", BREAKS)
def test_broken_data_are_noticed(city, code):
    with connection.cursor() as cursor:
        cursor.execute(BREAKS[code])

    assert code in {invariant.code for invariant, _count in broken()}
    with pytest.raises(CommandError, match="rules are broken"):
        call_command("check_invariants")
