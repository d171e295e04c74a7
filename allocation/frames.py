"""The only door between plan rows and arrays."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.models import RetailerQuota, TierQuota
from brands import frames as brand_frames
from brands.core.sales import sum_pairs
from config.common import bulk
from segmentation import frames as class_frames
from segmentation.models import SegmentationRun

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Members:
    """The retailers that share a plan, in the order of their codes; arrays of shape (n,).

    Attributes:
        population: Who they are.
        tier: Tier number, 1 the lowest; a retailer without a class counts in the lowest.
        tiers: Number of tiers.
        unclassified: How many had no class.
    """

    population: class_frames.Population
    tier: NDArray[np.int64]
    tiers: int
    unclassified: int

    @property
    def retailer_id(self) -> Ints:
        """Primary keys."""
        return self.population.retailer_id

    @property
    def counts(self) -> Ints:
        """Retailers per tier, highest tier first."""
        return np.bincount(self.tiers - self.tier, minlength=self.tiers).astype(np.int64)

    def bought_by_tier(self, own: Ints) -> Ints:
        """Cartons per tier, highest tier first, from cartons per member."""
        sums = np.bincount(self.tiers - self.tier, weights=own, minlength=self.tiers)
        return sums.astype(np.int64)


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
    return Members(population, tier, tiers, unclassified)


def load_purchases(company_id: int, members: Members, first: int, last: int) -> Purchases:
    """Purchases of the members from month ``first`` to ``last``; net returns count as nothing."""
    rows = brand_frames.load_purchases(company_id, first, last)
    count = len(members.retailer_id)
    if not count or not len(rows["cartons"]):
        return Purchases(np.zeros(count, dtype=np.int64), {})
    position, known = members.population.rows_of(rows["retailer_id"])
    product, member, (sums,) = sum_pairs(
        rows["product_id"][known], position, (rows["cartons"][known],)
    )
    bought = np.flatnonzero(sums > 0)
    product, member, sums = product[bought], member[bought], sums[bought]
    all_products = np.bincount(member, weights=sums, minlength=count).astype(np.int64)
    products, starts = np.unique(product, return_index=True)
    ends = np.append(starts, len(product))[1:]
    by_product = {
        pk: (member[start:end], sums[start:end])
        for pk, start, end in zip(products.tolist(), starts.tolist(), ends.tolist(), strict=True)
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


def plan_hash(
    headers: Iterator[bytes], counts: Ints, tier_quotas: list[Ints], blocks: list[QuotaBlock]
) -> str:
    """Identifies all that is stored of a plan by the order of codes, whatever the row numbers are."""
    digest = hashlib.sha256()
    _add(digest, counts)
    for header, quotas in zip(headers, tier_quotas, strict=True):
        digest.update(header)
        _add(digest, quotas)
    for block in blocks:
        digest.update(f"|{block.product_rank}|".encode())
        _add(digest, block.position, block.cartons, block.upper, block.tier, block.weight)
    return digest.hexdigest()


def inputs_hash(headers: Iterator[bytes], members: Members, purchases: Purchases) -> str:
    """Identifies all that the quotas of a plan are computed from, row numbers included.

    Args:
        headers: Rules, and each product with its total and the figures behind it.
        members: Who shares.
        purchases: What they bought.
    """
    digest = hashlib.sha256()
    for header in headers:
        digest.update(header + b";")
    digest.update(f"{members.tiers}:{members.unclassified};".encode())
    _add(digest, members.retailer_id, members.tier, purchases.all_products)
    for product_id, (position, cartons) in sorted(purchases.by_product.items()):
        digest.update(f"|{product_id}:{len(position)}|".encode())
        _add(digest, position, cartons)
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", *arrays: Ints) -> None:
    for values in arrays:
        digest.update(np.ascontiguousarray(values, dtype="<i8").tobytes())
