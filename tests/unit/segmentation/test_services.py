"""Proposals of classes: computed, kept, held, published, dropped."""

import datetime as dt
from collections import Counter
from decimal import Decimal

import numpy as np
import pytest

from accounts.models import AuditEvent
from brands.services.sales import refresh_sales
from config.common.errors import ConflictError, DomainError, LostLeaseError
from customers.models import Retailer, RetailerStatus
from segmentation import frames
from segmentation.core.abc import abc_classes
from segmentation.core.tiers import assign_tiers
from segmentation.models import (
    Assignment,
    RunStatus,
    Scheme,
    SchemeVersion,
    SegmentationRun,
)
from segmentation.services import (
    compute_scheme,
    dismiss_run,
    load_history,
    publish_run,
    refresh_life_cycle,
    refresh_recent_purchases,
    version_as_of,
)
from tests.integration.night.city import City, Line, history, make_city

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 21)


def nothing() -> None:
    """An owner's proof that always holds."""


@pytest.fixture
def city() -> City:
    city = make_city(retailers=30, products=2)
    history(city, first=202607, last=202610)
    refresh_sales(company_id=city.pk, progress=lambda *_: None, assert_owner=nothing)
    return city


def compute(city: City, code: str = "abc", day: dt.date = DAY, owner=nothing) -> SegmentationRun:
    refresh_sales(company_id=city.pk, progress=lambda *_: None, assert_owner=nothing)
    scheme = Scheme.objects.get(company=city.company, code=code)
    population = frames.load_population(city.pk)
    loaded = load_history(company_id=city.pk, population=population, schemes=[scheme], day=day)
    return compute_scheme(
        scheme=scheme,
        population=population,
        history=loaded,
        business_date=day,
        job=None,
        assert_owner=owner,
    )


def turn_upside_down(city: City) -> None:
    """The smallest buyers of the window buy more than all others."""
    rows = Assignment.objects.filter(run__scheme__code="abc").order_by("-rank")
    for number, row in enumerate(rows.select_related("retailer")[:15]):
        lines = [Line("P000", 9000 + number, 90_000_000 + number)]
        city.place(f"late-{number}", row.retailer.code, dt.date(2026, 10, 30), lines)


# --- what is computed ---------------------------------------------------------------------


def test_the_figures_recompute_the_abc_class_exactly(city):
    run = compute(city)

    rows = [
        row.figures | {"class": row.class_code, "rank": row.rank} for row in run.assignments.all()
    ]
    contribution = np.array([row["contribution_cents"] for row in rows])
    expected = abc_classes(contribution, cuts=[Decimal("0.80"), Decimal("0.95")])
    assert [row["class"] for row in rows] == expected.tolist()
    total = sum(max(0, value) for value in contribution.tolist())
    for row in rows:
        larger = [value for value in contribution.tolist() if value > row["contribution_cents"]]
        assert row["total_cents"] == total
        assert row["before"] == sum(value for value in larger if value > 0) or row["class"] == "C"
        assert row["rank"] == len(larger) + 1
        assert row["rank_of"] == 30
    assert run.sizes == dict(Counter(row["class"] for row in rows))


def test_the_figures_recompute_the_tier_exactly(city):
    run = compute(city, "tier30")

    rows = list(run.assignments.select_related("retailer").order_by("rank"))
    scores = np.array([row.figures["score"] for row in rows])
    tiers = assign_tiers(scores, np.arange(len(rows)))
    assert [row.class_code for row in rows] == [f"D{tier}" for tier in tiers]
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    for row in rows:
        figures = row.figures
        parts = (
            0.5 * figures["pct_cartons"] + 0.3 * figures["pct_amount"] + 0.2 * figures["pct_price"]
        )
        assert figures["score"] == pytest.approx(parts)


def test_equal_scores_go_by_longer_standing_then_code(city):
    for retailer in ("R003", "R007"):
        Retailer.objects.filter(code=retailer).update(opened_on=dt.date(2001, 1, 1))
    Retailer.objects.filter(code="R001").update(opened_on=None)

    population = frames.load_population(city.pk)

    order = population.code[np.argsort(population.standing)].tolist()
    assert order[:2] == ["R003", "R007"]
    assert order[-1] == "R001"


def test_only_active_retailers_are_classified(city):
    Retailer.objects.filter(code="R000").update(status=RetailerStatus.CLOSED)
    Retailer.objects.filter(code="R001").update(status=RetailerStatus.SUSPENDED)

    run = compute(city)

    assert run.retailers == 28
    assert not run.assignments.filter(retailer__code__in=["R000", "R001"]).exists()


def test_the_month_under_way_is_outside_the_window(city):
    before = compute(city)
    city.place("now", "R000", dt.date(2026, 11, 2), [Line("P000", 9999, 99_990_000)])

    assert compute(city).pk == before.pk
    assert (before.window_from, before.window_to) == (202511, 202610)


def test_a_company_without_retailers_gets_an_empty_proposal(db):
    empty = make_city("empty", retailers=0)

    run = compute(empty)

    assert (run.retailers, run.sizes, run.status) == (0, {}, RunStatus.COMPUTED)


