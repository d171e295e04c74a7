"""What was typed, and how well it fits; who is asked, and in which order the answers stand."""

import pytest
from django.utils.translation import gettext_lazy

from config.common import search
from config.common.pinyin import initials, search_key
from config.common.search import Group, Hit, Match, Provider, Query, match_of, parse, words_of


class Person:
    def __init__(self, *permissions: str) -> None:
        self.permissions = set(permissions)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_providers", {})
    monkeypatch.setattr(search, "_actions", [])


def _provider(kind: str, *matches: Match, order: int = 10, **fields) -> Provider:
    hits = [Hit(f"{kind}{n}", kind, "", f"/{kind}/{n}", match) for n, match in enumerate(matches)]
    given = {
        "kind": kind,
        "label": kind,
        "icon": "x",
        "permission": "see",
        "order": order,
        "find": lambda user, query, limit: hits,
        "recall": lambda user, keys: [hit for hit in hits if hit.key in keys],
    }
    provider = Provider(**(given | fields))
    search.register(provider)
    return provider


# --- what was typed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  临安　福源 ", ["临安", "福源"]),
        ("ＹＺ００１２（老）", ["yz0012(老)"]),
        ("Shop SHOP shop", ["shop"]),
        ("", []),
    ],
)
def test_words_are_small_narrow_and_named_once(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize("text", [">重算", "＞重算", "》 重算"])
def test_a_chinese_keyboard_may_ask_for_pages(text: str) -> None:
    assert parse(text) == Query(("重算",), ">")


@pytest.mark.parametrize("text", ["#YZ01", "＃ yz01"])
def test_a_chinese_keyboard_may_ask_for_codes(text: str) -> None:
    assert parse(text) == Query(("yz01",), "#")
    assert parse(text).codes_only


def test_signs_that_nobody_sees_are_left_out() -> None:
    assert parse("临\x00安\x1b\ud800　福源") == Query(("临安", "福源"))


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["r1"], Match.EXACT),
        (["福源"], Match.PREFIX),
        (["源烟"], Match.CONTAINED),
        (["r1", "福源"], Match.PREFIX),
        (["r1", "源烟"], Match.CONTAINED),
        (["r1", "酒店"], None),
    ],
)
def test_a_text_fits_as_well_as_its_worst_word(words: list[str], match: Match | None) -> None:
    assert match_of(words, "r1 福源烟店 fyyd") == match


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("重庆路便利店", ["cqlbld", "zqlbld"]),
        ("长沙商行", ["cssh", "zssh"]),
        ("单记烟酒店", ["sjyjd", "djyjd"]),
        ("曾氏超市", ["zscs", "cscs"]),
        ("单长乐便利商行", ["sclblsh", "dclblsh", "czlblsh"]),
    ],
)
def test_a_name_is_found_by_every_reading_of_a_character(name: str, typed: list[str]) -> None:
    key = search_key(name, "R1")

    assert [word for word in typed if match_of([word], key) != Match.EXACT] == []


def test_the_usual_reading_of_the_words_comes_first_where_there_are_too_many() -> None:
    assert initials("曾长乐便利商行")[0] == "cclblsh"


def test_labels_are_found_in_both_languages_and_by_initials() -> None:
    key = search.spoken(gettext_lazy("Retailers"))

    assert {match_of([word], key) for word in ("retailers", "零售户", "lsh")} == {Match.EXACT}


@pytest.mark.parametrize("keys", [["x", "", "-1", "1.5", "٣", "9" * 30, "７"]])
def test_keys_that_are_no_numbers_are_left_out(keys: list[str]) -> None:
    assert search.whole_numbers([*keys, "12"]) == [12]


# --- asking ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("registry")
def test_only_what_the_person_may_see_is_asked() -> None:
    _provider("open", Match.EXACT)
    _provider("secret", Match.EXACT, permission="other")

    found = search.find(Person("see"), parse("x"), limit=5)

    assert [group.kind for group in found] == ["open"]


@pytest.mark.usefixtures("registry")
def test_the_kind_with_the_best_hit_stands_first_then_the_order_counts() -> None:
    _provider("third", Match.CONTAINED, order=30)
    _provider("first", Match.CONTAINED, Match.EXACT, order=40)
    _provider("second", Match.CONTAINED, order=20)

    found = search.find(Person("see"), parse("x"), limit=5)

    assert [group.kind for group in found] == ["first", "second", "third"]


@pytest.mark.usefixtures("registry")
def test_pages_alone_are_asked_for_with_a_sign_even_without_words() -> None:
    _provider("shop", Match.EXACT)
    _provider("page", Match.EXACT, is_page=True)

    assert [group.kind for group in search.find(Person("see"), parse(">"), limit=5)] == ["page"]
    assert search.find(Person("see"), parse(""), limit=5) == []
    assert [group.kind for group in search.find(Person("see"), parse("#x"), limit=5)] == ["shop"]


@pytest.mark.usefixtures("registry")
def test_a_full_group_leads_to_the_list() -> None:
    _provider("shop", *[Match.EXACT] * 3, more=lambda words: f"/shops/?q={words}")

    [full] = search.find(Person("see"), parse("A b"), limit=3)
    [rest] = search.find(Person("see"), parse("A b"), limit=4)

    assert (full.more_url, rest.more_url) == ("/shops/?q=a b", "")
    assert isinstance(full, Group)


@pytest.mark.usefixtures("registry")
def test_recent_items_keep_their_order_and_lose_what_may_not_be_seen() -> None:
    _provider("shop", Match.EXACT, Match.EXACT)
    _provider("secret", Match.EXACT, permission="other")
    seen = [
        ("shop", "shop1"),
        ("secret", "secret0"),
        ("gone", "1"),
        ("shop", "shop9"),
        ("shop", "shop0"),
    ]

    assert [hit.key for hit in search.recall(Person("see"), seen)] == ["shop1", "shop0"]
