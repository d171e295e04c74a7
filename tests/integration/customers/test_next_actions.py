"""What to do next about a retailer, each by its rule, and who is told."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from allocation.models import Plan
from brands.models import MonthlySales, Order, OrderBatch, SalesDay
from brands.next_actions import silent_days
from config.common import next_action
from config.common.next_action import Urgency
from customers.models import Contact, HandOver, HandOverRetailer, Retailer
from customers.selectors.retailers import retailer_head
from segmentation.models import Assignment
from tests.factories import person

TODAY = dt.date(2026, 11, 10)
END = dt.date(2026, 11, 26)


@pytest.fixture
def ask(city):
    """What a role is told about the retailer of East on a day, by urgency."""

    def actions(role=Role.PLANNER, today=TODAY, **fields):
        if fields:
            Retailer.objects.filter(pk=city.eastern.pk).update(**fields)
        user = city.people[role]
        retailer = retailer_head(user, today).get(pk=city.eastern.pk)
        return {one.urgency: one for one in next_action.actions_for(user, retailer, today)}

    return actions


def _orders(city, *days):
    batch = OrderBatch.objects.create(company=city.company, channel="test")
    for number, day in enumerate(days):
        Order.objects.create(
            company=city.company, retailer=city.eastern, order_no=f"{number}", ordered_on=day,
            period=day.year * 100 + day.month, cartons=10, amount_cents=1000, batch=batch,
        )  # fmt: skip


def _weeks(last, number):
    return [last - dt.timedelta(weeks=week) for week in range(number)]


# --- customers ------------------------------------------------------------------------------


def test_the_next_order_day_is_said_with_its_weekday(ask):
    text = str(ask(order_weekday=3, biweekly="odd")[Urgency.ROUTINE].text)

    # Week 46 is even; Wednesday of week 47.
    assert "11-18" in text
    assert "周三" in text or "Wednesday" in text


def test_the_order_day_itself_is_today_and_none_is_said_where_none_is_known(ask):
    assert "11-" not in str(ask(order_weekday=2)[Urgency.ROUTINE].text)
    assert Urgency.ROUTINE not in ask(order_weekday=None)


def test_a_missing_contact_is_told_to_who_may_add_one(ask, city):
    assert Urgency.NO_CONTACT not in ask()
    Contact.objects.filter(retailer=city.eastern).delete()

    assert ask()[Urgency.NO_CONTACT].url == reverse("contact-add", args=[city.eastern.pk])
    assert Urgency.NO_CONTACT not in ask(Role.CUSTOMER_MANAGER)
    assert Urgency.NO_CONTACT not in ask(Role.INSPECTOR)


def test_a_missing_manager_is_told_to_who_may_ask_for_a_hand_over(ask):
    assert Urgency.NO_MANAGER not in ask()

    assert ask(manager=None)[Urgency.NO_MANAGER].url.startswith(reverse("hand-over-new"))
    assert Urgency.NO_MANAGER not in ask(Role.AUDITOR)


@pytest.mark.parametrize("status", ["requested", "approved", "done"])
def test_a_hand_over_that_comes_is_told_with_its_day_until_it_is_done(ask, city, status):
    taker = person(city, "taker", Role.CUSTOMER_MANAGER)
    hand_over = HandOver.objects.create(
        company=city.company, to_manager=taker, effective_on=dt.date(2026, 12, 1), reason="x",
        status=status, requested_by=city.people[Role.PLANNER],
    )  # fmt: skip
    HandOverRetailer.objects.create(
        hand_over=hand_over, retailer=city.eastern, is_open=status != "done"
    )

    found = ask(manager=None)

    assert (Urgency.HAND_OVER in found) == (status != "done")
    # Who gets a manager is not missing one.
    assert (Urgency.NO_MANAGER in found) == (status == "done")
    if status != "done":
        assert "2026-12-01" in str(found[Urgency.HAND_OVER].text)
        assert "Taker" in str(found[Urgency.HAND_OVER].text)
        assert found[Urgency.HAND_OVER].url == reverse("hand-over-detail", args=[hand_over.pk])


def test_a_closed_shop_needs_nothing_and_a_suspended_one_does_not_order(ask, city):
    _orders(city, *_weeks(dt.date(2026, 9, 1), 5))
    SalesDay.objects.filter(company=city.company).update(orders=1)
    Contact.objects.filter(retailer=city.eastern).delete()

    assert set(ask(status="closed", manager=None)) == {Urgency.STATUS}
    assert set(ask(status="suspended")) >= {Urgency.STATUS, Urgency.NO_MANAGER, Urgency.NO_CONTACT}
    assert set(ask()).isdisjoint({Urgency.ROUTINE, Urgency.NOT_ORDERED, Urgency.QUOTA_LEFT})


# --- orders ---------------------------------------------------------------------------------


def test_five_weeks_without_an_order_are_told_of_who_ordered_every_week(ask, city):
    known = SalesDay.objects.filter(company=city.company, ordered_on__lte=TODAY)
    known = known.order_by("-ordered_on").first().ordered_on
    _orders(city, *_weeks(known - dt.timedelta(weeks=5), 8))

    action = ask()[Urgency.NOT_ORDERED]

    assert "5" in str(action.text)
    assert f"{known - dt.timedelta(weeks=5):%m-%d}" in str(action.text)
    assert Urgency.NOT_ORDERED not in ask(Role.INSPECTOR)


def test_nothing_is_told_of_who_ordered_in_the_last_week_for_which_orders_are_known(ask, city):
    known = SalesDay.objects.filter(company=city.company, ordered_on__lte=TODAY)
    known = known.order_by("-ordered_on").first().ordered_on
    _orders(city, *_weeks(known, 8))

    assert Urgency.NOT_ORDERED not in ask()


D = dt.date


@pytest.mark.parametrize(
    ("last", "first", "order_days", "expected"),
    [
        (D(2026, 10, 6), D(2026, 8, 4), 10, 35),  # weekly, five weeks
        (D(2026, 10, 27), D(2026, 8, 25), 10, 14),  # two weeks are twice its interval
        (D(2026, 10, 28), D(2026, 8, 26), 10, 0),
        (D(2026, 10, 13), D(2026, 7, 7), 8, 28),  # every other week: four weeks
        (D(2026, 10, 20), D(2026, 7, 14), 8, 0),
        (D(2026, 10, 6), D(2026, 9, 29), 2, 0),  # no habit yet
        (D(2026, 5, 1), D(2026, 3, 1), 9, 0),  # it has gone long ago
        (None, None, 0, 0),
    ],
)
def test_how_long_a_silence_counts(last, first, order_days, expected):
    assert silent_days(D(2026, 11, 10), last, first, order_days) == expected


# --- quotas and classes -----------------------------------------------------------------------


def test_a_quota_that_is_left_is_told_in_the_last_days_of_the_month(ask, city):
    Plan.objects.filter(pk=city.plans["published"].pk).update(period=202611, version=2)
    sold = MonthlySales.objects.filter(company=city.company, period=202611, retailer=city.eastern)
    sold.update(cartons=3)  # of 9 of each of two products

    text = str(ask(today=END)[Urgency.QUOTA_LEFT].text)

    assert "18" in text
    assert "12" in text
    assert "5" in text
    assert Urgency.QUOTA_LEFT not in ask(today=TODAY)
    assert Urgency.QUOTA_LEFT not in ask(Role.INSPECTOR, today=END)
    sold.update(cartons=7)
    assert Urgency.QUOTA_LEFT not in ask(today=END)
    # What was ordered beyond one quota does not fill another.
    for row, cartons in zip(sold.order_by("product"), (40, 0), strict=True):
        sold.filter(product=row.product).update(cartons=cartons)
    assert "9" in str(ask(today=END)[Urgency.QUOTA_LEFT].text)


def test_a_proposal_that_moves_the_retailer_is_told_to_who_may_publish(ask, city):
    assert Urgency.CLASS_WAITS not in ask()
    Assignment.objects.filter(run=city.proposal, retailer=city.eastern).update(class_code="C")

    action = ask()[Urgency.CLASS_WAITS]

    assert "A → C" in str(action.text) or "A 调为 C" in str(action.text)
    assert action.url == reverse("scheme-detail", args=[city.proposal.scheme_id])
    assert Urgency.CLASS_WAITS not in ask(Role.COUNTY_MANAGER)


# --- the head of the page -----------------------------------------------------------------------


def test_the_head_shows_the_most_urgent_one_and_keeps_the_others_behind_a_number(city, client):
    client.force_login(
        city.people[Role.PLANNER], backend="django.contrib.auth.backends.ModelBackend"
    )
    Contact.objects.filter(retailer=city.eastern).delete()
    Retailer.objects.filter(pk=city.eastern.pk).update(manager=None, order_weekday=1)

    answer = client.get(f"/retailers/{city.eastern.pk}/")
    shown = [one.urgency for one in answer.context["next_actions"]]
    content = answer.content.decode()

    assert shown[0] == Urgency.NO_MANAGER
    assert shown == sorted(shown)
    assert f"+{len(shown) - 1}" in content
    first = content.index(reverse("hand-over-new") + "?")
    assert first < content.index(reverse("contact-add", args=[city.eastern.pk]))


@pytest.mark.parametrize("today", [TODAY, END])
def test_all_that_the_head_must_know_is_one_query(city, today):
    user = city.people[Role.PLANNER]
    assert user.scope is not None
    with CaptureQueriesContext(connection) as captured:
        retailer = retailer_head(user, today).get(pk=city.eastern.pk)
        next_action.actions_for(user, retailer, today)

    assert len(captured) == 1
