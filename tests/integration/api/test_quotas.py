"""Quotas of one retailer by one statement, and the changes that an ordering system pulls."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allocation.models import Plan, RetailerQuota
from tests.integration.api.conftest import token_of

PATH = "/api/v1/quotas/"
MONTH = {"retailer": "R1", "month": "2026-11"}


@pytest.fixture
def plan(city, products):
    return city.publish_plan(
        202611, 1, 7, {(0, products[1]): 3, (0, products[0]): 12, (1, products[0]): 4}
    )


def test_quotas_of_a_retailer(call, plan):
    response = call(PATH, **MONTH)

    answer = response.json()
    published_at = answer.pop("published_at")
    assert answer == {
        "retailer_code": "R1",
        "month": "2026-11",
        "plan_id": plan.pk,
        "plan_version": 1,
        "publication_no": 7,
        "quotas": [{"product_code": "P1", "cartons": 12}, {"product_code": "P2", "cartons": 3}],
    }
    assert published_at == plan.published_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert response["ETag"] == '"7"'
    assert "Authorization" in response["Vary"]


def test_one_question_to_the_database_on_postgres_two_on_sqlite(call, plan):
    with CaptureQueriesContext(connection) as captured:
        assert call(PATH, **MONTH).status_code == 200

    assert len(captured) == (1 if connection.vendor == "postgresql" else 2)


def test_the_fast_way_and_the_full_view_give_the_same_bytes(call, client, city, bearer, plan):
    client.force_login(city.person("planner", "planner"))
    assert call(PATH, **MONTH).content == client.get(PATH, MONTH).content
    assert client.head(PATH, MONTH, **bearer)["ETag"] == '"7"'


def test_the_answer_agrees_with_the_models(call, plan):
    expected = RetailerQuota.objects.filter(plan=plan, retailer__code="R1")

    assert {
        (row["product_code"], row["cartons"]) for row in call(PATH, **MONTH).json()["quotas"]
    } == set(expected.values_list("product__code", "cartons"))


def test_a_known_publication_is_not_sent_again(client, bearer, plan):
    same = client.get(PATH, MONTH, HTTP_IF_NONE_MATCH='"7"', **bearer)
    older = client.get(PATH, MONTH, HTTP_IF_NONE_MATCH='"6"', **bearer)
    strange = client.get(PATH, MONTH, HTTP_IF_NONE_MATCH='"x", *', **bearer)

    assert (same.status_code, same.content) == (304, b"")
    assert older.status_code == strange.status_code == 200


def test_a_known_publication_is_no_way_around_the_token(client, plan):
    response = client.get(PATH, MONTH, HTTP_IF_NONE_MATCH='"7"', HTTP_AUTHORIZATION="Bearer x")

    assert response.status_code == 401


def test_retailer_without_quota_gets_an_empty_list(call, plan):
    assert call(PATH, retailer="R4", month="2026-11").json()["quotas"] == []


def test_what_is_missing_is_said(call, plan):
    assert call(PATH, retailer="R9", month="2026-11").json()["code"] == "unknown_retailer"
    assert call(PATH, retailer="R1", month="2026-12").json()["code"] == "nothing_published"
    assert list(call(PATH, month="2026-11").json()["extra"]["fields"]) == ["retailer"]


def test_a_parameter_given_twice_is_refused_and_not_guessed(client, bearer, plan):
    answer = client.get(f"{PATH}?retailer=R1&retailer=R2&month=2026-11", **bearer)

    assert answer.status_code == 400


def test_drafts_bind_nobody(call, plan):
    Plan.objects.update(status="approved")

    assert call(PATH, **MONTH).status_code == 404


def test_quotas_are_of_the_corrected_version_at_once(call, city, plan, products):
    city.publish_plan(202611, 2, 9, {(0, products[0]): 11})

    answer = call(PATH, **MONTH).json()

    assert (answer["publication_no"], answer["plan_version"]) == (9, 2)
    assert answer["quotas"] == [{"product_code": "P1", "cartons": 11}]


def test_explained_quotas_carry_the_numbers_behind(call, plan):
    answer = call(PATH, **MONTH, explain="1").json()

    why = answer["quotas"][0]["why"]
    assert {key: why[key] for key in ("tier", "weight", "upper", "tier_cartons")} == {
        "tier": 30,
        "weight": 100,
        "upper": 50,
        "tier_cartons": 9,
    }
    assert why["line"]["total_cartons"] == 17
    assert [row["cartons"] for row in answer["quotas"]] == [12, 3]


def pull(call, size: int) -> list[dict]:
    """Everything, as an ordering system pulls it."""
    found, cursor = [], {}
    for _ in range(50):
        page = call(PATH + "changes/", page_size=str(size), **cursor).json()
        found += page["publications"]
        cursor = {"cursor": page["next_cursor"]}
        if not page["has_more"]:
            return found
    raise AssertionError("the cursor does not end")


def rows(pieces: list[dict]) -> list[tuple]:
    return [
        (piece["publication_no"], row["retailer_code"], row["product_code"], row["cartons"])
        for piece in pieces
        for row in piece["quotas"]
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_pulling_changes_gives_every_quota_once_in_a_stable_order(call, city, plan, products, size):
    correction = city.publish_plan(202611, 2, 9, {(0, products[0]): 11})
    city.publish_plan(202612, 1, 10, {})

    pieces = pull(call, size)

    assert rows(pieces) == [
        (7, "R1", "P1", 12),
        (7, "R1", "P2", 3),
        (7, "R2", "P1", 4),
        (9, "R1", "P1", 11),
    ]
    assert [piece["publication_no"] for piece in pieces if piece["begins"]] == [7, 9, 10]
    assert [piece["publication_no"] for piece in pieces if piece["complete"]] == [7, 9, 10]
    replaced = {piece["plan_id"]: piece["replaces_plan_id"] for piece in pieces}
    assert replaced[correction.pk] == plan.pk
    assert replaced[plan.pk] is None


def test_a_kept_cursor_brings_only_what_was_published_since(call, city, plan, products):
    cursor = call(PATH + "changes/").json()["next_cursor"]
    assert call(PATH + "changes/", cursor=cursor).json() == {
        "publications": [],
        "next_cursor": cursor,
        "has_more": False,
    }

    city.publish_plan(202612, 1, 8, {(2, products[2]): 5})

    assert rows(call(PATH + "changes/", cursor=cursor).json()["publications"]) == [
        (8, "R3", "P3", 5)
    ]


def test_the_throttle_counts_the_fast_way_too(client, city, plan, monkeypatch):
    from rest_framework.settings import api_settings

    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "quota", "2/min")
    machine, second = city.client(), city.client()

    def ask(token: str):
        return client.get(PATH, MONTH, HTTP_AUTHORIZATION=f"Bearer {token}")

    token = token_of(machine)
    assert [ask(token).status_code for _ in range(3)] == [200, 200, 429]
    assert int(ask(token)["Retry-After"]) >= 1
    assert ask(token_of(second)).status_code == 200
