import datetime as dt

import numpy as np
import pytest

from config.management.demo.calendar import TradeCalendar, trade_calendar
from config.management.demo.population import (
    FOREVER,
    MARKET_TYPES,
    Shops,
    Taste,
    draw_shops,
    draw_taste,
)
from config.management.demo.series import SALE, City, Orders, season_of

FIRST, LAST = dt.date(2025, 11, 1), dt.date(2026, 10, 31)
PRICES = np.array([800.0, 381.6, 218.36, 158.0, 121.9, 97.0, 75.0, 44.5])


def shops_of(count: int = 300, seed: int = 1) -> Shops:
    rng = np.random.default_rng([seed, 1])
    return draw_shops(rng, count, np.datetime64(FIRST), np.datetime64(LAST))


def city_of(count: int = 300, seed: int = 1, last: dt.date = LAST) -> City:
    shops = shops_of(count, seed)
    return City(
        shops=shops,
        taste=draw_taste(np.random.default_rng([seed, 2]), shops, PRICES),
        prices=PRICES,
        launched=np.array(["2000-01-01"] * 7 + ["2026-03-10"], dtype="datetime64[D]"),
        calendar=trade_calendar(FIRST, last),
        first_day=FIRST,
        last_day=last,
        seed=seed,
    )


@pytest.fixture(scope="module")
def city() -> City:
    return city_of()


@pytest.fixture(scope="module")
def weeks(city: City) -> list[Orders]:
    return list(city.weeks())


def bytes_of(weeks: list[Orders]) -> list[bytes]:
    return [b"".join(values.tobytes() for values in vars(week).values()) for week in weeks]


def test_the_same_seed_gives_the_same_orders_and_another_seed_others(weeks: list[Orders]) -> None:
    again = list(city_of().weeks())
    other = list(city_of(seed=2).weeks())

    assert bytes_of(weeks) == bytes_of(again)
    assert bytes_of(weeks) != bytes_of(other)


def test_a_longer_history_begins_with_the_shorter_one(city: City, weeks: list[Orders]) -> None:
    shorter = City(**{**vars(city), "last_day": dt.date(2026, 3, 29)})  # a Sunday

    few = list(shorter.weeks())

    assert bytes_of(few) == bytes_of(weeks[: len(few)])


def test_orders_lie_between_the_first_and_the_last_day(weeks: list[Orders]) -> None:
    days = np.concatenate([week.day for week in weeks])

    assert days.min() >= np.datetime64(FIRST)
    assert days.max() <= np.datetime64(LAST)


def test_every_shop_orders_on_its_weekday_and_in_its_weeks(city: City, weeks: list[Orders]) -> None:
    for week in weeks:
        for shop, day in zip(week.shop.tolist(), week.day.tolist(), strict=True):
            turn = city.shops.biweekly[shop]
            assert day.isoweekday() == city.shops.weekday[shop]
            assert turn == 0 or turn % 2 == day.isocalendar().week % 2


def test_nobody_orders_before_opening_after_closing_or_in_the_festival_week(
    city: City, weeks: list[Orders]
) -> None:
    shop = np.concatenate([week.shop for week in weeks])
    day = np.concatenate([week.day for week in weeks])

    assert (day >= city.shops.opened[shop]).all()
    assert (day < city.shops.stopped[shop]).all()
    assert not set(day.tolist()) & city.calendar.closed


def test_a_product_is_not_ordered_before_its_launch(city: City, weeks: list[Orders]) -> None:
    for week in weeks:
        assert (week.day[week.line_order] >= city.launched[week.product]).all()


def test_lines_of_an_order_are_numbered_from_one_without_gaps(weeks: list[Orders]) -> None:
    for week in weeks:
        for order in np.unique(week.line_order):
            numbers = week.line_no[week.line_order == order]
            assert numbers.tolist() == list(range(1, len(numbers) + 1))
        assert np.unique(week.line_order).tolist() == list(range(len(week.shop)))


def test_one_line_in_a_hundred_is_a_return_smaller_than_the_sale(weeks: list[Orders]) -> None:
    kind = np.concatenate([week.kind for week in weeks])
    cartons = np.concatenate([week.cartons for week in weeks])

    assert 0.005 < (kind != SALE).mean() < 0.015
    assert (cartons[kind == SALE] > 0).all()
    assert (cartons[kind != SALE] < 0).all()


def test_what_was_needed_and_allowed_is_never_below_what_was_ordered(weeks: list[Orders]) -> None:
    for week in weeks:
        sale = week.kind == SALE
        assert (week.needed[sale] >= week.cartons[sale]).all()
        assert (week.quota[sale] >= week.cartons[sale]).all()


def test_every_product_is_sold(weeks: list[Orders]) -> None:
    sold = np.unique(np.concatenate([week.product for week in weeks]))

    assert sold.tolist() == list(range(len(PRICES)))


def test_more_is_bought_before_the_spring_festival_and_less_after_it() -> None:
    calendar = TradeCalendar((dt.date(2026, 2, 17),), (), frozenset())
    days = np.array(["2026-02-10", "2026-02-24"], dtype="datetime64[D]")
    plain = season_of(days, PRICES, TradeCalendar((), (), frozenset()))

    season = season_of(days, PRICES, calendar) / plain

    assert (season[0] > 1.2).all()
    assert (season[1] < 0.9).all()
    assert season[0, 0] > season[0, -1]  # the dear ones are presents


def test_the_population_has_the_proportions_of_a_real_prefecture() -> None:
    shops = shops_of(4000)

    in_town = np.mean([market == "C" for market in shops.market_type])
    new = (shops.opened >= np.datetime64(FIRST)).mean()
    closed = ((shops.stopped < FOREVER) & ~shops.suspended).mean()

    assert abs(in_town - MARKET_TYPES["C"] / sum(MARKET_TYPES.values())) < 0.03
    assert 0.04 < new < 0.08
    assert 0.02 < closed < 0.04
    assert 0.005 < shops.suspended.mean() < 0.02


def test_sizes_spread_so_that_the_largest_tenth_buys_a_third() -> None:
    sizes = np.sort(shops_of(4000).weekly_cartons)[::-1]

    assert 0.25 < sizes[:400].sum() / sizes.sum() < 0.45
    assert sizes.min() > 0


def test_a_shop_keeps_products_near_its_price_level() -> None:
    shops = shops_of(1000)
    taste: Taste = draw_taste(np.random.default_rng(3), shops, PRICES)

    bought = taste.chance * taste.mean
    mean_price = (bought * PRICES).sum(axis=1) / bought.sum(axis=1)

    assert np.corrcoef(shops.price_level, np.log(mean_price))[0, 1] > 0.5
    assert (taste.chance <= 0.8).all()
    assert ((taste.chance > 0).sum(axis=1) >= 4).all()
