"""Forecasts of stored sales, against figures computed by hand."""

import datetime as dt
from fractions import Fraction

import pytest

from accounts.models import PolicyVersion
from allocation.models import DemandForecast, Plan, PlanStatus, SupplyCap
from allocation.services.demand import compute_forecasts, open_periods
from brands.services.sales import refresh_sales
from config.common import periods
from config.common.errors import DomainError, LostLeaseError
from tests.integration.night.city import City, Line, make_city

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 21)


@pytest.fixture
def city() -> City:
    return make_city(retailers=2, products=3)


def sundays(period: int) -> list[dt.date]:
    first = periods.first_day(period)
    days = (first + dt.timedelta(days=offset) for offset in range(31))
    return [day for day in days if day.weekday() == 6 and periods.period_of(day) == period]


def sell(city: City, period: int, per_week: int, product: str = "P000") -> None:
    """The same volume on every Sunday of a month, so that only Sundays are order days."""
    for day in sundays(period):
        city.place(f"{product}-{day}", "R000", day, [Line(product, per_week, per_week * 100)])


def forecast(city: City, wanted: list[int], day: dt.date = DAY) -> list[DemandForecast]:
    refresh_sales(company_id=city.pk, progress=lambda *_: None, assert_owner=lambda: None)
    return compute_forecasts(
        company_id=city.pk,
        business_date=day,
        wanted=wanted,
        progress=lambda *_: None,
        assert_owner=lambda: None,
    )


def test_months_of_four_and_five_sundays_are_compared_per_week(city):
    """November 2025 had 5 Sundays, November 2026 has 5, December 2025 and 2026 have 4.

    Sales of 100 a week last year and 110 a week now: growth 10 %, whatever the number of Sundays.
    """
    for period in periods.period_range(202508, 202607):
        sell(city, period, 100)
    for period in (202608, 202609, 202610):
        sell(city, period, 110)

    november, december = forecast(city, [202611, 202612])

    assert (len(sundays(202511)), len(sundays(202611)), len(sundays(202612))) == (5, 5, 4)
    assert (november.last_year_cartons, november.forecast_cartons) == (500, 550)
    assert (december.last_year_cartons, december.forecast_cartons) == (400, 440)
    assert november.figures["growth"] == 0.1
    assert november.figures["growth_flag"] == "ok"


def test_last_year_is_normalised_to_the_order_weeks_of_the_month(city):
    """August 2025 had 5 Sundays, so had August 2026; March 2025 had 5, March 2026 has 5; May 2025 had
    4 and May 2026 has 5: 400 cartons of last year stand for 500.
    """
    for period in periods.period_range(202502, 202604):
        sell(city, period, 100)

    (may,) = forecast(city, [202605], dt.date(2026, 5, 4))

    assert (len(sundays(202505)), len(sundays(202605))) == (4, 5)
    assert may.figures["last_year_raw_cartons"] == 400
    assert (may.last_year_cartons, may.forecast_cartons) == (500, 500)


def test_a_product_without_last_year_goes_by_its_recent_weekly_mean(city):
    sell(city, 202509, 10, "P001")  # another product: sales are known since then
    for period, per_week in ((202608, 90), (202609, 100), (202610, 110)):
        sell(city, period, per_week)

    row = next(row for row in forecast(city, [202611]) if row.product.code == "P000")

    sold = sum(
        len(sundays(period)) * per_week
        for period, per_week in ((202608, 90), (202609, 100), (202610, 110))
    )
    weeks = sum(len(sundays(period)) for period in (202608, 202609, 202610))
    assert row.last_year_cartons is None
    assert row.figures["method"] == "recent"
    assert row.forecast_cartons == int(Fraction(sold, weeks) * 5 + Fraction(1, 2))
    assert row.figures["recent_cartons"] == sold
    assert row.figures["recent_weeks"] == weeks


def test_figures_name_only_the_months_whose_sales_are_known(city):
    sell(city, 202610, 100)

    (row,) = forecast(city, [202611])

    assert row.figures["recent_months"] == [202610, 202610]
    assert row.figures["recent_weeks"] == len(sundays(202610))
    assert row.forecast_cartons == 500


def test_growth_is_kept_within_its_limits_and_says_so(city):
    for period in (202508, 202509, 202510, 202511):
        sell(city, period, 100)
        sell(city, period, 100, "P001")
    for period in (202608, 202609, 202610):
        sell(city, period, 900)
        sell(city, period, 10, "P001")

    grown, shrunk = forecast(city, [202611])

    assert (grown.figures["growth"], grown.figures["growth_flag"]) == (0.3, "at_cap")
    assert grown.figures["growth_raw"] == 8.0
    assert grown.forecast_cartons == 650
    assert (shrunk.figures["growth"], shrunk.figures["growth_flag"]) == (-0.3, "at_floor")
    assert shrunk.forecast_cartons == 350


