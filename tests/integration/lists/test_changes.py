"""Changes of many rows: which rows, by whom, after a crash, and back again."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, BulkChange, BulkStatus, Notification, ResultFile
from accounts.roles import Role
from accounts.services import change_jobs, changes, results
from accounts.services.changes import Selection
from config.common import jobs
from config.common.errors import ConflictError, DomainError, ForbiddenError
from config.common.models import JobRun, JobStatus
from customers.lists import RETAILERS
from customers.models import Retailer
from tests.factories import add_retailer, person
from tests.integration.lists.changing import (
    action,
    changed,
    outcomes,
    prepare,
    start,
    undone,
    work,
)

WEDNESDAY = {"order_weekday": 3}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(change_jobs, "CHUNK", 3)


@pytest.fixture
def planner(city):
    return city.people[Role.PLANNER]


@pytest.fixture
def county(city):
    return city.people[Role.COUNTY_MANAGER]


def weekdays() -> dict[str, int | None]:
    return dict(Retailer.objects.order_by("code").values_list("code", "order_weekday"))


def content(change: BulkChange, user) -> bytes:
    """The result file."""
    pk = ResultFile.objects.get(job=change.job).pk
    _file, stream = results.open_for(user=user, pk=pk)
    with stream:
        return stream.read()


# --- before ---------------------------------------------------------------------------------


def test_the_preview_counts_and_changes_nothing(city, planner):
    before = weekdays()  # days 1, 2, 3, 4

    found = prepare("weekday", WEDNESDAY, planner)

    assert [(one.outcome, one.number) for one in found.figures] == [("changed", 3), ("same", 1)]
    assert found.figures[1].examples == ("R00002 Shop 2",)
    assert found.number == 4
    assert found.changing == 3
    assert weekdays() == before
    assert not BulkChange.objects.exists()


def test_the_preview_says_what_the_change_then_does(city, planner, county):
    Retailer.objects.filter(code="R00000").update(manager=None)
    boss = person(city, "boss", Role.CUSTOMER_MANAGER)
    params = {"manager": boss.pk}

    figures = {(one.outcome, one.number) for one in prepare("manager", params, county).figures}
    change = changed("manager", params, county)

    assert figures == {("changed", 1), ("refused", 1)}
    assert (change.changed, change.refused, change.same) == (1, 1, 0)
    assert change.rows.get(outcome="refused").message


def test_no_row_is_an_answer_not_a_change(city, planner):
    with pytest.raises(DomainError) as refused:
        prepare("weekday", WEDNESDAY, planner, 0)
    assert refused.value.code == "nothing_selected"
    with pytest.raises(DomainError):
        prepare("weekday", WEDNESDAY, planner, query="?q=there-is-none")


def test_more_rows_than_allowed_are_refused_before_anything_happens(city, planner, monkeypatch):
    monkeypatch.setattr(changes, "MOST_ROWS", 3)

    with pytest.raises(DomainError) as refused:
        prepare("weekday", WEDNESDAY, planner)

    assert refused.value.code == "too_many_rows"


@pytest.mark.parametrize("query", ["?county=999999", "?weekday=9", "?status=x", "?q=" + "a" * 99])
def test_a_filter_that_is_not_valid_does_not_mean_all_rows(city, planner, query):
    """The list shows such a filter with its error and leaves it out; a change must not."""
    with pytest.raises(DomainError) as refused:
        prepare("weekday", WEDNESDAY, planner, query=query)

    assert refused.value.code == "invalid_filter"


def test_an_address_that_is_cut_off_does_not_mean_all_rows(city, planner):
    with pytest.raises(DomainError):
        prepare("weekday", WEDNESDAY, planner, query="?" + "cols=code&" * 300 + "q=sp2")


def test_rows_that_came_or_went_since_the_preview_stop_the_start(city, planner):
    seen = prepare("weekday", WEDNESDAY, planner, query="?status=active").seen
    add_retailer(city, 4)

    with pytest.raises(ConflictError) as stale:
        changes.start_change(
            spec=RETAILERS,
            action=action("weekday"),
            selection=Selection((), everything=True, query="?status=active"),
            params=WEDNESDAY,
            seen=seen,
            by=planner,
        )

    assert stale.value.code == "stale_selection"
    assert not BulkChange.objects.exists()
    assert not JobRun.objects.filter(kind=changes.CHANGE).exists()


def test_other_parameters_than_those_of_the_preview_stop_the_start(city, planner):
    seen = prepare("weekday", WEDNESDAY, planner).seen

    with pytest.raises(ConflictError):
        changes.start_change(
            spec=RETAILERS,
            action=action("weekday"),
            selection=Selection((), everything=True),
            params={"order_weekday": 5},
            seen=seen,
            by=planner,
        )


def test_the_same_confirmation_sent_twice_starts_one_change(city, planner):
    seen = prepare("weekday", WEDNESDAY, planner).seen
    sent = {
        "spec": RETAILERS,
        "action": action("weekday"),
        "selection": Selection((), everything=True),
        "params": WEDNESDAY,
        "seen": seen,
        "token": "a" * 32,
        "by": planner,
    }
    changes.start_change(**sent)

    with pytest.raises(ConflictError):
        changes.start_change(**sent)

    assert BulkChange.objects.count() == 1


def test_a_reason_is_asked_for_where_the_trail_needs_one(city, planner):
    with pytest.raises(DomainError) as refused:
        start("suspend", {}, planner, reason="")

    assert refused.value.code == "reason_needed"


# --- doing it -------------------------------------------------------------------------------


def test_all_that_match_are_changed_with_events_figures_a_file_and_a_notice(city, planner):
    change = changed("weekday", WEDNESDAY, planner, query="?q=shop", reason="new round")

    assert set(weekdays().values()) == {3}
    assert (change.status, change.expected) == (BulkStatus.DONE, 4)
    assert (change.changed, change.same, change.refused) == (3, 1, 0)
    events = AuditEvent.objects.filter(action="retailer.update").order_by("object_label")
    assert [(event.object_label, event.changes, event.reason) for event in events] == [
        (f"R0000{n} Shop {n}", {"order_weekday": [n + 1, 3]}, "new round") for n in (0, 1, 3)
    ]
    assert {event.actor for event in events} == {planner}
    asked = AuditEvent.objects.get(action="list.change")
    assert asked.changes == {"rows": [None, 4]}
    notice = Notification.objects.get(user=planner, kind=changes.CHANGE)
    assert notice.params["changed"] == 3
    assert notice.url == f"/changes/{change.pk}/"


def test_the_result_file_lists_every_row_before_and_after(city, planner):
    Retailer.objects.filter(code="R00000").update(name="=cmd|' /C calc'!A0")
    change = changed("weekday", WEDNESDAY, planner)

    rows = list(csv.reader(io.StringIO(content(change, planner).decode("utf-8-sig"))))

    assert ResultFile.objects.get(job=change.job).rows == 4
    assert rows[1][0].startswith("R00000 ")
    assert [len(row) for row in rows] == [5] * 5
    assert rows[2][2:4] != ["", ""]
    assert rows[2][2] != rows[2][3]


def test_a_key_that_starts_like_a_formula_is_harmless_in_the_file(city, planner):
    Retailer.objects.filter(code="R00000").update(code="=1+1")
    change = changed("weekday", WEDNESDAY, planner)

    assert b"\r\n'=1+1 Shop 0" in content(change, planner)


def test_rows_of_another_county_are_not_changed_even_if_their_keys_are_sent(city, county):
    keys = [retailer.pk for retailer in city.retailers]
    found = prepare("weekday", WEDNESDAY, county, *keys)
    assert (found.number, found.missing) == (2, 2)

    changed("weekday", WEDNESDAY, county, *keys)

    assert weekdays() == {"R00000": 3, "R00001": 2, "R00002": 3, "R00003": 4}


def test_a_row_that_left_the_county_before_the_job_ran_is_refused(city, county):
    change = start("weekday", WEDNESDAY, county)
    Retailer.objects.filter(code="R00000").update(county=city.west)

    work(change.job)

    change.refresh_from_db()
    assert weekdays()["R00000"] == 1
    assert (change.same, change.refused) == (1, 1)
    assert change.rows.get(outcome="refused").label == ""


def test_a_row_that_is_gone_is_refused(city, planner):
    from customers.models import Contact

    change = start("weekday", WEDNESDAY, planner)
    lonely = Retailer.objects.create(company=city.company, code="Z", name="Z")
    change.selection = {"keys": [*change.selection["keys"], lonely.pk], "query": ""}
    change.save()
    Contact.objects.filter(retailer=lonely).delete()
    lonely.delete()

    work(change.job)

    change.refresh_from_db()
    assert change.refused == 1


@pytest.mark.parametrize("lost", ["role", "active"])
def test_a_permission_that_was_lost_between_request_and_job_ends_it(city, planner, lost):
    before = weekdays()
    change = start("weekday", WEDNESDAY, planner)
    if lost == "role":
        planner.role = Role.AUDITOR
    planner.is_active = lost != "active"
    planner.save()

    job = work(change.job)

    change.refresh_from_db()
    assert (job.status, change.status) == (JobStatus.FAILED, BulkStatus.FAILED)
    assert job.error
    assert weekdays() == before
    assert not change.rows.exists()


def test_a_target_that_is_gone_ends_the_job_with_a_sentence(city, planner):
    change = start("line", {"unit": city.west.pk}, planner)
    city.west.is_active = False
    city.west.save()

    job = work(change.job)

    assert job.status == JobStatus.FAILED
    assert Retailer.objects.filter(county=city.east).count() == 2


def test_a_worker_that_dies_in_the_middle_is_taken_over_where_it_stopped(
    city, planner, small_chunks, settings
):
    for number in range(4, 10):
        add_retailer(city, number)
    change = start("weekday", WEDNESDAY, planner)
    settings.FAULTS = {"list-change-chunk": "raise"}
    with pytest.raises(RuntimeError):
        jobs.run(change.job.pk)
    first = dict(change.rows.values_list("object_id", "pk"))
    assert len(first) == 3
    # As if the process had been killed: the row still says running, its lease is over.
    long_ago = timezone.now() - timedelta(minutes=9)
    JobRun.objects.filter(pk=change.job.pk).update(status="running", lease_until=long_ago, error="")
    BulkChange.objects.update(status=BulkStatus.QUEUED)
    settings.FAULTS = {}

    job = work(change.job)

    change.refresh_from_db()
    assert (job.attempts, job.status) == (2, JobStatus.SUCCEEDED)
    assert change.changed + change.same == 10
    assert set(weekdays().values()) == {3}
    # What was done was not done again: the same rows, one event each.
    assert first.items() <= dict(change.rows.values_list("object_id", "pk")).items()
    events = AuditEvent.objects.filter(action="retailer.update")
    assert events.count() == events.values("object_id").distinct().count() == change.changed


def test_a_chunk_that_dies_leaves_nothing(city, planner, settings):
    before = weekdays()
    change = start("weekday", WEDNESDAY, planner)
    settings.FAULTS = {"list-change-inside": "raise"}

    with pytest.raises(RuntimeError):
        jobs.run(change.job.pk)

    assert weekdays() == before
    assert not change.rows.exists()
    assert not AuditEvent.objects.filter(action="retailer.update").exists()
    change.refresh_from_db()
    assert change.status == BulkStatus.FAILED


def test_a_worker_that_lost_its_job_writes_nothing(city, planner, monkeypatch):
    before = weekdays()
    change = start("weekday", WEDNESDAY, planner)
    taken = jobs.JobContext.assert_owner

    def lose(context):
        JobRun.objects.filter(pk=context.job.pk).update(attempts=9)
        taken(context)

    monkeypatch.setattr(jobs.JobContext, "assert_owner", lose)

    assert jobs.run(change.job.pk) is None
    assert weekdays() == before


# --- undo -----------------------------------------------------------------------------------


def test_undo_gives_every_row_its_own_value_back(city, planner):
    before = weekdays()
    change = changed("weekday", WEDNESDAY, planner)

    undone(change, planner)

    assert weekdays() == before
    assert change.status == BulkStatus.UNDONE
    assert (change.changed, change.restored, change.clashed) == (3, 3, 0)
    assert outcomes(change) == {"restored": 3, "same": 1}
    back = AuditEvent.objects.filter(action="retailer.update", reason__contains=str(change.pk))
    assert sorted(event.changes["order_weekday"] for event in back) == [[3, 1], [3, 2], [3, 4]]


def test_undo_leaves_what_somebody_has_changed_since_and_lists_it(city, planner):
    change = changed("weekday", WEDNESDAY, planner)
    Retailer.objects.filter(code="R00001").update(order_weekday=5)

    undone(change, planner)

    assert weekdays() == {"R00000": 1, "R00001": 5, "R00002": 3, "R00003": 4}
    assert (change.restored, change.clashed) == (2, 1)
    clash = change.rows.get(outcome="clash")
    assert clash.label == "R00001 Shop 1"
    assert clash.message


def test_undo_of_two_changes_of_the_same_rows_in_the_wrong_order_is_a_clash(city, planner):
    first = changed("weekday", WEDNESDAY, planner)
    changed("weekday", {"order_weekday": 5}, planner)

    undone(first, planner)

    assert set(weekdays().values()) == {5}
    assert (first.restored, first.clashed) == (0, 3)


def test_undo_of_an_undo_is_not_offered(city, planner):
    change = undone(changed("weekday", WEDNESDAY, planner), planner)

    assert changes.why_not_undone(change, planner)
    with pytest.raises(ConflictError):
        undone(change, planner)


def test_undo_is_for_who_asked_and_for_administrators(city, planner):
    change = changed("weekday", WEDNESDAY, planner)
    colleague = person(city, "colleague", Role.PLANNER)

    with pytest.raises(ForbiddenError):
        undone(change, colleague)
    undone(change, city.people[Role.ADMINISTRATOR])

    assert change.undone_by == city.people[Role.ADMINISTRATOR]


def test_undo_ends_after_seven_days(city, planner):
    change = changed("weekday", WEDNESDAY, planner)
    change.done_at = timezone.now() - timedelta(days=7, minutes=1)
    change.save()

    with pytest.raises(ConflictError):
        undone(change, planner)


def test_undo_that_dies_is_taken_over_where_it_stopped(city, planner, small_chunks, settings):
    for number in range(4, 10):
        add_retailer(city, number)
    before = weekdays()
    change = changed("weekday", WEDNESDAY, planner)
    found = changes.start_undo(change=change, spec=RETAILERS, action=action("weekday"), by=planner)
    settings.FAULTS = {"list-undo-chunk": "raise"}
    with pytest.raises(RuntimeError):
        jobs.run(found.undo_job.pk)
    change.refresh_from_db()
    assert (change.status, change.restored) == (BulkStatus.DONE, 3)
    settings.FAULTS = {}

    undone(change, planner)

    assert weekdays() == before
    assert (change.status, change.restored) == (BulkStatus.UNDONE, change.changed)


def test_a_change_that_failed_half_way_can_be_undone(city, planner, small_chunks, settings):
    before = weekdays()
    change = start("weekday", WEDNESDAY, planner)
    settings.FAULTS = {"list-change-chunk": "raise"}
    with pytest.raises(RuntimeError):
        jobs.run(change.job.pk)
    change.refresh_from_db()
    assert (change.status, change.changed) == (BulkStatus.FAILED, 2)
    settings.FAULTS = {}

    undone(change, planner)

    assert weekdays() == before


def test_undo_does_not_reach_into_another_county(city, planner, county):
    change = changed("weekday", WEDNESDAY, county)
    Retailer.objects.filter(code="R00000").update(county=city.west)

    undone(change, county)

    assert weekdays()["R00000"] == 3
    assert change.rows.get(outcome="clash").label == "R00000 Shop 0"