# --- proposals ----------------------------------------------------------------------------


def test_an_equal_proposal_is_not_written_again(city):
    first = compute(city)
    Assignment.objects.filter(run=first).update(rank=-1)  # would be overwritten

    second = compute(city, day=DAY + dt.timedelta(days=1))

    assert second.pk == first.pk
    assert second.business_date == DAY + dt.timedelta(days=1)
    assert set(second.assignments.values_list("rank", flat=True)) == {-1}
    assert SegmentationRun.objects.count() == 1


def test_figures_that_change_alone_make_a_new_proposal(city):
    """Ranks and classes stay, but the numbers that explain them do not."""
    first = compute(city)
    row = first.assignments.select_related("retailer").get(rank=1)
    best, contribution = row.retailer, row.figures["contribution_cents"]
    city.place("more", best.code, dt.date(2026, 10, 30), [Line("P000", 1, 10_000)])

    second = compute(city)

    row = second.assignments.get(retailer=best)
    assert second.pk != first.pk
    assert (row.rank, row.class_code) == (1, "A")
    assert row.figures["contribution_cents"] == contribution + 10_000


def test_another_result_supersedes_the_proposal_and_drops_its_rows(city):
    first = compute(city)
    turn_upside_down(city)

    second = compute(city)

    first.refresh_from_db()
    assert first.status == RunStatus.SUPERSEDED
    assert not first.assignments.exists()
    assert second.assignments.count() == 30
    assert second.result_hash != first.result_hash


def test_a_new_version_of_the_scheme_makes_a_new_proposal(city):
    scheme = Scheme.objects.get(company=city.company, code="abc")
    first = compute(city)
    params = {**version_as_of(scheme, DAY).params, "measure": "cartons"}
    SchemeVersion.objects.create(scheme=scheme, version=2, effective_from=DAY, params=params)

    yesterday = compute(city, day=DAY - dt.timedelta(days=1))
    today = compute(city)

    assert yesterday.pk == first.pk
    assert (today.version.version, yesterday.version.version) == (2, 1)


def test_a_scheme_without_a_version_for_the_day_is_an_error_that_names_it(city):
    scheme = Scheme.objects.get(company=city.company, code="abc")

    with pytest.raises(DomainError) as caught:
        version_as_of(scheme, dt.date(1999, 1, 1))

    assert caught.value.code == "no_version"


def test_a_lost_lease_leaves_the_proposal(city):
    first = compute(city)
    turn_upside_down(city)

    def lost() -> None:
        raise LostLeaseError("taken over")

    with pytest.raises(LostLeaseError):
        compute(city, owner=lost)

    first.refresh_from_db()
    assert first.status == RunStatus.COMPUTED
    assert first.assignments.count() == 30


# --- holding ------------------------------------------------------------------------------


def test_the_first_proposal_is_never_held(city):
    run = compute(city)

    assert (run.status, run.changed, run.movements) == (RunStatus.COMPUTED, 0, {})


def test_more_movement_than_the_scheme_allows_is_held_and_counted(city):
    published = publish_run(run=compute(city), by=city.planner)
    before = dict(published.assignments.values_list("retailer_id", "class_code"))
    turn_upside_down(city)

    run = compute(city)

    after = dict(run.assignments.values_list("retailer_id", "class_code"))
    moved = Counter(f"{before[pk]}>{code}" for pk, code in after.items() if before[pk] != code)
    assert run.status == RunStatus.HELD
    assert run.movements == dict(moved)
    assert run.changed == sum(moved.values()) > 0.2 * 30
    assert str(run.changed) in run.hold_reason


@pytest.mark.parametrize(("limit", "status"), [("exact", "computed"), ("below", "held")])
def test_exactly_as_much_movement_as_allowed_is_not_held(city, limit, status):
    publish_run(run=compute(city), by=city.planner)
    turn_upside_down(city)
    moved = compute(city).changed
    scheme = Scheme.objects.get(company=city.company, code="abc")
    version = scheme.versions.get()
    share = Decimal(moved) / 30 if limit == "exact" else Decimal(moved - 1) / 30
    version.params["hold_share"] = str(share + (Decimal("1e-20") if limit == "exact" else 0))
    version.save()

    assert compute(city).status == status


def test_a_proposal_may_come_out_of_holding_and_say_so_no_more(city):
    publish_run(run=compute(city), by=city.planner)
    turn_upside_down(city)
    held = compute(city)
    version = held.version
    version.params["hold_share"] = "1"
    version.save()

    again = compute(city)

    assert (again.pk, again.status, again.hold_reason) == (held.pk, RunStatus.COMPUTED, "")


# --- publication --------------------------------------------------------------------------


