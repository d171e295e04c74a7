"""Who gets what: people by role, machines by scope, nobody without either; other companies' rows do not exist."""

import datetime as dt

import pytest

from accounts.roles import Role
from brands.models import Order
from tests.integration.api.conftest import ALL_SCOPES, order, token_of

MONTH = {"retailer": "R1", "month": "2026-11"}
# path, query, scope that a machine needs
READS = [
    ("/api/v1/retailers/", {}, "retailer:read"),
    ("/api/v1/retailers/R1/", {}, "retailer:read"),
    ("/api/v1/products/", {}, "product:read"),
    ("/api/v1/products/P1/", {}, "product:read"),
    ("/api/v1/classes/", {"scheme": "abc"}, "class:read"),
    ("/api/v1/plans/", {}, "plan:read"),
    ("/api/v1/plans/{plan}/", {}, "plan:read"),
    ("/api/v1/quotas/", MONTH, "quota:read"),
    ("/api/v1/quotas/", {**MONTH, "explain": "1"}, "quota:read"),
    ("/api/v1/quotas/changes/", {}, "quota:read"),
]
READERS = [
    Role.ADMINISTRATOR,
    Role.PLANNER,
    Role.APPROVER,
    Role.COUNTY_MANAGER,
    Role.CUSTOMER_MANAGER,
    Role.AUDITOR,
]


@pytest.fixture
def published(city, products):
    city.publish_classes("abc", dt.date(2026, 11, 1), {0: "A", 1: "B"})
    return city.publish_plan(202611, 1, 7, {(0, products[0]): 3, (1, products[0]): 4})


@pytest.mark.parametrize(("path", "query", "scope"), READS)
def test_nobody_gets_a_challenge(client, published, path, query, scope):
    response = client.get(path.format(plan=published.pk), query)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response.json()["code"] == "not_authenticated"


@pytest.mark.parametrize(("path", "query", "scope"), READS)
def test_machine_needs_exactly_its_scope(client, city, published, path, query, scope):
    machine = city.client()
    path = path.format(plan=published.pk)
    others = " ".join(name for name in ALL_SCOPES.split() if name != scope)

    with_it = client.get(path, query, HTTP_AUTHORIZATION=f"Bearer {token_of(machine, scope)}")
    without = client.get(path, query, HTTP_AUTHORIZATION=f"Bearer {token_of(machine, others)}")

    assert with_it.status_code == 200, with_it.content
    assert (without.status_code, without.json()["code"]) == (403, "insufficient_scope")


@pytest.mark.parametrize(("path", "query", "scope"), READS)
@pytest.mark.parametrize("role", Role.values)
def test_person_needs_the_permission_of_the_role(client, city, published, path, query, scope, role):
    person = (
        city.manager
        if role == Role.CUSTOMER_MANAGER
        else city.person("x", role, partner_of="Maker" if role == Role.PARTNER else "")
    )
    client.force_login(person)

    response = client.get(path.format(plan=published.pk), query)

    assert response.status_code == (200 if role in READERS else 403)


@pytest.mark.parametrize("role", Role.values)
def test_no_person_pushes_orders(client, city, role):
    client.force_login(city.person("x", role, partner_of="Maker" if role == Role.PARTNER else ""))

    response = client.post(
        "/api/v1/orders/", {"orders": [order()]}, content_type="application/json"
    )

    assert response.status_code == 403
    assert Order.objects.count() == 0


def test_machine_without_the_scope_pushes_nothing(client, city):
    token = token_of(city.client(), ALL_SCOPES.replace(" order:write", ""))

    response = client.post(
        "/api/v1/orders/",
        {"orders": [order()]},
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {token}",
    )

    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")
    assert Order.objects.count() == 0


@pytest.mark.parametrize(("path", "query", "scope"), READS)
def test_a_token_dies_with_expiry_revocation_client_and_company(
    client, city, published, path, query, scope
):
    machine = city.client()
    path = path.format(plan=published.pk)

    def ask(token: str) -> int:
        return client.get(path, query, HTTP_AUTHORIZATION=f"Bearer {token}").status_code

    token = token_of(machine)
    assert ask(token) == 200
    assert ask(token_of(machine, minutes=-1)) == 401
    machine.is_active = False
    machine.save()
    assert ask(token) == 401
    machine.is_active = True
    company, machine.company = machine.company, None
    machine.save()
    assert ask(token) == 401
    machine.company = company
    machine.save()
    assert ask(token) == 200
    machine.accesstoken_set.all().delete()
    assert ask(token) == 401


