"""The schema, its page, throttles, busy databases: what surrounds the endpoints."""

import json

import pytest
from django.core.management import call_command
from django.db import OperationalError

from accounts.roles import Role
from tests.integration.api.conftest import order


def described(client, bearer) -> dict:
    response = client.get("/api/schema/", **bearer)
    assert response.status_code == 200
    return json.loads(response.content)


def test_schema_is_valid_and_complete(tmp_path):
    """The command raises on the first warning."""
    path = tmp_path / "schema.yaml"

    call_command("spectacular", validate=True, fail_on_warn=True, file=str(path))

    assert "/api/v1/quotas/:" in path.read_text()


def test_schema_names_every_address_and_status(client, bearer):
    paths = described(client, bearer)["paths"]

    assert set(paths) == {
        "/api/oauth/token/",
        "/api/oauth/revoke_token/",
        "/api/v1/retailers/",
        "/api/v1/retailers/{code}/",
        "/api/v1/products/",
        "/api/v1/products/{code}/",
        "/api/v1/classes/",
        "/api/v1/plans/",
        "/api/v1/plans/{id}/",
        "/api/v1/quotas/",
        "/api/v1/quotas/changes/",
        "/api/v1/orders/",
    }
    push = paths["/api/v1/orders/"]["post"]["responses"]
    assert set(push) == {"200", "400", "401", "403", "409", "413", "415", "422", "429", "503"}
    for path, methods in paths.items():
        for method, operation in methods.items():
            assert operation["description"], (path, method)
            if path.startswith("/api/v1/") and method == "get":
                assert {"200", "400", "401", "403", "404", "429", "503"} <= set(
                    operation["responses"]
                )
                assert operation["security"], path


def test_schema_tells_the_scope_of_each_read(client, bearer):
    quotas = described(client, bearer)["paths"]["/api/v1/quotas/"]["get"]

    assert {"oauth2": ["quota:read"]} in quotas["security"]


def test_schema_and_page_are_for_readers(client, city, settings):
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}
    assert client.get("/api/schema/").status_code == 401
    assert client.get("/api/docs/")["Location"] == "/login/?next=%2Fapi%2Fdocs%2F"
    client.force_login(city.person("x", Role.INSPECTOR))
    assert client.get("/api/schema/").status_code == 403
    assert client.get("/api/docs/").status_code == 403
    client.force_login(city.person("y", Role.AUDITOR))
    assert client.get("/api/schema/").status_code == 200
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert b"<style" not in page.content
    assert b"https://" not in page.content
    assert client.get("/api/docs/?script=")["Content-Type"].startswith("application/javascript")


# --- throttles ----------------------------------------------------------------------------


def test_too_many_requests_wait_their_turn(call, city, monkeypatch):
    from rest_framework.settings import api_settings

    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "read", "2/min")

    answers = [call("/api/v1/products/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "throttled"
    assert 1 <= int(answers[2]["Retry-After"]) <= 61


def test_token_requests_are_throttled_by_address(client, db, monkeypatch):
    from rest_framework.settings import api_settings

    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "token", "1/min")

    codes = [client.post("/api/oauth/token/").status_code for _ in range(2)]

    assert codes == [400, 429]


def test_without_a_cache_everybody_passes(call, city, monkeypatch):
    from rest_framework.settings import api_settings

    class Broken:
        def incr(self, key, count):
            raise ConnectionError("redis is away")

    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "read", "1/min")
    monkeypatch.setattr("config.common.throttles.cache", Broken())

    assert [call("/api/v1/products/").status_code for _ in range(3)] == [200] * 3


# --- a busy database ----------------------------------------------------------------------


class LockNotAvailableError(Exception):
    pgcode = "55P03"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/api/v1/products/", "brands.api.selectors.list_products"),
        ("/api/v1/quotas/?retailer=R1&month=2026-11", "allocation.api.quota_sql.ask_by_token"),
    ],
)
def test_busy_database_is_said_with_retry_after(call, city, monkeypatch, path, target):
    def busy(*args, **kwargs):
        raise OperationalError(
            "canceling statement due to lock timeout"
        ) from LockNotAvailableError()

    monkeypatch.setattr(target, busy)

    response = call(path)

    assert (response.status_code, response.json()["code"]) == (503, "busy")
    assert response["Retry-After"]


def test_busy_push_is_said_with_retry_after_and_writes_nothing(push, monkeypatch):
    from brands.models import Order
    from config.common.retry import busy_error

    def always_lost(work):
        raise busy_error()

    monkeypatch.setattr("brands.services.orders.retrying", always_lost)

    response = push(order())

    assert (response.status_code, response.json()["code"]) == (503, "busy")
    assert response["Retry-After"]
    assert Order.objects.count() == 0


def test_a_bug_of_ours_is_not_hidden(call, city, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("brands.api.selectors.list_products", broken)

    with pytest.raises(ZeroDivisionError):
        call("/api/v1/products/")


def test_a_bug_of_ours_answers_in_the_words_of_the_api(client, bearer, city, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("brands.api.selectors.list_products", broken)
    client.raise_request_exception = False

    response = client.get("/api/v1/products/", **bearer)

    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert response.json()["code"] == "server_error"
    assert b"secret" not in response.content


def test_a_foreign_host_answers_in_the_words_of_the_api(client, db):
    response = client.get("/api/v1/products/", HTTP_HOST="evil.example")

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
