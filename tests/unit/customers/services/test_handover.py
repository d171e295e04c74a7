"""A hand-over is asked for, approved by somebody else, and carried out on its day; else nothing moves."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.roles import Role
from accounts.services import set_policy
from config.common.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from customers.models import HandOver, HandOverRetailer, HandOverStatus, Retailer, StandIn
from customers.selectors import handover as reads
from customers.selectors import workload
from customers.services import handover
from customers.services.retailers import update_retailer
from tests.unit.customers.services.handover_city import DAY, TODAY, Place, ask, make_place

pytestmark = pytest.mark.django_db


def owners(place: Place) -> list[str]:
    rows = Retailer.objects.filter(company=place.company).order_by("code")
    return [str(row.manager) for row in rows.select_related("manager")]


def refused(code: str, call, *args, **words) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call(*args, **words)
    assert caught.value.code == code
    return caught.value


def done(place: Place, *shops: int, **words: object) -> HandOver:
    hand_over = ask(place, *shops, effective_on=TODAY, **words)
    return handover.approve(hand_over=hand_over, today=TODAY, by=place.planner)


# --- asking -------------------------------------------------------------------------------


def test_a_request_is_kept_with_its_retailers_and_moves_nothing(place):
    hand_over = ask(place, 0, 1)

    assert (hand_over.status, hand_over.from_manager, hand_over.retailers) == (
        "requested", place.ann, 2,
    )  # fmt: skip
    rows = HandOverRetailer.objects.filter(hand_over=hand_over).order_by("retailer__code")
    assert [(row.retailer.code, row.manager_before, row.line_before) for row in rows] == [
        ("S000", place.ann, place.one),
        ("S001", place.ann, place.one),
    ]
    assert owners(place)[:2] == ["Ann", "Ann"]
    event = AuditEvent.objects.get(action="hand_over.request")
    assert (event.actor, event.reason, event.changes) == (
        place.county, "Ann goes to another post", {"retailers": 2},
    )  # fmt: skip


def test_retailers_of_several_managers_have_no_single_former_one(place):
    assert ask(place, 0, 6, by=place.planner).from_manager is None


def test_retailers_that_are_with_the_new_manager_already_are_left_out(place):
    Retailer.objects.filter(pk=place.shops[0].pk).update(manager=place.bob)

    hand_over = ask(place, 0, 1)

    assert hand_over.retailers == 1
    assert {"code": "left_out", "retailers": 1} in hand_over.figures["warnings"]
    refused("nothing_to_move", ask, place, 0)


def test_a_retailer_of_the_new_manager_still_moves_into_another_line(place):
    Retailer.objects.filter(pk=place.shops[0].pk).update(manager=place.bob)

    hand_over = done(place, 0, to_line=place.two)

    moved = Retailer.objects.get(pk=place.shops[0].pk)
    assert (hand_over.from_manager, moved.manager, moved.line) == (None, place.bob, place.two)


@pytest.mark.parametrize("role", ["approver", "ann"])
def test_who_may_not_ask_is_refused(place, role):
    refused("forbidden", ask, place, 0, by=getattr(place, role))


def test_a_reason_is_needed(place):
    refused("no_reason", ask, place, 0, reason="  ")


def test_no_retailer_is_no_request(place):
    refused("no_retailers", ask, place)


def test_retailers_of_another_county_cannot_be_handed_over_by_the_county(place):
    with pytest.raises(NotFoundError):
        ask(place, 0, 6)
    assert not HandOver.objects.exists()


def test_retailers_of_another_company_do_not_exist(place):
    other = make_place("q")
    with pytest.raises(NotFoundError):
        ask(place, 0, retailer_ids=[other.shops[0].pk], by=place.planner)


def test_the_new_manager_must_belong_to_the_county(place):
    refused("not_a_manager", ask, place, 0, to_manager=place.wu)

    assert ask(place, 0, to_manager=place.wu, by=place.planner).to_manager == place.wu


def test_a_manager_without_a_unit_belongs_where_their_retailers_are(place):
    User.objects.filter(pk=place.bob.pk).update(unit=None)
    refused("not_a_manager", ask, place, 0)
    Retailer.objects.filter(pk=place.shops[5].pk).update(manager=place.bob)

    assert ask(place, 0).to_manager == place.bob


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.INSPECTOR}])
def test_the_new_manager_must_be_an_active_customer_manager(place, change):
    User.objects.filter(pk=place.bob.pk).update(**change)

    refused("not_a_manager", ask, place, 0)


def test_nobody_of_another_company_gets_retailers(place):
    refused("not_a_manager", ask, place, 0, to_manager=make_place("q").bob, by=place.planner)


def test_the_line_must_be_one_of_the_area(place):
    refused("unknown_line", ask, place, 0, to_line=place.west)
    refused("unknown_line", ask, place, 0, to_line=place.one.parent)

    assert ask(place, 0, to_line=place.two).to_line == place.two


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"effective_on": TODAY - DAY}, "date_past"),
        ({"effective_on": TODAY + 367 * DAY}, "date_far"),
        ({"accompany_until": TODAY}, "proxy_before"),
        ({"accompany_until": TODAY + 100 * DAY}, "proxy_long"),
    ],
)
def test_days_that_are_not_possible_are_refused(place, words, code):
    refused(code, ask, place, 0, **words)


def test_a_company_sets_how_long_the_one_before_accompanies(place):
    set_policy(
        company=place.company, code=reads.POLICY, params={"accompany_days": 5},
        effective_from=TODAY, by=place.planner,
    )  # fmt: skip

    assert " 5 " in refused("proxy_long", ask, place, 0, accompany_until=TODAY + 9 * DAY).message


def test_more_than_the_most_at_once_are_refused(place, monkeypatch):
    monkeypatch.setattr("customers.services.handover_proposal.MOST_AT_ONCE", 1)

    refused("too_many", ask, place, 0, 1)


def test_a_retailer_stands_in_one_open_hand_over_at_most(place):
    first = ask(place, 0, 1)

    error = refused("in_hand_over", ask, place, 1, 2, to_manager=place.wu, by=place.planner)
    assert error.extra == {"codes": ["S001"]}

    handover.withdraw(hand_over=first, by=place.county)
    assert ask(place, 1, 2).retailers == 2


def test_the_database_holds_that_rule_too(place, monkeypatch):
    ask(place, 0)
    monkeypatch.setattr(reads, "open_hand_overs_of", lambda keys: {})

    refused("in_hand_over", ask, place, 0)
    assert HandOver.objects.count() == 1


# --- deciding -----------------------------------------------------------------------------


def test_who_asked_cannot_approve_or_refuse(place):
    hand_over = ask(place, 0, by=place.planner)

    for step in (handover.approve, handover.refuse):
        words = {"today": TODAY} if step is handover.approve else {"reason": "no"}
        refused("own_request", step, hand_over=hand_over, by=place.planner, **words)
    assert HandOver.objects.get().status == "requested"


@pytest.mark.parametrize("name", ["county", "ann"])
def test_who_may_not_decide_is_refused(place, name):
    hand_over = ask(place, 0, by=place.planner)

    refused(
        "forbidden", handover.approve, hand_over=hand_over, today=TODAY, by=getattr(place, name)
    )


def test_an_approved_hand_over_waits_for_its_day(place):
    hand_over = handover.approve(
        hand_over=ask(place, 0), note="fine", today=TODAY, by=place.approver
    )

    assert (hand_over.status, hand_over.decided_by, hand_over.decision_note) == (
        "approved", place.approver, "fine",
    )  # fmt: skip
    assert owners(place)[0] == "Ann"
    assert handover.apply_due(business_date=TODAY) == []
    assert handover.apply_due(business_date=TODAY + DAY) == [hand_over]
    assert owners(place)[0] == "Bob"


def test_an_approval_on_the_day_carries_it_out_at_once(place):
    hand_over = done(place, 0, 1)

    assert (hand_over.status, owners(place)[:3]) == ("done", ["Bob", "Bob", "Ann"])
    assert hand_over.done_at is not None


@pytest.mark.parametrize("step", ["refuse", "withdraw"])
def test_a_refused_or_withdrawn_hand_over_changes_nothing(place, step):
    hand_over = ask(place, 0)
    before = list(Retailer.objects.order_by("pk").values())

    getattr(handover, step)(hand_over=hand_over, reason="not now", by=place.planner)

    assert HandOver.objects.get().status == {"refuse": "refused", "withdraw": "withdrawn"}[step]
    assert handover.apply_due(business_date=TODAY + 9 * DAY) == []
    assert list(Retailer.objects.order_by("pk").values()) == before
    assert not HandOverRetailer.objects.filter(is_open=True).exists()
    assert not AuditEvent.objects.filter(action="retailer.hand_over").exists()


def test_a_refusal_needs_a_reason(place):
    refused("no_reason", handover.refuse, hand_over=ask(place, 0), reason=" ", by=place.planner)


def test_what_is_decided_is_not_decided_again(place):
    hand_over = ask(place, 0)
    stale = HandOver.objects.get(pk=hand_over.pk)
    handover.refuse(hand_over=hand_over, reason="no", by=place.planner)

    error = refused("decided", handover.approve, hand_over=stale, today=TODAY, by=place.approver)
    assert error.extra == {"status": "refused"}
    refused("decided", handover.withdraw, hand_over=stale, by=place.county)


def test_an_approved_hand_over_can_be_withdrawn_until_its_day(place):
    hand_over = handover.approve(hand_over=ask(place, 0), today=TODAY, by=place.approver)

    handover.withdraw(hand_over=hand_over, by=place.county)

    assert handover.apply_due(business_date=TODAY + DAY) == []
    assert owners(place)[0] == "Ann"


def test_somebody_elses_request_is_withdrawn_only_by_who_decides(place):
    hand_over = ask(place, 0, by=place.planner)

    refused("forbidden", handover.withdraw, hand_over=hand_over, by=place.county)
    handover.withdraw(hand_over=hand_over, by=place.approver)
    assert HandOver.objects.get().status == "withdrawn"


# --- carrying out -------------------------------------------------------------------------


def test_carrying_out_moves_manager_line_and_units_with_an_event_each(place):
    hand_over = done(place, 0, 4, to_line=place.two)

    moved = Retailer.objects.get(pk=place.shops[0].pk)
    assert (moved.manager, moved.line, moved.department, moved.county) == (
        place.bob, place.two, place.two.parent, place.two.parent.parent,
    )  # fmt: skip
    events = {
        event.object_label.split()[0]: event
        for event in AuditEvent.objects.filter(action="retailer.hand_over")
    }
    assert events["S000"].changes == {
        "manager": ["Ann", "Bob"],
        "line": ["East/Town/One", "East/Town/Two"],
        "hand_over": [None, hand_over.pk],
    }
    assert events["S004"].changes == {"manager": ["Ann", "Bob"], "hand_over": [None, hand_over.pk]}
    assert events["S000"].reason == "Ann goes to another post"
    assert AuditEvent.objects.get(action="hand_over.done").changes == {"moved": 2, "skipped": 0}


def test_retailers_keep_their_lines_where_none_is_named(place):
    done(place, 0, 4)

    assert Retailer.objects.get(pk=place.shops[4].pk).line == place.two


def test_a_retailer_that_has_passed_on_meanwhile_is_left_with_the_reason(place):
    hand_over = handover.approve(hand_over=ask(place, 0, 1, 2), today=TODAY, by=place.approver)
    update_retailer(retailer=place.shops[0], changes={"manager": place.wu}, by=place.planner)
    update_retailer(retailer=place.shops[1], changes={"manager": place.bob}, by=place.planner)

    handover.apply_due(business_date=TODAY + DAY)

    rows = HandOverRetailer.objects.filter(hand_over=hand_over).order_by("retailer__code")
    assert [row.skipped for row in rows] == ["other_manager", "already", ""]
    assert [row.moved_at is not None for row in rows] == [False, False, True]
    assert owners(place)[:3] == ["Wu", "Bob", "Bob"]
    hand_over.refresh_from_db()
    assert hand_over.figures["done"] == {
        "moved": 1, "skipped": {"other_manager": 1, "already": 1}, "work": {},
    }  # fmt: skip


def test_carrying_out_twice_does_it_once(place):
    hand_over = handover.approve(hand_over=ask(place, 0), today=TODAY, by=place.approver)
    stale = HandOver.objects.get(pk=hand_over.pk)

    assert handover.carry_out(hand_over=hand_over, today=TODAY + DAY, by=None)
    assert not handover.carry_out(hand_over=stale, today=TODAY + DAY, by=None)

    assert AuditEvent.objects.filter(action="retailer.hand_over").count() == 1


def test_a_hand_over_to_somebody_who_has_left_stays_approved_and_is_overdue(place, caplog):
    hand_over = handover.approve(hand_over=ask(place, 0), today=TODAY, by=place.approver)
    other = ask(place, 1, to_manager=place.wu, by=place.planner)
    handover.approve(hand_over=other, today=TODAY, by=place.approver)
    User.objects.filter(pk=place.bob.pk).update(is_active=False)

    assert handover.apply_due(business_date=TODAY + DAY) == [other]

    hand_over.refresh_from_db()
    assert (hand_over.status, owners(place)[:2]) == ("approved", ["Ann", "Wu"])
    assert list(reads.overdue(HandOver.objects.all(), TODAY + DAY)) == [hand_over]
    assert f"hand-over {hand_over.pk} is not carried out" in caplog.text


def test_nobody_approves_a_hand_over_to_somebody_who_has_left(place):
    hand_over = ask(place, 0)
    User.objects.filter(pk=place.bob.pk).update(is_active=False)
    hand_over = HandOver.objects.get(pk=hand_over.pk)

    refused("taker_gone", handover.approve, hand_over=hand_over, today=TODAY, by=place.planner)


def test_due_hand_overs_of_one_company_leave_the_others_alone(place):
    other = make_place("q")
    for one in (place, other):
        handover.approve(hand_over=ask(one, 0), today=TODAY, by=one.approver)

    handover.apply_due(business_date=TODAY + DAY, company_id=other.company.pk)

    assert (owners(place)[0], owners(other)[0]) == ("Ann", "Bob")


# --- what moves along ---------------------------------------------------------------------


class Visits:
    """An app that keeps two open visits for each retailer."""

    def __init__(self, retailers: list[Retailer]) -> None:
        self.of = {shop.pk: [shop.manager_id] * 2 for shop in retailers}

    def count(self, keys):
        return sum(len(self.of.get(key, [])) for key in keys)

    def move(self, keys, former, to):
        for key in keys:
            assert set(self.of[key]) == {former.pk if former else None}
            self.of[key] = [to.pk] * 2
        return 2 * len(keys)


@pytest.fixture
def visits(place, monkeypatch):
    monkeypatch.setattr(workload, "_work", {})
    found = Visits(place.shops)
    handover.register_work("visits", "open visits", count=found.count, move=found.move)
    return found


def test_open_work_is_counted_and_moves_with_its_retailers_only(place, visits):
    hand_over = ask(place, 0, 1, effective_on=TODAY)
    assert hand_over.figures["work"] == {"visits": 4}
    update_retailer(retailer=place.shops[1], changes={"manager": place.wu}, by=place.planner)

    hand_over = handover.approve(hand_over=hand_over, today=TODAY, by=place.planner)

    assert visits.of[place.shops[0].pk] == [place.bob.pk] * 2
    assert visits.of[place.shops[1].pk] == [place.ann.pk] * 2
    assert hand_over.figures["done"]["work"] == {"visits": 2}
    assert AuditEvent.objects.get(action="hand_over.done").changes["visits"] == 2


def test_work_of_several_former_managers_moves_from_each(place, visits):
    hand_over = ask(place, 0, 6, by=place.planner, effective_on=TODAY)

    handover.approve(hand_over=hand_over, today=TODAY, by=place.approver)

    assert visits.of[place.shops[6].pk] == [place.bob.pk] * 2


def test_what_fails_to_move_stops_the_whole_hand_over(place, monkeypatch):
    def broken(keys, former, to):
        raise RuntimeError("no")

    monkeypatch.setattr(workload, "_work", {})
    handover.register_work("broken", "broken", count=lambda keys: 1, move=broken)
    hand_over = ask(place, 0, effective_on=TODAY)

    with pytest.raises(RuntimeError):
        handover.approve(hand_over=hand_over, today=TODAY, by=place.planner)

    assert HandOver.objects.get().status == HandOverStatus.REQUESTED
    assert owners(place)[0] == "Ann"


# --- workload -----------------------------------------------------------------------------


def test_workload_of_both_before_and_after(place, monkeypatch):
    grades = {place.shops[0].pk: "A", place.shops[1].pk: "C", place.shops[4].pk: "C"}
    monkeypatch.setattr(workload, "_load", {})
    handover.register_workload("abc", "ABC class", lambda keys: grades)
    handover.register_workload("calls", "Visits a month", lambda keys: dict.fromkeys(keys, 2))
    Retailer.objects.filter(pk=place.shops[4].pk).update(manager=place.bob)

    figures = ask(place, 0, 1).figures

    ann, bob = figures["managers"]
    assert (ann["name"], ann["side"], bob["name"], bob["side"]) == ("Ann", "from", "Bob", "to")
    # Ann has the shops 0, 1, 2, 3 and 5: 30, 60, 90, 120, 180 cartons in three months.
    assert (ann["before"]["retailers"], ann["before"]["cartons"]) == (5, 160)
    assert (ann["after"]["retailers"], ann["after"]["cartons"]) == (3, 130)
    assert (bob["before"]["retailers"], bob["before"]["cartons"]) == (1, 50)
    assert (bob["after"]["retailers"], bob["after"]["cartons"]) == (3, 80)
    assert bob["after"]["weekdays"] == {"1": 1, "2": 1, "5": 1}
    assert ann["before"]["mix"] == {"abc": {"A": 1, "C": 1}}
    assert bob["after"]["mix"] == {"abc": {"A": 1, "C": 2}}
    assert (bob["before"]["sums"], bob["after"]["sums"]) == ({"calls": 2}, {"calls": 6})
    # Places of Bob afterwards: 30.00, 30.01, 30.04; the middle is 30.01.
    assert bob["after"]["km"] == pytest.approx((1.1 + 0 + 3.3) / 3, abs=0.1)
    assert bob["before"]["km"] is None


def test_retailers_of_nobody_have_no_former_manager(place):
    Retailer.objects.filter(pk=place.shops[0].pk).update(manager=None)

    hand_over = done(place, 0, accompany_until=TODAY + DAY)

    assert [one["side"] for one in hand_over.figures["managers"]] == ["to"]
    assert (hand_over.from_manager, hand_over.accompany_until) == (None, None)
    assert not StandIn.objects.exists()


def warnings(hand_over: HandOver) -> dict[str, dict]:
    return {one["code"]: one for one in hand_over.figures["warnings"]}


def test_a_hand_over_without_anything_special_warns_of_nothing(place):
    assert warnings(ask(place, 0, 1)) == {}


def test_too_many_retailers_and_too_many_on_a_day_are_warned_of(place):
    set_policy(
        company=place.company, code=reads.POLICY, effective_from=TODAY, by=None,
        params={"most_retailers": 2, "most_per_weekday": 1},
    )  # fmt: skip

    found = warnings(ask(place, 0, 5, 1))

    assert found["many"] == {"code": "many", "retailers": 3, "most": 2}
    assert found["weekday_full"] == {
        "code": "weekday_full", "weekday": 1, "retailers": 2, "most": 1,
    }  # fmt: skip


def test_order_days_that_differ_from_those_of_the_line_are_warned_of(place):
    Retailer.objects.filter(line=place.two).update(order_weekday=2)

    found = warnings(ask(place, 0, 1, 2, to_line=place.two))

    assert found["line_weekday"] == {"code": "line_weekday", "weekday": 2, "retailers": 2}


def test_unknown_places_closed_shops_and_other_counties_are_warned_of(place):
    Retailer.objects.filter(pk=place.shops[0].pk).update(
        latitude=None, longitude=None, status="closed"
    )

    found = warnings(ask(place, 0, 1, 6, by=place.planner))

    assert found["not_located"] == {"code": "not_located", "retailers": 1, "of": 3}
    assert found["closed"]["retailers"] == 1
    assert found["other_county"]["retailers"] == 1


def test_a_line_of_another_county_than_the_new_managers_is_warned_of(place):
    found = warnings(ask(place, 0, 1, to_line=place.west, by=place.planner))

    assert found["other_county"]["retailers"] == 2


def test_a_retailer_that_goes_back_soon_is_warned_of(place):
    done(place, 0)
    back = ask(place, 0, to_manager=place.ann)
    assert warnings(back)["not_back"] == {"code": "not_back", "retailers": 1, "months": 6}
    handover.withdraw(hand_over=back, by=place.county)

    HandOverRetailer.objects.update(moved_at=timezone.now() - dt.timedelta(days=300))
    assert "not_back" not in warnings(ask(place, 0, to_manager=place.ann))


def test_a_new_manager_who_is_away_on_that_day_is_warned_of(place):
    StandIn.objects.create(
        company=place.company, absent=place.bob, stand_in=place.ann, reason="leave",
        from_on=TODAY, until_on=TODAY + 3 * DAY,
    )  # fmt: skip

    assert warnings(ask(place, 0))["absent"]["name"] == "Ann"
    # From the day on which Bob is back there is nothing to say.
    assert "absent" not in warnings(ask(place, 1, effective_on=TODAY + 4 * DAY))


# --- who looked after a retailer ----------------------------------------------------------


def test_ownership_says_who_from_when_to_when_and_why(place):
    shop = place.shops[0]
    hand_over = done(place, 0)
    shop.refresh_from_db()
    update_retailer(
        retailer=shop, changes={"manager": place.wu}, reason="mistake", by=place.planner
    )
    shop = Retailer.objects.get(pk=shop.pk)

    wu, bob, ann = reads.ownership_of(shop)

    assert (wu.manager, wu.reason, wu.by, wu.until) == ("Wu", "mistake", "Planner", None)
    assert (bob.manager, bob.hand_over, bob.until) == ("Bob", hand_over.pk, wu.since)
    assert bob.reason == "Ann goes to another post"
    assert (ann.manager, ann.since, ann.until) == ("Ann", None, bob.since)


def test_ownership_of_a_retailer_that_never_changed_is_one_line(place):
    (only,) = reads.ownership_of(place.shops[0])

    assert (only.manager, only.since, only.until) == ("Ann", None, None)


def test_a_retailer_of_nobody_has_no_ownership(place):
    shop = place.shops[0]
    update_retailer(retailer=shop, changes={"manager": None}, by=place.planner)
    shop.refresh_from_db()

    nobody, ann = reads.ownership_of(shop)

    assert (nobody.manager, ann.manager) == ("", "Ann")


def test_somebody_without_permission_cannot_withdraw_even_their_colleagues(place):
    with pytest.raises(ForbiddenError):
        handover.withdraw(hand_over=ask(place, 0), by=place.ann)


def test_what_is_done_cannot_be_withdrawn(place):
    with pytest.raises(ConflictError):
        handover.withdraw(hand_over=done(place, 0), by=place.county)
