"""The registries that pages are made of."""

import pytest
from django.http import QueryDict

from config.common import panels
from config.common.pages import with_query
from config.common.panels import Panel, Waiting


@pytest.fixture
def _empty(monkeypatch):
    monkeypatch.setattr(panels, "_panels", [])
    monkeypatch.setattr(panels, "_waiting", [])


@pytest.mark.usefixtures("_empty")
def test_a_page_has_its_panels_in_order_and_only_permitted_ones():
    panels.register(Panel("home", "b", "B", "may_b", "home", order=2))
    panels.register(Panel("home", "a", "A", "may_a", "home", order=1))
    panels.register(Panel("home", "c", "C", "may_c", "home", order=0))
    panels.register(Panel("other", "d", "D", "may_a", "home", order=0))

    found = panels.panels_of("home", ["may_a", "may_b"])

    assert [panel["id"] for panel in found] == ["panel-a", "panel-b"]


@pytest.mark.usefixtures("_empty")
def test_the_gravest_waits_first():
    panels.register_waiting(lambda user: [Waiting("one", "/", "info"), Waiting("two", "/", "bad")])
    panels.register_waiting(lambda user: [Waiting("three", "/", "warn")])

    assert [entry.text for entry in panels.waiting_for(None)] == ["two", "three", "one"]


def test_a_changed_filter_begins_with_the_first_page():
    query = QueryDict("q=shop&cursor=abc&status=active")

    assert with_query(query, status=None) == "?q=shop"
    assert with_query(query, sort="name") == "?q=shop&status=active&sort=name"
