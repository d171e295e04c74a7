"""The card of alerts: what looks wrong in the data that a person sees."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from allocation.models import Plan
from brands.models import RetailerMonth, SalesDay
from config.common import panels
from config.common.periods import business_today, last_closed, period_of, period_text, shift
from customers.models import LifeCycleStage, Retailer


@pytest.fixture
def as_role(city):
    def log_in(role: Role) -> Client:
        client = Client()
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture
def texts(city):
    def of(role: Role) -> list[str]:
        return [entry.text for entry in panels.alerts_for(city.people[role])]

    return of


def ordered(city, days_ago: int) -> None:
    SalesDay.objects.all().delete()
    day = business_today() - dt.timedelta(days=days_ago)
    SalesDay.objects.create(
        company=city.company,
        ordered_on=day,
        period=period_of(day),
        orders=1,
        cartons=1,
        amount_cents=1,
    )


@pytest.mark.parametrize(("days", "said"), [(3, False), (4, True)])
def test_orders_that_are_late_are_said(city, texts, days, said):
    ordered(city, days)

    assert any(f"{days} " in text for text in texts(Role.PLANNER) if "订单" in text) is said


def test_a_county_far_below_last_year_is_named_to_those_who_see_it(city, texts):
    ordered(city, 0)
    period = last_closed(business_today())
    RetailerMonth.objects.all().delete()
    for month, cartons in ((period, 89), (shift(period, -12), 100)):
        RetailerMonth.objects.create(
            company=city.company, retailer=city.eastern, period=month, orders=1, products=1,
            cartons=cartons, amount_cents=100,
        )  # fmt: skip

    def named(role: Role) -> bool:
        return any("East" in text and "11.0 %" in text for text in texts(role))

    assert named(Role.PLANNER)
    assert named(Role.COUNTY_MANAGER)
    RetailerMonth.objects.filter(period=period).update(cartons=90)
    cache.clear()  # remembered until sales are computed anew
    assert not named(Role.PLANNER)


def test_retailers_nobody_looks_after_and_those_that_fade_are_counted_where_one_sees(city, texts):
    def numbers(role: Role, word: str) -> list[str]:
        return [text.split()[0] for text in texts(role) if word in text]

    Retailer.objects.update(manager=None, life_cycle_stage=LifeCycleStage.MATURITY)
    seen = Retailer.objects.filter(county=city.east)
    fading = seen.order_by("pk")[:1].get()
    today = business_today()
    Retailer.objects.filter(pk=fading.pk).update(
        life_cycle_stage=LifeCycleStage.DECLINE, life_cycle_since=today - dt.timedelta(days=30)
    )

    assert numbers(Role.COUNTY_MANAGER, "客户经理") == [str(seen.count())]
    assert numbers(Role.PLANNER, "客户经理") == [str(Retailer.objects.count())]
    assert numbers(Role.PLANNER, "衰退") == ["1"]
    Retailer.objects.filter(pk=fading.pk).update(life_cycle_since=today - dt.timedelta(days=31))
    assert numbers(Role.PLANNER, "衰退") == []


def test_a_month_without_a_published_plan_is_said(city, texts):
    period = period_of(business_today())

    def said() -> bool:
        return any(period_text(period) in text and "计划" in text for text in texts(Role.PLANNER))

    Plan.objects.filter(period=period).update(status="superseded")
    assert said()
    plan, _made = Plan.objects.update_or_create(
        company=city.company, period=period, version=9, defaults={"status": "published"}
    )
    assert not said()
    plan.delete()
    assert said()


def test_the_card_links_to_what_it_says_and_is_empty_for_partners(as_role, city):
    Retailer.objects.update(manager=None)
    page = as_role(Role.PLANNER).get(reverse("panel-alerts")).content.decode()
    assert "/retailers/?manager=none&amp;status=active" in page

    partner = as_role(Role.PARTNER).get(reverse("panel-alerts"))
    assert (partner.status_code, partner.context["entries"]) == (200, [])


def test_the_card_costs_few_queries(as_role, city, django_assert_max_num_queries):
    Retailer.objects.update(manager=None)
    client = as_role(Role.PLANNER)

    with django_assert_max_num_queries(12):
        client.get(reverse("panel-alerts"), headers={"HX-Request": "true"})
