"""Notes as they are shown, names of files, and what is cleared away."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.common import housekeeping, storage
from config.common.templatetags.desk import note_text


class _Person(SimpleNamespace):
    def __str__(self):
        return self.name


def _note(text, *people):
    return SimpleNamespace(text=text, mentions=SimpleNamespace(all=lambda: people))


WANG = _Person(username="wang", name="王明")
LONG = _Person(username="wang.li", name="<b>王丽</b>")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请@wang看", '请<span class="lz-mention" title="wang">@王明</span>看'),
        ("a@wang.cn", "a@wang.cn"),
        ("@li @wangx", '@li <span class="lz-mention" title="wang">@王明</span>x'),
        ("<i>&\n@", "&lt;i&gt;&amp;<br>@"),
    ],
)
def test_names_of_who_is_mentioned_are_shown(text, shown):
    assert note_text(_note(text, WANG)) == shown


def test_the_longest_name_is_taken_and_escaped():
    shown = note_text(_note("@wang.li", WANG, LONG))

    assert shown == '<span class="lz-mention" title="wang.li">@&lt;b&gt;王丽&lt;/b&gt;</span>'


@given(st.text())
def test_no_text_brings_markup_of_its_own(text):
    shown = note_text(_note(text, WANG, LONG))

    for known in ("<br>", "</span>", '<span class="lz-mention" title="wang">',
                  '<span class="lz-mention" title="wang.li">'):  # fmt: skip
        shown = shown.replace(known, "")
    assert "<" not in shown
    assert ">" not in shown


@given(st.text())
def test_every_name_of_a_file_becomes_one_that_is_safe(name):
    clean = storage.clean_name(name)

    assert 0 < len(clean) <= 120
    assert not set(clean) & set('/\\:*?"<>|\r\n\t\x00')
    assert clean not in (".", "..")


def test_everything_is_cleared_away_once_an_hour_and_process(monkeypatch):
    done = []
    monkeypatch.setattr(housekeeping, "_tasks", {"x": lambda: done.append(1) or 1})
    monkeypatch.setattr(housekeeping, "_next_at", 0.0)
    monkeypatch.setattr(housekeeping.time, "monotonic", lambda: 10.0)

    assert housekeeping.tidy_when_due() == {"x": 1}
    assert housekeeping.tidy_when_due() == {}
    monkeypatch.setattr(housekeeping.time, "monotonic", lambda: 3700.0)
    assert housekeeping.tidy_when_due() == {"x": 1}
    assert len(done) == 2
