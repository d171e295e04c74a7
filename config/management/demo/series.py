"""Orders of the fictional city, week by week: pure, and the same for the same seed.

Each week draws from a generator of its own, so that a longer history repeats the shorter one.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.management.demo.calendar import TradeCalendar
from config.management.demo.population import Days, Floats, Ints, Shops, Taste

SALE, RETURN = 1, 2
RETURN_SHARE = 0.01
HIGH_PRICE = 158.0
MONTH_SHAPE = (1.06, 0.92, 0.95, 0.97, 1.0, 0.98, 0.97, 0.99, 1.04, 1.02, 1.0, 1.1)
BUSY_WEEK_SPREAD = 0.22
OPENING_WEEKS = 26
WORKDAYS = 5


@dataclass(frozen=True)
class Orders:
    """Orders of one week and their lines; lines are sorted by order.

    ``line_order`` points into the orders. A return has negative cartons and -1 for needed and quota.
    """

    shop: Ints
    day: Days
    line_order: Ints
    product: Ints
    kind: Ints
    cartons: Ints
    needed: Ints
    quota: Ints

    @property
    def line_no(self) -> Ints:
        """Number of each line within its order, from 1."""
        starts = np.searchsorted(self.line_order, self.line_order, side="left")
        numbers: Ints = np.arange(len(self.line_order)) - starts + 1
        return numbers


@dataclass(frozen=True)
class City:
    """Everything the orders follow from."""

    shops: Shops
    taste: Taste
    prices: Floats
    launched: Days
    calendar: TradeCalendar
    first_day: dt.date
    last_day: dt.date
    seed: int

    def weeks(self) -> Iterator[Orders]:
        """The orders of each calendar week from the first day to the last."""
        monday = self.first_day - dt.timedelta(days=self.first_day.weekday())
        while monday <= self.last_day:
            yield self._week(monday)
            monday += dt.timedelta(days=7)

    def _week(self, monday: dt.date) -> Orders:
        rng = np.random.default_rng([self.seed, 7, monday.toordinal()])
        shop = self._who_orders(rng, monday)
        day = np.datetime64(monday, "D") + (self.shops.weekday[shop] - 1).astype("timedelta64[D]")
        level = self._level(rng, shop, day)
        lines = self._lines(rng, shop, day, level)
        return self._inside(shop, day, lines)

    def _who_orders(self, rng: np.random.Generator, monday: dt.date) -> Ints:
        shops = self.shops
        parity = 1 if monday.isocalendar().week % 2 else 2
        turn = (shops.biweekly == 0) | (shops.biweekly == parity)
        day = np.datetime64(monday, "D") + (shops.weekday - 1).astype("timedelta64[D]")
        open_then = (shops.opened <= day) & (day < shops.stopped)
        served = np.array([self._serves(monday, weekday) for weekday in range(1, WORKDAYS + 1)])
        diligent = rng.random(len(shops)) < shops.diligence
        return np.flatnonzero(turn & open_then & diligent & served[shops.weekday - 1])

    def _serves(self, monday: dt.date, weekday: int) -> bool:
        return monday + dt.timedelta(days=weekday - 1) not in self.calendar.closed

    def _level(self, rng: np.random.Generator, shop: Ints, day: Days) -> Floats:
        """Size of each order against an ordinary week of that shop."""
        years = (day - np.datetime64(self.first_day, "D")).astype(np.float64) / 365.0
        age = (day - self.shops.opened[shop]).astype(np.float64) / 7.0
        ramp = np.clip(0.4 + 0.6 * age / OPENING_WEEKS, 0.4, 1.0)
        doubled = np.where(self.shops.biweekly[shop] > 0, 2.0, 1.0)
        busy = rng.lognormal(0.0, BUSY_WEEK_SPREAD, len(shop))
        level: Floats = (1 + self.shops.growth[shop]) ** years * ramp * doubled * busy
        return level

    def _lines(
        self, rng: np.random.Generator, shop: Ints, day: Days, level: Floats
    ) -> tuple[Ints, Ints, Ints]:
        """Order, product and cartons of each sale line."""
        # Half of a rise is more products per order, half is more cartons of each.
        half = np.sqrt(season_of(day, self.prices, self.calendar) * level[:, None])
        chance = self.taste.chance[shop] * half
        chance = np.where(self.launched[None, :] <= day[:, None], chance, 0.0)
        order, product = np.nonzero(rng.random(chance.shape) < chance)
        mean = self.taste.mean[shop[order], product] * half[order, product]
        cartons = 1 + rng.poisson(np.maximum(mean - 1.0, 0.02))
        return self._with_returns(rng, order, product, cartons)

    @staticmethod
    def _with_returns(
        rng: np.random.Generator, order: Ints, product: Ints, cartons: Ints
    ) -> tuple[Ints, Ints, Ints]:
        back = np.flatnonzero(rng.random(len(order)) < RETURN_SHARE)
        returned = -np.maximum(cartons[back] // 5, 1)
        whole_order = np.concatenate([order, order[back]])
        sorting = np.argsort(whole_order, kind="stable")
        return (
            whole_order[sorting],
            np.concatenate([product, product[back]])[sorting],
            np.concatenate([cartons, returned])[sorting],
        )

    def _inside(self, shop: Ints, day: Days, lines: tuple[Ints, Ints, Ints]) -> Orders:
        order, product, cartons = lines
        first, last = np.datetime64(self.first_day, "D"), np.datetime64(self.last_day, "D")
        wanted = (day >= first) & (day <= last)
        wanted &= np.isin(np.arange(len(shop)), order)
        number = np.cumsum(wanted) - 1
        keep = wanted[order]
        order, product, cartons = number[order[keep]], product[keep], cartons[keep]
        scarce = self.prices[product] > np.quantile(self.prices, 0.9)
        sale = cartons > 0
        return Orders(
            shop=shop[wanted],
            day=day[wanted],
            line_order=order,
            product=product,
            kind=np.where(sale, SALE, RETURN),
            cartons=cartons,
            needed=np.where(sale, np.where(scarce, cartons * 3 // 2 + 1, cartons), -1),
            quota=np.where(sale, np.where(scarce, cartons, cartons * 5 // 4 + 1), -1),
        )


def season_of(day: Days, prices: Floats, calendar: TradeCalendar) -> Floats:
    """How much more than usual is bought: by month, and around the festivals by price.

    Args:
        day: Days of the orders, shape (orders,).
        prices: Yuan per carton, shape (products,).
        calendar: The festivals.

    Returns:
        Factors of shape (orders, products); the dear ones are given as presents before festivals.
    """
    months = day.astype("datetime64[M]").astype(np.int64) % 12
    shape: NDArray[np.float64] = np.array(MONTH_SHAPE)[months]
    spring = 0.55 * _near(day, calendar.spring, -28, -1) - 0.35 * _near(day, calendar.spring, 0, 20)
    autumn = 0.22 * _near(day, calendar.mid_autumn, -21, -1)
    present = np.where(prices >= HIGH_PRICE, 1.3, 0.75)
    factors: Floats = shape[:, None] * (1 + (spring + autumn)[:, None] * present[None, :])
    return factors


def _near(day: Days, festivals: tuple[dt.date, ...], first: int, last: int) -> Floats:
    """1 where a day lies ``first`` to ``last`` days after a festival (negative: before it), else 0."""
    inside = np.zeros(len(day))
    for festival in festivals:
        distance = (day - np.datetime64(festival, "D")).astype(np.int64)
        inside = np.maximum(inside, (distance >= first) & (distance <= last))
    return inside
