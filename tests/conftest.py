"""Fixtures that every folder of tests may use."""

import pytest

from tests.factories import City, make_city


@pytest.fixture
def city(db) -> City:
    """A company with everything that a page can show."""
    return make_city()
