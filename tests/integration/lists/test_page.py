"""The one mechanism of lists, seen through the list of retailers."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent, Preference, SavedView
from accounts.roles import Permission, Role
from config.common import lists
from config.common.lists import ListState, Order, neighbours, read_page
from customers.lists import RETAILERS
from customers.models import Retailer
from tests.factories import add_retailer, make_city, person


@pytest.fixture
def client_of(city):
    def log_in(who: Any) -> Client:
        user = city.people[who] if isinstance(who, str) else who
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture
def planner(client_of):
    return client_of(Role.PLANNER)


def shown(answer: Any) -> list[str]:
    return [row.code for row in answer.context["page"].rows]


def heads(answer: Any) -> list[str]:
    return [head.column.code for head in answer.context["heads"]]


# --- columns ------------------------------------------------------------------------------


def test_the_address_chooses_columns_and_the_name_always_stays(planner):
    answer = planner.get("/retailers/", {"cols": "licence,code,nonsense,code"})

    assert heads(answer) == ["name", "licence", "code"]


def test_columns_that_were_chosen_are_there_the_next_time_and_on_no_other_desk(planner, client_of):
    url = reverse("list-layout", args=["retailers"])
    planner.post(url, {"column": ["name", "format", "code"], "query": "?county=1"})

    assert heads(planner.get("/retailers/")) == ["name", "format", "code"]
    assert "format" not in heads(client_of(Role.APPROVER).get("/retailers/"))
    planner.post(url, {"reset": "1"})
    assert "format" not in heads(planner.get("/retailers/"))


def test_choosing_columns_keeps_the_filters(planner):
    url = reverse("list-layout", args=["retailers"])

    answer = planner.post(url, {"column": ["name"], "query": "?status=active&cols=code"})

    assert answer["Location"] == "/retailers/?status=active"


def test_widths_are_kept_within_bounds(planner, city):
    url = reverse("list-layout", args=["retailers"])
    planner.post(url, {"widths": '{"name": 90, "code": 5, "line": 99999, "county": "wide"}'})

    kept = Preference.objects.get(user=city.people[Role.PLANNER]).value["widths"]
    assert kept == {"name": 90, "code": 60, "line": 800}
    answer = planner.get("/retailers/")
    assert {head.column.code: head.width for head in answer.context["heads"]}["name"] == 90


@pytest.mark.parametrize("widths", ["", "[", "[1]", "null", '{"a": {}}'])
def test_widths_that_are_none(planner, widths):
    answer = planner.post(reverse("list-layout", args=["retailers"]), {"widths": widths})

    assert answer.status_code in (204, 400)


def test_a_column_that_needs_a_permission_is_not_even_offered(client_of):
    answer = client_of(Role.INSPECTOR).get("/retailers/")

    codes = [one.code for one in (*answer.context["chosen"], *answer.context["others"])]
    assert not any(code.startswith("class-") for code in codes)


# --- filters of the purchases -------------------------------------------------------------


@pytest.mark.parametrize(
    ("trend", "found"),
    [("falling", ["R00000", "R00003"]), ("rising", ["R00001"]), ("stopped", ["R00003"])],
)
def test_a_tenth_more_or_less_is_the_border_of_a_trend(planner, city, trend, found):
    figures = [(89, 100), (111, 100), (90, 100), (0, 100)]
    for retailer, (recent, prior) in zip(city.retailers, figures, strict=True):
        Retailer.objects.filter(pk=retailer.pk).update(recent_cartons=recent, prior_cartons=prior)

    assert shown(planner.get("/retailers/", {"trend": trend})) == found


def test_retailers_without_a_manager(planner, city):
    Retailer.objects.filter(code="R00002").update(manager=None)
    Retailer.objects.exclude(code="R00002").update(manager=city.people[Role.CUSTOMER_MANAGER])

    assert shown(planner.get("/retailers/", {"manager": "none"})) == ["R00002"]


def test_every_ready_made_view_is_understood_by_the_list(planner, city):
    for label, query in RETAILERS.presets(city.people[Role.PLANNER]):
        answer = planner.get(f"/retailers/?{query}")
        assert answer.context["state"].form.errors == {}, label
        assert answer.context["state"].is_filtered, label


# --- saved views --------------------------------------------------------------------------


def save(client: Client, query: str, **fields: str) -> Any:
    return client.post(
        reverse("list-view-save", args=["retailers"]), {"query": query, "name": "Mine", **fields}
    )


def test_a_view_keeps_filters_order_and_columns(planner):
    answer = save(planner, "?status=active&county=&sort=-recent&cols=name,code&cursor=x&zzz=1")

    view = SavedView.objects.get()
    assert view.query == "status=active&sort=-recent"
    assert view.layout["columns"] == ["name", "code"]
    page = planner.get(answer["Location"])
    assert heads(page) == ["name", "code"]
    assert page.context["view"] == view
    assert not page.context["view_is_changed"]


def test_a_view_that_was_changed_can_be_updated_once(planner):
    save(planner, "?status=active")
    view = SavedView.objects.get()
    page = planner.get("/retailers/", {"status": "suspended", "view": view.pk})
    assert page.context["view_is_changed"]
    assert page.context["may_change_view"]

    url = reverse("list-view-update", args=[view.pk])
    fields = {"query": "?status=suspended", "version": "1"}
    assert planner.post(url, fields).status_code == 302
    assert planner.post(url, fields).status_code == 409, "somebody else has changed it meanwhile"

    view.refresh_from_db()
    assert (view.query, view.version) == ("status=suspended", 2)


def test_a_private_view_is_nobody_elses(planner, client_of):
    save(planner, "?status=active")
    view = SavedView.objects.get()
    other = client_of(Role.APPROVER)

    assert other.get("/retailers/").context["views"] == []
    assert other.get("/retailers/", {"view": view.pk}).context["view"] is None
    for name in ("list-view-update", "list-view-delete"):
        assert other.post(reverse(name, args=[view.pk])).status_code == 404
    assert AuditEvent.objects.filter(action__startswith="view.").count() == 0


def test_a_shared_view_is_seen_by_the_company_and_changed_by_its_owner_only(planner, client_of):
    save(planner, "?status=active", audience="company")
    view = SavedView.objects.get()
    other = client_of(Role.APPROVER)
    stranger = client_of(person(make_city("other"), "stranger", Role.PLANNER))

    assert other.get("/retailers/", {"view": view.pk}).context["view"] == view
    assert other.post(reverse("list-view-delete", args=[view.pk])).status_code == 403
    assert stranger.post(reverse("list-view-delete", args=[view.pk])).status_code == 404
    assert AuditEvent.objects.get(action="view.save").object_label == "Mine"
    assert planner.post(reverse("list-view-delete", args=[view.pk])).status_code == 302
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("audience", ["company", "role", "everybody", ""])
def test_who_may_not_share_may_not_share(client_of, audience):
    fields = {"audience": audience, "role": "planner"}
    answer = save(client_of(Role.CUSTOMER_MANAGER), "?status=active", **fields)

    assert answer.status_code in (400, 403)
    assert not SavedView.objects.exists()


def test_a_role_opens_the_list_with_its_view_and_one_person_with_another(planner, client_of):
    save(planner, "?status=active", audience="role", role="approver", is_default="1")
    approver = client_of(Role.APPROVER)

    opened = approver.get("/retailers/")
    assert "status=active" in opened["Location"]
    assert approver.get("/retailers/?view=0").status_code == 200
    save(approver, "?status=suspended", name="My own", is_default="1")
    assert "status=suspended" in approver.get("/retailers/")["Location"]
    assert planner.get("/retailers/").status_code == 200, "it is not the planner's"


def test_a_new_default_takes_the_place_of_the_one_before(planner):
    save(planner, "?status=active", is_default="1")
    save(planner, "?status=suspended", name="Second", is_default="1")

    assert list(SavedView.objects.filter(is_default=True).values_list("name", flat=True)) == [
        "Second"
    ]


def test_a_name_is_taken_once(planner):
    save(planner, "?status=active")

    assert save(planner, "?status=suspended").status_code == 409
    assert save(planner, "?status=suspended", name=" ").status_code == 400
    assert SavedView.objects.count() == 1


# --- previous and next --------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["code", "-code", "name", "recent", "-recent", "tier", "-tier"])
def test_next_and_previous_walk_through_the_list_as_it_is_shown(city, sort):
    user = city.people[Role.PLANNER]
    for number in range(4, 30):
        retailer = add_retailer(city, number)
        Retailer.objects.filter(pk=retailer.pk).update(recent_cartons=number % 4)
    order = RETAILERS.order(sort, RETAILERS.columns(user))
    rows = RETAILERS.rows(user)
    listed = [row.pk for row in read_page(rows, order, size=100).rows]

    for place, key in enumerate(listed):
        before, after = neighbours(rows, order, key)
        assert before == (listed[place - 1] if place else None)
        assert after == (listed[place + 1] if place + 1 < len(listed) else None)


def test_a_row_opened_from_a_list_leads_on_in_it(planner, city):
    page = planner.get("/retailers/", {"status": "active", "sort": "-code"})
    assert "?in=status%3Dactive" in page.content.decode()
    Retailer.objects.filter(code="R00001").update(status="closed")

    first = planner.get(
        reverse("retailer-detail", args=[city.retailers[2].pk]), {"in": "status=active&sort=-code"}
    )

    path, query = urlsplit(first.context["next_url"])[2:4]
    assert path == reverse("retailer-detail", args=[city.retailers[0].pk])
    assert parse_qs(unquote(query)) == {"in": ["status=active"], "sort": ["-code"]}
    assert first.context["list_url"] == "/retailers/?status=active&sort=-code"


def test_a_row_that_left_the_list_still_leads_on(planner, city):
    user = city.people[Role.PLANNER]
    rows = RETAILERS.rows(user).exclude(code="R00001")

    found = neighbours(rows, Order.usual(RETAILERS.default), city.retailers[1].pk)

    assert found == (city.retailers[0].pk, city.retailers[2].pk)
    assert neighbours(rows, Order.usual(RETAILERS.default), 10**9) == (None, None)


# --- cost and scope -----------------------------------------------------------------------


@pytest.mark.parametrize("name", [spec.name for spec in lists.all_lists()])
def test_a_list_asks_as_many_queries_for_many_rows_as_for_few(client_of, city, name):
    spec = lists.find(name)
    client = client_of(Role.ADMINISTRATOR)
    url = f"{reverse(spec.url_name)}?view=0"
    client.get(url)  # what is read once per process

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    few = queries()
    for number in range(4, 40):
        add_retailer(city, number)
    assert queries() <= max(few, 1)
    assert few <= 12


def test_a_state_reads_back_what_it_writes(city):
    user = city.people[Role.PLANNER]
    address = "q=sp&status=active&sort=-recent&cols=name%2Ccode"
    state = ListState.parse(RETAILERS, user, address)

    again = ListState.parse(RETAILERS, user, state.address())

    assert again.address() == state.address()
    assert again.filters == state.filters == "q=sp&status=active&sort=-recent"
    assert again.address(status=None, cursor="x") == "?q=sp&sort=-recent&cols=name%2Ccode&cursor=x"


def test_the_search_names_phone_numbers_to_those_who_may_search_by_them(client_of, city):
    def label(role: Role) -> str:
        form = client_of(role).get("/retailers/").context["state"].form
        return str(form["q"].label)

    assert Permission.VIEW_PERSONAL_DATA not in city.people[Role.APPROVER].permissions
    assert label(Role.PLANNER) == "编码/名称/拼音/许可证/电话尾号"
    assert label(Role.APPROVER) == "编码、名称、拼音首字母或许可证号"


def test_a_list_on_one_page_does_not_offer_to_count(planner, city):
    assert 'id="list-count"' not in planner.get("/retailers/").content.decode()
    for number in range(100, 160):
        add_retailer(city, number)
    assert 'id="list-count"' in planner.get("/retailers/").content.decode()
