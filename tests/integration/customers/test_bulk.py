"""What bulk changes of retailers do to lines, managers, order days, attributes and status."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, OrgUnit
from accounts.roles import Role
from accounts.services import ensure_unit
from customers.lists import RETAILERS
from customers.models import CodeItem, CodeKind, HandOver, HandOverRetailer, Retailer
from customers.services.retailers import update_retailer
from tests.factories import add_retailer, make_city, person
from tests.integration.lists.changing import action, changed, prepare, undone


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def planner(city):
    return city.people[Role.PLANNER]


@pytest.fixture
def county(city):
    return city.people[Role.COUNTY_MANAGER]


@pytest.fixture
def line(city) -> OrgUnit:
    return ensure_unit(company=city.company, names=["East", "Market 1", "Line 7"])


def item(city, kind: str, number: int = 0) -> CodeItem:
    return CodeItem.objects.filter(company=city.company, kind=kind).order_by("code")[number]


# --- line -----------------------------------------------------------------------------------


def test_a_line_brings_its_department_and_county(city, planner, line):
    changed("line", {"unit": line.pk}, planner, city.retailers[1].pk)

    moved = Retailer.objects.get(code="R00001")
    assert (moved.line, moved.department, moved.county) == (line, line.parent, city.east)
    event = AuditEvent.objects.get(action="retailer.update")
    assert event.changes == {
        "line": [None, "East/Market 1/Line 7"],
        "department": [None, "East/Market 1"],
        "county": ["West", "East"],
    }


def test_undo_brings_every_shop_back_to_its_own_line(city, planner, line):
    other = ensure_unit(company=city.company, names=["West", "Market 2", "Line 1"])
    Retailer.objects.filter(code="R00001").update(line=other, department=other.parent)
    columns = ("code", "county", "department", "line")
    before = list(Retailer.objects.order_by("code").values_list(*columns))

    undone(changed("line", {"unit": line.pk}, planner), planner)

    assert list(Retailer.objects.order_by("code").values_list(*columns)) == before


def test_only_leaves_of_ones_own_branch_are_offered(city, county, planner, line):
    def offered(user):
        groups = dict(action("line").form(user).fields["unit"].choices)
        return {pk for group in groups.values() if isinstance(group, list) for pk, _name in group}

    assert offered(county) == {line.pk}
    assert offered(planner) == {line.pk, city.west.pk}
    line.is_active = False
    line.save()
    assert line.pk not in offered(planner)


def test_a_line_of_another_company_is_nobodys_choice(city, planner):
    other = make_city("other", retailers=1)

    assert not action("line").form(planner, {"unit": other.west.pk}).is_valid()


def test_an_installation_administrator_does_not_mix_companies(city):
    from accounts.models import User

    other = make_city("other", retailers=2)
    root = User.objects.create_superuser("root", "a-long-test-password")

    figures = prepare("line", {"unit": city.west.pk}, root).figures

    assert {(one.outcome, one.number) for one in figures} == {
        ("changed", 2),
        ("same", 2),
        ("refused", 2),
    }
    changed("line", {"unit": city.west.pk}, root)
    assert not Retailer.objects.filter(company=other.company, county=city.west).exists()


# --- customer manager -------------------------------------------------------------------------


def test_without_the_right_to_rules_only_shops_without_a_manager_get_one(city, county):
    boss = person(city, "boss", Role.CUSTOMER_MANAGER)
    Retailer.objects.filter(code="R00002").update(manager=None)

    change = changed("manager", {"manager": boss.pk}, county)

    managers = dict(Retailer.objects.values_list("code", "manager__username"))
    assert managers["R00002"] == "yun-boss"
    assert managers["R00000"] == "yun-customer_manager"
    assert (change.changed, change.refused) == (1, 1)


def test_with_the_right_to_rules_a_manager_can_be_corrected(city, planner):
    boss = person(city, "boss", Role.CUSTOMER_MANAGER)

    assert changed("manager", {"manager": boss.pk}, planner).changed == 4


def test_shops_in_an_open_hand_over_are_left_to_it(city, planner):
    boss = person(city, "boss", Role.CUSTOMER_MANAGER)
    hand_over = HandOver.objects.create(
        company=city.company, to_manager=boss, reason="leave", effective_on="2026-12-01",
        requested_by=planner,
    )  # fmt: skip
    HandOverRetailer.objects.create(hand_over=hand_over, retailer=city.eastern, is_open=True)

    change = changed("manager", {"manager": boss.pk}, planner)

    assert change.refused == 1
    assert Retailer.objects.get(pk=city.eastern.pk).manager != boss


def test_only_active_customer_managers_of_the_company_can_be_chosen(city, planner):
    other = make_city("other", retailers=1).people[Role.CUSTOMER_MANAGER]
    gone = person(city, "gone", Role.CUSTOMER_MANAGER, is_active=False)
    form = action("manager").form

    for user in (other, gone, planner):
        assert not form(planner, {"manager": user.pk}).is_valid()
    assert form(planner, {"manager": city.people[Role.CUSTOMER_MANAGER].pk}).is_valid()


# --- order day ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "params"),
    [
        ({"order_weekday": "3", "biweekly": "keep"}, {"order_weekday": 3}),
        ({"order_weekday": "none", "biweekly": "keep"}, {"order_weekday": None}),
        ({"order_weekday": "keep", "biweekly": "weekly"}, {"biweekly": ""}),
        ({"order_weekday": "7", "biweekly": "odd"}, {"order_weekday": 7, "biweekly": "odd"}),
    ],
)
def test_day_and_weeks_may_each_stay(city, planner, sent, params):
    form = action("weekday").form(planner, sent)

    assert form.is_valid()
    assert action("weekday").params(form) == params


def test_no_fixed_day_and_back(city, planner):
    change = changed("weekday", {"order_weekday": None, "biweekly": "even"}, planner)
    assert set(Retailer.objects.values_list("order_weekday", "biweekly")) == {(None, "even")}

    undone(change, planner)

    assert set(Retailer.objects.values_list("order_weekday", "biweekly")) == {
        (day, "") for day in (1, 2, 3, 4)
    }


# --- attributes and status -----------------------------------------------------------------------


def test_attributes_change_together_and_only_those_chosen(city, planner):
    grade, area = item(city, CodeKind.COMPLIANCE), item(city, CodeKind.TRADE_AREA, 2)
    form = action("attributes").form(planner, {"trade_area": area.pk, "compliance_grade": grade.pk})
    assert form.is_valid()

    changed("attributes", action("attributes").params(form), planner)

    found = set(Retailer.objects.values_list("trade_area", "compliance_grade", "format"))
    assert found == {(area.pk, grade.pk, None)}


def test_an_entry_of_another_list_or_company_is_refused(city, planner):
    other = make_city("other", retailers=1)
    wrong = [
        {"format": item(city, CodeKind.COMPLIANCE).pk},
        {"format": item(other, CodeKind.FORMAT).pk},
        {},
    ]

    assert not any(action("attributes").form(planner, sent).is_valid() for sent in wrong)


def test_closed_shops_are_neither_suspended_nor_resumed(city, planner):
    Retailer.objects.filter(code="R00000").update(status="closed")
    Retailer.objects.filter(code="R00001").update(status="suspended")

    suspended = changed("suspend", {}, planner)
    assert (suspended.changed, suspended.same, suspended.refused) == (2, 1, 1)
    resumed = changed("resume", {}, planner)
    assert (resumed.changed, resumed.same, resumed.refused) == (3, 0, 1)
    closed = changed("close", {}, planner)
    assert (closed.changed, closed.same, closed.refused) == (3, 1, 0)
    assert set(Retailer.objects.values_list("status", flat=True)) == {"closed"}


# --- all of them --------------------------------------------------------------------------------


def cases(city, line) -> dict[str, dict]:
    boss = person(city, "boss", Role.CUSTOMER_MANAGER)
    return {
        "line": {"unit": line.pk},
        "manager": {"manager": boss.pk},
        "weekday": {"order_weekday": 6, "biweekly": "odd"},
        "attributes": {"format": item(city, CodeKind.FORMAT).pk},
        "suspend": {},
        "close": {},
    }


FIELDS = (
    "county", "department", "line", "manager", "order_weekday", "biweekly", "format", "market_type",
    "trade_area", "compliance_grade", "status",
)  # fmt: skip


def test_every_action_says_before_what_it_does_and_is_undone_exactly(city, planner, line):
    before = list(Retailer.objects.order_by("code").values_list(*FIELDS))
    for code, params in cases(city, line).items():
        figures = prepare(code, params, planner).figures
        said = {one.outcome: one.number for one in figures}

        change = changed(code, params, planner)

        done = {"changed": change.changed, "same": change.same, "refused": change.refused}
        assert said == {name: number for name, number in done.items() if number}, code
        undone(change, planner)
        assert list(Retailer.objects.order_by("code").values_list(*FIELDS)) == before, code


def test_events_are_those_that_changing_one_retailer_writes(city, planner, line):
    """The set-based way against the way of one at a time, event by event."""
    values = {"line": line, "department": line.parent, "county": city.east}
    update_retailer(retailer=city.retailers[1], changes=values, reason="why", by=planner)
    single = AuditEvent.objects.filter(action="retailer.update").latest("pk")
    changed("line", {"unit": line.pk}, planner, city.retailers[3].pk)
    many = AuditEvent.objects.filter(action="retailer.update").latest("pk")

    same = ("action", "object_type", "changes", "reason", "actor", "actor_label", "company")
    for name in same:
        assert getattr(single, name) == getattr(many, name), name
    assert many.object_label == "R00003 Shop 3"
    assert many.object_id == str(city.retailers[3].pk)


def test_a_chunk_asks_as_many_queries_for_24_rows_as_for_4(city, planner, line):
    def queries(change: dict) -> int:
        keys = list(Retailer.objects.order_by("pk").values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as asked:
            action("line").apply(keys, change, reason="", by=planner)
        return len(asked)

    few = queries({"unit": line.pk})
    Retailer.objects.update(line=None)
    for number in range(4, 24):
        add_retailer(city, number)

    assert queries({"unit": line.pk}) == few


def test_every_action_has_a_sentence_and_words_for_its_states(city, planner, line):
    for code, params in cases(city, line).items():
        found = RETAILERS.action(code)
        assert found is not None
        assert found.describe(params, planner)
        change = changed(code, params, planner)
        rows = list(change.rows.exclude(before={}))
        words = found.words([row.before for row in rows] + [row.after for row in rows], planner)
        assert len(words) == 2 * len(rows)
        assert not any("None" in word or "_id" in word for word in words)
