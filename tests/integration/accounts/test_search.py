"""Search everything: each role finds what its lists show, and nothing else."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import RecentItem
from accounts.roles import Role
from accounts.services.recent import KEPT, remember
from customers.models import Contact, Retailer
from tests.factories import add_retailer, make_city, person


@pytest.fixture
def find(client, city):
    """Labels by kind that somebody finds on the page."""

    def ask(role, text, **more):
        user = city.people[role] if isinstance(role, str) else role
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get("/search/", {"q": text, **more})
        assert answer.status_code == 200
        return {
            group.kind: [str(hit.label) for hit in group.hits]
            for group, _url in answer.context["groups"]
        }

    return ask


# --- what is found --------------------------------------------------------------------------


FOUND = [
    ("r00002", "retailer", ["Shop 2"]),
    ("sp3", "retailer", ["Shop 3"]),
    ("l000001", "retailer", ["Shop 1"]),
    ("p1", "product", ["Product 1"]),
    ("product 2", "product", ["Product 2"]),
    ("2026-10", "plan", ["2026-10 投放计划"]),
    ("202611", "plan", ["2026-11 投放计划"]),
    ("2026年12月", "plan", ["2026-12 投放计划"]),
    ("12月", "plan", ["2026-12 投放计划"]),
    ("11月份 计划", "plan", ["2026-11 投放计划"]),
    ("计划", "plan", ["2026-12 投放计划", "2026-11 投放计划", "2026-10 投放计划"]),
    ("投放计划 草案", "plan", ["2026-12 投放计划"]),
    ("published plan", "plan", ["2026-10 投放计划"]),
    ("d30", "class", ["D30 档零售户"]),
    ("30档", "class", ["D30 档零售户"]),
    ("a类", "class", ["A 类零售户"]),
    ("orders.csv", "file", ["orders.csv"]),
    ("2026-11-20", "run", None),
    ("审计", "page", ["审计日志"]),
    ("sjrz", "page", ["审计日志"]),
    ("audit", "page", ["审计日志"]),
    ("上传", "action", ["上传文件"]),
    ("recompute", "action", ["立即重算"]),
]


def test_an_administrator_finds_everything_by_its_names_codes_and_days(find, city):
    wrong = []
    for text, kind, labels in FOUND:
        wanted = labels or [f"#{city.night.pk} 夜间运算"]
        got = find(Role.ADMINISTRATOR, text).get(kind)
        if got != wanted:
            wrong.append((text, got))

    assert wrong == []


def test_what_no_plan_is_called_finds_none(find):
    texts = ["9月", "2026-13", "v2", "计划 nothing", "2026-11-31", "#计划"]

    assert [text for text in texts if "plan" in find(Role.ADMINISTRATOR, text)] == []


def test_run_by_number_needs_the_sign(find, city):
    number = city.night.pk

    assert find(Role.PLANNER, f"#{number}")["run"] == [f"#{number} 夜间运算"]
    assert "run" not in find(Role.PLANNER, f"{number}")


def test_barcode_and_exact_code_of_a_product_come_first(find, city):
    for number, product in enumerate(city.products):
        product.carton_barcode = f"690102830000{number}"
        product.search_key = f"x{number} other p1 thing"
        product.save()

    assert find(Role.PLANNER, "6901028300002")["product"] == ["Product 2"]
    assert find(Role.PLANNER, "#690102")["product"] == ["Product 0", "Product 1", "Product 2"]
    assert find(Role.PLANNER, "#thing").get("product") is None


def test_the_kind_of_the_exact_code_stands_first(find, city):
    product = city.products[0]
    product.search_key = "sp2 something"
    product.save()
    Retailer.objects.filter(code="R00001").update(search_key="r00001 asp2x")

    assert list(find(Role.PLANNER, "sp2")) == ["retailer", "product"]
    Retailer.objects.filter(code="R00002").update(search_key="r00002 asp2x")
    assert list(find(Role.PLANNER, "sp2")) == ["product", "retailer"]


def test_prefixes_narrow_the_search(find):
    assert set(find(Role.PLANNER, ">")) == {"action", "page"}
    assert set(find(Role.PLANNER, "》零售户")) == {"page"}
    assert set(find(Role.PLANNER, "#r0000")) == {"retailer"}
    assert find(Role.PLANNER, "#shop") == {}


def test_one_kind_is_shown_at_length(find, city):
    for number in range(4, 30):
        add_retailer(city, number)

    assert len(find(Role.PLANNER, "shop")["retailer"]) == 10
    assert len(find(Role.PLANNER, "shop", kind="retailer")["retailer"]) == 30
    assert find(Role.PLANNER, "shop", kind="nonsense") == {}


# --- who finds what -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (
            Role.ADMINISTRATOR,
            {"retailer", "product", "plan", "class", "file", "run", "page", "action"},
        ),
        (Role.PLANNER, {"retailer", "product", "plan", "class", "file", "run", "page", "action"}),
        (Role.APPROVER, {"retailer", "product", "plan", "class", "run", "page"}),
        (Role.COUNTY_MANAGER, {"retailer", "product", "plan", "class", "run", "page"}),
        (Role.CUSTOMER_MANAGER, {"retailer", "product", "plan", "class", "page"}),
        (Role.INSPECTOR, {"retailer", "product", "page"}),
        (Role.PARTNER, {"product", "page"}),
        (Role.AUDITOR, {"retailer", "product", "plan", "class", "file", "run", "page"}),
    ],
)
def test_each_role_finds_the_kinds_its_menu_has(find, role, kinds):
    texts = [
        "shop",
        "product",
        "2026-10",
        "d30",
        "orders.csv",
        "2026-11-20",
        "首页",
        "上传",
        "重算",
    ]

    assert {kind for text in texts for kind in find(role, text)} == kinds


@pytest.mark.parametrize("role", list(Role))
def test_what_is_found_can_be_opened(client, city, role):
    client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
    wrong = []
    for text in ("shop", "product", "2026-10", "d30", "abc", "orders", "2026-11-20", ">", "重算"):
        for group, _url in client.get("/search/", {"q": text}).context["groups"]:
            for hit in group.hits:
                if client.get(hit.url).status_code != 200:
                    wrong.append(hit.url)

    assert wrong == []


@pytest.mark.parametrize("role", [Role.COUNTY_MANAGER, Role.CUSTOMER_MANAGER])
def test_only_the_own_county_and_the_own_shops_are_found(find, role):
    assert find(role, "shop")["retailer"] == ["Shop 0", "Shop 2"]
    assert "retailer" not in find(role, "r00001")


def test_a_partner_finds_the_own_brands_only(find):
    assert find(Role.PARTNER, "product")["product"] == ["Product 0", "Product 1"]
    assert find(Role.PARTNER, "shop") == {}
    assert find(Role.PARTNER, "5678") == {}


def test_nothing_of_another_company_is_found(find, city):
    other = make_city("other", retailers=2)
    add_retailer(other, 7)

    for text, kind in (
        ("r00007", "retailer"),
        ("2026-10", "plan"),
        ("orders", "file"),
        ("2026-11-20", "run"),
    ):
        found = find(Role.PLANNER, text).get(kind, [])
        assert len(found) == (0 if kind == "retailer" else 1)
    assert len(find(Role.PLANNER, "d30")["class"]) == 1


# --- telephone numbers ----------------------------------------------------------------------


def _text(client, city, role, text, address="/search/"):
    client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return client.get(address, {"q": text}).content.decode()


@pytest.mark.parametrize("address", ["/search/", "/search/box/"])
def test_a_number_finds_the_shop_and_is_shown_masked(client, city, address):
    Contact.objects.filter(retailer=city.retailers[2]).update(phone="13907319876")

    html = _text(client, city, Role.PLANNER, "07319876", address)

    assert "Shop 2" in html
    assert "139****9876" in html
    assert "13907319876" not in html


@pytest.mark.parametrize("role", [Role.APPROVER, Role.INSPECTOR, Role.PARTNER, Role.AUDITOR])
def test_who_may_not_see_numbers_cannot_find_out_whose_they_are(client, city, role):
    Contact.objects.filter(retailer=city.retailers[2]).update(phone="13907319876")

    for text in ("9876", "13907319876"):
        html = _text(client, city, role, text)
        assert "Shop 2" not in html
        assert "139****" not in html


def test_a_number_finds_only_shops_of_the_own_county(find, city):
    for retailer, phone in zip(city.retailers[:2], ("13900009876", "13911119876"), strict=True):
        Contact.objects.filter(retailer=retailer).update(phone=phone)

    assert find(Role.PLANNER, "9876")["retailer"] == ["Shop 0", "Shop 1"]
    assert find(Role.COUNTY_MANAGER, "9876")["retailer"] == ["Shop 0"]
    assert find(Role.CUSTOMER_MANAGER, "9876")["retailer"] == ["Shop 0"]


def test_the_exact_code_stands_before_a_number_and_a_number_before_the_rest(find, city):
    Retailer.objects.filter(code="R00001").update(search_key="5678 shop")
    Retailer.objects.filter(code="R00003").update(search_key="x5678y shop")
    Contact.objects.exclude(retailer=city.retailers[2]).update(phone="")

    assert find(Role.PLANNER, "5678")["retailer"] == ["Shop 1", "Shop 2", "Shop 3"]


# --- what was opened last -------------------------------------------------------------------


def _seen(user):
    return list(
        RecentItem.objects.filter(user=user).order_by("-seen_at").values_list("kind", "object_id")
    )


def test_pages_that_were_opened_are_remembered_the_latest_first(client, city):
    user = city.people[Role.PLANNER]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    shop, other = city.retailers[:2]
    client.get(f"/retailers/{shop.pk}/")
    client.get(f"/products/{city.products[0].pk}/")
    client.get(f"/plans/{city.plans['draft'].pk}/")
    client.get(f"/retailers/{other.pk}/")
    client.get(f"/retailers/{shop.pk}/")
    client.get("/retailers/99999999/")
    client.get("/retailers/")

    assert _seen(user) == [
        ("retailer", str(shop.pk)),
        ("retailer", str(other.pk)),
        ("plan", str(city.plans["draft"].pk)),
        ("product", str(city.products[0].pk)),
    ]
    group, _url = client.get("/search/").context["groups"][0]
    assert [str(hit.label) for hit in group.hits] == [
        "Shop 0", "Shop 1", "2026-12 投放计划", "Product 0",
    ]  # fmt: skip


def test_at_most_thirty_are_kept(city):
    user = city.people[Role.PLANNER]
    for number in range(KEPT + 5):
        remember(kind="retailer", key=str(number), by=user)

    assert [key for _kind, key in _seen(user)] == [str(n) for n in range(KEPT + 4, 4, -1)]


def test_what_was_opened_hides_when_it_may_not_be_seen_any_more(client, city):
    user = city.people[Role.COUNTY_MANAGER]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    shop = city.eastern
    client.get(f"/retailers/{shop.pk}/")
    assert "Shop 0" in client.get("/search/box/").content.decode()

    Retailer.objects.filter(pk=shop.pk).update(county=city.west)
    assert "Shop 0" not in client.get("/search/box/").content.decode()

    Retailer.objects.filter(pk=shop.pk).update(county=city.east)
    user.role = Role.PARTNER
    user.partner_of = "Maker A"
    user.save()
    assert "Shop 0" not in client.get("/search/box/").content.decode()


def test_nobody_sees_what_others_opened(client, city):
    remember(kind="retailer", key=str(city.eastern.pk), by=city.people[Role.APPROVER])
    client.force_login(
        city.people[Role.PLANNER], backend="django.contrib.auth.backends.ModelBackend"
    )

    assert "Shop 0" not in client.get("/search/box/").content.decode()


def test_a_page_is_shown_even_when_it_cannot_be_remembered(client, city, monkeypatch):
    from django.db import OperationalError

    import accounts.search as module

    def locked(**fields):
        raise OperationalError("database is locked")

    monkeypatch.setattr(module, "remember", locked)
    user = city.people[Role.PLANNER]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(f"/retailers/{city.eastern.pk}/").status_code == 200
    assert _seen(user) == []


# --- pages ----------------------------------------------------------------------------------


def test_the_box_offers_addresses_as_options_and_the_page_of_all_results(client, city):
    html = _text(client, city, Role.PLANNER, "<b>shop", "/search/box/")
    assert html.strip() == ""

    html = _text(client, city, Role.PLANNER, "shop 1", "/search/box/")
    assert (
        f'role="option" aria-selected="false" tabindex="-1" href="/retailers/{city.retailers[1].pk}/"'
        in html
    )
    assert 'href="/search/?q=shop+1"' in html


def test_nothing_found_says_what_to_try(client, city):
    html = _text(client, city, Role.PLANNER, "zzzz")

    assert "没有找到" in html


def test_full_groups_lead_to_the_list_with_the_same_words(client, city):
    for number in range(4, 16):
        add_retailer(city, number)

    html = _text(client, city, Role.PLANNER, "Shop", "/search/")

    assert 'href="/retailers/?q=shop"' in html
    assert 'href="/search/?q=Shop&amp;kind=retailer"' in html


STRANGE = [
    "'", '"><script>', "%", "\\", "_", "# ", ">>", "#" * 300, "\ud800", "𠮷" * 300, "9" * 300,
     "#" + "9" * 40, "2026-99", "20261131", "１２３４５", "a " * 90, "٣٣٣٣", "²²²²"
]  # fmt: skip


@pytest.mark.parametrize("address", ["/search/", "/search/box/"])
def test_strange_texts_are_answered(client, city, address):
    user = city.people[Role.ADMINISTRATOR]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answers = {
        text: client.get(address, {"q": text.encode("utf-8", "surrogatepass")}).status_code
        for text in STRANGE
    }

    assert set(answers.values()) == {200}, answers


@pytest.mark.parametrize("address", ["search", "search-box"])
def test_at_most_12_queries_however_many_rows(client, city, address):
    texts = ["shop", "5678", "sp1", "2026-10", "d30", "product", ""]
    user = city.people[Role.ADMINISTRATOR]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for kind, rows in (("retailer", city.retailers[:2]), ("product", city.products)):
        for row in rows:
            remember(kind=kind, key=str(row.pk), by=user)

    def count(text: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(address), {"q": text}).status_code == 200
        return len(captured)

    few = {text: count(text) for text in texts}
    for number in range(4, 24):
        remember(kind="retailer", key=str(add_retailer(city, number).pk), by=user)
    many = {text: count(text) for text in texts}

    # Full lists are asked less: worse matches are looked for only while there is room.
    assert [text for text in texts if many[text] > few[text]] == []
    assert max(few.values()) <= 12, few


def test_an_administrator_of_the_installation_finds_shops_of_every_company(find, city):
    other = make_city("other", retailers=1)
    root = person(city, "root", Role.ADMINISTRATOR)
    root.company = None
    root.save()

    assert find(root, "r00000")["retailer"] == [other.retailers[0].name, city.retailers[0].name]


def test_a_run_is_found_by_its_day_in_several_forms(find, city):
    assert city.night.business_date == dt.date(2026, 11, 20)
    for text in ("2026-11-20", "20261120", "2026/11/20", "2026年11月20日"):
        assert len(find(Role.PLANNER, text)["run"]) == 1