def test_the_rule_in_force_on_the_day_decides(city):
    for period in (202508, 202509, 202510, 202511):
        sell(city, period, 100)
    for period in (202608, 202609, 202610):
        sell(city, period, 200)
    PolicyVersion.objects.create(
        company=city.company,
        code="demand.forecast",
        version=2,
        effective_from=DAY,
        params={"growth_cap": "0.50"},
    )

    (today,) = forecast(city, [202611], DAY)
    (yesterday,) = forecast(city, [202611], DAY - dt.timedelta(days=1))

    assert (today.forecast_cartons, yesterday.forecast_cartons) == (750, 650)


def test_a_company_without_the_rule_is_an_error_that_names_it(city):
    PolicyVersion.objects.filter(code="demand.forecast").delete()

    with pytest.raises(DomainError, match=r"demand\.forecast"):
        forecast(city, [202611])


def test_the_month_under_way_counts_for_nothing(city):
    for period in periods.period_range(202508, 202610):
        sell(city, period, 100)
    before = [row.forecast_cartons for row in forecast(city, [202611, 202612])]
    sell(city, 202611, 5000)

    after = [row.forecast_cartons for row in forecast(city, [202611, 202612])]

    assert after == before == [500, 400]


def test_a_product_with_an_agreed_supply_is_planned_without_history(city):
    product = city.products["P002"]
    SupplyCap.objects.create(company=city.company, period=202611, product=product, cartons=30)

    (row,) = forecast(city, [202611])

    assert (row.product, row.forecast_cartons, row.figures["method"]) == (product, 0, "none")
    assert row.backtest_error is None


def test_products_that_are_not_sold_any_more_are_left_out(city):
    for period in periods.period_range(202508, 202610):
        sell(city, period, 100)
    city.products["P000"].is_active = False
    city.products["P000"].save()

    assert forecast(city, [202611]) == []


def test_the_backtest_is_the_mean_error_of_forecasts_made_a_month_ahead(city):
    """Steady 100 a week, then 150 in the last month: the forecast of that month was 100 a week."""
    for period in periods.period_range(202508, 202609):
        sell(city, period, 100)
    sell(city, 202610, 150)

    (row,) = forecast(city, [202611])

    assert row.backtest_error == pytest.approx((0 + 0 + 50 / 150) / 3)


def test_a_second_run_replaces_the_first_and_nothing_else(city):
    for period in periods.period_range(202508, 202610):
        sell(city, period, 100)
    forecast(city, [202611, 202612])
    DemandForecast.objects.filter(period=202612).update(forecast_cartons=7)

    forecast(city, [202611])

    stored = dict(DemandForecast.objects.values_list("period", "forecast_cartons"))
    assert stored == {202611: 500, 202612: 7}


def test_a_lost_lease_leaves_the_stored_forecasts(city):
    sell(city, 202610, 100)
    forecast(city, [202611])

    def lost() -> None:
        raise LostLeaseError("taken over")

    with pytest.raises(LostLeaseError):
        compute_forecasts(
            company_id=city.pk,
            business_date=DAY,
            wanted=[202611],
            progress=lambda *_: None,
            assert_owner=lost,
        )

    assert DemandForecast.objects.get().forecast_cartons == 500


# --- which months are worked on -----------------------------------------------------------


def test_this_month_and_the_next_are_open_also_over_the_turn_of_the_year(city):
    assert open_periods(company_id=city.pk, business_date=DAY) == [202611, 202612]
    assert open_periods(company_id=city.pk, business_date=dt.date(2026, 12, 31)) == [202612, 202701]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([PlanStatus.DRAFT], [202611, 202612]),
        ([PlanStatus.APPROVED], [202612]),
        ([PlanStatus.PUBLISHED], [202612]),
        ([PlanStatus.PUBLISHED, PlanStatus.DRAFT], [202611, 202612]),
        ([PlanStatus.PUBLISHED, PlanStatus.APPROVED], [202612]),
    ],
)
def test_a_month_is_open_unless_approved_or_published_without_a_revision(city, statuses, expected):
    for version, status in enumerate(statuses, start=1):
        Plan.objects.create(company=city.company, period=202611, version=version, status=status)

    assert open_periods(company_id=city.pk, business_date=DAY) == expected
