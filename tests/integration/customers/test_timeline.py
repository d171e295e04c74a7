"""What happened to a retailer as one stream: order, pages, filters, who sees what."""

import datetime as dt
import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEvent, Comment
from accounts.roles import Role
from accounts.services import comments, record
from allocation.models import Plan, RetailerQuota
from brands.models import Order, OrderBatch
from config.common import timeline
from config.common.timeline import Entry, Provider, day_start
from customers.models import HandOver, HandOverRetailer, Retailer
from segmentation.models import Assignment
from tests.factories import add_run, person

NOW = timezone.now().replace(microsecond=0)
DAY = dt.timedelta(days=1)


@pytest.fixture
def as_role(client, city):
    def log_in(role):
        user = role if hasattr(role, "pk") else city.people[role]
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def _url(retailer, **query):
    address = reverse("panel-retailer-timeline", args=[retailer.pk])
    return f"{address}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def _titles(page):
    return [str(line.entry.title) for line in page.lines]


def _kinds(page):
    return [line.provider.kind for line in page.lines]


def _words(answer):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def _note(city, text, at=NOW, **fields):
    return Comment.objects.create(
        company=city.company, object_type="customers.retailer", object_id=str(city.eastern.pk),
        author=city.people[Role.PLANNER], text=text, created_at=at, **fields,
    )  # fmt: skip


def _event(city, action, changes, at=NOW, **fields):
    return AuditEvent.objects.create(
        company=city.company, at=at, actor_label="Planner", action=action,
        object_type="customers.retailer", object_id=str(city.eastern.pk), changes=changes, **fields,
    )  # fmt: skip


def _order(city, day, number="1", **fields):
    batch, _made = OrderBatch.objects.get_or_create(company=city.company, channel="test")
    values = {"cartons": 10, "amount_cents": 100_000, **fields}
    return Order.objects.create(
        company=city.company, retailer=city.eastern, order_no=number, ordered_on=day,
        period=day.year * 100 + day.month, batch=batch, **values,
    )  # fmt: skip


@pytest.fixture
def bare(city):
    """A retailer of whom nothing is known, but what the factory cannot leave out."""
    Retailer.objects.filter(pk=city.eastern.pk).update(opened_on=None, life_cycle_since=None)
    Assignment.objects.filter(retailer=city.eastern).delete()
    city.eastern.refresh_from_db()
    return city


def _read(city, role=Role.PLANNER, **query):
    return timeline.read(city.people[role], city.eastern, **query)


# --- the stream -----------------------------------------------------------------------------


def test_every_kind_stands_in_one_stream_by_the_moment(bare):
    city = bare
    _note(city, "a word", NOW - 1 * DAY)
    _event(city, "retailer.update", {"address": ["old", "new"]}, NOW - 2 * DAY)
    _event(city, "retailer.hand_over", {"manager": ["A", "B"]}, NOW - 3 * DAY)
    run = add_run(city, "tier30", status="superseded")
    run.published_at = NOW - 4 * DAY
    run.save()
    Plan.objects.filter(pk=city.plans["published"].pk).update(published_at=NOW - 5 * DAY)
    _order(city, (NOW - 7 * DAY).date())
    Retailer.objects.filter(pk=city.eastern.pk).update(
        life_cycle_since=(NOW - 9 * DAY).date(), opened_on=dt.date(2020, 2, 3)
    )
    city.eastern.refresh_from_db()

    page = _read(city, kinds=["note", "change", "hand_over", "class", "quota", "order", "life_cycle"])  # fmt: skip

    kinds = _kinds(page)
    # The factory's own event is of this moment.
    assert kinds == [
        "change", "note", "change", "hand_over", "class", "quota", "order", "life_cycle", "life_cycle",
    ]  # fmt: skip
    moments = [line.entry.at for line in page.lines]
    assert moments == sorted(moments, reverse=True)


