"""Fixtures that every folder of tests may use."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.creation import DatabaseCreation
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

from tests.factories import City, make_city
from tests.factories.snapshot import again

# No test is about time: a busy machine must not fail a property.
settings.register_profile("liangzhun", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("liangzhun")


def pytest_configure() -> None:
    """A thread of a race test may leave a connection; it must not keep the test database alive."""
    destroy = DatabaseCreation._destroy_test_db

    def destroy_without_guests(self: DatabaseCreation, name: str, verbosity: int) -> None:
        with self._nodb_cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_backend_pid()",
                [name],
            )
        destroy(self, name, verbosity)

    DatabaseCreation._destroy_test_db = destroy_without_guests


KEEP_EVENTS = "accounts_audit_no_delete"


@pytest.fixture
def city(db) -> City:
    """A company with everything that a page can show."""
    return again(make_city)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Worlds of two tests have the same keys: what one remembers is wrong in the other."""
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _emptying_leaves_what_a_new_database_has() -> Iterator[None]:
    """The audit trail's triggers and the price classes stay.

    SQLite is emptied by DELETE after a test with real transactions, which the trail refuses.

    PostgreSQL is emptied by TRUNCATE, which its trigger does not see.
    """
    emptying = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        trigger = None
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [KEEP_EVENTS])
                trigger = cursor.fetchone()
                cursor.execute(f"DROP TRIGGER IF EXISTS {KEEP_EVENTS}")
        emptying(self)
        if trigger:
            with connection.cursor() as cursor:
                cursor.execute(trigger[0])
        # What migrations brought is part of every database; the next test must find it again.
        import_module("brands.migrations.0002_price_classes").create_classes(apps, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield
