"""Rules as forms: what is refused at its field, what is shown before it counts, what stays."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, PolicyVersion
from accounts.roles import Role
from accounts.selectors import policies as reads
from accounts.selectors import policy_as_of
from accounts.services.rules import change_policy
from config.common import policies
from config.common.errors import ConflictError, DomainError
from config.common.periods import SHANGHAI, business_today

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def as_planner(client, city):
    client.force_login(
        city.people[Role.PLANNER], backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def change(
    city, code="allocation.total", *, day=TODAY, seen=None, today=TODAY, reason="why", **values
):
    schema = policies.find(code)
    newest = (
        PolicyVersion.objects.filter(company=city.company, code=code).order_by("-version").first()
    )
    return change_policy(
        company=city.company,
        code=code,
        values=schema.values(newest.params if newest else None) | values,
        effective_from=day,
        seen_version=(newest.version if newest else 0) if seen is None else seen,
        reason=reason,
        today=today,
        by=city.people[Role.PLANNER],
    )


# --- the service --------------------------------------------------------------------------


def test_a_new_version_counts_from_its_day_on_and_the_old_one_before(city):
    change(city, day=dt.date(2026, 12, 5), history_weight="0.4")

    def weight(day):
        return policy_as_of(city.company.pk, "allocation.total", day).params["history_weight"]

    assert weight(dt.date(2026, 12, 4)) == "0.5"
    assert weight(dt.date(2026, 12, 5)) == "0.4"


def test_the_trail_says_what_became_of_what(city):
    version = change(city, history_weight="0.4")

    event = AuditEvent.objects.get(action="policy.set")
    assert event.changes == {
        "history_weight": ["50 %", "40 %"],
        "effective_from": [None, "2026-11-20"],
    }
    assert (event.reason, version.note) == ("why", "why")
    assert version.created_by == city.people[Role.PLANNER]


@pytest.mark.parametrize("day", [dt.date(2026, 10, 31), dt.date(2028, 12, 1), dt.date(2000, 1, 1)])
def test_closed_months_and_far_years_are_refused(city, day):
    with pytest.raises(DomainError) as error:
        change(city, day=day, history_weight="0.4")

    assert error.value.code == "policy_day"


def test_the_first_day_of_the_open_month_is_allowed(city):
    assert change(city, day=dt.date(2026, 11, 1), history_weight="0.4").version == 2


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("allocation.total", {"history_weight": "1.01"}),
        ("allocation.tiers", {"objective": "nearest"}),
        ("demand.forecast", {"recent_months": 0}),
        ("demand.festivals", {"uplift.mid_autumn": "-0.1"}),
    ],
)
def test_impossible_values_are_refused(city, code, values):
    with pytest.raises(DomainError) as error:
        change(city, code, **values)

    assert error.value.code == "invalid_policy"
    assert set(error.value.extra["fields"]) == set(values)
    assert not PolicyVersion.objects.filter(code=code, version=2).exists()


def test_what_differs_in_nothing_is_no_version(city):
    with pytest.raises(DomainError) as error:
        change(city)

    assert error.value.code == "nothing_changed"


def test_of_two_who_change_at_once_one_is_told(city):
    change(city, history_weight="0.4")

    with pytest.raises(ConflictError):
        change(city, seen=1, history_weight="0.3")


def test_a_reason_is_needed(city):
    with pytest.raises(DomainError):
        change(city, reason="  ", history_weight="0.4")


def test_a_rule_without_a_stored_version_begins_with_its_defaults(city):
    version = change(city, "customers.hand_over", most_retailers=250)

    assert version.version == 1
    assert version.params["most_retailers"] == 250
    assert version.params["stand_in_days"] == 184


# --- what counts when ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "start", "day"),
    [
        ("2026-11-20 01:30", "2026-11-20", "2026-11-19"),
        ("2026-11-20 02:30", "2026-11-21", "2026-11-20"),
        ("2026-11-20 23:30", "2026-11-21", "2026-11-20"),
    ],
)
def test_the_next_night_computes_as_of_the_day_before_it(now, start, day):
    at = dt.datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)

    starts, business = reads.next_night(at)

    assert (starts.date().isoformat(), starts.hour) == (start, 2)
    assert business.isoformat() == day


def test_history_tells_which_version_counts_which_will_and_which_never_did(city):
    change(city, day=dt.date(2026, 12, 1), history_weight="0.4")
    change(city, day=dt.date(2026, 12, 1), history_weight="0.3")

    steps = {
        step.version.version: step
        for step in reads.history_of_rule(city.company, "allocation.total", TODAY)
    }

    assert {number: step.state for number, step in steps.items()} == {
        1: "present",
        2: "never",
        3: "coming",
    }
    assert [(was, now) for _one, was, now in steps[3].differences] == [("40 %", "30 %")]
    later = reads.history_of_rule(city.company, "allocation.total", dt.date(2026, 12, 1))
    assert [step.state for step in later] == ["present", "never", "past"]


def test_the_list_names_what_comes(city):
    change(city, day=dt.date(2026, 12, 1), history_weight="0.4")

    rule = reads.rule_of(city.company, "allocation.total", TODAY)

    assert rule.present.version == 1
    assert [version.version for version in rule.coming] == [2]


def test_a_rule_that_no_app_declares_is_listed_and_not_shown_as_json(as_planner, city):
    PolicyVersion.objects.create(
        company=city.company, code="old.rule", version=1, effective_from="2026-01-01",
        params={"secret_sauce": [1, 2]},
    )  # fmt: skip

    page = as_planner.get(reverse("rule-list")).content.decode()

    assert "old.rule" in page
    assert "secret_sauce" not in page
    assert as_planner.get(reverse("rule-change", args=["old.rule"])).status_code == 404


# --- the pages ----------------------------------------------------------------------------


def typed(**more):
    return {
        "seen_version": "1",
        "history_weight": "40",
        "effective_from": business_today().isoformat(),
        "reason": "autumn",
    } | more


def test_first_the_change_is_shown_then_it_is_stored(as_planner, city):
    url = reverse("rule-change", args=["allocation.total"])

    shown = as_planner.post(url, typed())
    assert shown.status_code == 200
    assert [(was, now) for _one, was, now in shown.context["differences"]] == [("50 %", "40 %")]
    assert shown.context["in_next_night"] in (True, False)
    assert PolicyVersion.objects.filter(code="allocation.total").count() == 1

    stored = as_planner.post(url, dict(shown.context["hidden"]) | {"step": "save"})
    assert stored.status_code == 302
    version = PolicyVersion.objects.get(code="allocation.total", version=2)
    assert version.params == {"history_weight": "0.4"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"history_weight": "101"}, "history_weight"),
        ({"history_weight": "x"}, "history_weight"),
        ({"history_weight": ""}, "history_weight"),
        ({"effective_from": "2020-01-01"}, "effective_from"),
        ({"reason": ""}, "reason"),
    ],
)
def test_what_is_wrong_comes_back_at_its_field_with_what_was_typed(as_planner, fields, field):
    answer = as_planner.post(reverse("rule-change", args=["allocation.total"]), typed(**fields))

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    if fields[field]:
        assert f'value="{fields[field]}"' in answer.content.decode()


def test_values_that_do_not_go_together_stand_at_a_field(as_planner):
    fields = {
        "seen_version": "1", "recent_months": "3", "growth_floor": "0", "growth_cap": "0",
        "effective_from": business_today().isoformat(), "reason": "x",
    }  # fmt: skip
    url = reverse("rule-change", args=["demand.forecast"])
    assert as_planner.post(url, fields).status_code == 200

    answer = as_planner.post(url, fields | {"growth_floor": "1"})
    assert "growth_floor" in answer.context["form"].errors


def test_saving_what_somebody_else_has_changed_meanwhile_says_so(as_planner, city):
    change(city, day=business_today(), today=business_today(), history_weight="0.3")

    answer = as_planner.post(reverse("rule-change", args=["allocation.total"]), typed(step="save"))

    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()


def test_pages_of_rules_ask_few_queries(as_planner, django_assert_max_num_queries):
    for url in (
        reverse("rule-list"),
        reverse("rule-detail", args=["demand.festivals"]),
        reverse("rule-change", args=["demand.festivals"]),
    ):
        with django_assert_max_num_queries(12):
            assert as_planner.get(url).status_code == 200
