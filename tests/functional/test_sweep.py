"""Every page of the address table in a browser: both languages, both sizes, light and dark.

A page takes part by standing in ``tests/access.py``. No violation of the content policy, no error on the
console, nothing axe objects to, no scrolling sideways, no failed chart, no word of the other language.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.roles import Role
from accounts.services import create_company
from brands.models import PriceClass, Product
from customers.models import CodeItem, Retailer
from segmentation.models import Scheme
from tests.access import ALL, LETTERS, TABLE
from tests.factories import City, make_city

# Parts of pages, files, machines' addresses, and pages that need a state of their own (tested there).
NO_PAGES = {
    "search-box", "list-count", "list-cell", "list-export", "task-tray", "notice-bell", "desk-counts",
    "notice-open", "notice-day", "run-progress", "file-progress", "file-errors", "file-result",
    "result-download", "comment-file", "comment-people", "comment-panel", "comment-open", "comment-edit",
    "comment-delete", "draft-list", "api-schema", "api-docs", "health-live", "health-ready", "styleguide",
    "setup", "setup-company", "setup-administrator", "setup-units", "export-detail", "change-detail",
    "change-undo", "login", "retailer-map-points", "retailer-map-names",
}  # fmt: skip
PAGES = [
    name
    for name, rule in TABLE.items()
    if rule.get and name not in NO_PAGES and not name.startswith(("panel-", "api-"))
]
PARTS = 3
LOOKS = [("zh-hans", "light"), ("en", "dark")]
LONG = "云泽市临江区新建路农贸市场北侧二巷登记名称特别长的烟酒副食综合经营部（个体工商户）"
CJK = re.compile(r"[\u4e00-\u9fff]")
# Texts of the page itself: not what people type, not what is written in another language on purpose.
TEXTS = """
() => {
  const found = new Set(), page = document.documentElement.lang;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const box = node.parentElement.closest("script,style,template,textarea,code,pre,[lang],[data-no-translate]");
    if (box && box !== document.documentElement && box.getAttribute("lang") !== page) continue;
    if (node.textContent.trim()) found.add(node.textContent.trim().replace(/\\s+/g, " "));
  }
  return [...found];
}
"""


@pytest.fixture
def city(site: str) -> City:
    made = make_city()
    Retailer.objects.filter(pk=made.eastern.pk).update(name=LONG)
    Product.objects.filter(pk=made.products[0].pk).update(name=LONG[:40])
    return made


def stored_texts() -> set[str]:
    """What stands in rows is written as it was entered."""
    return {
        LONG, LONG[:40],
        *CodeItem.objects.values_list("name", flat=True),
        *PriceClass.objects.values_list("name", flat=True),
        *Scheme.objects.values_list("name", flat=True),
    }  # fmt: skip


def english_words() -> set[str]:
    """English sentences whose Chinese is another text."""
    path = Path(__file__).resolve().parents[2] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    with path.open("rb") as stream:
        found = read_po(stream)
    texts = {}
    for message in found:
        for one, chinese in zip(
            [message.id] if isinstance(message.id, str) else message.id,
            [message.string] if isinstance(message.string, str) else message.string,
            strict=False,
        ):
            texts[one] = chinese
    return {one for one, chinese in texts.items() if " " in one and chinese != one}


ENGLISH = english_words()


def foreign_words(page: Page, code: str, stored: set[str]) -> list[str]:
    texts = page.evaluate(TEXTS)
    if code == "en":
        return [
            f"Chinese: {text}"
            for text in texts
            if CJK.search(text) and not any(one in text for one in stored)
        ]
    return [f"English: {text}" for text in texts if text in ENGLISH]


def opened(visit: Callable[[str], Page], path: str) -> Page:
    page = visit(path)
    # Panels fetch themselves; the last one has come when no placeholder is left.
    expect(page.locator("[hx-trigger=load]")).to_have_count(0)
    expect(page.locator("[data-chart]:not([data-done])")).to_have_count(0)
    return page


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(("code", "theme"), LOOKS)
def test_every_page(city, visit, page, log_in, language, judge, code, theme, part):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    language(code)
    stored = stored_texts()
    found = {}
    for role, name in sorted((_reader(name), name) for name in PAGES[part::PARTS]):
        log_in(city.people[role])
        opened(visit, reverse(name, kwargs=TABLE[name].of(city)))
        faults = judge() + foreign_words(page, code, stored)
        if faults:
            found[name] = faults

    assert found == {}


def _reader(name: str) -> Role:
    """The first role that may open it, the administrator before all others."""
    letters = TABLE[name].get or ALL
    return LETTERS[letters[0]]


def _takes_arguments(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return True
    return False


@pytest.mark.parametrize(("code", "theme"), [("zh-hans", "dark"), ("en", "light")])
def test_every_page_before_there_is_anything_to_show(
    site, visit, page, log_in, language, judge, code, theme
):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    company = create_company(code="new", name="New")
    user = User.objects.create_user("boss", "x", role=Role.PLANNER, company=company)
    log_in(user)
    language(code)
    stored = stored_texts()
    found = {}
    for name in PAGES:
        if _takes_arguments(name) or "P" not in (TABLE[name].get or ALL):
            continue
        opened(visit, reverse(name))
        faults = judge() + foreign_words(page, code, stored)
        if faults:
            found[name] = faults

    assert found == {}
