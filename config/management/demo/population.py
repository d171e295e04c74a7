"""The shops of the fictional city and what each likes to buy: pure draws from one generator."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

# Proportions of a real prefecture with 15,020 retailers (domain research 3.2).
FORMATS = {"B": 13002, "Q": 935, "Y": 726, "F": 280, "S": 70, "N": 6}
MARKET_TYPES = {"C": 11162, "X": 3857}
TRADE_AREAS = {
    "居民区": 8352,
    "集贸区": 5785,
    "工业区": 278,
    "商业娱乐": 258,
    "办公": 116,
    "景区": 108,
    "交通枢纽": 77,
    "院校": 34,
    "其他": 11,
}
GRADES = {"AA": 14527, "C": 216, "D": 182, "A": 33, "AAA": 28, "B": 9, "": 25}
WEEKDAYS = {1: 3680, 2: 3062, 3: 3293, 4: 3283, 5: 564}

SIZE_BY_FORMAT = {"B": 1.0, "Q": 0.7, "Y": 1.9, "F": 0.8, "S": 2.2, "N": 2.6}
MEDIAN_WEEKLY_CARTONS = 24.0
SIZE_SPREAD = 0.85
PRICE_SPREAD = 0.55
FOREVER = np.datetime64("2100-01-01", "D")


@dataclass(frozen=True)
class Shops:
    """One entry per retailer in every array.

    ``biweekly`` is 0 for every week, 1 for odd and 2 for even ISO weeks. ``growth`` is a rate per
    year. Nothing is ordered before ``opened`` or from ``stopped`` on.
    """

    format: list[str]
    market_type: list[str]
    trade_area: list[str]
    grade: list[str]
    weekday: Ints
    biweekly: Ints
    weekly_cartons: Floats
    price_level: Floats
    growth: Floats
    opened: Days
    stopped: Days
    suspended: NDArray[np.bool_]
    diligence: Floats

    def __len__(self) -> int:
        return len(self.weekday)


def draw_shops(
    rng: np.random.Generator, count: int, first_day: np.datetime64, last_day: np.datetime64
) -> Shops:
    """Draw the retailers of the city.

    Args:
        rng: Source of every draw.
        count: Retailers, at least 1.
        first_day: First day with orders.
        last_day: Last day with orders.

    Returns:
        Their traits; the same generator state gives the same city.
    """
    formats = _draw(rng, FORMATS, count)
    markets = _draw(rng, MARKET_TYPES, count)
    town = np.array([market == "C" for market in markets])
    size = _sizes(rng, formats, town)
    price = rng.normal(4.72, 0.22, count) + 0.14 * town + 0.10 * np.log(size / 24.0)
    opened, stopped, suspended = _life(rng, count, first_day, last_day)
    country_and_small = ~town & (size < MEDIAN_WEEKLY_CARTONS)
    every_other_week = country_and_small & (rng.random(count) < 0.45)
    growth = rng.normal(0.03, 0.10, count)
    growth = np.where(rng.random(count) < 0.05, rng.uniform(-0.55, -0.30, count), growth)
    return Shops(
        format=formats,
        market_type=markets,
        trade_area=_draw(rng, TRADE_AREAS, count),
        grade=_draw(rng, GRADES, count),
        weekday=_numbers(rng, WEEKDAYS, count),
        biweekly=np.where(every_other_week, rng.integers(1, 3, count), 0),
        weekly_cartons=size,
        price_level=price,
        growth=growth,
        opened=opened,
        stopped=stopped,
        suspended=suspended,
        diligence=np.where(town, 0.97, 0.93),
    )


def _draw(rng: np.random.Generator, weights: dict[str, int], count: int) -> list[str]:
    shares = np.array(list(weights.values()), dtype=np.float64)
    names = list(weights)
    return [names[k] for k in rng.choice(len(names), size=count, p=shares / shares.sum())]


def _numbers(rng: np.random.Generator, weights: dict[int, int], count: int) -> Ints:
    shares = np.array(list(weights.values()), dtype=np.float64)
    return rng.choice(np.array(list(weights)), size=count, p=shares / shares.sum())


def _sizes(rng: np.random.Generator, formats: list[str], town: NDArray[np.bool_]) -> Floats:
    by_format = np.array([SIZE_BY_FORMAT[name] for name in formats])
    drawn = rng.lognormal(np.log(MEDIAN_WEEKLY_CARTONS), SIZE_SPREAD, len(formats))
    sizes: Floats = np.clip(drawn * by_format * np.where(town, 1.1, 0.8), 2.0, 400.0)
    return sizes


def _life(
    rng: np.random.Generator, count: int, first_day: np.datetime64, last_day: np.datetime64
) -> tuple[Days, Days, NDArray[np.bool_]]:
    span = int((last_day - first_day).astype(int))
    fate = rng.random(count)
    moment = rng.integers(0, max(span, 1), count).astype("timedelta64[D]")
    long_ago = first_day - rng.integers(200, 5000, count).astype("timedelta64[D]")
    is_new = fate < 0.06
    is_closed = (fate >= 0.06) & (fate < 0.09)
    suspended = (fate >= 0.09) & (fate < 0.10)
    opened = np.where(is_new, first_day + moment, long_ago)
    stopped = np.where(is_closed, first_day + moment, FOREVER)
    stopped = np.where(suspended, last_day - np.timedelta64(35, "D"), stopped)
    return opened, stopped, suspended


@dataclass(frozen=True)
class Taste:
    """What a shop keeps: matrices of shape (shops, products).

    ``chance`` is the chance that a weekly order holds the product, ``mean`` the cartons it then holds.
    """

    chance: Floats
    mean: Floats


def draw_taste(rng: np.random.Generator, shops: Shops, prices: Floats) -> Taste:
    """Draw each shop's assortment: near its price level, wider for larger shops.

    Args:
        rng: Source of every draw.
        shops: The retailers.
        prices: Yuan per carton of each product, shape (products,).

    Returns:
        Chances and mean cartons.
    """
    popularity = rng.gumbel(0.0, 0.8, len(prices))
    distance = np.log(prices)[None, :] - shops.price_level[:, None]
    liking = popularity[None, :] - distance**2 / (2 * PRICE_SPREAD**2)
    liking = liking + rng.gumbel(0.0, 0.7, liking.shape)
    width = np.clip(np.rint(2.2 * np.sqrt(shops.weekly_cartons)), 4, 0.7 * len(prices))
    rank = np.argsort(np.argsort(-liking, axis=1), axis=1)
    weight = np.where(rank < width[:, None], np.exp(0.8 * liking), 0.0)
    expected = shops.weekly_cartons[:, None] * weight / weight.sum(axis=1, keepdims=True)
    chance = np.minimum(np.minimum(0.10 + 0.18 * np.sqrt(expected), 0.8), expected)
    mean = np.divide(expected, chance, out=np.zeros_like(expected), where=chance > 0)
    return Taste(chance=chance, mean=np.maximum(mean, 1.0))
