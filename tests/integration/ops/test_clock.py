import datetime as dt

import pytest

from accounts.models import Company
from config import tasks
from config.common import nights, periods
from config.common.models import JobRun

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periods, "business_today", lambda: dt.date(2026, 3, 3))


@pytest.fixture
def companies() -> list[Company]:
    return [Company.objects.create(code=code, name=code) for code in ("A", "B")]


def started() -> list[tuple[int | None, dt.date | None]]:
    rows = JobRun.objects.filter(kind=nights.NIGHT).order_by("company_id")
    return list(rows.values_list("company_id", "business_date"))


def test_the_clock_starts_one_night_per_company_as_of_yesterday(companies: list[Company]) -> None:
    tasks.start_nights()

    assert started() == [(company.pk, dt.date(2026, 3, 2)) for company in companies]


def test_a_clock_that_rings_twice_starts_nothing_twice(companies: list[Company]) -> None:
    tasks.start_nights()
    tasks.start_nights()

    assert len(started()) == 2


def test_a_night_under_way_does_not_keep_the_others_from_starting(
    companies: list[Company],
) -> None:
    nights.start_night(company_id=companies[0].pk, business_date=dt.date(2026, 3, 1))

    tasks.start_nights()

    assert (companies[1].pk, dt.date(2026, 3, 2)) in started()
