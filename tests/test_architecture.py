"""Rules that no single part can keep alone: who may open what, where queries live, how many there are."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from accounts.roles import Role
from tests.access import BODIES, LETTERS, QUERIES, TABLE, Rule
from tests.factories import City, add_assignment, add_retailer, make_city, person

ROOT = Path(__file__).resolve().parent.parent
APPS = ["accounts", "customers", "brands", "segmentation", "allocation"]
# Names of addresses that a library brings and that answer nobody.
FOREIGN_NAMES: set[str] = set()


def _named(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + (pattern.name or f"unnamed {pattern.pattern}")
        else:
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _named(pattern, prefix + space)


def test_every_address_is_in_the_table_and_the_table_has_no_other():
    found = set(_named(get_resolver())) - FOREIGN_NAMES

    assert found == set(TABLE)


# --- who may open what --------------------------------------------------------------------


def _client(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _path(name: str, city: City) -> str:
    if name == "api-unknown":
        return "/api/nothing/here/"
    return reverse(name, kwargs=TABLE[name].of(city))


def _ask(client: Client, method: str, name: str, city: City) -> int:
    """Status of one request, whose changes are undone."""
    cache.clear()
    with transaction.atomic():
        if method == "GET":
            response = client.get(_path(name, city), QUERIES.get(name, {}))
        elif method == "POST":
            response = client.post(_path(name, city), BODIES.get(name, {}))
        else:
            response = client.generic(method, _path(name, city))
        transaction.set_rollback(True)
    return response.status_code


def _class_of(status: int) -> str:
    """``in`` stands for every answer to somebody who is let in: also a form that is not filled in."""
    if status in (401, 403, 404, 405):
        return str(status)
    return "error" if status >= 500 else "in"


def _wanted(rule: Rule, method: str, letter: str, name: str) -> set[str]:
    if name == "api-unknown":
        return {"404"}
    allowed = rule.get if method == "GET" else rule.post
    if allowed is None:
        # The REST framework asks who it is before it looks at the method.
        return {"405", "403"} if name.startswith("api-") else {"405"}
    if name in ("api-token", "api-revoke-token"):
        return {"401", "in"}  # what a machine without credentials gets
    if letter in allowed:
        # No file of refused rows has been written in this city.
        return {"404"} if rule.own or name in ("file-errors", "file-result") else {"in"}
    return {"403"}


@pytest.mark.slow
@pytest.mark.parametrize("letter", list(LETTERS))
def test_each_role_gets_what_the_table_says(city, letter):
    client = _client(city.people[LETTERS[letter]])
    wrong = []
    for name, rule in TABLE.items():
        if name in ("logout",):  # would end the session of the others
            continue
        for method in ("GET", "POST"):
            got = _class_of(_ask(client, method, name, city))
            if got not in _wanted(rule, method, letter, name):
                wrong.append(f"{method} {name}: {got}")

    assert wrong == []


@pytest.mark.slow
def test_nobody_is_sent_to_the_log_in_page_or_told_401(city):
    client = _client(None)
    wrong = []
    for name, rule in TABLE.items():
        if rule.public:
            continue
        for method, allowed in (("GET", rule.get), ("POST", rule.post)):
            if allowed is None:
                continue
            status = _ask(client, method, name, city)
            wanted = 401 if name.startswith("api-") and name != "api-docs" else 302
            if status != wanted:
                wrong.append(f"{method} {name}: {status}")

    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.COUNTY_MANAGER, Role.CUSTOMER_MANAGER])
def test_a_colleague_of_another_county_does_not_find_a_retailer_of_ours(city, role):
    unit = {"unit": city.west} if role == Role.COUNTY_MANAGER else {}
    client = _client(person(city, "colleague", role, **unit))
    letter = next(key for key, value in LETTERS.items() if value == role)
    wrong = []
    for name, rule in TABLE.items():
        if not rule.unit or letter not in (rule.get or ""):
            continue
        status = _ask(client, "GET", name, city)
        if status != 404:
            wrong.append(f"{name}: {status}")

    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.PLANNER, Role.APPROVER, Role.AUDITOR])
def test_somebody_of_another_company_finds_nothing_of_ours(city, role):
    other = make_city("other", retailers=2)
    other.retailers[0].code = "X1"
    client = _client(other.people[role])
    letter = next(key for key, value in LETTERS.items() if value == role)
    wrong = []
    for name, rule in TABLE.items():
        if not rule.foreign or name == "api-retailer":  # codes are unique in a company only
            continue
        for method, allowed in (("GET", rule.get), ("POST", rule.post)):
            if letter not in (allowed or ""):
                continue
            status = _ask(client, method, name, city)
            if status != 404:
                wrong.append(f"{method} {name}: {status}")

    assert wrong == []


def test_no_address_takes_other_methods(city):
    client = _client(city.people[Role.ADMINISTRATOR])
    wrong = [
        f"{method} {name}"
        for name in TABLE
        for method in ("PUT", "PATCH", "DELETE")
        if _class_of(_ask(client, method, name, city)) in ("in", "error")
        and name not in ("login", "health-live")
    ]

    assert wrong == []


# --- where queries live -------------------------------------------------------------------


def _edge_files() -> Iterator[Path]:
    for app in APPS:
        for name in ("views.py", "prints.py", "panels.py"):
            if (ROOT / app / name).exists():
                yield ROOT / app / name
        yield from sorted((ROOT / app / "views").glob("*.py"))
        for path in sorted((ROOT / app / "api").glob("*.py")):
            # Reads of the API, its tokens and its throttles are beside it: they are not views.
            if path.stem.startswith(("views", "serializers", "filters", "permissions")):
                yield path


@pytest.mark.parametrize("path", list(_edge_files()), ids=lambda path: str(path.relative_to(ROOT)))
def test_views_hold_no_queries(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    managers = [
        f"line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager")
    ]

    assert managers == []


# --- how many queries there are -----------------------------------------------------------


@pytest.fixture
def queries(city, django_assert_max_num_queries) -> Any:
    """Count the queries of a page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(path: str, role: str = Role.ADMINISTRATOR) -> int:
        client = _client(city.people[role])
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    return count


