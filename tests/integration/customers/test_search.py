"""Retailers by what people type; the index of PostgreSQL follows every way of writing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from config.common.pinyin import search_key
from config.common.search import Match, parse
from customers.models import Contact, Retailer
from customers.selectors.retailers import filter_retailers
from customers.selectors.search import best_retailers, match_retailers, with_words
from customers.services.retailers import create_retailer, update_retailer

NAMES = {
    "YZ000001": "重庆路福源便利店",
    "YZ000002": "长沙单记商行",
    "YZ000003": "曾氏100%_烟\\酒店",
    "YZ000012": "福源隆超市",
    "福源": "青石坡茶楼",
}


@pytest.fixture
def shops(city):
    found = {}
    for number, (code, name) in enumerate(NAMES.items()):
        shop = create_retailer(
            company=city.company, code=code, name=name, licence_no=f"43010{number}", by=None
        )
        found[code] = shop
    return found


def _codes(retailers) -> list[str]:
    return sorted(retailers.values_list("code", flat=True))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("福源", ["YZ000001", "YZ000012", "福源"]),
        ("源隆", ["YZ000012"]),
        ("福", ["YZ000001", "YZ000012", "福源"]),
        ("cqlfy", ["YZ000001"]),
        ("zqlfy", ["YZ000001"]),
        ("zssj", ["YZ000002"]),
        ("cscs 福", []),
        ("430102", ["YZ000003"]),
        ("ＹＺ００００12", ["YZ000012"]),
        ("yz000001 便利", ["YZ000001"]),
        ("便利 店", ["YZ000001"]),
        ("%", ["YZ000003"]),
        ("0%_", ["YZ000003"]),
        ("_烟\\", ["YZ000003"]),
        ("烟_酒", []),
        ("", ["R00000", "R00001", "R00002", "R00003", *NAMES]),
    ],
)
def test_every_word_must_occur_somewhere(shops, text, codes):
    assert _codes(match_retailers(Retailer.objects.all(), text)) == sorted(codes)
    assert _codes(filter_retailers(Retailer.objects.all(), {"q": text})) == sorted(codes)


@pytest.mark.parametrize(
    ("match", "words", "codes"),
    [
        (Match.EXACT, ["福源"], ["福源"]),
        (Match.PREFIX, ["福源"], ["YZ000012", "福源"]),
        (Match.CONTAINED, ["福源"], ["YZ000001", "YZ000012", "福源"]),
        (Match.EXACT, ["yz000001"], ["YZ000001"]),
        (Match.PREFIX, ["yz00000"], ["YZ000001", "YZ000002", "YZ000003"]),
        (Match.EXACT, ["yz00000"], []),
        (Match.PREFIX, ["y"], ["YZ000001", "YZ000002", "YZ000003", "YZ000012"]),
        (Match.EXACT, ["430102", "yz000003"], ["YZ000003"]),
    ],
)
def test_a_word_is_a_part_or_begins_one_or_stands_anywhere(shops, match, words, codes):
    assert (
        _codes(
            with_words(Retailer.objects.filter(pk__in=[s.pk for s in shops.values()]), words, match)
        )
        == codes
    )


def test_the_exact_code_comes_first_then_beginnings_then_the_rest(city, shops):
    found = best_retailers(city.people[Role.PLANNER], parse("福源"), 5)

    assert [(row.match, row.code) for row in found] == [
        (Match.EXACT, "福源"),
        (Match.PREFIX, "YZ000012"),
        (Match.CONTAINED, "YZ000001"),
    ]


def test_no_more_is_asked_for_when_the_list_is_full(city, shops):
    user = city.people[Role.PLANNER]
    with CaptureQueriesContext(connection) as captured:
        found = best_retailers(user, parse("福源"), 1)

    assert [row.code for row in found] == ["福源"]
    assert len(captured) == 1


def test_codes_alone_are_looked_at_when_asked_for(city, shops):
    user = city.people[Role.PLANNER]

    assert [row.code for row in best_retailers(user, parse("#福源"), 5)] == ["福源"]
    assert [row.code for row in best_retailers(user, parse("#430102"), 5)] == ["YZ000003"]
    assert best_retailers(user, parse("#000012"), 5) == []


# --- telephone numbers ----------------------------------------------------------------------


@pytest.fixture
def called(city):
    Contact.objects.filter(retailer=city.retailers[0]).update(phone="139-0731 4455")
    Contact.objects.filter(retailer=city.retailers[1]).update(phone="13900004455")
    return city


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("4455", ["R00000", "R00001"]),
        ("07314455", ["R00000"]),
        ("13907314455", ["R00000"]),
        ("4455 shop", ["R00000", "R00001"]),
        ("4455 sp1", ["R00001"]),
        ("455", []),
        ("445", []),
        ("44556", []),
    ],
)
def test_last_digits_of_a_number_find_a_shop_for_who_may_see_numbers(called, text, codes):
    planner = called.people[Role.PLANNER]

    assert _codes(match_retailers(Retailer.objects.all(), text, planner)) == codes


def test_digits_of_a_code_are_found_beside_numbers(called):
    Contact.objects.filter(retailer=called.retailers[1]).update(phone="13900000003")

    found = match_retailers(Retailer.objects.all(), "0003", called.people[Role.PLANNER])

    assert _codes(found) == ["R00001", "R00003"]


@pytest.mark.parametrize("role", [Role.APPROVER, Role.INSPECTOR, Role.AUDITOR, None])
def test_numbers_find_nothing_for_who_may_not_see_them(called, role):
    user = called.people[role] if role else None

    assert _codes(match_retailers(Retailer.objects.all(), "4455", user)) == []
    assert _codes(match_retailers(Retailer.objects.all(), "13900004455", user)) == []


# --- the index of PostgreSQL ----------------------------------------------------------------


def _indexed() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT retailer_id, key FROM customers_retailersearch")
        return {pk: key.strip() for pk, key in cursor.fetchall()}


@pytest.fixture
def on_postgres():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite reads every key")


@pytest.mark.postgres
@pytest.mark.usefixtures("on_postgres")
def test_the_index_follows_every_way_of_writing(city, shops):
    update_retailer(retailer=shops["YZ000001"], changes={"name": "新名字超市"}, by=None)
    Retailer.objects.filter(code="YZ000002").update(search_key=search_key("另一家", "YZ000002"))
    Retailer.objects.filter(code="YZ000003").update(recent_cartons=7)
    shops["YZ000012"].delete()
    Retailer.objects.bulk_create(
        [Retailer(company=city.company, code="B1", name="批", search_key="b1 批量")]
    )

    assert _indexed() == dict(Retailer.objects.values_list("pk", "search_key"))
    assert _codes(match_retailers(Retailer.objects.all(), "新名")) == ["YZ000001"]
    assert _codes(match_retailers(Retailer.objects.all(), "路福")) == []


@pytest.mark.postgres
@pytest.mark.usefixtures("on_postgres")
@pytest.mark.django_db(transaction=True)
def test_the_index_is_emptied_with_the_table():
    from tests.factories import make_city

    make_city()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE customers_retailer CASCADE")

    assert _indexed() == {}


@pytest.mark.postgres
@pytest.mark.usefixtures("on_postgres")
def test_two_chinese_characters_are_looked_up_not_read_through(shops):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = match_retailers(Retailer.objects.all(), "福源").explain()

    assert "customers_retailersearch_bigrams" in plan


def test_the_quick_search_of_the_list_finds_numbers_for_who_may_see_them(client, called):
    def codes(role) -> list[str]:
        client.force_login(called.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return [row.code for row in client.get("/retailers/", {"q": "4455"}).context["page"].rows]

    assert codes(Role.PLANNER) == ["R00000", "R00001"]
    assert codes(Role.COUNTY_MANAGER) == ["R00000"]
    assert codes(Role.INSPECTOR) == codes(Role.AUDITOR) == []
