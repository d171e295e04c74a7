"""Plans: the formula taken apart, quotas with their reasons, the steps from draft to published."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.roles import Role
from allocation import selectors
from allocation.models import NodeFactor, Plan, PlanLine, SupplyCap
from brands.models import MonthlySales
from config.common.errors import DomainError
from config.common.models import JobRun


@pytest.fixture
def as_role(client, city):
    def log_in(role):
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def _line(**fields):
    values = {
        "last_year_cartons": 101,
        "forecast_cartons": 120,
        "node_factor": Decimal("1.25"),
        "history_weight": Decimal("0.5"),
        "supply_cap": None,
        "total_cartons": 138,
    }
    return PlanLine(**{**values, **fields})


def test_a_line_taken_apart_gives_its_total_again():
    apart = selectors.take_apart(_line())  # (50.5 + 60) × 1.25 = 138.125

    assert (apart.blended, apart.uncapped, apart.recomputed) == (Decimal("110.5"), 138, 138)
    assert apart.agrees


def test_supply_caps_what_the_formula_gives():
    apart = selectors.take_apart(_line(supply_cap=100, total_cartons=100))

    assert (apart.uncapped, apart.recomputed, apart.agrees) == (138, 100, True)


def test_without_history_the_forecast_alone_counts():
    apart = selectors.take_apart(_line(last_year_cartons=None, total_cartons=150))

    assert (apart.history_weight, apart.forecast_weight) == (0, 1)
    assert apart.agrees


def test_a_total_that_does_not_follow_is_shown_as_such(as_role, city):
    plan, product = city.plans["draft"], city.products[0]
    PlanLine.objects.filter(plan=plan, product=product).update(total_cartons=7)

    page = as_role(Role.PLANNER).get(reverse("plan-line", args=[plan.pk, product.pk]))

    assert not page.context["apart"].agrees


def test_growth_that_could_not_be_compared_is_not_shown_as_none(as_role, city):
    plan, product = city.plans["draft"], city.products[0]
    line = plan.lines.get(product=product)
    client, url = as_role(Role.PLANNER), reverse("plan-line", args=[plan.pk, product.pk])

    assert "增长 +3.0 %" in client.get(url).content.decode()

    line.figures |= {"growth": 0.0, "growth_flag": "no_base"}
    line.save()
    page = client.get(url).content.decode()
    assert "去年同期数据不全，不计增长" in page
    assert "增长 +0.0 %" not in page


def test_sums_below_the_table_are_those_of_its_lines(as_role, city):
    page = as_role(Role.PLANNER).get(reverse("plan-detail", args=[city.plans["draft"].pk]))

    assert page.context["sums"]["total_cartons"] == 200
    assert page.context["sums"]["reserve_cartons"] == 20


def test_a_quota_says_its_share_and_what_it_would_be_without_limit(city):
    plan = city.plans["published"]

    found = selectors.quotas_of_retailer(city.eastern, plan)

    assert [why.share for why in found] == [0.1, 0.1]
    assert found[0].exact == pytest.approx(9.0)
    assert not found[0].is_limited


def test_the_use_of_a_quota_counts_each_product_up_to_its_quota(city):
    plan = city.plans["published"]
    sold = MonthlySales.objects.filter(period=plan.period, retailer=city.eastern)
    sold.filter(product=city.products[0]).update(cartons=40)
    sold.filter(product=city.products[1]).update(cartons=3)

    found = [(one, selectors.quotas_of_retailer(city.eastern, one)) for one in city.plans.values()]

    use = selectors.use_of(city.eastern, found, 202611)

    assert use[plan.pk].quota == 18
    assert use[plan.pk].ordered == 9 + 3
    assert use[plan.pk].whole == sum(sold.values_list("cartons", flat=True)) > 12
    # A month that has not begun has nothing to be compared with.
    assert set(use) == {plan.pk, city.plans["approved"].pk}


def test_the_page_of_a_retailer_shows_quotas_beside_what_was_ordered(as_role, city, monkeypatch):
    monkeypatch.setattr("allocation.panels.business_today", lambda: dt.date(2026, 11, 20))

    page = as_role(Role.CUSTOMER_MANAGER).get(
        reverse("panel-retailer-quotas", args=[city.eastern.pk])
    )

    assert list(page.context["uses"]) == [city.plans["approved"].pk]
    text = page.content.decode()
    assert '<progress value="18" max="18"' in text
    assert "当月已用投放量" in text
    assert "当月订购合计" in text
    assert "超出投放量的部分" in text


def test_largest_quotas_show_only_retailers_of_ones_own(as_role, city):
    url = reverse("panel-top-quotas", args=[city.plans["draft"].pk, city.products[0].pk])

    quotas = as_role(Role.COUNTY_MANAGER).get(url).context["quotas"]

    assert {why.quota.retailer.code for why in quotas} == {"R00000", "R00002"}


def test_quotas_of_a_plan_are_found_by_retailer(as_role, city):
    url = reverse("plan-quotas", args=[city.plans["draft"].pk])

    page = as_role(Role.PLANNER).get(url, {"q": "sp3"})

    assert [row.code for row in page.context["page"].rows] == ["R00003"]
    assert page.context["sums"][city.retailers[3].pk] == {"cartons": 18, "products": 2}


@pytest.mark.parametrize(
    ("role", "status", "steps"),
    [
        (Role.APPROVER, "draft", ["plan-approve"]),
        (Role.PLANNER, "draft", ["plan-recompute"]),
        (Role.PLANNER, "approved", ["plan-publish"]),
        (Role.APPROVER, "approved", ["plan-reopen"]),
        (Role.PLANNER, "published", ["plan-revise"]),
        (Role.APPROVER, "published", []),
        (Role.ADMINISTRATOR, "approved", []),
        (Role.AUDITOR, "draft", []),
    ],
)
def test_steps_follow_from_role_and_state(as_role, city, role, status, steps):
    page = as_role(role).get(reverse("plan-detail", args=[city.plans[status].pk]))

    assert [question.id for question in page.context["questions"]] == steps


def test_from_draft_to_published_by_two_people(as_role, city):
    plan = city.plans["draft"]

    read = {"result_hash": plan.result_hash}
    as_role(Role.APPROVER).post(reverse("plan-approve", args=[plan.pk]), read)
    as_role(Role.PLANNER).post(reverse("plan-publish", args=[plan.pk]))

    plan.refresh_from_db()
    assert plan.status == "published"
    assert plan.approved_by != plan.published_by
    actions = AuditEvent.objects.filter(object_id=str(plan.pk)).values_list("action", flat=True)
    assert set(actions) >= {"plan.approve", "plan.publish"}


def test_figures_computed_anew_since_the_page_was_read_are_not_approved(as_role, city):
    plan = city.plans["draft"]
    page = as_role(Role.APPROVER).get(reverse("plan-detail", args=[plan.pk]))
    fields = dict(page.context["questions"][0].fields)
    Plan.objects.filter(pk=plan.pk).update(result_hash="another")

    answer = as_role(Role.APPROVER).post(reverse("plan-approve", args=[plan.pk]), fields)

    plan.refresh_from_db()
    assert (answer.status_code, plan.status) == (409, "draft")


def test_who_changed_the_factors_cannot_approve(as_role, city):
    plan = city.plans["draft"]
    NodeFactor.objects.create(
        company=city.company, period=plan.period, version=9, factor=1, reason="x",
        price_class=city.products[0].price_class, created_by=city.people[Role.APPROVER],
    )  # fmt: skip

    Plan.objects.filter(pk=plan.pk).update(computed_at=timezone.now())

    answer = as_role(Role.APPROVER).post(reverse("plan-approve", args=[plan.pk]))

    plan.refresh_from_db()
    assert (answer.status_code, plan.status) == (403, "draft")


def test_a_conflict_says_what_it_is_and_leads_back(as_role, city):
    url = reverse("plan-publish", args=[city.plans["draft"].pk])
    page = "http://testserver" + reverse("plan-detail", args=[city.plans["draft"].pk])

    answer = as_role(Role.PLANNER).post(url, headers={"Referer": f"{page}?x=1"})

    assert answer.status_code == 409
    assert (
        answer.context["back_url"] == reverse("plan-detail", args=[city.plans["draft"].pk]) + "?x=1"
    )
    for foreign in ("https://evil.example/plans/", "javascript:alert(1)", "//evil.example", ""):
        answer = as_role(Role.PLANNER).post(url, headers={"Referer": foreign})
        assert answer.context["back_url"] == "", foreign


def test_a_draft_that_is_outdated_offers_the_computation_and_no_approval(as_role, city):
    plan = city.plans["draft"]
    Plan.objects.filter(pk=plan.pk).update(computed_at=None)

    page = as_role(Role.APPROVER).get(reverse("plan-detail", args=[plan.pk]))

    assert [question.id for question in page.context["questions"]] == []


def test_a_step_out_of_order_is_a_conflict_and_changes_nothing(as_role, city):
    plan = city.plans["draft"]

    answer = as_role(Role.PLANNER).post(reverse("plan-publish", args=[plan.pk]))

    plan.refresh_from_db()
    assert (answer.status_code, plan.status) == (409, "draft")


def test_reading_a_question_changes_nothing(as_role, city):
    client = as_role(Role.PLANNER)

    assert client.get(reverse("plan-publish", args=[city.plans["approved"].pk])).status_code == 200

    assert Plan.objects.get(pk=city.plans["approved"].pk).status == "approved"


def test_a_new_version_needs_a_reason(as_role, city):
    client = as_role(Role.PLANNER)
    url = reverse("plan-revise", args=[city.plans["published"].pk])

    asked = client.post(url)
    assert (asked.status_code, asked.context["question"].id) == (422, "plan-revise")
    assert not Plan.objects.filter(version=2).exists()
    answer = client.post(url, {"reason": "more supply"})

    draft = Plan.objects.get(period=202610, version=2)
    assert answer["Location"] == reverse("plan-detail", args=[draft.pk])


def test_recomputing_a_draft_asks_for_its_two_stages(as_role, city):
    as_role(Role.PLANNER).post(reverse("plan-recompute", args=[city.plans["draft"].pk]))

    night = JobRun.objects.get(kind="night", status="queued")
    assert [stage.kind for stage in night.children.order_by("position")] == [
        "night.demand",
        "night.allocation",
    ]


def test_a_factor_is_saved_as_a_new_version(as_role, city):
    url = reverse("line-factor", args=[city.plans["draft"].pk, city.products[0].pk])
    client = as_role(Role.PLANNER)

    assert client.post(url, {"factor": "much", "reason": "x"}).status_code == 422
    assert client.post(url, {"factor": "9", "reason": "x"}).status_code == 422
    assert client.post(url, {"factor": "1.10", "reason": "fair"}).status_code == 302

    row = NodeFactor.objects.get(period=202612, company=city.company)
    assert (row.factor, row.reason) == (Decimal("1.10"), "fair")


@pytest.mark.parametrize(
    ("page", "field", "typed"),
    [
        ("line-factor", "factor", "9"),
        ("line-factor", "factor", "0"),
        ("line-factor", "factor", "-1"),
        ("line-factor", "factor", "much"),
        ("line-cap", "cartons", "-5"),
        ("line-cap", "cartons", "1.5"),
        ("line-cap", "cartons", "9999999999999"),
    ],
)
def test_a_bad_rule_is_refused_at_its_field_and_what_was_typed_stays(
    as_role, city, page, field, typed
):
    url = reverse(page, args=[city.plans["draft"].pk, city.products[0].pk])

    answer = as_role(Role.PLANNER).post(url, {field: typed, "reason": "a good reason"})

    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [field]
    text = answer.content.decode()
    assert f'value="{typed}"' in text
    assert 'value="a good reason"' in text
    assert not NodeFactor.objects.filter(period=202612, company=city.company).exists()


def test_what_only_the_service_refuses_is_shown_at_the_field_too(as_role, city, monkeypatch):
    def refuse(**_words):
        raise DomainError("Too much for this maker.")

    monkeypatch.setattr("allocation.views.rules.set_supply_cap", refuse)
    url = reverse("line-cap", args=[city.plans["draft"].pk, city.products[0].pk])

    answer = as_role(Role.PLANNER).post(url, {"cartons": "41", "reason": "x"})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"cartons": ["Too much for this maker."]}
    assert 'value="41"' in answer.content.decode()


def test_a_second_new_version_is_not_offered_while_one_is_open(as_role, city):
    published = city.plans["published"]
    url = reverse("plan-detail", args=[published.pk])
    client = as_role(Role.PLANNER)
    client.post(reverse("plan-revise", args=[published.pk]), {"reason": "more supply"})
    draft = Plan.objects.get(period=published.period, version=2)

    for status in ("draft", "approved"):
        Plan.objects.filter(pk=draft.pk).update(status=status)
        page = client.get(url)
        assert page.context["questions"] == []
        assert reverse("plan-detail", args=[draft.pk]) in page.content.decode()


def test_a_draft_says_when_its_rules_are_newer_than_its_figures(as_role, city):
    plan = city.plans["draft"]
    client = as_role(Role.PLANNER)
    client.post("/language/", {"language": "en", "next": "/"})
    url, hint = reverse("plan-detail", args=[plan.pk]), "Recompute the draft; until then"

    assert hint not in client.get(url).content.decode()

    cap = reverse("line-cap", args=[plan.pk, city.products[0].pk])
    client.post(cap, {"cartons": "40", "reason": "short"})
    assert hint in client.get(url).content.decode()

    Plan.objects.filter(pk=plan.pk).update(computed_at=timezone.now())
    assert hint not in client.get(url).content.decode()


def test_the_page_of_a_line_says_why_a_shop_may_get_more_than_its_tier(as_role, city):
    client = as_role(Role.PLANNER)
    client.post("/language/", {"language": "en", "next": "/"})

    page = client.get(reverse("plan-line", args=[city.plans["draft"].pk, city.products[0].pk]))

    assert "a shop may get more than the quota of its tier" in page.content.decode()


def test_agreed_supply_is_saved_as_a_new_version(as_role, city):
    url = reverse("line-cap", args=[city.plans["draft"].pk, city.products[0].pk])

    as_role(Role.PLANNER).post(url, {"cartons": "40", "reason": "short"})

    newest = SupplyCap.objects.filter(company=city.company).order_by("-version").first()
    assert (newest.version, newest.cartons) == (2, 40)


def test_rules_of_a_plan_that_is_no_draft_stay(as_role, city):
    url = reverse("line-cap", args=[city.plans["approved"].pk, city.products[0].pk])

    assert as_role(Role.PLANNER).post(url, {"cartons": "4", "reason": "x"}).status_code == 409
