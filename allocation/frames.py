"""The only door between plan rows and arrays."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.models import RetailerQuota, TierQuota
from brands import frames as brand_frames
from config.common import bulk
from segmentation import frames as class_frames
from segmentation.models import SegmentationRun

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Members:
    """The retailers that share a plan, in the order of their codes; arrays of shape (n,).

    Attributes:
        retailer_id: Primary keys.
        tier: Tier number, 1 the lowest; a retailer without a class counts in the lowest.
        tiers: Number of tiers.
        unclassified: How many had no class.
    """

    retailer_id: Ints
    tier: NDArray[np.int64]
    tiers: int
    unclassified: int

    @property
    def counts(self) -> Ints:
        """Retailers per tier, highest tier first."""
        return np.bincount(self.tiers - self.tier, minlength=self.tiers).astype(np.int64)


@dataclass(frozen=True)
class Purchases:
    """What the members bought in a window.

    Attributes:
        all_products: Cartons of all products, shape (n,), >= 0.
        by_product: Product id to (member positions, cartons > 0).
    """

    all_products: Ints
    by_product: dict[int, tuple[Ints, Ints]]

    def own(self, product_id: int) -> Ints:
        """Cartons of one product, shape (n,)."""
        cartons = np.zeros(len(self.all_products), dtype=np.int64)
        if product_id in self.by_product:
            position, bought = self.by_product[product_id]
            cartons[position] = bought
        return cartons


@dataclass(frozen=True)
class QuotaBlock:
    """Quotas of one product; arrays of shape (m,), only retailers that get something."""

    product_rank: int
    product_id: int
    position: Ints
    tier: Ints
    weight: Ints
    upper: Ints
    cartons: Ints


def load_members(company_id: int, run: SegmentationRun | None, tiers: int) -> Members:
    """All active retailers with their tier in a run of a scheme of tiers."""
    population = class_frames.load_population(company_id)
    codes = class_frames.load_class_codes(run) if run is not None else {}
    tier = np.ones(len(population.retailer_id), dtype=np.int64)
    unclassified = 0
    for row, pk in enumerate(population.retailer_id.tolist()):
        code = codes.get(pk)
        if code is None:
            unclassified += 1
        else:
            tier[row] = int(code[1:])
    return Members(population.retailer_id, tier, tiers, unclassified)


def load_purchases(company_id: int, members: Members, first: int, last: int) -> Purchases:
    """Purchases of the members from month ``first`` to ``last``; net returns count as nothing."""
    rows = brand_frames.load_purchases(company_id, first, last)
    count = len(members.retailer_id)
    if not count or not len(rows["cartons"]):
        return Purchases(np.zeros(count, dtype=np.int64), {})
    order = np.argsort(members.retailer_id)
    place = np.searchsorted(members.retailer_id[order], rows["retailer_id"])
    place[place == count] = 0
    position = order[place]
    known = members.retailer_id[position] == rows["retailer_id"]
    position, product, cartons = (
        position[known],
        rows["product_id"][known],
        rows["cartons"][known],
    )
    products, column = np.unique(product, return_inverse=True)
    keys, inverse = np.unique(column.astype(np.int64) * count + position, return_inverse=True)
    sums = np.bincount(inverse, weights=cartons, minlength=len(keys)).astype(np.int64)
    keys, sums = keys[sums > 0], sums[sums > 0]
    member, column = keys % count, keys // count
    all_products = np.bincount(member, weights=sums, minlength=count).astype(np.int64)
    starts = np.searchsorted(column, np.arange(len(products) + 1))
    by_product = {
        int(product_id): (
            member[starts[index] : starts[index + 1]],
            sums[starts[index] : starts[index + 1]],
        )
        for index, product_id in enumerate(products.tolist())
    }
    return Purchases(all_products, by_product)


def insert_tier_quotas(rows: dict[str, Ints]) -> int:
    """Write tier quotas: columns ``line_id``, ``tier``, ``retailers``, ``cartons``."""
    return bulk.insert_columns(TierQuota, rows)


def insert_quotas(plan_id: int, members: Members, blocks: list[QuotaBlock]) -> int:
    """Write retailer quotas in the order of the key, so that the index grows at its end."""
    if not blocks:
        return 0
    position = np.concatenate([block.position for block in blocks])
    retailer_id = members.retailer_id[position]
    product_id = np.concatenate(
        [np.full(len(block.position), block.product_id, dtype=np.int64) for block in blocks]
    )
    order = np.lexsort((product_id, retailer_id))

    def column(name: str) -> Ints:
        return np.concatenate([getattr(block, name) for block in blocks])[order]

    return bulk.insert_columns(
        RetailerQuota,
        {
            "plan_id": np.full(len(order), plan_id, dtype=np.int64),
            "retailer_id": retailer_id[order],
            "product_id": product_id[order],
            "tier": column("tier"),
            "weight": column("weight"),
            "upper": column("upper"),
            "cartons": column("cartons"),
        },
    )


def plan_hash(headers: Iterator[str], blocks: list[QuotaBlock]) -> str:
    """Identifies totals and quotas by the order of codes, whatever the row numbers are."""
    digest = hashlib.sha256()
    for header in headers:
        digest.update(header.encode())
    for block in blocks:
        digest.update(f"|{block.product_rank}|".encode())
        for values in (block.position, block.cartons, block.upper, block.tier):
            digest.update(np.ascontiguousarray(values, dtype="<i8").tobytes())
    return digest.hexdigest()
