"""Whatever is sent to a page, the answer is no HTTP 500."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from tests.access import TABLE

HUGE = 10**30
TEXTS = [
    "'",
    '"><script>alert(1)</script>',
    "%",
    "\\",
    "_",
    "ｆｕｌｌ",
    "𠮷" * 50,
    "a" * 3000,
    "-1",
    "1e9",
]


@pytest.fixture
def planner(city):
    client = Client(raise_request_exception=False)
    client.force_login(
        city.people[Role.PLANNER], backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (
            "retailer-list",
            "q county line abc tier_from tier_to status weekday trend manager sort cols view in cursor",
        ),
        ("list-count", "q county tier_from sort cols view"),
        ("product-list", "q manufacturer price_class status sort cursor"),
        ("run-list", "kind status cursor"),
        ("plan-list", "cursor"),
        ("file-list", "cursor"),
    ],
)
def test_strange_filters(planner, name, fields):
    arguments = {"name": "retailers"} if name == "list-count" else {}
    address = reverse(name, kwargs=arguments)
    answers = {
        (field, text): planner.get(address, {field: text}).status_code
        for field in fields.split()
        for text in TEXTS
    }

    assert [asked for asked, status in answers.items() if status >= 500] == []


def test_strange_days(city, planner):
    auditor = Client(raise_request_exception=False)
    auditor.force_login(
        city.people[Role.AUDITOR], backend="django.contrib.auth.backends.ModelBackend"
    )
    for day in ["0001-01-01", "9999-12-31", "2026-02-30", "10000-01-01", "x"]:
        assert auditor.get(reverse("audit-list"), {"since": day, "until": day}).status_code == 200
        fields = {"company": city.company.pk, "business_date": day}
        assert planner.post(reverse("run-start"), fields).status_code == 422


@pytest.mark.parametrize("number", [0, 2**63 - 1, 2**63, 10**30])
def test_keys_that_nothing_can_have(city, planner, number):
    wrong = []
    for name, rule in TABLE.items():
        arguments = rule.of(city)
        if "pk" not in arguments or name.startswith("api-"):
            continue
        arguments = {
            key: number if key in ("pk", "product") else one for key, one in arguments.items()
        }
        if planner.get(reverse(name, kwargs=arguments)).status_code >= 500:
            wrong.append(name)

    assert wrong == []


def test_signs_that_a_database_cannot_store(city, planner):
    reason = {"reason": "a\x00b"}

    assert planner.get("/retailers/", {"q": "a\x00b"}).status_code == 400
    for name in ("run-dismiss", "plan-revise"):
        url = reverse(name, kwargs=TABLE[name].of(city))
        assert planner.post(url, reason).status_code == 302
    factor = reverse("line-factor", kwargs=TABLE["line-factor"].of(city))
    assert planner.post(factor, {"factor": "1.1", **reason}).status_code == 422
    assert planner.post("/language/", {"language": "e\x00n", "next": "/\x00"}).status_code < 500


def test_strange_names_at_the_log_in(db, settings):
    settings.AXES_ENABLED = True
    client = Client(raise_request_exception=False)

    for username in ["a\x00b", "x" * 5000, "' OR 1=1 --", ""]:
        fields = {"username": username, "password": "a\x00"}
        assert client.post("/login/", fields).status_code < 500


def test_strange_factors_and_supplies(city, planner):
    factor = reverse("line-factor", kwargs=TABLE["line-factor"].of(city))
    for value in ["NaN", "Infinity", "1e400", "-1", "1.005", ""]:
        answer = planner.post(factor, {"factor": value, "reason": "x"})
        assert answer.status_code in (400, 422)
    assert planner.post(factor, {"factor": "1", "reason": "x" * 5000}).status_code == 422
    supply = reverse("line-cap", kwargs=TABLE["line-cap"].of(city))
    for value in ["-1", str(HUGE), "1.5", ""]:
        assert planner.post(supply, {"cartons": value, "reason": "x"}).status_code == 422