@pytest.mark.parametrize(("path", "query", "scope"), READS)
def test_a_bad_token_is_refused_even_with_a_session(client, city, published, path, query, scope):
    client.force_login(city.person("x", Role.PLANNER))

    response = client.get(path.format(plan=published.pk), query, HTTP_AUTHORIZATION="Bearer stale")

    assert response.status_code == 401
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


def test_a_token_in_the_address_does_not_count(client, city, published):
    token = token_of(city.client())

    assert client.get("/api/v1/plans/", {"access_token": token}).status_code == 401


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize(("path", "query", "scope"), READS)
def test_reads_cannot_write(client, bearer, published, path, query, scope, method):
    response = getattr(client, method)(
        path.format(plan=published.pk), "{}", content_type="application/json", **bearer
    )

    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"
    assert "GET" in response["Allow"]


def test_rows_of_another_company_do_not_exist(call, city, other, products, published):
    for row in other.retailers:
        row.code = f"beta-{row.code}"
        row.save()
    plan = other.publish_plan(202611, 1, 8, {(0, products[0]): 99})
    other.publish_classes("only-beta", dt.date(2026, 11, 1), {0: "A"})

    assert {row["code"] for row in call("/api/v1/retailers/").json()["results"]} == {
        "R1",
        "R2",
        "R3",
        "R4",
    }
    assert call("/api/v1/retailers/beta-R1/").status_code == 404
    assert [row["id"] for row in call("/api/v1/plans/").json()["results"]] == [published.pk]
    assert call(f"/api/v1/plans/{plan.pk}/").status_code == 404
    assert call("/api/v1/classes/", scheme="only-beta").json()["code"] == "nothing_published"
    assert call("/api/v1/classes/", scheme="abc", retailer="beta-R1").status_code == 404
    for explain in ({}, {"explain": "1"}):
        found = call("/api/v1/quotas/", retailer="beta-R1", month="2026-11", **explain)
        assert (found.status_code, found.json()["code"]) == (404, "unknown_retailer")
    changes = call("/api/v1/quotas/changes/").json()["publications"]
    assert [row["publication_no"] for row in changes] == [7]


def test_people_see_their_part_of_the_company(client, city, products, published):
    west = city.person("west", Role.COUNTY_MANAGER, unit=city.west)
    client.force_login(west)

    codes = [row["code"] for row in client.get("/api/v1/retailers/").json()["results"]]
    assert codes == ["R2", "R4"]
    assert client.get("/api/v1/retailers/R1/").status_code == 404
    assert client.get("/api/v1/quotas/", MONTH).status_code == 404
    classes = client.get("/api/v1/classes/", {"scheme": "abc"}).json()["results"]
    assert [row["retailer_code"] for row in classes] == ["R2"]
    (publication,) = client.get("/api/v1/quotas/changes/").json()["publications"]
    assert [row["retailer_code"] for row in publication["quotas"]] == ["R2"]


def test_numbers_are_masked_and_only_for_people_who_may_see_contacts(client, city, call):
    def seen(path: str, text: bytes) -> bool:
        return text in client.get(path).content

    assert b"138" not in call("/api/v1/retailers/").content
    assert b"contacts" not in call("/api/v1/retailers/R1/").content
    client.force_login(city.person("auditor", Role.AUDITOR))
    assert not seen("/api/v1/retailers/R1/", b"5678")
    client.force_login(city.person("planner", Role.PLANNER))
    for path in ("/api/v1/retailers/R1/", "/api/v1/retailers/"):
        assert seen(path, b"138****5678")
        assert not seen(path, b"13812345678")


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1/",
        "/api/v2/x/",
        "/api/v1/retailers",
        "/api/o/authorize/",
        "/api/oauth/applications/",
        "/api/oauth/introspect/",
    ],
)
def test_unknown_addresses_answer_in_the_words_of_the_api(client, db, path):
    for method in ("get", "post"):
        response = getattr(client, method)(path)
        assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
        assert response.json()["code"] == "not_found"
