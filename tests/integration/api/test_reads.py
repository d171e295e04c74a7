"""Lists, filters and pages; classes and plans with the figures behind them."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from allocation.models import Plan, PlanLine
from customers.models import Retailer
from segmentation.models import SegmentationRun
from tests.integration.api.conftest import TODAY


def codes(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["code"] for row in response.json()["results"]]


def test_retailer_filters(call, city):
    city.publish_classes("abc", TODAY, {0: "A", 2: "B"})
    Retailer.objects.filter(code="R4").update(status="closed")
    soon = timezone.now() + dt.timedelta(hours=1)
    Retailer.objects.filter(code="R3").update(updated_at=soon)

    path = "/api/v1/retailers/"
    assert codes(call(path, code="R2")) == ["R2"]
    assert codes(call(path, status="closed")) == ["R4"]
    assert codes(call(path, county="02")) == ["R2", "R4"]
    assert codes(call(path, **{"scheme": "abc", "class": "A"})) == ["R1"]
    assert codes(call(path, **{"scheme": "other", "class": "A"})) == []
    assert codes(call(path, updated_since=soon.isoformat())) == ["R3"]
    assert call(path, scheme="abc").status_code == 400
    assert call(path, **{"class": "A"}).status_code == 400


def test_class_filter_follows_the_published_run_only(call, city):
    city.publish_classes("abc", dt.date(2026, 10, 1), {0: "A"})
    city.publish_classes("abc", dt.date(2026, 11, 1), {1: "A"})

    assert codes(call("/api/v1/retailers/", **{"scheme": "abc", "class": "A"})) == ["R2"]


def test_pages_go_through_every_row_once_whatever_is_added(call, city):
    seen, cursor = [], {}
    for _ in range(10):
        page = call("/api/v1/retailers/", page_size="2", **cursor).json()
        seen += [row["code"] for row in page["results"]]
        if not page["has_more"]:
            break
        Retailer.objects.create(company=city.company, code=f"N{len(seen)}", name="new") if len(
            seen
        ) < 5 else None
        cursor = {"cursor": page["next_cursor"]}

    assert page["next_cursor"] is None
    assert seen == ["R1", "R2", "R3", "R4", "N2", "N4"]


def test_page_size_has_a_limit(call, city):
    assert call("/api/v1/retailers/", page_size="1000").status_code == 200
    for wrong in ("0", "1001", "999999999"):
        assert call("/api/v1/retailers/", page_size=wrong).status_code == 400


def test_a_page_costs_the_same_number_of_queries_for_any_size(call, city):
    def queries(size: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            call("/api/v1/retailers/", page_size=str(size))
        return len(captured)

    queries(1)  # the first request of ten minutes also notes that the client was here
    assert queries(1) == queries(4) <= 3


def test_retailer_shows_codes_of_its_lists_and_units(call, city):
    row = call("/api/v1/retailers/R1/").json()

    assert row["county"] == {"code": "01", "path": "East"}
    assert row["format"] is None
    assert row["updated_at"].endswith("Z") or "+" in row["updated_at"]


def test_product_filters_and_detail(call, city, products):
    products[1].is_key_brand = True
    products[1].save()

    assert codes(call("/api/v1/products/")) == ["P1", "P2", "P3"]
    assert codes(call("/api/v1/products/", is_key_brand="true")) == ["P2"]
    assert codes(call("/api/v1/products/", is_key_brand="false")) == ["P1", "P3"]
    assert codes(call("/api/v1/products/", price_class="T", code="P3")) == ["P3"]
    detail = call("/api/v1/products/P2/").json()
    assert (detail["wholesale_price"], detail["manufacturer"]) == ("100.00", "Maker")
    assert call("/api/v1/products/P9/").status_code == 404


def test_classes_come_with_run_and_figures(call, city):
    city.publish_classes("abc", TODAY, {0: "A", 1: "B"})

    answer = call("/api/v1/classes/", scheme="abc").json()

    assert answer["run"]["business_date"] == "2026-11-21"
    assert answer["results"] == [
        {"retailer_code": "R1", "class_code": "A", "rank": 1, "figures": {"share": "0.5"}},
        {"retailer_code": "R2", "class_code": "B", "rank": 2, "figures": {"share": "0.5"}},
    ]
    one = call("/api/v1/classes/", scheme="abc", retailer="R2").json()["results"]
    assert [row["class_code"] for row in one] == ["B"]


def test_classes_as_of_a_date_are_those_that_readers_saw(call, city):
    first = city.publish_classes("abc", dt.date(2026, 10, 1), {0: "A"})
    second = city.publish_classes("abc", dt.date(2026, 11, 1), {0: "B"})

    def run_on(day: str) -> int:
        return call("/api/v1/classes/", scheme="abc", date=day).json()["run"]["id"]

    assert run_on("2026-10-01") == run_on("2026-10-31") == first.pk
    assert run_on("2026-11-01") == second.pk
    before = call("/api/v1/classes/", scheme="abc", date="2026-09-30")
    assert (before.status_code, before.json()["code"]) == (404, "nothing_published")


def test_the_day_of_a_publication_ends_at_midnight_in_shanghai(call, city):
    run = city.publish_classes("abc", dt.date(2026, 11, 1), {0: "A"})
    run.published_at = dt.datetime(2026, 11, 1, 16, 30, tzinfo=dt.UTC)  # 00:30 on the 2nd
    run.save()

    assert call("/api/v1/classes/", scheme="abc", date="2026-11-01").status_code == 404
    assert call("/api/v1/classes/", scheme="abc", date="2026-11-02").status_code == 200


def test_proposals_are_not_shown(call, city):
    run = city.publish_classes("abc", TODAY, {0: "A"})
    run.status = "computed"
    run.save()

    assert call("/api/v1/classes/", scheme="abc").status_code == 404


def test_a_dropped_proposal_was_never_published(call, city):
    published = city.publish_classes("abc", dt.date(2026, 10, 1), {0: "A"})
    dropped = city.publish_classes("abc", dt.date(2026, 11, 1), {1: "A"})
    dropped.status, dropped.published_at = "superseded", None
    dropped.save()
    published.status = "published"
    published.save()
    published.scheme.published_run = published
    published.scheme.save()

    for query in ({}, {"date": "2026-11-20"}, {"date": "2026-10-01"}):
        answer = call("/api/v1/classes/", scheme="abc", **query).json()
        assert answer["run"]["id"] == published.pk
        assert [row["retailer_code"] for row in answer["results"]] == ["R1"]


def test_a_scheme_with_nothing_but_dropped_proposals_shows_no_classes(call, city):
    dropped = city.publish_classes("abc", TODAY, {0: "A"})
    dropped.status, dropped.published_at = "superseded", None
    dropped.save()
    dropped.scheme.published_run = None
    dropped.scheme.save()

    for query in ({}, {"date": TODAY.isoformat()}):
        answer = call("/api/v1/classes/", scheme="abc", **query)
        assert answer.status_code == 404
        assert answer.json()["code"] == "nothing_published"


def test_without_a_date_the_classes_are_where_the_scheme_points_to(call, city):
    first = city.publish_classes("abc", dt.date(2026, 10, 1), {0: "A"})
    city.publish_classes("abc", dt.date(2026, 11, 1), {1: "A"})
    first.scheme.published_run = first
    first.scheme.save()

    assert call("/api/v1/classes/", scheme="abc").json()["run"]["id"] == first.pk


def test_plan_can_be_recomputed_from_its_lines(call, city, products):
    plan = city.publish_plan(202611, 1, 1, {(0, products[0]): 3, (1, products[1]): 4})

    answer = call(f"/api/v1/plans/{plan.pk}/").json()

    assert (answer["month"], answer["version"], answer["status"]) == ("2026-11", 1, "published")
    assert [line["product_code"] for line in answer["lines"]] == ["P1", "P2"]
    for line in answer["lines"]:
        assert line["released_cartons"] + line["reserve_cartons"] == line["total_cartons"]
        assert line["tier_quotas"] == [{"tier": 30, "retailers": 2, "cartons": 9}]
        assert line["figures"] == {"weeks": 4}


def test_months_and_publications_are_written_alike_everywhere(call, city, products):
    run = city.publish_classes("abc", dt.date(2026, 11, 1), {0: "A"})
    plan = city.publish_plan(202611, 1, 7, {(0, products[0]): 3})
    PlanLine.objects.filter(plan=plan).update(figures={"recent_months": [202608, 202610]})
    moment = dt.datetime(2026, 10, 28, 2, 0, 5, 123456, tzinfo=dt.UTC)
    SegmentationRun.objects.filter(pk=run.pk).update(published_at=moment)
    Plan.objects.filter(pk=plan.pk).update(published_at=moment)
    api, asked = "/api/v1", {"retailer": "R1", "month": "2026-11"}

    classes = call(f"{api}/classes/", scheme="abc").json()["run"]
    one = call(f"{api}/plans/{plan.pk}/").json()
    explained = call(f"{api}/quotas/", explain="1", **asked).json()
    answers = [
        classes,
        one,
        call(f"{api}/plans/").json()["results"][0],
        call(f"{api}/quotas/", **asked).json(),
        explained,
        call(f"{api}/quotas/changes/").json()["publications"][0],
    ]

    assert {answer["published_at"] for answer in answers} == {"2026-10-28T02:00:05Z"}
    assert (classes["window_from"], classes["window_to"]) == ("2026-01", "2026-10")
    assert {answer["month"] for answer in answers[1:]} == {"2026-11"}
    for line in (one["lines"][0], explained["quotas"][0]["why"]["line"]):
        assert line["figures"] == {"recent_months": ["2026-08", "2026-10"]}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("retailers/", "code=R1&code=R2"),
        ("products/", "code=P1&code=P1"),
        ("classes/", "scheme=abc&scheme=abc"),
        ("plans/", "page_size=1&page_size=2"),
        ("quotas/", "retailer=R1&retailer=R2&month=2026-11"),
        ("quotas/", "retailer=R1&month=2026-11&month=2026-11"),
        ("quotas/changes/", "cursor=1&cursor=2"),
    ],
)
def test_a_parameter_given_twice_is_refused(call, city, path, query):
    answer = call(f"/api/v1/{path}?{query}")

    assert answer.status_code == 400
    body = answer.json()
    assert (body["code"], body["title"]) == ("invalid", "Bad Request")
    assert list(body["extra"]["fields"]) == [next(
        name for name in ("code", "scheme", "page_size", "retailer", "month", "cursor")
        if query.count(f"{name}=") == 2
    )]  # fmt: skip


def test_machines_see_no_drafts_but_people_do(call, client, city, products):
    plan = city.publish_plan(202611, 1, 1, {(0, products[0]): 3})
    plan.status = "draft"
    plan.save()

    assert call("/api/v1/plans/", month="2026-11").json()["results"] == []
    assert call(f"/api/v1/plans/{plan.pk}/").status_code == 404
    client.force_login(city.person("planner", "planner"))
    assert client.get("/api/v1/plans/", {"month": "2026-11"}).json()["results"][0]["id"] == plan.pk


@pytest.mark.parametrize("lines", [1, 3])
def test_plan_costs_the_same_number_of_queries_for_any_number_of_lines(call, city, products, lines):
    plan = city.publish_plan(202611, 1, 1, {(0, product): 3 for product in products[:lines]})

    call(f"/api/v1/plans/{plan.pk}/")  # notes that the client was here

    with CaptureQueriesContext(connection) as captured:
        call(f"/api/v1/plans/{plan.pk}/")

    assert len(captured) == 4  # token, plan, lines, tier quotas