def test_the_list_of_retailers_asks_at_most_12_queries_however_many_rows(city, queries):
    paths = ["/retailers/", "/retailers/?sort=tier&abc=C", "/retailers/?sort=recent&q=shop"]
    few = [queries(path) for path in paths]
    for number in range(4, 24):
        retailer = add_retailer(city, number)
        for run in city.published.values():
            add_assignment(run, retailer, number + 1, 24)

    many = [queries(path) for path in paths]

    assert many == few
    assert max(many) <= 12


@pytest.mark.parametrize("name", ["plan-quotas", "plan-detail", "scheme-detail"])
def test_pages_with_rows_per_retailer_ask_as_many_queries_for_24_as_for_4(city, queries, name):
    path = _path(name, city)
    few = queries(path)
    for number in range(4, 24):
        add_retailer(city, number)

    assert queries(path) == few


MOST_QUERIES = 12


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.PLANNER, Role.ADMINISTRATOR, Role.CUSTOMER_MANAGER])
def test_no_page_asks_the_database_more_than_twelve_times(city, role):
    client = _client(city.people[role])
    too_many = []
    for name in TABLE:
        if name in ("logout",):
            continue
        cache.clear()
        with transaction.atomic():
            path = _path(name, city)  # makes what the page shows, where the city has none
            with CaptureQueriesContext(connection) as asked:
                client.get(path, QUERIES.get(name, {}))
            transaction.set_rollback(True)
        queries = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]]
        if len(queries) > MOST_QUERIES:
            too_many.append(f"{name}: {len(queries)}")

    assert too_many == [], " ".join(too_many)
