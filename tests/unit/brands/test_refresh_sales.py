"""Sales kept up to date from touched orders are what plain loops over all lines give."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brands import frames
from brands.models import (
    MonthlySales,
    Order,
    OrderLine,
    ProductMonth,
    RetailerMonth,
    SalesDay,
    SalesTouch,
)
from brands.services import sales
from brands.services.sales import SalesRefresh, refresh_sales
from config.common.errors import LostLeaseError
from tests.integration.night.city import CANCELLED, RETURN, City, Line, make_city
from tests.oracles.sales import Books, books_of

pytestmark = pytest.mark.django_db


def refresh(city: City) -> SalesRefresh:
    return refresh_sales(company_id=city.pk, progress=lambda *_: None, assert_owner=lambda: None)


def expected(city: City) -> Books:
    lines = OrderLine.objects.filter(company=city.company).values_list(
        "period",
        "retailer_id",
        "product_id",
        "order_id",
        "ordered_cartons",
        "amount_cents",
        "kind",
    )
    orders = Order.objects.filter(company=city.company).values_list(
        "ordered_on", "status", "cartons", "amount_cents"
    )
    return books_of(list(lines), list(orders))


def stored(city: City) -> Books:
    own = {"company": city.company}
    return Books(
        monthly={
            (row.period, row.retailer_id, row.product_id): (row.cartons, row.amount_cents)
            for row in MonthlySales.objects.filter(**own)
        },
        retailer_months={
            (row.period, row.retailer_id): (row.orders, row.products, row.cartons, row.amount_cents)
            for row in RetailerMonth.objects.filter(**own)
        },
        product_months={
            (row.period, row.product_id): (row.retailers, row.cartons, row.amount_cents)
            for row in ProductMonth.objects.filter(**own)
        },
        days={
            row.ordered_on: (row.orders, row.cartons, row.amount_cents)
            for row in SalesDay.objects.filter(**own)
        },
    )


@pytest.fixture
def city() -> City:
    return make_city(retailers=6, products=3)


# --- random histories ---------------------------------------------------------------------

line = st.builds(
    lambda product, cartons, kind: Line(
        f"P{product:03d}",
        -cartons if kind == RETURN else cartons,
        (-cartons if kind == RETURN else cartons) * 10_000,
        kind,
    ),
    st.integers(0, 2),
    st.integers(1, 9),
    st.sampled_from([1, 1, 1, RETURN, CANCELLED]),
)
place = st.tuples(
    st.just("place"),
    st.integers(0, 7),  # a small number of order numbers, so that most are revisions
    st.integers(0, 5),
    st.dates(dt.date(2026, 9, 25), dt.date(2026, 11, 5)),
    st.lists(line, max_size=4),
)
action = place | place | st.tuples(st.just("cancel"), st.integers(0, 7)) | st.just(("refresh",))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actions=st.lists(action, min_size=1, max_size=14))
def test_incremental_sales_equal_sales_from_scratch(city, actions):
    with transaction.atomic():
        play(city, actions)
        refresh(city)

        assert stored(city) == expected(city)
        assert not SalesTouch.objects.exists()
        transaction.set_rollback(True)  # the next example begins with an empty city


def play(city, actions):
    numbers: set[str] = set()
    for name, *words in actions:
        if name == "place":
            number, retailer, day, lines = words
            city.place(f"N{number}", f"R{retailer:03d}", day, lines)
            numbers.add(f"N{number}")
        elif name == "cancel" and f"N{words[0]}" in numbers:
            city.cancel(f"N{words[0]}")
        elif name == "refresh":
            refresh(city)


@pytest.mark.parametrize("share", [0.0, 2.0])
def test_both_ways_of_reading_lines_give_the_same_sales(city, monkeypatch, share):
    monkeypatch.setattr(sales, "WHOLE_MONTH_SHARE", share)
    for number in range(6):
        lines = [Line("P000", 3 + number, 30_000), Line("P001", -1, -10_000, RETURN)]
        city.place(f"N{number}", f"R{number:03d}", dt.date(2026, 10, 3 + number), lines)
    refresh(city)
    city.place("N2", "R002", dt.date(2026, 10, 9), [Line("P002", 1, 10_000)])

    done = refresh(city)

    assert stored(city) == expected(city)
    assert done == SalesRefresh(periods=1, retailer_months=1, lines=1, rows=1)


def test_refresh_without_touches_does_nothing(city):
    assert refresh(city) == SalesRefresh()


def test_an_order_moved_to_another_month_and_retailer_leaves_nothing_behind(city):
    city.place("N1", "R001", dt.date(2026, 10, 5), [Line("P000", 5, 50_000)])
    refresh(city)

    city.place("N1", "R002", dt.date(2026, 11, 2), [Line("P000", 4, 40_000)])
    refresh(city)

    retailer = city.retailers["R002"].pk
    assert list(MonthlySales.objects.values_list("period", "retailer_id", "cartons")) == [
        (202611, retailer, 4)
    ]
    assert list(ProductMonth.objects.values_list("period", "cartons")) == [(202611, 4)]
    assert list(SalesDay.objects.values_list("ordered_on", flat=True)) == [dt.date(2026, 11, 2)]


def test_sales_of_another_company_are_not_touched(city):
    other = make_city("other", retailers=2)
    day = dt.date(2026, 10, 5)
    for each in (city, other):
        each.place("N1", "R001", day, [Line("P000", 5, 50_000)])
    refresh(other)
    before = stored(other)
    city.place("N2", "R000", day, [Line("P000", 7, 70_000)])

    refresh(city)

    assert stored(other) == before == expected(other)
    assert stored(city) == expected(city)


# --- orders that arrive meanwhile ----------------------------------------------------------


@pytest.mark.parametrize("reader", ["load_touches", "load_month_lines"])
def test_an_order_that_arrives_during_a_refresh_keeps_its_touch(city, monkeypatch, reader):
    day = dt.date(2026, 10, 5)
    city.place("N1", "R001", day, [Line("P000", 5, 50_000)])
    read = getattr(frames, reader)

    def read_and_insert(*args, **kwargs):
        found = read(*args, **kwargs)
        monkeypatch.setattr(frames, reader, read)
        city.place("N2", "R001", day, [Line("P000", 2, 20_000)])
        return found

    monkeypatch.setattr(frames, reader, read_and_insert)

    refresh(city)

    kept = list(SalesTouch.objects.values_list("retailer_id", "period"))
    assert kept == [(city.retailers["R001"].pk, 202610)]
    refresh(city)
    assert stored(city) == expected(city)
    assert not SalesTouch.objects.exists()


def test_a_lost_lease_writes_nothing_and_keeps_the_touches(city):
    city.place("N1", "R001", dt.date(2026, 10, 5), [Line("P000", 5, 50_000)])

    def lost() -> None:
        raise LostLeaseError("taken over")

    with pytest.raises(LostLeaseError):
        refresh_sales(company_id=city.pk, progress=lambda *_: None, assert_owner=lost)

    assert not MonthlySales.objects.exists()
    assert SalesTouch.objects.count() == 1


def test_an_interrupted_refresh_goes_on_where_it_stopped(city, monkeypatch):
    city.place("N1", "R001", dt.date(2026, 9, 28), [Line("P000", 5, 50_000)])
    city.place("N2", "R001", dt.date(2026, 10, 8), [Line("P000", 6, 60_000)])
    calls = []

    def fail_in_second_month() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        refresh_sales(
            company_id=city.pk, progress=lambda *_: None, assert_owner=fail_in_second_month
        )
    assert list(MonthlySales.objects.values_list("period", flat=True)) == [202609]
    assert list(SalesTouch.objects.values_list("period", flat=True)) == [202610]

    refresh(city)

    assert stored(city) == expected(city)


def test_progress_tells_months(city):
    city.place("N1", "R001", dt.date(2026, 9, 28), [Line("P000", 5, 50_000)])
    city.place("N2", "R001", dt.date(2026, 10, 8), [Line("P000", 6, 60_000)])
    told: list[tuple[int, int, str]] = []

    refresh_sales(
        company_id=city.pk, progress=lambda *words: told.append(words), assert_owner=lambda: None
    )

    assert told == [(0, 2, "2026-09"), (1, 2, "2026-10"), (2, 2, "1")]
