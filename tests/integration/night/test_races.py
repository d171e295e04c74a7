"""Two at the same moment. Each test has a negative control: without its guard both would win."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from allocation.models import Plan, PlanStatus
from allocation.services import approve_plan, publish_plan, rules
from brands.services.sales import refresh_sales
from config.common import jobs, nights
from config.common.errors import ConflictError
from config.common.jobs import JobResult
from config.common.models import JobRun, JobStatus
from segmentation import frames
from segmentation.models import RunStatus, Scheme, SegmentationRun
from segmentation.services import compute_scheme, load_history, publish_run
from tests.integration.night.city import City, Line, history, make_city

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'",
        reason="SQLite has one writer at a time; run with TEST_DATABASE=postgres",
    ),
]
DAY = dt.date(2026, 11, 21)


def together(*works: Callable[[], Any]) -> list[Any]:
    """Do all at once, each on a connection of its own; results or errors in their order."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=10)
            return work()
        except (ConflictError, OperationalError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.fixture
def calls(monkeypatch) -> list[int]:
    done: list[int] = []

    def work(context: jobs.JobContext) -> JobResult:
        done.append(context.attempt)
        return JobResult()

    monkeypatch.setitem(jobs._handlers, "race", work)
    return done


def test_many_workers_do_a_job_once(calls):
    for number in range(10):
        job = jobs.create(kind="race", key=f"race:{number}", company_id=None)

        together(*[lambda pk=job.pk: jobs.run(pk)] * 4)

        job.refresh_from_db()
        assert (job.status, job.attempts) == (JobStatus.SUCCEEDED, 1)
    assert calls == [1] * 10


def test_negative_control_read_then_write_lets_several_workers_in():
    """The same race with the naive claim; if this stops failing the race is no race any more."""

    def naive(pk: int, gate: threading.Barrier) -> bool:
        free = JobRun.objects.get(pk=pk).status == JobStatus.QUEUED
        gate.wait(timeout=10)
        if free:
            JobRun.objects.filter(pk=pk).update(status=JobStatus.RUNNING)
        return free

    job = jobs.create(kind="race", key="naive", company_id=None)
    gate = threading.Barrier(2)

    assert together(*[lambda: naive(job.pk, gate)] * 2) == [True, True]


def test_nights_started_at_the_same_moment_are_one():
    for number in range(5):
        start = lambda: nights.start_night(company_id=1, business_date=DAY)  # noqa: E731

        results = together(start, start, start)

        won = [result for result in results if isinstance(result, JobRun)]
        lost = [result for result in results if isinstance(result, ConflictError)]
        assert (len(won), len(lost)) == (1, 2), number
        JobRun.objects.filter(kind="night").update(status=JobStatus.SUCCEEDED)


def ready_plan(city: City, period: int) -> Plan:
    return Plan.objects.create(
        company=city.company,
        period=period,
        status=PlanStatus.DRAFT,
        computed_at=timezone.now(),
        products=1,
    )


def test_two_people_publishing_one_plan_publish_it_once():
    city = make_city(retailers=1, products=1)
    planner, approver = city.planner, city.approver
    for month in range(1, 7):
        plan = approve_plan(plan=ready_plan(city, 202700 + month), by=approver, seen_hash="")
        copies = [Plan.objects.get(pk=plan.pk) for _ in range(2)]

        results = together(
            *[lambda copy=copy: publish_plan(plan=copy, by=planner) for copy in copies]
        )

        assert sum(isinstance(result, Plan) for result in results) == 1
        assert sum(isinstance(result, ConflictError) for result in results) == 1
    assert Plan.objects.filter(status=PlanStatus.PUBLISHED).count() == 6


def test_supply_agreed_while_the_plan_is_approved_is_either_refused_or_stops_the_approval():
    city = make_city(retailers=1, products=1)
    planner, approver = city.planner, city.approver
    for month in range(1, 9):
        period = 202700 + month
        plan = ready_plan(city, period)

        approved, capped = together(
            lambda: approve_plan(plan=plan, by=approver, seen_hash=""),  # noqa: B023
            lambda: cap(city, period, planner),  # noqa: B023
        )

        refused = [isinstance(result, ConflictError) for result in (approved, capped)]
        assert sorted(refused) == [False, True], f"{period}: {approved!r} {capped!r}"


def test_who_holds_the_rules_keeps_the_approver_waiting():
    """Negative control of the test above: the lock is really taken, and by both."""
    city = make_city(retailers=1, products=1)
    plan = ready_plan(city, 202701)
    approver, planner = city.approver, city.planner
    works = [
        lambda: approve_plan(plan=plan, by=approver, seen_hash=""),
        lambda: cap(city, 202701, planner),
    ]

    with ThreadPoolExecutor(1) as pool:
        for work in works:
            with transaction.atomic():
                rules.hold_rules(city.company.pk)
                waiting = pool.submit(lambda: together(work))  # noqa: B023
                with pytest.raises(FutureTimeout):
                    waiting.result(timeout=0.4)
            waiting.result(timeout=10)


def cap(city: City, period: int, by: Any) -> Any:
    return rules.set_supply_cap(
        company=city.company,
        period=period,
        product=city.products["P000"],
        cartons=5,
        reason="agreed",
        by=by,
    )


def test_publications_of_two_months_at_the_same_moment_get_different_numbers():
    city = make_city(retailers=1, products=1)
    planner, approver = city.planner, city.approver
    for round_ in range(5):
        plans = [
            approve_plan(
                plan=ready_plan(city, 202700 + 2 * round_ + one), by=approver, seen_hash=""
            )
            for one in (1, 2)
        ]

        results = together(
            *[lambda plan=plan: publish_plan(plan=plan, by=planner) for plan in plans]
        )

        for plan, result in zip(plans, results, strict=True):
            if isinstance(result, ConflictError):  # refused as a whole, so that it can be repeated
                plan.refresh_from_db()
                publish_plan(plan=plan, by=planner)
    numbers = list(Plan.objects.values_list("publication_no", flat=True))
    assert len(set(numbers)) == len(numbers) == 10
    assert None not in numbers


def test_a_night_cannot_undo_a_publication_of_the_same_moment():
    """The night wants to replace the proposal while a person publishes it."""
    city = make_city(retailers=20, products=2)
    history(city, first=202609, last=202610)
    planner = city.planner
    scheme = Scheme.objects.get(company=city.company, code="abc")

    def night() -> SegmentationRun:
        population = frames.load_population(city.pk)
        loaded = load_history(company_id=city.pk, population=population, schemes=[scheme], day=DAY)
        return compute_scheme(
            scheme=scheme,
            population=population,
            history=loaded,
            business_date=DAY,
            job=None,
            assert_owner=lambda: None,
        )

    for number in range(8):
        lines = [Line("P000", 100 * (number + 1), 10_000_000 * (number + 1))]
        city.place(f"n{number}", f"R{number:03d}", dt.date(2026, 10, 20), lines)
        refresh_sales(company_id=city.pk, progress=lambda *_: None, assert_owner=lambda: None)
        proposal = night()
        city.place(f"m{number}", f"R{number + 8:03d}", dt.date(2026, 10, 21), lines * 2)
        refresh_sales(company_id=city.pk, progress=lambda *_: None, assert_owner=lambda: None)

        published, _computed = together(lambda: publish_run(run=proposal, by=planner), night)  # noqa: B023

        proposal.refresh_from_db()
        scheme.refresh_from_db()
        if isinstance(published, ConflictError):
            assert proposal.status == RunStatus.SUPERSEDED
        else:
            assert proposal.status == RunStatus.PUBLISHED
            assert scheme.published_run_id == proposal.pk
            assert proposal.assignments.count() == 20, "the night must not delete published rows"
        open_ = SegmentationRun.objects.filter(scheme=scheme, status__in=["computed", "held"])
        assert open_.count() <= 1


def test_who_holds_the_scheme_keeps_the_night_waiting():
    """Negative control of the test above: the lock is really taken."""
    city = make_city(retailers=2, products=1)
    scheme = Scheme.objects.get(company=city.company, code="abc")
    population = frames.load_population(city.pk)
    loaded = load_history(company_id=city.pk, population=population, schemes=[scheme], day=DAY)

    def night() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return compute_scheme(
            scheme=scheme,
            population=population,
            history=loaded,
            business_date=DAY,
            job=None,
            assert_owner=lambda: None,
        )

    with transaction.atomic():
        Scheme.objects.select_for_update().get(pk=scheme.pk)
        (result,) = together(night)

    assert isinstance(result, OperationalError)
    assert isinstance(together(night)[0], SegmentationRun)
