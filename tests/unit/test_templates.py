"""Rules all templates keep: strict CSP, two languages, known icons, documented components."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django import forms
from django.forms.renderers import TemplatesSetting
from django.template.loader import get_template, render_to_string

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "customers", "brands", "segmentation", "allocation", "engagement", "fieldwork")
FOLDERS = [ROOT / "templates", *(ROOT / app / "templates" for app in APPS)]
TEMPLATES = sorted(path for folder in FOLDERS for path in folder.rglob("*.html"))
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))
ICONS = {
    line.split("#")[0].strip() for line in (ROOT / "tools" / "icons.txt").read_text().splitlines()
}

COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", re.S)
TRANSLATED = re.compile(r"\{%-?\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)? %\}", re.S)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.S)
CHINESE = re.compile(r"[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]")
ENGLISH = re.compile(r"[A-Za-z]{2,}")
# Words that are the same in both languages.
SAME = re.compile(r"\b(PNG|CSV|XLSX|XLS|PDF|JSON|API|REST|URL|OAuth|ABC|GPS|ID|nbsp)\b")
TEXT_ATTRIBUTES = ("title", "aria-label", "placeholder", "alt")

FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*=", re.I),
    "style tag": re.compile(r"<style\b", re.I),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    # Numbers are written with separators: the key 1234 would become "1,234", two keys or none.
    "key with separators": re.compile(r"\{\{\s*[\w.]*\.pk\s*\}\}"),
    "hx-on": re.compile(r"\bhx-on\b", re.I),
    "evaluated htmx value": re.compile(
        r"\bhx-(?:vals|headers|vars)\s*=\s*[\"'](?:js|javascript):", re.I
    ),
    "trigger filter (needs eval)": re.compile(r"\bhx-trigger\s*=\s*[\"'][^\"']*\["),
    "javascript: link": re.compile(r"javascript:", re.I),
    "inline script": re.compile(
        r"<script\b(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json[\"'])", re.I
    ),
    "foreign host": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.I),
    "escaping switched off": re.compile(r"\|\s*safe\b|autoescape off"),
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def markup(path: Path) -> str:
    """The template without comments."""
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


class VisibleText(HTMLParser):
    """Collects text nodes and spoken attributes, not below code, script or translate="no"."""

    VOID = {
        "area",
        "base",
        "br",
        "col",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "wbr",
        "use",
    }

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        off = tag in ("code", "script", "kbd", "samp") or given.get("translate") == "no"
        if tag not in self.VOID and (off or self.hidden):
            self.hidden.append(tag)
        if not self.hidden:
            self.found += [given[name] or "" for name in TEXT_ATTRIBUTES if name in given]

    def handle_endtag(self, tag: str) -> None:
        if self.hidden and tag in self.hidden:
            while self.hidden.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.append(data)


def untranslated(html: str) -> list[str]:
    """Text a person would see in English whatever the language."""
    reader = VisibleText()
    reader.feed(TAG.sub(" ", TRANSLATED.sub(" ", html)))
    texts = (" ".join(SAME.sub("", text).split()) for text in reader.found)
    return [text for text in texts if ENGLISH.search(text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_keeps_the_content_security_policy(path: Path) -> None:
    html = markup(path)
    broken = [rule for rule, pattern in FORBIDDEN.items() if pattern.search(html)]
    assert broken == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_has_no_chinese_source_text(path: Path) -> None:
    lines = [line.strip() for line in markup(path).splitlines() if CHINESE.search(line)]
    assert lines == [], "Write English in {% translate %}; Chinese goes into locale/zh_Hans."


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_text_is_translated(path: Path) -> None:
    assert untranslated(markup(path)) == [], 'Use {% translate %} (or translate="no" for names).'


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ('<p>{% translate "Hello" %} {{ name }}</p>', []),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}", []),
        ('<a title="Close it">x</a>', ["Close it"]),
        ('<code>abc</code><span translate="no">Tabler</span><i>CSV</i>', []),
        ('<script type="application/json">{"name": 1}</script>', []),
    ],
)
def test_untranslated_finds_plain_english_only(html: str, found: list[str]) -> None:
    assert untranslated(html) == found


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_compiles(path: Path) -> None:
    folder = next(folder for folder in FOLDERS if folder in path.parents)
    assert get_template(path.relative_to(folder).as_posix())


@pytest.mark.parametrize("path", COMPONENTS, ids=name_of)
def test_component_documents_its_context(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(r"\bcontext\b", "".join(COMMENT.findall(text)[:1]), re.I)


def test_icons_in_templates_and_code_are_in_the_sprite() -> None:
    used: dict[str, str] = {}
    for path in TEMPLATES:
        html = markup(path)
        for names in re.findall(r"<use href=\"\s*#([^\"]*)\"", TAG.sub(" ", html)):
            used |= dict.fromkeys(names.split(), name_of(path))
        for name in re.findall(r"\bicon=\"([a-z0-9-]+)\"", html):
            used[name] = name_of(path)
    for app in (*APPS, "config"):
        for path in (ROOT / app).rglob("*.py"):
            for name in re.findall(r"\bicon=\"([a-z0-9-]+)\"", path.read_text(encoding="utf-8")):
                used[name] = name_of(path)
    missing = {name: where for name, where in used.items() if name not in ICONS}
    assert missing == {}, "Add the name to tools/icons.txt and run tools/assets.py."


def test_translations_can_stand_in_attributes_and_json() -> None:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as stream:
        catalog = read_po(stream)
    bad = [
        message.string
        for message in catalog
        if message.id
        and any(place.endswith(".html") for place, _ in message.locations)
        and re.search(r'["<>\\]', str(message.string))
    ]
    assert bad == [], "Use Chinese quotation marks; these signs break attributes."


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500, 503])
def test_error_page_renders_without_request_or_context_processors(status: int, settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    html = render_to_string(f"errors/{status}.html", {"request_id": "abc123def456"})
    assert "abc123def456" in html
    assert html.count("<h1") == 1


def test_form_controls_get_their_classes(settings) -> None:
    built_in = Path(forms.__file__).parent / "templates"
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [ROOT / "templates", built_in]}]

    class Sample(forms.Form):
        name = forms.CharField()
        kind = forms.ChoiceField(choices=[("a", "A")])
        note = forms.CharField(widget=forms.Textarea(attrs={"class": "own"}))
        agreed = forms.BooleanField()

    html = str(Sample(renderer=TemplatesSetting()))
    assert html.count('class="form-control"') == 1
    assert html.count('class="form-select"') == 1
    assert html.count('class="own"') == 1
    assert html.count('class="form-check-input"') == 1
