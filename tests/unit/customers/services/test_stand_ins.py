"""Somebody sees an absent colleague's retailers from a day to a day, and the one before a hand-over's."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.services import set_policy
from brands.models import Order, OrderBatch
from config.common import periods
from config.common.errors import ConflictError, DomainError
from customers.models import HandOver, Retailer, StandIn
from customers.selectors import handover as reads
from customers.selectors.stand_ins import list_stand_ins
from customers.services import handover
from customers.services.retailers import update_retailer
from customers.services.stand_ins import create_stand_in, end_stand_in
from tests.unit.customers.services.handover_city import DAY, TODAY, Place, ask, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Sets the day that scopes are about."""
    now = [TODAY]
    monkeypatch.setattr("customers.selectors.stand_ins.business_today", lambda: now[0])

    def turn(day: dt.date) -> None:
        now[0] = day

    return turn


def sees(user: User) -> list[str]:
    """Numbers of the shops that somebody sees in a new request."""
    fresh = User.objects.get(pk=user.pk)
    codes = Retailer.objects.visible_to(fresh).order_by("code").values_list("code", flat=True)
    return [str(int(code[1:])) for code in codes]


def away(place: Place, **words: object) -> StandIn:
    """Wu stands in for Ann for three days, from today on."""
    wanted = {
        "company": place.company, "absent": place.ann, "stand_in": place.wu,
        "from_on": TODAY, "until_on": TODAY + 2 * DAY, "reason": "leave", "today": TODAY,
        "by": place.planner, **words,
    }  # fmt: skip
    return create_stand_in(**wanted)


def refused(code: str, place: Place, **words: object) -> None:
    with pytest.raises(DomainError) as caught:
        away(place, **words)
    assert caught.value.code == code


# --- what is seen -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "found"), [(0, "67"), (1, "01234567"), (3, "01234567"), (4, "67")]
)
def test_the_colleagues_retailers_are_seen_from_the_first_to_the_last_day(
    place, clock, days, found
):
    away(place, from_on=TODAY + DAY, until_on=TODAY + 3 * DAY)

    clock(TODAY + days * DAY)

    assert "".join(sees(place.wu)) == found
    assert "".join(sees(place.ann)) == "012345"
    assert sees(place.bob) == []


def test_an_ended_stand_in_shows_nothing_any_more(place):
    row = away(place)
    assert len(sees(place.wu)) == 8

    end_stand_in(row=row, today=TODAY, by=place.planner)

    assert "".join(sees(place.wu)) == "67"


def test_standing_in_is_not_passed_on(place):
    StandIn.objects.create(
        company=place.company, absent=place.wu, stand_in=place.bob, reason="leave",
        from_on=TODAY, until_on=TODAY,
    )  # fmt: skip
    StandIn.objects.create(
        company=place.company, absent=place.ann, stand_in=place.wu, reason="leave",
        from_on=TODAY, until_on=TODAY,
    )  # fmt: skip

    assert "".join(sees(place.bob)) == "67"


def test_it_holds_for_everything_that_is_scoped_by_the_retailer(place):
    batch = OrderBatch.objects.create(company=place.company, channel="test")
    Order.objects.create(
        company=place.company, order_no="1", retailer=place.shops[0], ordered_on=TODAY,
        period=202611, batch=batch,
    )  # fmt: skip
    assert not Order.objects.visible_to(User.objects.get(pk=place.wu.pk)).exists()

    away(place)

    assert Order.objects.visible_to(User.objects.get(pk=place.wu.pk)).count() == 1


def test_it_is_asked_once_however_often_a_request_looks(place, django_assert_num_queries):
    away(place)
    hand_over = ask(place, 0, effective_on=TODAY, accompany_until=TODAY + DAY)
    handover.approve(hand_over=hand_over, today=TODAY, by=place.planner)
    fresh = User.objects.get(pk=place.wu.pk)

    with django_assert_num_queries(4):  # three lists, and once who stands in for whom
        for _ in range(3):
            list(Retailer.objects.visible_to(fresh))


def test_nobody_else_is_asked_about(place, django_assert_num_queries):
    away(place)

    for user in (place.planner, place.county):
        fresh = User.objects.select_related("unit").get(pk=user.pk)
        with django_assert_num_queries(1):
            list(Retailer.objects.visible_to(fresh))


# --- accompanying a hand-over -------------------------------------------------------------


@pytest.fixture
def accompanied(place) -> HandOver:
    """Shops 0 and 1 have gone to Bob today; Ann accompanies them for two more days."""
    hand_over = ask(place, 0, 1, effective_on=TODAY, accompany_until=TODAY + 2 * DAY)
    return handover.approve(hand_over=hand_over, today=TODAY, by=place.planner)


