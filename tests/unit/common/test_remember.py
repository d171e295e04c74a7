"""Remembered figures: computed once, and computed still when the cache does not answer."""

import pytest
from django.core.cache import cache
from django.utils import timezone

from config.common import remember
from config.common.models import JobRun
from config.common.remember import remembered, sales_state


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


def test_figures_are_computed_once_per_key():
    asked = []

    def compute():
        asked.append(1)
        return {"sum": 0}

    assert remembered("a", compute) == remembered("a", compute) == {"sum": 0}
    assert remembered("b", compute) == {"sum": 0}
    assert len(asked) == 2


class _Broken:
    def get(self, key):
        raise ConnectionError("the cache is away")

    def set(self, key, value, seconds):
        raise ConnectionError("the cache is away")


def test_a_cache_that_is_away_costs_only_time(monkeypatch, caplog):
    monkeypatch.setattr(remember, "cache", _Broken())

    assert remembered("a", lambda: [1]) == [1]
    assert "the cache is away" in caplog.text


def test_a_fault_of_the_computation_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        remembered("a", lambda: 1 // 0)


@pytest.mark.django_db
def test_the_state_of_sales_changes_with_every_computation_of_them():
    assert sales_state(1) == ""
    states = set()
    for number in range(2):
        JobRun.objects.create(
            kind="night.sales", key=f"k{number}", company_id=1, status="succeeded",
            finished_at=timezone.now(),
        )  # fmt: skip
        states.add(sales_state(1))

    assert len(states) == 2
    assert sales_state(2) == ""