def test_publishing_swaps_the_pointer_and_writes_who_did_it(city):
    first = publish_run(run=compute(city), by=city.planner)
    turn_upside_down(city)
    second = publish_run(run=compute(city), by=city.planner)

    scheme = Scheme.objects.get(company=city.company, code="abc")
    first.refresh_from_db()
    event = AuditEvent.objects.filter(action="classes.publish").latest("pk")
    assert scheme.published_run == second
    assert (first.status, second.status) == (RunStatus.SUPERSEDED, RunStatus.PUBLISHED)
    assert first.assignments.count() == 30, "what was published stays readable"
    assert (second.published_by, event.actor) == (city.planner, city.planner)
    assert event.changes["published_run"] == [first.pk, second.pk]


def test_publishing_twice_is_a_conflict_and_changes_nothing(city):
    run = compute(city)
    publish_run(run=run, by=city.planner)
    events = AuditEvent.objects.count()

    with pytest.raises(ConflictError) as caught:
        publish_run(run=run, by=city.planner)

    run.refresh_from_db()
    assert caught.value.code == "not_a_proposal"
    assert run.status == RunStatus.PUBLISHED
    assert AuditEvent.objects.count() == events


def test_a_superseded_proposal_cannot_be_published(city):
    old = compute(city)
    published = publish_run(run=old, by=city.planner)
    turn_upside_down(city)
    stale = compute(city)
    city.place("again", "R005", dt.date(2026, 10, 30), [Line("P000", 20_000, 10**10)])
    compute(city)

    with pytest.raises(ConflictError):
        publish_run(run=stale, by=city.planner)

    published.refresh_from_db()
    assert published.status == RunStatus.PUBLISHED


def test_nothing_changed_since_publication_means_no_proposal(city):
    published = publish_run(run=compute(city), by=city.planner)

    again = compute(city, day=DAY + dt.timedelta(days=1))

    again.refresh_from_db()
    assert again.pk == published.pk
    assert (again.status, again.business_date) == (RunStatus.PUBLISHED, DAY)
    assert SegmentationRun.objects.count() == 1


def test_a_proposal_gives_way_when_the_published_classes_are_right_again(city):
    published = publish_run(run=compute(city), by=city.planner)
    lines = [Line("P000", 20_000, 10**10)]
    city.place("typo", "R005", dt.date(2026, 10, 30), lines)
    proposal = compute(city)
    city.cancel("typo")

    result = compute(city)

    proposal.refresh_from_db()
    assert result.pk == published.pk
    assert proposal.status == RunStatus.SUPERSEDED
    assert not proposal.assignments.exists()


def test_dropping_a_proposal_needs_a_reason(city):
    run = compute(city)

    with pytest.raises(DomainError) as caught:
        dismiss_run(run=run, by=city.planner, reason="  ")

    run.refresh_from_db()
    assert caught.value.code == "reason_missing"
    assert run.status == RunStatus.COMPUTED


def test_a_dropped_proposal_is_gone_and_the_next_night_makes_a_new_one(city):
    run = compute(city)

    dismiss_run(run=run, by=city.planner, reason="wrong window")

    run.refresh_from_db()
    event = AuditEvent.objects.get(action="classes.dismiss")
    assert run.status == RunStatus.SUPERSEDED
    assert (event.reason, event.actor) == ("wrong window", city.planner)
    assert compute(city).pk != run.pk
    with pytest.raises(ConflictError):
        dismiss_run(run=run, by=city.planner, reason="again")


# --- life cycle and purchases -------------------------------------------------------------


def test_only_retailers_whose_stage_changed_are_written(city):
    population = frames.load_population(city.pk)
    loaded = load_history(company_id=city.pk, population=population, schemes=[], day=DAY)
    words = {"company_id": city.pk, "history": loaded, "assert_owner": nothing}

    first = refresh_life_cycle(population=population, business_date=DAY, **words)
    later = DAY + dt.timedelta(days=1)
    second = refresh_life_cycle(
        population=frames.load_population(city.pk), business_date=later, **words
    )

    assert sum(first.values()) == 30
    assert second == {}
    assert set(Retailer.objects.values_list("life_cycle_since", flat=True)) == {DAY}
    stages = Counter(Retailer.objects.values_list("life_cycle_stage", flat=True))
    assert dict(stages) == first


def test_each_retailer_carries_its_purchases_of_three_closed_months(city):
    city.place("before", "R000", dt.date(2026, 7, 30), [Line("P000", 1000, 1)])
    city.place("first", "R000", dt.date(2026, 8, 1), [Line("P000", 300, 1)])
    city.place("now", "R000", dt.date(2026, 11, 1), [Line("P000", 5000, 1)])
    refresh_sales(company_id=city.pk, progress=lambda *_: None, assert_owner=nothing)

    refresh_recent_purchases(company_id=city.pk, business_date=DAY, assert_owner=nothing)

    retailer = Retailer.objects.get(code="R000")
    expected = sum(
        retailer.months.filter(period__range=(202608, 202610)).values_list("cartons", flat=True)
    )
    assert retailer.recent_cartons == expected >= 300
    before = retailer.months.filter(period__range=(202605, 202607))
    assert retailer.prior_cartons == sum(before.values_list("cartons", flat=True)) >= 1000
    assert (
        refresh_recent_purchases(company_id=city.pk, business_date=DAY, assert_owner=nothing) == 0
    )
