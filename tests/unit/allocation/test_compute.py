"""Drafts: every quota follows from stored numbers, and the sums are exact."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest

from accounts.models import PolicyVersion
from allocation.core.tiers import TierQuotaSolver
from allocation.models import (
    DemandForecast,
    NodeFactor,
    Plan,
    PlanLine,
    PlanStatus,
    RetailerQuota,
    SupplyCap,
    TierQuota,
)
from allocation.services import compute as compute_module
from allocation.services.compute import compute_plan, ensure_draft
from allocation.services.quotas import solver_for, tier_quotas, top_cap
from brands.models import MonthlySales, OrderLine
from config.common.errors import LostLeaseError
from customers.models import Retailer, RetailerStatus
from segmentation.models import Assignment, Scheme
from segmentation.services import publish_run
from tests.integration.night.city import City, history, make_city
from tests.oracles.quotas import quotas_oracle, uppers_oracle, weights_oracle

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 21)
PERIOD = 202611


@pytest.fixture
def city() -> City:
    city = make_city(retailers=40, products=4)
    history(city, first=202509, last=202610)
    city.night(DAY, stages=["sales", "segments", "demand"])
    return city


def compute(city: City, **words: object) -> Plan:
    plan = ensure_draft(company_id=city.pk, period=PERIOD)
    assert plan is not None
    return compute_plan(
        **{
            "plan": plan,
            "business_date": DAY,
            "job": None,
            "progress": lambda *_: None,
            "assert_owner": lambda: None,
            **words,
        }
    )


def cap(city: City, product: str, cartons: int, version: int = 1) -> None:
    SupplyCap.objects.create(
        company=city.company,
        period=PERIOD,
        product=city.products[product],
        cartons=cartons,
        version=version,
    )


# --- sums and explanations ----------------------------------------------------------------


def test_quotas_add_up_to_the_release_and_with_the_reserve_to_the_total(city):
    cap(city, "P001", 37)
    plan = compute(city)

    lines = list(plan.lines.order_by("product__code"))
    assert len(lines) == 4
    for line in lines:
        cartons = list(plan.quotas.filter(product=line.product).values_list("cartons", "upper"))
        assert sum(quota for quota, _upper in cartons) == line.released_cartons
        assert line.released_cartons + line.reserve_cartons == line.total_cartons
        assert all(1 <= quota <= upper for quota, upper in cartons)
    assert plan.released_cartons == sum(line.released_cartons for line in lines)
    assert plan.total_cartons == sum(line.total_cartons for line in lines)
    assert plan.quota_rows == plan.quotas.count() > 0
    assert lines[1].total_cartons == 37
    assert "capped_by_supply" in lines[1].figures["flags"]


def test_every_quota_is_what_a_slow_oracle_makes_of_the_order_lines(city):
    """Weights, limits and quotas from order lines, stored tiers and rules alone, in plain Python."""
    plan = compute(city)
    retailers = list(Retailer.objects.filter(company=city.company).order_by("code"))
    codes = dict(plan.tier_run.assignments.values_list("retailer_id", "class_code"))
    bought = dict.fromkeys(
        ((retailer.pk, product.pk) for retailer in retailers for product in city.products.values()),
        0,
    )
    window = OrderLine.objects.filter(company=city.company, period__range=(202608, 202610))
    for retailer_id, product_id, cartons in window.values_list(
        "retailer_id", "product_id", "ordered_cartons"
    ):
        bought[retailer_id, product_id] += cartons
    everything = [
        sum(bought[retailer.pk, product.pk] for product in city.products.values())
        for retailer in retailers
    ]

    for line in plan.lines.select_related("product"):
        own = [bought[retailer.pk, line.product_id] for retailer in retailers]
        by_tier = dict(line.tier_quotas.values_list("tier", "cartons"))
        tier_quota = [by_tier[int(codes[retailer.pk][1:])] for retailer in retailers]
        weights = weights_oracle(own, everything, Decimal("0.9"))
        uppers = uppers_oracle(tier_quota, own, 3, Decimal("1.5"), Decimal("1.5"))
        released, cartons = quotas_oracle(line.total_cartons, weights, uppers)
        stored = {
            row.retailer_id: (row.tier, row.weight, row.upper, row.cartons)
            for row in plan.quotas.filter(product=line.product)
        }
        assert line.released_cartons == released
        assert stored == {
            retailer.pk: (int(codes[retailer.pk][1:]), weight, upper, quota)
            for retailer, weight, upper, quota in zip(
                retailers, weights, uppers, cartons, strict=True
            )
            if quota
        }


def test_weight_level_and_limit_explain_each_quota_within_one_carton(city):
    plan = compute(city)

    for line in plan.lines.all():
        level = line.figures["level"]
        for row in plan.quotas.filter(product=line.product):
            assert abs(min(level * row.weight, row.upper) - row.cartons) < 1 + 1e-6


def test_the_total_follows_from_the_stored_ingredients(city):
    plan = compute(city)

    for line in plan.lines.all():
        blended = Decimal("0.5") * line.last_year_cartons + Decimal("0.5") * line.forecast_cartons
        assert line.total_cartons == int(blended * line.node_factor)
        assert line.figures["basis"] == "history"
        assert line.tier_cartons == sum(
            row.cartons * row.retailers for row in line.tier_quotas.all()
        )
        assert line.figures["tier_error"] == line.tier_cartons - line.total_cartons


def test_tier_quotas_never_rise_towards_lower_tiers_and_stay_below_the_top_cap(city):
    plan = compute(city)

    for line in plan.lines.all():
        rows = list(line.tier_quotas.order_by("-tier").values_list("tier", "cartons"))
        quotas = [cartons for _tier, cartons in rows]
        assert [tier for tier, _cartons in rows] == list(range(30, 0, -1))
        assert quotas == sorted(quotas, reverse=True)
        assert quotas[0] <= line.figures["tier_top_cap"]


# --- who takes part -----------------------------------------------------------------------


def test_without_a_class_a_retailer_counts_in_the_lowest_tier_and_is_named(city):
    newcomer = Retailer.objects.create(company=city.company, code="Z999", name="新店")
    Assignment.objects.filter(retailer=city.retailers["R000"]).delete()

    plan = compute(city)

    assert plan.retailers == 41
    assert {"code": "unclassified", "retailers": 2} in plan.warnings
    rows = plan.quotas.filter(retailer=city.retailers["R000"])
    assert set(rows.values_list("tier", flat=True)) <= {1}
    assert not plan.quotas.filter(retailer=newcomer).exists(), "who bought nothing weighs nothing"


def test_a_closed_retailer_gets_nothing(city):
    Retailer.objects.filter(code="R001").update(status=RetailerStatus.CLOSED)

    plan = compute(city)

    assert plan.retailers == 39
    assert not plan.quotas.filter(retailer=city.retailers["R001"]).exists()


def test_published_tiers_count_and_proposals_until_then(city):
    scheme = Scheme.objects.get(company=city.company, code="tier30")
    proposal = scheme.runs.get()
    first = compute(city)
    assert first.tier_run == proposal
    assert {"code": "tiers_not_published"} in first.current_warnings()

    publish_run(run=proposal, by=city.planner)
    second = compute(city)

    assert second.tier_run == proposal
    assert {"code": "tiers_not_published"} not in second.current_warnings()


def test_a_company_without_tiers_still_gets_a_plan_and_a_warning(city):
    Scheme.objects.filter(company=city.company, code="tier30").update(is_active=False)

    plan = compute(city)

    assert plan.tier_run is None
    assert {"code": "no_tiers"} in plan.warnings
    assert plan.released_cartons == sum(plan.quotas.values_list("cartons", flat=True)) > 0


def test_no_retailers_and_no_products_give_an_empty_plan(db):
    empty = make_city("empty", retailers=0, products=1)
    DemandForecast.objects.create(
        company=empty.company,
        period=PERIOD,
        product=empty.products["P000"],
        business_date=DAY,
        forecast_cartons=10_000_000_000,
    )

    plan = compute(empty)

    line = plan.lines.get()
    assert (plan.retailers, plan.quota_rows, line.released_cartons) == (0, 0, 0)
    assert line.reserve_cartons == line.total_cartons


# --- drafts and what binds ----------------------------------------------------------------


def test_an_unchanged_draft_is_not_written_again(city):
    plan = compute(city)
    rows = set(plan.lines.values_list("pk", flat=True))
    RetailerQuota.objects.filter(plan=plan).update(tier=-1)  # would be overwritten

    again = compute(city, business_date=DAY + dt.timedelta(days=1))

    assert set(again.lines.values_list("pk", flat=True)) == rows
    assert set(again.quotas.values_list("tier", flat=True)) == {-1}
    assert again.business_date == DAY + dt.timedelta(days=1)


def test_another_result_replaces_all_rows_of_the_draft(city):
    before = compute(city).result_hash
    cap(city, "P000", 3)

    plan = compute(city)

    assert plan.result_hash != before
    assert plan.lines.count() == 4
    assert TierQuota.objects.filter(line__plan=plan).count() == 120
    assert TierQuota.objects.count() == 120
    assert plan.lines.get(product=city.products["P000"]).released_cartons <= 3


@pytest.fixture
def lines_computed(monkeypatch) -> list[str]:
    """Grows by the product of each line whose quotas are computed."""
    computed: list[str] = []
    compute_line = compute_module._compute_line

    def watched(basis, line, *others):
        computed.append(line.product.code)
        compute_line(basis, line, *others)

    monkeypatch.setattr(compute_module, "_compute_line", watched)
    return computed


def test_quotas_of_the_same_inputs_are_not_computed_again(city, lines_computed):
    before = compute(city)
    assert lines_computed == ["P000", "P001", "P002", "P003"]

    again = compute(city, business_date=DAY + dt.timedelta(days=1))

    assert len(lines_computed) == 4
    assert again.business_date == DAY + dt.timedelta(days=1)
    assert again.computed_at > before.computed_at
    same = ["result_hash", "warnings", "retailers", "total_cartons", "released_cartons"]
    assert [getattr(again, name) for name in same] == [getattr(before, name) for name in same]


def _bought_more(city: City) -> None:
    row = MonthlySales.objects.filter(company=city.company, period=202610).first()
    MonthlySales.objects.filter(pk=row.pk).update(cartons=row.cartons + 1)


def _bought_by_another(city: City) -> None:
    """One carton moves from one retailer to another: sums of product and month stay."""
    rows = MonthlySales.objects.filter(company=city.company, period=202610, cartons__gt=1)
    first = rows.first()
    other = rows.filter(product=first.product).exclude(retailer=first.retailer).first()
    for row, more in ((first, -1), (other, 1)):
        MonthlySales.objects.filter(pk=row.pk).update(cartons=row.cartons + more)


def _another_tier(city: City) -> None:
    rows = Assignment.objects.filter(run__scheme__code="tier30").order_by("class_code")
    lowest, highest = rows.first(), rows.last()
    assert lowest.class_code < highest.class_code
    Assignment.objects.filter(pk=lowest.pk).update(class_code=highest.class_code)


def _no_tiers(city: City) -> None:
    Scheme.objects.filter(company=city.company, code="tier30").update(is_active=False)


def _a_forecast(city: City) -> None:
    row = DemandForecast.objects.filter(period=PERIOD).first()
    DemandForecast.objects.filter(pk=row.pk).update(forecast_cartons=row.forecast_cartons + 20)


def _a_factor(city: City) -> None:
    row = NodeFactor.objects.filter(company=city.company, period=PERIOD).first()
    NodeFactor.objects.create(
        company=city.company,
        period=PERIOD,
        price_class=row.price_class,
        version=row.version + 1,
        factor=row.factor,
        reason="试点",
    )


def _another_program(_city: City) -> None:
    """A new release: the test puts it in."""


@pytest.mark.parametrize(
    "change",
    [
        _bought_more,
        _bought_by_another,
        _another_tier,
        _no_tiers,
        _a_forecast,
        _a_factor,
        _another_program,
        lambda city: cap(city, "P000", 3),
        lambda city: Retailer.objects.filter(code="R001").update(status=RetailerStatus.CLOSED),
        lambda city: Retailer.objects.create(company=city.company, code="Z999", name="新店"),
    ],
)
def test_whatever_an_input_changes_all_quotas_are_computed_again(
    city, lines_computed, monkeypatch, change
):
    compute(city)
    lines_computed.clear()
    change(city)
    if change is _another_program:
        monkeypatch.setattr(compute_module, "PROGRAM", "next release")

    remembered = compute(city).result_hash

    assert len(lines_computed) == 4
    Plan.objects.update(inputs_hash="")
    assert compute(city).result_hash == remembered
    assert len(lines_computed) == 8


@pytest.mark.parametrize("changed", ["weight", "figures", "tiers"])
def test_numbers_that_only_explain_count_in_the_hash_too(city, changed):
    before = compute(city).result_hash
    if changed == "figures":
        row = DemandForecast.objects.filter(period=PERIOD).first()
        row.figures = {**row.figures, "plan_weeks": 99}
        DemandForecast.objects.filter(period=PERIOD, product=row.product).update(
            figures=row.figures
        )
    params = {"weight": {"own_share": "0.8999999"}, "tiers": {"top_cap_factor": "9"}}
    codes = {"weight": "allocation.retailers", "tiers": "allocation.tiers"}
    if changed in codes:
        PolicyVersion.objects.create(
            company=city.company,
            code=codes[changed],
            version=2,
            effective_from=DAY,
            params=params[changed],
        )

    assert compute(city).result_hash != before


@pytest.mark.parametrize("status", [PlanStatus.APPROVED, PlanStatus.PUBLISHED])
def test_what_is_approved_meanwhile_is_left_alone(city, status):
    plan = compute(city)
    before = set(plan.lines.values_list("pk", flat=True)), plan.result_hash
    cap(city, "P000", 3)

    def approved_meanwhile() -> None:
        Plan.objects.filter(pk=plan.pk).update(status=status)

    after = compute(city, assert_owner=approved_meanwhile)

    assert after.status == status
    assert (set(after.lines.values_list("pk", flat=True)), after.result_hash) == before


def test_a_lost_lease_leaves_the_draft(city):
    before = compute(city).result_hash
    cap(city, "P000", 3)

    def lost() -> None:
        raise LostLeaseError("taken over")

    with pytest.raises(LostLeaseError):
        compute(city, assert_owner=lost)

    plan = Plan.objects.get(company=city.company, period=PERIOD)
    assert plan.result_hash == before
    assert plan.quotas.count() == plan.quota_rows


@pytest.mark.parametrize(
    ("statuses", "version"),
    [
        ([], 1),
        ([PlanStatus.DRAFT], 1),
        ([PlanStatus.APPROVED], None),
        ([PlanStatus.PUBLISHED], None),
        ([PlanStatus.PUBLISHED, PlanStatus.DRAFT], 2),
        ([PlanStatus.SUPERSEDED, PlanStatus.PUBLISHED], None),
    ],
)
def test_a_draft_is_made_only_where_nothing_binds(db, statuses, version):
    city = make_city("drafts", retailers=0, products=0)
    for number, status in enumerate(statuses, start=1):
        Plan.objects.create(company=city.company, period=PERIOD, version=number, status=status)

    draft = ensure_draft(company_id=city.pk, period=PERIOD)

    assert (draft.version if draft else None) == version
    assert PlanLine.objects.count() == 0


# --- tier quotas of any total -------------------------------------------------------------

COUNTS = np.array([10, 0, 20, 40], dtype=np.int64)
BOUGHT = np.array([40, 0, 60, 40], dtype=np.int64)


def solve(total: int, **words: object) -> list[int]:
    asked = {"top_cap": 1000, "min_width": 0, "objective": "closest", **words}
    return tier_quotas(TierQuotaSolver(COUNTS, 200), COUNTS, BOUGHT, total, **asked).tolist()


def test_a_total_beyond_the_tables_follows_purchases_too():
    quotas = solve(20_000, tolerance=20)

    assert quotas == sorted(quotas, reverse=True)
    assert abs(int((np.array(quotas) * COUNTS).sum()) - 20_000) <= 20
    assert quotas[0] / quotas[3] == pytest.approx(4, rel=0.02)


def test_a_hard_limit_serves_fewer_tiers_instead_of_failing():
    assert solve(25, min_width=4, objective="not_above") == [2, 2, 0, 0]
    assert solve(25, min_width=4)[-1] == 1


def test_the_top_cap_is_the_best_tiers_monthly_mean_with_room():
    bought = np.array([90, 0, 60, 30], dtype=np.int64)

    assert top_cap(COUNTS, bought, 10, months=3, factor=1.5) == 5
    assert top_cap(COUNTS, bought * 0, 700, months=3, factor=1.5) == 30
    assert top_cap(COUNTS * 0, bought, 0, months=3, factor=1.5) == 1


def test_the_tables_of_a_huge_total_stay_small():
    counts = np.full(30, 500, dtype=np.int64)

    assert solver_for(counts, 10**12).max_total < 2_000_000
    assert solver_for(counts, 1000).max_total == 1000