def test_the_new_manager_sees_them_from_the_day_on_the_old_one_until_the_last_day(
    place, clock, accompanied
):
    for days, found in ((0, "012345"), (2, "012345"), (3, "2345")):
        clock(TODAY + days * DAY)
        assert "".join(sees(place.ann)) == found
        assert sees(place.bob) == ["0", "1"]


def test_before_its_day_the_new_manager_sees_none_of_them(place):
    handover.approve(
        hand_over=ask(place, 0, accompany_until=TODAY + 2 * DAY), today=TODAY, by=place.approver
    )

    assert sees(place.bob) == []
    assert "".join(sees(place.ann)) == "012345"


def test_without_a_proxy_period_the_old_manager_sees_them_no_more(place):
    handover.approve(hand_over=ask(place, 0, effective_on=TODAY), today=TODAY, by=place.planner)

    assert "".join(sees(place.ann)) == "12345"


def test_accompanying_opens_only_what_was_handed_over(place, accompanied):
    Retailer.objects.filter(pk=place.shops[6].pk).update(manager=place.bob)

    assert "6" not in sees(place.ann)


def test_accompanying_ends_when_a_retailer_passes_on_to_a_third(place, accompanied):
    update_retailer(retailer=place.shops[0], changes={"manager": place.wu}, by=place.planner)

    assert "".join(sees(place.ann)) == "12345"


def test_a_colleague_of_another_county_never_sees_them(place, clock, accompanied):
    for days in range(4):
        clock(TODAY + days * DAY)
        assert "".join(sees(place.wu)) == "67"


def test_accompanying_can_be_ended_early(place, accompanied):
    row = StandIn.objects.get(hand_over=accompanied)

    end_stand_in(row=row, today=TODAY, by=place.county)

    assert "".join(sees(place.ann)) == "2345"


def test_an_overdue_hand_over_accompanies_only_as_long_as_was_agreed(place):
    hand_over = handover.approve(
        hand_over=ask(place, 0, accompany_until=TODAY + 2 * DAY), today=TODAY, by=place.approver
    )

    handover.carry_out(hand_over=hand_over, today=TODAY + 3 * DAY, by=None)

    assert not StandIn.objects.exists()


# --- hand-overs and stand-ins that people see ---------------------------------------------


def numbers(user: User) -> set[int]:
    fresh = User.objects.get(pk=user.pk)
    return set(reads.list_hand_overs(fresh).values_list("pk", flat=True))


def test_hand_overs_are_seen_by_those_they_concern(place):
    eastern = ask(place, 0)
    western = ask(place, 6, to_manager=place.ann, by=place.planner)
    foreign = ask(make_place("q"), 0)

    assert numbers(place.planner) == {eastern.pk, western.pk}
    assert numbers(place.approver) == {eastern.pk, western.pk}
    assert numbers(place.county) == {eastern.pk}
    # Ann gives one, and does not know yet that another may come.
    assert numbers(place.ann) == {eastern.pk}
    assert numbers(place.wu) == {western.pk}
    assert numbers(place.bob) == set()
    assert foreign.pk not in numbers(place.planner)

    handover.approve(hand_over=western, today=TODAY, by=place.approver)
    assert numbers(place.ann) == {eastern.pk, western.pk}


def test_rows_of_a_hand_over_are_those_one_sees_or_had(place, clock):
    hand_over = ask(place, 0, 6, by=place.planner, effective_on=TODAY)

    def rows(user: User) -> list[str]:
        fresh = User.objects.get(pk=user.pk)
        return [row.retailer.code for row in reads.rows_of(fresh, hand_over)]

    assert rows(place.planner) == ["S000", "S006"]
    assert rows(place.county) == rows(place.ann) == ["S000"]
    assert rows(place.bob) == []
    handover.approve(hand_over=hand_over, today=TODAY, by=place.approver)
    assert rows(place.bob) == ["S000", "S006"]
    assert rows(place.ann) == ["S000"]
    assert rows(place.wu) == ["S006"]


def test_a_county_still_reads_what_went_into_another(place):
    hand_over = ask(
        place, 0, to_manager=place.wu, to_line=place.west, by=place.planner, effective_on=TODAY
    )
    handover.approve(hand_over=hand_over, today=TODAY, by=place.approver)

    assert numbers(place.county) == {hand_over.pk}
    county = User.objects.get(pk=place.county.pk)
    assert [row.retailer.code for row in reads.rows_of(county, hand_over)] == ["S000"]
    assert reads.seen_now(county, list(reads.rows_of(county, hand_over))) == set()