def test_the_pages_reach_every_entry_once_also_where_many_have_one_moment(bare):
    city = bare
    for number in range(30):
        _note(city, f"note {number}", NOW - DAY)
        _event(city, "retailer.update", {"address": [str(number), "x"]}, NOW - DAY)
    for number in range(25):
        _order(city, (NOW - (number % 20) * DAY).date(), str(number))
    whole = _read(city, limit=1000)
    assert whole.following == ""

    found, cursor, pages = [], "", 0
    while pages == 0 or cursor:
        page = _read(city, cursor=cursor, limit=7)
        found += [(line.provider.kind, line.entry.at, line.entry.key) for line in page.lines]
        cursor, pages = page.following, pages + 1

    assert found == [(one.provider.kind, one.entry.at, one.entry.key) for one in whole.lines]
    assert len(found) == len(set(found)) == 30 + 31 + 20
    assert pages == 12


class _Anybody:
    permissions = frozenset({"see"})


def _provider(kind, order, rows):
    def find(_user, _retailer, before, limit):
        entries = [Entry(day_start(dt.date(2026, 1, 1)) + at * DAY, key, kind) for at, key in rows]
        entries.sort(key=lambda entry: (entry.at, entry.key), reverse=True)
        return [entry for entry in entries if before.admits(entry)][:limit]

    return Provider(kind, kind, "x", "see", order, find)


@given(
    streams=st.lists(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=9), max_size=4),
    limit=st.integers(1, 6),
)  # fmt: skip
def test_pages_of_any_size_give_what_one_page_gives(streams, limit):
    providers = {f"k{chr(97 + n)}": _provider(f"k{chr(97 + n)}", 9 - n, rows) for n, rows in enumerate(streams)}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "_providers", providers)
        whole = timeline.read(_Anybody(), None, limit=100).lines
        found, cursor = [], ""
        for _page in range(50):
            page = timeline.read(_Anybody(), None, cursor=cursor, limit=limit)
            found += page.lines
            cursor = page.following
            if not cursor:
                break

    assert [(one.provider.kind, one.entry) for one in found] == [
        (one.provider.kind, one.entry) for one in whole
    ]
    assert len(whole) == sum(map(len, streams))


@pytest.mark.parametrize(
    "cursor",
    ["x", "1.note", "1.nothing.1", "99999999999999999.note.1", "1.note.9999999999999999999",
     "１.note.1", "1.note.-1", "-1.note.1", "1.note.1\n", "%00"],
)  # fmt: skip
def test_a_cursor_that_is_none_begins_anew(bare, as_role, cursor):
    _note(bare, "the only one")

    answer = as_role(Role.PLANNER).get(_url(bare.eastern), {"before": cursor})

    assert "the only one" in _words(answer)


def test_the_fragment_of_earlier_ones_does_not_say_its_day_again(bare, as_role):
    noon = dt.datetime(2026, 10, 1, 4, tzinfo=dt.UTC)
    for number in range(25):
        _note(bare, f"note {number:02}", noon + dt.timedelta(seconds=number))
    client = as_role(Role.PLANNER)
    first = client.get(_url(bare.eastern, show="note"), HTTP_HX_REQUEST="true")
    more = first.context["more_query"]

    later = client.get(
        reverse("panel-retailer-timeline", args=[bare.eastern.pk]) + more, HTTP_HX_REQUEST="true"
    )
    alone = client.get(reverse("panel-retailer-timeline", args=[bare.eastern.pk]) + more)

    assert "show=note" in more
    assert b"note 24" in first.content
    assert b"note 04" not in first.content
    assert b"lz-day" not in later.content
    assert later.content.count(b'data-kind="note"') == 5
    assert alone.content.count(b"lz-day") == 1
    assert alone.content.count(b'data-kind="note"') == 5


# --- what entries say -----------------------------------------------------------------------


def test_pinned_notes_stand_on_top_of_the_first_page_only(bare):
    for number in range(22):
        _note(bare, f"pinned {number}", NOW - 40 * DAY, pinned_at=NOW - number * DAY)
    for number in range(9):
        _note(bare, f"other {number}", NOW - number * DAY)

    first = _read(bare, kinds=["note"], limit=5)
    second = _read(bare, kinds=["note"], limit=5, cursor=first.following)

    assert [line.entry.text for line in first.pinned] == [f"pinned {n}" for n in range(20)]
    assert [line.entry.text for line in first.lines] == [f"other {n}" for n in range(5)]
    assert second.pinned == []
    assert [line.entry.text for line in second.lines] == [f"other {n}" for n in range(5, 9)]
    assert second.following == ""


