"""The world of a test that comes from a snapshot is the one that would have been made."""

import pytest
from django.apps import apps
from django.db import connection, transaction

from accounts.services import create_company
from customers.models import Retailer
from tests.factories import City, make_city
from tests.factories import snapshot as snapshots

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own(monkeypatch):
    monkeypatch.setattr(snapshots, "_kept", {})


def _rows() -> dict[str, set[str]]:
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = {repr(row) for row in cursor.fetchall()}
    return found


class _UndoError(Exception):
    pass


def _undone(make):
    """What the database holds after ``make``, which is taken back."""
    try:
        with transaction.atomic():
            made = make()
            rows = _rows()
            raise _UndoError
    except _UndoError:
        return made, rows


def test_rows_and_objects_are_those_of_the_world_that_was_made():
    first, made = _undone(lambda: snapshots.again(make_city))
    assert Retailer.objects.count() == 0

    second, replayed = _undone(lambda: snapshots.again(make_city))

    assert replayed == made
    assert sum(map(len, made.values())) > 300
    assert second is not first
    assert second.people["planner"].pk == first.people["planner"].pk
    assert second.plans["draft"].company is second.company


def test_what_a_test_does_to_its_objects_is_not_seen_by_the_next():
    first, _made = _undone(lambda: snapshots.again(make_city))
    first.retailers.clear()
    second, _replayed = _undone(lambda: snapshots.again(make_city))
    second.company.name = "changed"
    third, _replayed = _undone(lambda: snapshots.again(make_city))

    assert len(third.retailers) == 4
    assert third.company.name != "changed"


def test_where_a_key_is_taken_the_world_is_made():
    _undone(lambda: snapshots.again(make_city))
    other = create_company(code="other", name="Other")

    city: City = snapshots.again(make_city)

    assert city.company != other
    assert Retailer.objects.filter(company=city.company).count() == 4


def test_nothing_is_kept_of_a_world_beside_another():
    create_company(code="other", name="Other")
    snapshots.again(make_city)

    assert snapshots._kept == {}
