"""Bad input gets a problem with a code, changes nothing, and is never an error of ours."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent
from brands.models import Order, OrderBatch, OrderLine, SalesTouch
from config.wsgi import application
from tests.integration.api.conftest import line, order

GOOD = json.dumps({"orders": [order()]})


def body(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def with_header(name: str, text: str) -> bytes:
    """The good body with the JSON text of one field of the order replaced."""
    return body(GOOD.replace(f'"{name}": {json.dumps(order()[name])}', f'"{name}": {text}'))


def with_line(name: str, text: str) -> bytes:
    """The good body with the JSON text of one field of the line replaced."""
    return body(GOOD.replace(f'"{name}": {json.dumps(line(1)[name])}', f'"{name}": {text}'))


HOSTILE = {
    "empty body": b"",
    "blank body": b"   ",
    "truncated": body(GOOD)[:-5],
    "truncated in a text": body(GOOD)[:20],
    "no JSON": b"order_no,retailer\nN1,R1",
    "single quotes": body(GOOD.replace('"', "'")),
    "a trailing comma": body(GOOD.replace("}]}", "},]}")),
    "comment": body("// hello\n" + GOOD),
    "two documents": body(GOOD + GOOD),
    "duplicate key": body(GOOD.replace('"revision": 0', '"revision": 0, "revision": 1')),
    "duplicate key at the top": body(GOOD[:-1] + ', "orders": []}'),
    "unknown field at the top": body(GOOD[:-1] + ', "mode": "fast"}'),
    "unknown field of an order": body(GOOD.replace('"revision"', '"revison"')),
    "unknown field of a line": body(GOOD.replace('"unit_price"', '"price"')),
    "top is a list": b"[]",
    "top is a text": b'"orders"',
    "top is null": b"null",
    "orders is an object": b'{"orders": {}}',
    "orders is null": b'{"orders": null}',
    "orders is empty": b'{"orders": []}',
    "orders of numbers": b'{"orders": [1, 2]}',
    "lines is a text": with_header("lines", '"all"'),
    "lines of nulls": with_header("lines", "[null]"),
    "100k deep list": b'{"orders": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "100k deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "900 deep list": b'{"orders": ' + b"[" * 900 + b"]" * 900 + b"}",
    "NUL in a text": with_header("order_no", '"N\\u0000"'),
    "raw NUL": body(GOOD.replace("N1", "N\x00")),
    "NUL in a key": body(GOOD.replace('"revision"', '"rev\\u0000"')),
    "lone surrogate": with_header("order_no", '"N\\ud800"'),
    "raw surrogate": body(GOOD.replace("N1", "N\ud800")),
    "GBK bytes": GOOD.replace("N1", "订单").encode("gbk"),
    "UTF-16": GOOD.encode("utf-16"),
    "UTF-32": GOOD.encode("utf-32"),
    "newline in the number": with_header("order_no", '"N1\\n"'),
    "space around the number": with_header("order_no", '" N1"'),
    "right-to-left override": with_header("order_no", '"N\\u202e1"'),
    "empty number": with_header("order_no", '""'),
    "number of 61 characters": with_header("order_no", json.dumps("9" * 61)),
    "number as JSON number": with_header("order_no", "1"),
    "number is null": with_header("order_no", "null"),
    "number is a list": with_header("order_no", "[]"),
    "revision 1.0": with_header("revision", "1.0"),
    "revision as text": with_header("revision", '"0"'),
    "revision true": with_header("revision", "true"),
    "revision -1": with_header("revision", "-1"),
    "revision 2^31": with_header("revision", str(2**31)),
    "revision 2^63": with_header("revision", str(2**63)),
    "revision of 5,000 digits": with_header("revision", "9" * 5000),
    "full-width digits": with_line("ordered_cartons", '"１２"'),
    "raw full-width digits": with_line("ordered_cartons", "１２"),
    "leading zeros": with_line("ordered_cartons", "007"),
    "hexadecimal": with_line("ordered_cartons", "0x10"),
    "plus sign": with_line("ordered_cartons", "+5"),
    "cartons 5.5": with_line("ordered_cartons", "5.5"),
    "cartons 1e2": with_line("ordered_cartons", "1e2"),
    "cartons 1e400": with_line("ordered_cartons", "1e400"),
    "cartons 1e99999999999999999999": with_line("ordered_cartons", "1e99999999999999999999"),
    "cartons NaN": with_line("ordered_cartons", "NaN"),
    "cartons Infinity": with_line("ordered_cartons", "-Infinity"),
    "cartons 2^31": with_line("ordered_cartons", str(2**31)),
    "cartons 2^63": with_line("ordered_cartons", str(2**63)),
    "cartons of 5,000 digits": with_line("ordered_cartons", "9" * 5000),
    "line number 0": with_line("line_no", "0"),
    "line number true": with_line("line_no", "true"),
    "line number 2^63": with_line("line_no", str(2**63)),
    "price with three places": with_line("unit_price", '"1.001"'),
    "price 1.001": with_line("unit_price", "1.001"),
    "price 1e400": with_line("unit_price", "1e400"),
    "price 1e-400": with_line("unit_price", "1e-400"),
    "price of 5,000 digits": with_line("unit_price", "1" * 5000),
    "price with 5,000 places": with_line("unit_price", "0." + "1" * 5000),
    "price 1,000": with_line("unit_price", '"1,000"'),
    "price 1_0": with_line("unit_price", '"1_0"'),
    "price 1e3 as text": with_line("unit_price", '"1e3"'),
    "price NaN as text": with_line("unit_price", '"NaN"'),
    "price in full-width digits": with_line("unit_price", '"１"'),
    "negative price": with_line("unit_price", '"-1.00"'),
    "price true": with_line("unit_price", "true"),
    "price is an object": with_line("unit_price", "{}"),
    "day without meaning": with_header("ordered_on", '"2026-02-30"'),
    "day with time": with_header("ordered_on", '"2026-11-20T00:00:00"'),
    "day in another form": with_header("ordered_on", '"20/11/2026"'),
    "day in full-width digits": with_header("ordered_on", '"２０２６-11-20"'),
    "day as number": with_header("ordered_on", "20261120"),
    "year 0": with_header("ordered_on", '"0000-01-01"'),
    "year 9999": with_header("ordered_on", '"9999-12-31"'),
    "kind unknown": body(GOOD.replace('"line_no": 1', '"line_no": 1, "kind": "gift"')),
    "kind as number": body(GOOD.replace('"line_no": 1', '"line_no": 1, "kind": 1')),
    "kind as list": body(GOOD.replace('"line_no": 1', '"line_no": 1, "kind": ["sale"]')),
    "cancelled as text": body(GOOD.replace('"revision": 0', '"cancelled": "yes"')),
    "cancelled as number": body(GOOD.replace('"revision": 0', '"cancelled": 1')),
    "needed below zero": body(GOOD.replace('"line_no": 1', '"line_no": 1, "needed_cartons": -1')),
    "ten megabytes": b'{"orders": [' + b" " * (10 * 1024 * 1024) + b"]}",
}


@pytest.fixture
def nothing_written(city):
    def check() -> None:
        for model in (Order, OrderLine, OrderBatch, SalesTouch, AuditEvent):
            assert model.objects.count() == 0

    return check


def test_the_good_body_is_good(push):
    assert push(body=GOOD.encode()).json()["results"][0]["status"] == "created"
    assert push(body=b"\xef\xbb\xbf" + GOOD.encode()).status_code == 200  # with a BOM


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_body_is_refused_as_a_whole(push, nothing_written, name):
    response = push(body=HOSTILE[name])

    assert response.status_code in {400, 413, 422}, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["code"]
    assert problem["detail"]
    nothing_written()


def test_a_wrong_field_is_named_by_its_path(push):
    response = push(order(), order("N2", lines=[line(1), line(2, ordered_cartons="x")]))

    assert response.json()["code"] == "invalid"
    assert list(response.json()["extra"]["fields"]) == ["orders[1].lines[1].ordered_cartons"]


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "text/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=gbk",
        "application/json; charset=utf-16",
        "application/json; charset=zlib",
        "application/json; charset=nonsense",
        "application/json-patch+json",
    ],
)
def test_another_content_type_or_charset_is_refused(client, bearer, nothing_written, kind):
    response = client.generic("POST", "/api/v1/orders/", GOOD, content_type=kind, **bearer)

    assert response.status_code in {400, 415}
    assert response["Content-Type"] == "application/problem+json"
    nothing_written()


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
EXAMPLES = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.slow
@EXAMPLES
@given(
    st.sampled_from([*order(), "cancelled"]),
    st.sampled_from([*line(1), "amount", "kind", "needed_cartons", "quota_cartons"]),
    VALUES,
    VALUES,
)
def test_any_value_in_any_field_is_answered(push, name, line_name, value, line_value):
    text = json.dumps(
        {
            "orders": [
                order(**{name: value}),
                order("N2", lines=[line(1, **{line_name: line_value})]),
            ]
        }
    )

    response = push(body=text.encode("utf-8", "surrogatepass"))

    assert response.status_code in {200, 400, 422}


@pytest.mark.slow
@EXAMPLES
@given(st.binary(max_size=200))
def test_any_bytes_are_answered(push, nothing_written, data):
    response = push(body=data)

    assert response.status_code == 400
    nothing_written()


PARAMETERS = [
    (
        "/api/v1/retailers/",
        {},
        ["code", "status", "county", "class", "scheme", "updated_since", "cursor", "page_size"],
    ),
    (
        "/api/v1/products/",
        {},
        [
            "code",
            "price_class",
            "is_active",
            "is_key_brand",
            "updated_since",
            "cursor",
            "page_size",
        ],
    ),
    ("/api/v1/classes/", {"scheme": "abc"}, ["scheme", "date", "retailer", "cursor", "page_size"]),
    ("/api/v1/plans/", {}, ["month", "status", "cursor", "page_size"]),
    ("/api/v1/quotas/", {"retailer": "R1", "month": "2026-11"}, ["retailer", "month", "explain"]),
    ("/api/v1/quotas/changes/", {}, ["cursor", "page_size"]),
]
JUNK = [
    "",
    "abc",
    "-1",
    "0",
    "1.5",
    "１２",
    "٣",
    "1_000",
    "1e3",
    "0x10",
    "+1",
    " 1",
    "NaN",
    "null",
    "true",
    str(2**31),
    str(2**63),
    "9" * 19,
    "9" * 5000,
    "\ud800".encode("utf-8", "surrogatepass"),
    b"\xff\xfe",
    "2026-13",
    "2026-00",
    "0000-01",
    "2026-02-30",
    "２０２６-11",
    "2026-11-20T00:00:00",
    "9999-12-31",
    "2026-11-20T25:00:00+08:00",
    "2026-11-20T00:00:00+99:99",
    "'; DROP TABLE brands_order; --",
    "%",
    "_",
    "a" * 7000,
    "\u202e",
    "🚬",
    "1.2",
    "1.2.3.4",
    "1..2",
    "-1.-1.-1",
    "..",
    "cD0x",
    "active",
    "published",
]
CASES = [
    (path, {**base, name: value})
    for path, base, names in PARAMETERS
    for name in names
    for value in JUNK
]


@pytest.mark.slow
def test_junk_in_every_parameter_is_answered(client, city, bearer, products):
    city.publish_classes("abc", city_day(), {0: "A"})
    city.publish_plan(202611, 1, 1, {(0, products[0]): 3})

    codes = set()
    for path, query in CASES:
        response = client.get(path, query, **bearer)
        codes.add(response.status_code)
        assert response.status_code in {200, 400, 404}, (path, query)
        if response.status_code != 200:
            assert response["Content-Type"] == "application/problem+json"

    assert codes == {200, 400, 404}


def city_day():
    import datetime as dt

    return dt.date(2026, 11, 1)


@pytest.mark.slow
@EXAMPLES
@given(
    st.sampled_from([(path, base, name) for path, base, names in PARAMETERS for name in names]),
    st.text(),
)
def test_any_text_in_any_parameter_is_answered(client, bearer, city, where, text):
    path, base, name = where

    response = client.get(path, {**base, name: text.encode("utf-8", "surrogatepass")}, **bearer)

    assert response.status_code in {200, 400, 404}


@pytest.mark.parametrize("path", [path for path, _base, _names in PARAMETERS])
def test_unknown_and_repeated_parameters_are_refused(client, bearer, city, path):
    unknown = client.get(path, {"retialer": "R1"}, **bearer)
    repeated = client.get(f"{path}?cursor=1&cursor=2", **bearer)

    assert unknown.status_code == repeated.status_code == 400
    assert "retialer" in unknown.json()["extra"]["fields"]


@pytest.mark.parametrize(
    "code", ["%00", "%ff", "..%2f..", "%F0%9F%9A%AC", "a" * 3000, "%0a", "R1%20"]
)
def test_strange_codes_in_the_path_are_not_found(client, bearer, city, code):
    for resource in ("retailers", "products", "plans"):
        response = client.get(f"/api/v1/{resource}/{code}/", **bearer)
        assert response.status_code in {400, 404}
        assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "bearer  x",
        "Basic eDp5",
        "Bearer x y",
        "Bearer 令牌",
        "Bearer \x00",
        "Bearer " + "x" * 9000,
        "Bearer ' OR 1=1",
    ],
)
def test_strange_authorization_headers_are_unauthorized(client, city, header):
    for path in ("/api/v1/retailers/", "/api/v1/quotas/?retailer=R1&month=2026-11"):
        response = client.get(path, HTTP_AUTHORIZATION=header)
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("charset", ["zlib", "rot13", "utf-16", "gbk", "idna", "nonsense"])
@pytest.mark.parametrize("path", ["/api/v1/retailers/", "/login/"])
def test_a_charset_other_than_utf8_never_reaches_django(rf, charset, path):
    environ = rf.get(path, {"code": "零"}).environ
    environ["CONTENT_TYPE"] = f"text/html; charset={charset}"
    started = []

    body = b"".join(application(environ, lambda *words: started.append(words)))

    ((status, headers),) = started
    assert status == "415 Unsupported Media Type"
    problem = json.loads(body)
    assert (problem["code"], problem["title"]) == ("unsupported_charset", "Unsupported Media Type")
    assert problem["request_id"] == dict(headers)["X-Request-Id"]


def test_utf8_reaches_django(rf, db):
    environ = rf.get("/api/v1/retailers/", {"code": "零"}).environ
    environ["CONTENT_TYPE"] = "text/html; charset=UTF-8"
    statuses = []

    application(environ, lambda status, headers: statuses.append(status))

    assert statuses == ["401 Unauthorized"]
