"""Draft → approved → published → superseded; nobody approves their own work."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, PolicyVersion
from allocation.models import NodeFactor, Plan, PlanStatus, SupplyCap
from allocation.selectors import is_outdated
from allocation.services import (
    approve_plan,
    publish_plan,
    reopen_plan,
    revise_plan,
    set_node_factor,
    set_supply_cap,
)
from brands.models import PriceClass
from config.common import periods
from config.common.errors import ConflictError, DomainError, ForbiddenError
from segmentation.models import SegmentationRun
from segmentation.services import publish_run
from tests.integration.night.city import City, make_city

pytestmark = pytest.mark.django_db
PERIOD = 202611


@pytest.fixture
def city() -> City:
    return make_city(retailers=1, products=1)


def draft(city: City, *, version: int = 1, period: int = PERIOD) -> Plan:
    return Plan.objects.create(
        company=city.company,
        period=period,
        version=version,
        computed_at=timezone.now(),
        products=1,
        result_hash="h",
    )


def recomputed(plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(computed_at=timezone.now(), products=1)
    plan.refresh_from_db()


def published(city: City, **words: int) -> Plan:
    plan = approve_plan(plan=draft(city, **words), by=city.approver, seen_hash="h")
    return publish_plan(plan=plan, by=city.planner)


def actions() -> list[str]:
    found = AuditEvent.objects.filter(action__startswith="plan.").order_by("pk")
    return list(found.values_list("action", flat=True))


# --- approving ----------------------------------------------------------------------------


def test_a_draft_is_approved_with_name_and_time(city):
    plan = approve_plan(plan=draft(city), by=city.approver, seen_hash="h")

    assert (plan.status, plan.approved_by) == (PlanStatus.APPROVED, city.approver)
    assert plan.approved_at is not None
    assert actions() == ["plan.approve"]


def test_a_draft_that_was_never_computed_cannot_be_approved(city):
    plan = Plan.objects.create(company=city.company, period=PERIOD)

    with pytest.raises(ConflictError) as caught:
        approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash)

    assert caught.value.code == "not_computed"


@pytest.mark.parametrize("what", ["factor", "supply", "author"])
def test_who_made_the_plan_what_it_is_cannot_approve_it(city, what):
    plan = draft(city)
    words = {"company": city.company, "period": PERIOD, "by": city.approver, "reason": "festival"}
    if what == "factor":
        set_node_factor(price_class=PriceClass.objects.first(), factor=Decimal("1.1"), **words)
    elif what == "supply":
        set_supply_cap(product=city.products["P000"], cartons=5, **words)
    else:
        Plan.objects.filter(pk=plan.pk).update(created_by=city.approver)
    recomputed(plan)

    with pytest.raises(ForbiddenError) as caught:
        approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash)

    plan.refresh_from_db()
    assert caught.value.code == "same_person"
    assert plan.status == PlanStatus.DRAFT
    assert (
        approve_plan(
            plan=plan, by=city.person("second", "approver"), seen_hash=plan.result_hash
        ).approved_by
        is not None
    )


@pytest.mark.parametrize("what", ["factor", "supply"])
def test_a_draft_older_than_its_rules_must_be_computed_again_first(city, what):
    plan = draft(city)
    words = {"company": city.company, "period": PERIOD, "by": city.planner, "reason": "festival"}
    if what == "factor":
        set_node_factor(price_class=PriceClass.objects.first(), factor=Decimal("1.1"), **words)
    else:
        set_supply_cap(product=city.products["P000"], cartons=5, **words)

    with pytest.raises(ConflictError) as caught:
        approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash)

    assert caught.value.code == "outdated"
    recomputed(plan)
    assert (
        approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash).status
        == PlanStatus.APPROVED
    )


def test_tiers_that_are_only_a_proposal_cannot_carry_an_approved_plan(city):
    city.night(dt.date(2026, 11, 21))
    plan = Plan.objects.get(period=PERIOD)
    recomputed(plan)

    with pytest.raises(ConflictError) as caught:
        approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash)

    assert caught.value.code == "tiers_not_published"
    publish_run(run=plan.tier_run, by=city.planner)
    plan.refresh_from_db()
    assert (
        approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash).status
        == PlanStatus.APPROVED
    )


@pytest.mark.parametrize(
    ("code", "days", "outdated"),
    [
        ("allocation.total", 0, True),
        ("allocation.tiers", -30, True),
        ("allocation.retailers", 0, True),
        ("demand.forecast", 0, True),
        ("allocation.total", 1, False),
        ("nightly.backtest", 0, False),
    ],
)
def test_a_draft_is_outdated_by_a_newer_rule_in_force(city, code, days, outdated):
    city.night(dt.date(2026, 11, 20))
    plan = Plan.objects.get(period=PERIOD)
    publish_run(run=plan.tier_run, by=city.planner)
    recomputed(plan)
    assert not is_outdated(plan)
    PolicyVersion.objects.create(
        company=city.company,
        code=code,
        version=9,
        effective_from=periods.business_today() + dt.timedelta(days=days),
        params={},
    )

    assert is_outdated(plan) == outdated
    if outdated:
        with pytest.raises(ConflictError) as caught:
            approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash)
        assert caught.value.code == "outdated"


def test_a_rule_that_came_into_force_since_makes_a_draft_outdated(city):
    city.night(dt.date(2026, 11, 20))
    plan = Plan.objects.get(period=PERIOD)
    publish_run(run=plan.tier_run, by=city.planner)
    PolicyVersion.objects.create(
        company=city.company,
        code="allocation.total",
        version=9,
        effective_from=periods.business_today(),
        params={},
    )
    recomputed(plan)
    Plan.objects.filter(pk=plan.pk).update(
        business_date=periods.business_today() - dt.timedelta(days=1)
    )
    plan.refresh_from_db()

    assert is_outdated(plan)


def test_a_draft_on_tiers_that_were_replaced_since_must_be_computed_again(city):
    city.night(dt.date(2026, 11, 20))
    first = Plan.objects.get(period=PERIOD).tier_run
    publish_run(run=first, by=city.planner)
    plan = Plan.objects.get(period=PERIOD)
    recomputed(plan)
    assert not is_outdated(plan)
    newer = SegmentationRun.objects.create(
        company=city.company,
        scheme=first.scheme,
        version=first.version,
        business_date=dt.date(2026, 11, 21),
        window_from=202608,
        window_to=202610,
        status="computed",
    )
    publish_run(run=newer, by=city.planner)
    plan.refresh_from_db()

    with pytest.raises(ConflictError) as caught:
        approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash)

    assert caught.value.code == "outdated"


def test_an_approved_plan_may_be_reopened_with_a_reason_only(city):
    plan = approve_plan(plan=draft(city), by=city.approver, seen_hash="h")
    with pytest.raises(DomainError) as caught:
        reopen_plan(plan=plan, by=city.planner, reason=" ")
    assert caught.value.code == "reason_missing"

    reopen_plan(plan=plan, by=city.planner, reason="supply has changed")

    assert (plan.status, plan.approved_by, plan.approved_at) == (PlanStatus.DRAFT, None, None)
    assert actions() == ["plan.approve", "plan.reopen"]


def test_an_approval_of_figures_that_have_changed_since_is_refused(city):
    plan = draft(city)
    seen = plan.result_hash
    Plan.objects.filter(pk=plan.pk).update(result_hash="another", computed_at=timezone.now())

    with pytest.raises(ConflictError) as caught:
        approve_plan(plan=plan, by=city.approver, seen_hash=seen)

    plan.refresh_from_db()
    assert caught.value.code == "recomputed"
    assert plan.status == PlanStatus.DRAFT
    assert approve_plan(plan=plan, by=city.approver, seen_hash="another").approved_by is not None


# --- publishing ---------------------------------------------------------------------------


def test_publishing_numbers_plans_and_supersedes_the_one_before(city):
    first = published(city)
    revision = revise_plan(plan=first, by=city.planner, reason="more supply")
    recomputed(revision)
    second = publish_plan(
        plan=approve_plan(plan=revision, by=city.approver, seen_hash=revision.result_hash),
        by=city.planner,
    )

    first.refresh_from_db()
    assert (first.status, second.status) == (PlanStatus.SUPERSEDED, PlanStatus.PUBLISHED)
    assert second.publication_no == first.publication_no + 1
    assert (first.version, second.version) == (1, 2)
    assert actions()[-1] == "plan.publish"


def test_publishing_twice_is_a_conflict(city):
    plan = published(city)

    with pytest.raises(ConflictError):
        publish_plan(plan=plan, by=city.planner)

    plan.refresh_from_db()
    assert plan.status == PlanStatus.PUBLISHED
    assert actions().count("plan.publish") == 1


def test_a_draft_cannot_be_published_and_the_published_plan_stays(city):
    first = published(city)
    revision = revise_plan(plan=first, by=city.planner, reason="more supply")

    with pytest.raises(ConflictError):
        publish_plan(plan=revision, by=city.planner)

    first.refresh_from_db()
    assert first.status == PlanStatus.PUBLISHED, "the transaction was undone as a whole"


def test_a_stale_page_cannot_approve_what_was_approved(city):
    plan = draft(city)
    stale = Plan.objects.get(pk=plan.pk)
    approve_plan(plan=plan, by=city.approver, seen_hash=plan.result_hash)

    with pytest.raises(ConflictError) as caught:
        approve_plan(plan=stale, by=city.person("second", "approver"), seen_hash=stale.result_hash)

    assert caught.value.extra == {"expected": "draft"}


# --- revising -----------------------------------------------------------------------------


def test_a_revision_is_a_new_draft_and_the_old_plan_binds_until_then(city):
    plan = published(city)

    revision = revise_plan(plan=plan, by=city.planner, reason="more supply")

    plan.refresh_from_db()
    assert (revision.version, revision.status) == (2, PlanStatus.DRAFT)
    assert revision.created_by == city.planner
    assert plan.status == PlanStatus.PUBLISHED


def test_a_second_revision_at_the_same_time_is_a_conflict(city):
    plan = published(city)
    revise_plan(plan=plan, by=city.planner, reason="more supply")

    with pytest.raises(ConflictError) as caught:
        revise_plan(plan=plan, by=city.planner, reason="once more")

    assert caught.value.code == "draft_open"
    assert Plan.objects.count() == 2


def test_only_a_published_plan_can_be_revised_and_only_with_a_reason(city):
    plan = draft(city)
    with pytest.raises(ConflictError) as caught:
        revise_plan(plan=plan, by=city.planner, reason="why not")
    assert caught.value.code == "not_published"

    with pytest.raises(DomainError) as missing:
        revise_plan(plan=plan, by=city.planner, reason="")
    assert missing.value.code == "reason_missing"


# --- factors and supply -------------------------------------------------------------------


def test_a_factor_is_a_new_version_with_its_reason_and_author(city):
    draft(city)
    words = {"company": city.company, "period": PERIOD, "by": city.planner}
    price_class = PriceClass.objects.get(code="1")
    set_node_factor(price_class=price_class, factor=Decimal("1.10"), reason="festival", **words)
    set_node_factor(price_class=price_class, factor=Decimal("1.20"), reason="more", **words)

    rows = NodeFactor.objects.filter(price_class=price_class).order_by("version")
    assert list(rows.values_list("version", "factor")) == [
        (1, Decimal("1.10")),
        (2, Decimal("1.20")),
    ]
    event = AuditEvent.objects.filter(action="node_factor.set").latest("pk")
    assert event.changes == {"factor": ["1.10", "1.20"]}
    assert (event.reason, event.actor) == ("more", city.planner)


@pytest.mark.parametrize("factor", ["0", "-1", "5.01", "0.009"])
def test_a_factor_out_of_range_is_refused(city, factor):
    draft(city)

    with pytest.raises(DomainError) as caught:
        set_node_factor(
            company=city.company,
            period=PERIOD,
            price_class=PriceClass.objects.get(code="1"),
            factor=Decimal(factor),
            reason="why",
            by=city.planner,
        )

    assert caught.value.code == "factor_range"
    assert not NodeFactor.objects.exists()


@pytest.mark.parametrize(
    ("cartons", "reason", "code"), [(-1, "why", "negative"), (5, " ", "reason_missing")]
)
def test_supply_is_refused_with_a_code(city, cartons, reason, code):
    draft(city)

    with pytest.raises(DomainError) as caught:
        set_supply_cap(
            company=city.company,
            period=PERIOD,
            product=city.products["P000"],
            cartons=cartons,
            reason=reason,
            by=city.planner,
        )

    assert caught.value.code == code
    assert not SupplyCap.objects.exists()


def test_supply_of_none_at_all_is_allowed_and_versions_count_up(city):
    draft(city)
    words = {"company": city.company, "period": PERIOD, "product": city.products["P000"]}
    for cartons in (7, 0):
        set_supply_cap(cartons=cartons, reason="agreed", by=city.planner, **words)

    assert list(SupplyCap.objects.order_by("version").values_list("version", "cartons")) == [
        (1, 7),
        (2, 0),
    ]


def test_what_is_approved_cannot_be_changed_by_factors_or_supply(city):
    approve_plan(plan=draft(city), by=city.approver, seen_hash="h")
    words = {"company": city.company, "period": PERIOD, "reason": "late", "by": city.planner}

    with pytest.raises(ConflictError):
        set_node_factor(price_class=PriceClass.objects.get(code="1"), factor=Decimal(1), **words)
    with pytest.raises(ConflictError):
        set_supply_cap(product=city.products["P000"], cartons=1, **words)
