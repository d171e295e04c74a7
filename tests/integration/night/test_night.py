"""The whole night on a small city: one result for the same facts, on any engine and in any order."""

import datetime as dt
from collections import Counter

import pytest
from django.db import connection

from allocation.models import Plan, PlanStatus, RetailerQuota
from allocation.services import approve_plan, publish_plan, revise_plan, set_supply_cap
from brands.models import SalesTouch
from config.common.models import JobStatus
from config.management.invariants import broken
from segmentation.models import RunStatus, SegmentationRun
from segmentation.services import publish_run
from tests.integration.night.city import City, Line, history, make_city

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 21)
# The same on SQLite and PostgreSQL, for the city of ``facts``. It changes only together with a rule.
STAGES = {
    "sales": "1cfef762cde739a3",
    "segments": "594f84d53a166e61",
    "demand": "9e604addd13c05d9",
    "allocation": "bac40d1616225712",
}


def facts(code: str = "city", shuffle: int | None = None) -> City:
    city = make_city(code, retailers=35, products=5, shuffle=shuffle)
    history(city, first=202509, last=202611)
    city.place("back", "R004", dt.date(2026, 10, 12), [Line("P001", -2, -20_000, 2)])
    city.cancel("202610-R003")
    return city


def hashes(night) -> dict[str, str]:
    stages = night.children.exclude(kind="night.report")
    return {stage.kind.split(".")[1]: stage.result_hash for stage in stages}


def by_code(rows) -> list[int]:
    return [row.pk for _code, row in sorted(rows.items())]


@pytest.mark.parametrize("shuffle", [None, 5, 6])
def test_a_fixed_city_gives_the_same_results_on_every_engine_and_in_any_sequence(shuffle):
    city = facts(shuffle=shuffle)

    night = city.night(DAY)

    assert night.status == JobStatus.SUCCEEDED
    assert {name: value[:16] for name, value in hashes(night).items()} == STAGES, connection.vendor


def test_the_shuffled_city_really_has_other_keys():
    """Negative control of the test above."""
    city = facts(shuffle=5)

    for rows in (city.retailers, city.products):
        assert by_code(rows) != sorted(by_code(rows))


def test_replaying_a_night_gives_the_same_result_and_writes_nothing_again():
    city = facts()
    first = city.night(DAY)
    quotas = RetailerQuota.objects.count()
    RetailerQuota.objects.update(tier=-1)

    again = city.night(DAY)

    assert again.result_hash == first.result_hash
    assert RetailerQuota.objects.filter(tier=-1).count() == quotas
    assert SegmentationRun.objects.count() == 2


def test_one_more_order_gives_another_result():
    city = facts()
    first = city.night(DAY)
    city.place("new", "R002", dt.date(2026, 10, 20), [Line("P000", 1, 10_000)])

    assert city.night(DAY).result_hash != first.result_hash


def test_every_invariant_holds_after_each_kind_of_night():
    city = facts()
    city.night(DAY)
    assert broken() == []
    for run in SegmentationRun.objects.all():
        publish_run(run=run, by=city.planner)
    plan = Plan.objects.get(period=202611)
    publish_plan(
        plan=approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash), by=city.planner
    )
    city.place("new", "R002", dt.date(2026, 10, 20), [Line("P000", 400, 4_000_000)])
    city.place("202610-R005", "R006", dt.date(2026, 11, 3), [Line("P001", 2, 20_000)])

    night = city.night(DAY + dt.timedelta(days=1))

    assert night.status in (JobStatus.SUCCEEDED, JobStatus.HELD)
    assert broken() == []
    assert not SalesTouch.objects.exists()


def test_what_is_published_is_never_touched_by_the_night():
    city = facts()
    city.night(DAY)
    runs = [publish_run(run=run, by=city.planner) for run in SegmentationRun.objects.all()]
    plan = Plan.objects.get(period=202611)
    publish_plan(
        plan=approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash), by=city.planner
    )
    before = plan_rows(plan), [class_rows(run) for run in runs], plan.result_hash
    for number in range(20):
        lines = [Line("P000", 500 + number, 5_000_000)]
        city.place(f"n{number}", f"R{number:03d}", dt.date(2026, 10, 20), lines)

    night = city.night(DAY)

    plan.refresh_from_db()
    assert (plan_rows(plan), [class_rows(run) for run in runs], plan.result_hash) == before
    assert plan.status == PlanStatus.PUBLISHED
    months = [row["month"] for row in night.children.get(kind="night.allocation").summary["plans"]]
    assert months == ["2026-12"]


def plan_rows(plan: Plan) -> list[tuple]:
    return sorted(
        plan.quotas.values_list("retailer_id", "product_id", "cartons", "weight", "upper")
    )


def class_rows(run: SegmentationRun) -> list[tuple]:
    return sorted(run.assignments.values_list("retailer_id", "class_code", "rank"))


def test_a_revision_is_computed_again_while_the_published_plan_binds():
    city = facts()
    city.night(DAY)
    for run in SegmentationRun.objects.all():
        publish_run(run=run, by=city.planner)
    draft = Plan.objects.get(period=202611)
    approved = approve_plan(plan=draft, by=city.approver, seen_hash=draft.result_hash)
    first = publish_plan(plan=approved, by=city.planner)
    revision = revise_plan(plan=first, by=city.planner, reason="less supply")
    product = city.products["P000"]
    set_supply_cap(
        company=city.company,
        period=202611,
        product=product,
        cartons=10,
        reason="less supply",
        by=city.planner,
    )

    city.night(DAY)

    revision.refresh_from_db()
    line = revision.lines.get(product=product)
    assert (revision.version, revision.status) == (2, PlanStatus.DRAFT)
    assert line.total_cartons == 10
    assert sum(revision.quotas.filter(product=product).values_list("cartons", flat=True)) <= 10
    assert first.lines.get(product=product).total_cartons > 10
    assert broken() == []


def test_unusual_movement_holds_the_night_but_drafts_are_still_made():
    city = facts()
    city.night(DAY)
    for run in SegmentationRun.objects.all():
        publish_run(run=run, by=city.planner)
    for number in range(30):
        cartons = 3000 * (number + 1)
        lines = [Line("P000", cartons, cartons * 10_000)]
        city.place(f"big{number}", f"R{34 - number:03d}", dt.date(2026, 10, 20), lines)

    night = city.night(DAY)

    held = SegmentationRun.objects.filter(status=RunStatus.HELD)
    assert night.status == JobStatus.HELD
    assert held.exists()
    assert all(run.hold_reason in night.error for run in held)
    stages = Counter(night.children.values_list("status", flat=True))
    assert stages == {JobStatus.HELD: 1, JobStatus.SUCCEEDED: 4}
    assert night.children.get(kind="night.report").summary["held"] == ["segments"]


def test_nights_of_two_companies_do_not_see_each_other():
    first, second = facts("one"), make_city("two", retailers=10, products=5)
    history(second, first=202609, last=202610, seed=9)
    alone = first.night(DAY).result_hash
    second.night(DAY)

    assert first.night(DAY).result_hash == alone
    assert Plan.objects.filter(company=second.company).count() == 2


def test_an_empty_company_has_a_night_too():
    night = make_city("empty", retailers=0, products=0).night(DAY)

    assert night.status == JobStatus.SUCCEEDED
    assert night.children.get(kind="night.allocation").summary["quotas"] == 0