def test_a_note_keeps_its_lines_its_file_and_its_escape(bare, as_role):
    planner = bare.people[Role.PLANNER]
    thread = comments.thread(
        user=planner, object_type="customers.retailer", object_id=str(bare.eastern.pk)
    )
    comments.write(
        thread=thread,
        text="<b>bold</b>\nsecond",
        upload=SimpleUploadedFile("list.csv", b"a,b\n1,2\n", "text/csv"),
        by=planner,
    )
    note = Comment.objects.get()

    content = as_role(Role.PLANNER).get(_url(bare.eastern)).content.decode()

    assert "&lt;b&gt;bold&lt;/b&gt;<br>second" in content
    assert reverse("comment-file", args=[note.pk]) in content
    assert reverse("comment-pin", args=[note.pk]) in content


def test_changes_are_said_from_what_to_what_and_personal_data_are_masked(bare, as_role):
    _event(
        bare,
        "retailer.update",
        {"order_weekday": [2, 3], "phone": ["13812345678", "13987654321"]},
        reason="call 13800001111",
    )

    words = _words(as_role(Role.INSPECTOR).get(_url(bare.eastern, show="change")))

    assert "周二 → 周三" in words or "Tuesday → Wednesday" in words
    assert "138****5678 → 139****4321" in words
    assert "138****1111" in words
    assert not re.search(r"1\d{10}", words)


def test_a_class_is_told_when_it_changes_and_not_when_it_stays(bare):
    for days, code in ((30, "B"), (20, "B"), (10, "A")):
        run = add_run(bare, "abc", status="superseded")
        run.published_at = NOW - days * DAY
        run.save()
        Assignment.objects.filter(run=run, retailer=bare.eastern).update(class_code=code)

    page = _read(bare, kinds=["class"])
    earlier = _read(bare, kinds=["class"], cursor=_read(bare, kinds=["class"], limit=1).following)

    assert [line.entry.at for line in page.lines] == [NOW - 10 * DAY, NOW - 30 * DAY]
    assert "B → A" in _titles(page)[0]
    assert [line.entry.at for line in earlier.lines] == [NOW - 30 * DAY]


def test_orders_of_a_day_are_one_entry_with_their_sum(bare):
    day = dt.date(2026, 11, 5)
    _order(bare, day, "7", cartons=12, amount_cents=150_000)
    _order(bare, day, "8", cartons=-2, amount_cents=-20_000)
    _order(bare, day, "9", status="cancelled", cartons=99)
    _order(bare, dt.date(2026, 11, 12), "10", cartons=-3, amount_cents=-30_000)
    _order(bare, dt.date(2026, 11, 13), "11", status="cancelled")

    page = _read(bare, kinds=["order"])
    shown = [re.sub(r"<[^>]+>", "", title) for title in _titles(page)]

    assert len(shown) == 3
    assert "3 " in shown[1]
    assert "300.00" in shown[1]
    assert "10 " in shown[2]
    assert "1,300.00" in shown[2]
    assert "10" in page.lines[1].entry.text
    assert page.lines[0].icon == "ban"


def test_a_quota_is_the_sum_of_a_published_plan_and_drafts_stay_out(bare):
    Plan.objects.filter(pk=bare.plans["published"].pk).update(published_at=NOW)
    RetailerQuota.objects.filter(plan=bare.plans["draft"]).update(cartons=5000)

    page = _read(bare, kinds=["quota"])

    (title,) = [re.sub(r"<[^>]+>", "", title) for title in _titles(page)]
    assert "2026-10" in title
    assert "18 " in title  # 9 of each of two products


