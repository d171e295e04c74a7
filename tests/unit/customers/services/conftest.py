import pytest

from tests.unit.customers.services.handover_city import Place, make_place


@pytest.fixture
def place(db) -> Place:
    return make_place()