def test_stand_ins_are_seen_by_those_they_concern(place):
    mine = away(place)
    western = away(place, absent=place.wu, stand_in=place.bob, from_on=TODAY + 9 * DAY,
                   until_on=TODAY + 9 * DAY)  # fmt: skip

    def seen(user: User) -> set[int]:
        return {row.pk for row in list_stand_ins(User.objects.get(pk=user.pk))}

    assert seen(place.planner) == {mine.pk, western.pk}
    assert seen(place.county) == {mine.pk}
    assert seen(place.ann) == {mine.pk}
    assert seen(place.bob) == {western.pk}
    assert seen(place.wu) == {mine.pk, western.pk}
    assert seen(make_place("q").planner) == set()


def test_who_stands_in_for_a_retailers_manager_is_known(place, accompanied):
    away(place, absent=place.bob, stand_in=place.wu)

    def names(number: int) -> list[str]:
        shop = Retailer.objects.get(pk=place.shops[number].pk)
        return [str(row.stand_in) for row in reads.stand_ins_of(shop, TODAY)]

    assert names(0) == ["Ann", "Wu"]
    Retailer.objects.filter(pk=place.shops[6].pk).update(manager=place.bob)
    assert names(6) == ["Wu"]
    assert names(2) == []
    Retailer.objects.filter(pk=place.shops[2].pk).update(manager=None)
    assert names(2) == []


# --- arranging ----------------------------------------------------------------------------


def test_a_stand_in_is_kept_with_an_event(place):
    row = away(place)

    assert (row.absent, row.stand_in, row.created_by) == (place.ann, place.wu, place.planner)
    event = AuditEvent.objects.get(action="stand_in.create")
    assert (event.object_id, event.reason) == (str(row.pk), "leave")


def test_a_county_arranges_it_within_the_county_only(place):
    refused("not_a_manager", place, by=place.county)
    refused("not_a_manager", place, by=place.county, absent=place.wu, stand_in=place.ann)

    assert away(place, by=place.county, stand_in=place.bob).stand_in == place.bob


def test_somebody_who_has_left_can_be_stood_in_for_but_not_stand_in(place):
    User.objects.filter(pk=place.ann.pk).update(is_active=False)
    assert away(place).absent == place.ann

    User.objects.filter(pk=place.bob.pk).update(is_active=False)
    refused("not_a_manager", place, stand_in=place.bob)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"from_on": TODAY - DAY}, "date_past"),
        ({"until_on": TODAY - DAY}, "days_order"),
        ({"until_on": TODAY + 184 * DAY}, "too_long"),
        ({"reason": " "}, "no_reason"),
    ],
)
def test_what_is_not_possible_is_refused(place, words, code):
    refused(code, place, **words)


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ({"stand_in": "ann"}, "same_person"),
        ({"absent": "planner"}, "not_a_manager"),
        ({"stand_in": "county"}, "not_a_manager"),
        ({"by": "ann"}, "forbidden"),
        ({"by": "approver"}, "forbidden"),
    ],
)
def test_people_who_cannot_be_meant_are_refused(place, who, code):
    refused(code, place, **{name: getattr(place, value) for name, value in who.items()})


def test_the_longest_time_is_a_rule_of_the_company(place):
    set_policy(
        company=place.company, code=reads.POLICY, params={"stand_in_days": 3},
        effective_from=TODAY, by=None,
    )  # fmt: skip
    refused("too_long", place, until_on=TODAY + 3 * DAY)
    assert away(place, until_on=TODAY + 2 * DAY)


def test_the_same_twice_and_people_who_are_away_themselves_are_refused(place):
    away(place)
    refused("overlap", place, from_on=TODAY + 2 * DAY, until_on=TODAY + 5 * DAY)
    refused("also_away", place, absent=place.bob, stand_in=place.ann)
    refused("stands_in", place, absent=place.wu, stand_in=place.bob)
    # After it is over, or on other days, all of that is possible.
    later = {"from_on": TODAY + 3 * DAY, "until_on": TODAY + 3 * DAY}
    assert away(place, **later)
    assert away(place, absent=place.wu, stand_in=place.bob, from_on=TODAY + 4 * DAY,
                until_on=TODAY + 4 * DAY)  # fmt: skip


def test_what_is_over_cannot_be_ended(place):
    row = away(place)
    with pytest.raises(ConflictError):
        end_stand_in(row=row, today=TODAY + 3 * DAY, by=place.planner)

    end_stand_in(row=row, today=TODAY, by=place.planner)
    with pytest.raises(ConflictError):
        end_stand_in(row=row, today=TODAY, by=place.planner)
    assert AuditEvent.objects.filter(action="stand_in.end").count() == 1


def test_the_day_is_that_of_the_trade_not_of_the_server(place, monkeypatch):
    monkeypatch.undo()
    late = dt.datetime(2026, 11, 21, 17, tzinfo=dt.UTC)  # 01:00 of the 22nd in Shanghai
    monkeypatch.setattr(timezone, "now", lambda: late)

    assert periods.business_today() == TODAY
    away(place)
    assert len(sees(place.wu)) == 8