def test_a_hand_over_is_told_from_the_request_on_to_who_may_see_it(bare, as_role):
    planner, manager = bare.people[Role.PLANNER], bare.people[Role.CUSTOMER_MANAGER]
    taker = person(bare, "taker", Role.CUSTOMER_MANAGER)
    hand_over = HandOver.objects.create(
        company=bare.company, from_manager=manager, to_manager=taker, reason="tour",
        effective_on=dt.date(2026, 12, 1), requested_by=planner,
    )  # fmt: skip
    HandOverRetailer.objects.create(
        hand_over=hand_over, retailer=bare.eastern, manager_before=manager
    )
    record(action="hand_over.request", company_id=bare.company.pk, by=planner, obj=hand_over)
    others = HandOver.objects.create(
        company=bare.company, to_manager=taker, effective_on=dt.date(2026, 12, 1), reason="x",
        requested_by=planner,
    )  # fmt: skip
    record(action="hand_over.request", company_id=bare.company.pk, by=planner, obj=others)

    page = _read(bare, kinds=["hand_over"])
    of_inspector = _read(bare, Role.INSPECTOR, kinds=["hand_over"])

    assert [line.entry.url for line in page.lines] == [
        reverse("hand-over-detail", args=[hand_over.pk])
    ]
    assert "Taker" in page.lines[0].entry.text
    # Who may not open a hand-over is not led there.
    assert [line.entry.url for line in of_inspector.lines] == [""]


# --- filter and frame -----------------------------------------------------------------------


def test_the_address_says_which_kinds_are_shown(bare, as_role):
    _note(bare, "a note")
    _event(bare, "retailer.update", {"address": ["old", "new"]})
    client = as_role(Role.PLANNER)

    only = client.get(_url(bare.eastern, show="note"))
    both = client.get(_url(bare.eastern) + "show=note&show=change&show=nonsense")
    page = client.get(f"/retailers/{bare.eastern.pk}/?show=note").content.decode()

    assert set(_kinds(only.context["page"])) == {"note"}
    assert set(_kinds(both.context["page"])) == {"note", "change"}
    assert f"{_url(bare.eastern)}show=note" in page


def test_the_filter_in_the_panel_becomes_part_of_the_pages_address(bare, as_role):
    client = as_role(Role.PLANNER)
    page = f"http://testserver/retailers/{bare.eastern.pk}/?in=q%3Da"

    def ask(current, **query):
        return client.get(
            _url(bare.eastern, **query), HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=current
        )

    assert ask(page, show="note")["HX-Replace-Url"] == (
        f"/retailers/{bare.eastern.pk}/?in=q%3Da&show=note"
    )
    assert "HX-Replace-Url" not in ask(page)
    assert "HX-Replace-Url" not in ask("http://testserver/retailers/999999/", show="note")
    assert "HX-Replace-Url" not in ask("http://elsewhere.example/", show="note")


def test_a_kind_without_its_permission_is_neither_offered_nor_found(bare, as_role):
    _order(bare, dt.date(2026, 11, 5))
    Plan.objects.filter(pk=bare.plans["published"].pk).update(published_at=NOW)

    answer = as_role(Role.INSPECTOR).get(_url(bare.eastern, show="order"), HTTP_HX_REQUEST="true")

    assert {line.provider.kind for line in answer.context["page"].lines}.isdisjoint(
        {"order", "quota", "class"}
    )
    assert b"show=order" not in answer.content
    assert b"show=note" in answer.content


def test_a_colleague_of_another_county_gets_404(city, as_role):
    colleague = person(city, "west", Role.COUNTY_MANAGER, unit=city.west)

    assert as_role(colleague).get(_url(city.eastern)).status_code == 404
    assert as_role(colleague).get(_url(city.retailers[1])).status_code == 200


def test_who_may_write_is_led_to_the_note_and_an_empty_stream_says_so(bare, as_role):
    writer = as_role(Role.PLANNER).get(_url(bare.eastern, show="hand_over"))
    reader = as_role(Role.AUDITOR).get(_url(bare.eastern, show="hand_over"))

    link = f'href="/retailers/{bare.eastern.pk}/#comments"'.encode()
    assert link in writer.content
    assert link not in reader.content
    assert b'class="empty"' in writer.content


@pytest.mark.parametrize("role", [Role.PLANNER, Role.CUSTOMER_MANAGER, Role.INSPECTOR])
def test_the_number_of_queries_is_small_and_does_not_grow(bare, as_role, role):
    client = as_role(role)

    def count(path):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    _note(bare, "first")
    few = count(_url(bare.eastern))
    for number in range(40):
        _note(bare, f"note {number}", pinned_at=NOW if number < 5 else None)
        _event(bare, "retailer.update", {"address": [str(number), "x"]})
        _order(bare, (NOW - number * DAY).date(), str(number))

    assert count(_url(bare.eastern)) == few <= 12
