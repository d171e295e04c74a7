"""The only door between class rows and arrays."""

import hashlib
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from brands import frames as brand_frames
from config.common import bulk
from customers.models import LifeCycleStage, Retailer, RetailerStatus
from segmentation.models import Assignment, SegmentationRun

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Population:
    """The retailers that are classified, in the order of their codes; arrays of shape (n,).

    Attributes:
        retailer_id: Primary keys.
        code: Retailer codes, ascending.
        standing: Order among equals: longer standing first, then code; 0 is first.
    """

    retailer_id: Ints
    code: NDArray[np.object_]
    standing: Ints


@dataclass(frozen=True)
class Window:
    """Purchases of a population over some months; arrays of shape (n,).

    Attributes:
        cartons: Net 条.
        amount_cents: Net 分.
    """

    cartons: Ints
    amount_cents: Ints


@dataclass(frozen=True)
class Classes:
    """Who is in which class and why; arrays of shape (n,), in the order of the population.

    Attributes:
        retailer_id: Primary keys.
        class_code: Such as "A" or "D30".
        rank: 1 is the best.
        figures: JSON texts.
        result_hash: Identifies codes, classes and ranks, whatever the row numbers are.
    """

    retailer_id: Ints
    class_code: NDArray[np.object_]
    rank: Ints
    figures: NDArray[np.object_]
    result_hash: str

    def sizes(self) -> dict[str, int]:
        """Retailers per class."""
        codes, counts = np.unique(self.class_code.astype(str), return_counts=True)
        return dict(zip(codes.tolist(), counts.tolist(), strict=True))


def load_population(company_id: int) -> Population:
    """All active retailers of a company."""
    rows = sorted(
        Retailer.objects.filter(company_id=company_id, status=RetailerStatus.ACTIVE).values_list(
            "code", "id", "opened_on"
        )
    )
    codes = bulk.texts([code for code, _pk, _opened in rows])
    ids = np.array([pk for _code, pk, _opened in rows], dtype=np.int64)
    # Without a date of opening a retailer counts as the newest.
    opened = np.array(
        [day.toordinal() if day else np.iinfo(np.int64).max for _code, _pk, day in rows],
        dtype=np.int64,
    )
    standing = np.empty(len(rows), dtype=np.int64)
    standing[np.lexsort((np.arange(len(rows)), opened))] = np.arange(len(rows))
    return Population(ids, codes, standing)


def load_window(company_id: int, population: Population, first: int, last: int) -> Window:
    """Purchases of the population from month ``first`` to ``last``; zero for who bought nothing."""
    totals = brand_frames.load_retailer_totals(company_id, first, last)
    order = np.argsort(population.retailer_id)
    sorted_ids = population.retailer_id[order]
    cartons = np.zeros(len(sorted_ids), dtype=np.int64)
    amounts = np.zeros(len(sorted_ids), dtype=np.int64)
    if len(sorted_ids):
        place = np.searchsorted(sorted_ids, totals["retailer_id"])
        place[place == len(sorted_ids)] = 0
        known = sorted_ids[place] == totals["retailer_id"]
        row = order[place[known]]
        cartons[row] = totals["cartons"][known]
        amounts[row] = totals["amount_cents"][known]
    return Window(cartons, amounts)


def load_month_table(company_id: int, population: Population, months: list[int]) -> Ints:
    """Cartons of the population per month, shape (n, len(months))."""
    found = brand_frames.load_retailer_months(company_id, months[0], months[-1])
    order = np.argsort(population.retailer_id)
    sorted_ids = population.retailer_id[order]
    table = np.zeros((len(sorted_ids), len(months)), dtype=np.int64)
    if not len(sorted_ids):
        return table
    place = np.searchsorted(sorted_ids, found["retailer_id"])
    place[place == len(sorted_ids)] = 0
    known = sorted_ids[place] == found["retailer_id"]
    column = np.searchsorted(np.array(months), found["period"][known])
    table[order[place[known]], column] = found["cartons"][known]
    return table


def load_months_since_first(company_id: int, population: Population, last: int) -> Ints:
    """Months from the first purchase to month ``last``; -1 for who never bought by then."""
    found = brand_frames.load_first_months(company_id)
    first = dict(zip(found["retailer_id"].tolist(), found["period"].tolist(), strict=True))
    last_index = last // 100 * 12 + last % 100
    since = np.full(len(population.retailer_id), -1, dtype=np.int64)
    for row, pk in enumerate(population.retailer_id.tolist()):
        period = first.get(pk)
        if period is not None and period <= last:
            since[row] = last_index - (period // 100 * 12 + period % 100)
    return since


def classes_hash(population: Population, class_code: NDArray[np.object_], rank: Ints) -> str:
    """Identifies who is in which class."""
    digest = hashlib.sha256()
    digest.update("\n".join(population.code.tolist()).encode())
    digest.update("\n".join(class_code.tolist()).encode())
    digest.update(np.ascontiguousarray(rank, dtype="<i8").tobytes())
    return digest.hexdigest()


def json_rows(columns: dict[str, list[object]]) -> NDArray[np.object_]:
    """One JSON text per row from columns of plain values."""
    names = list(columns)
    return bulk.texts(
        [
            orjson.dumps(dict(zip(names, values, strict=True))).decode()
            for values in zip(*columns.values(), strict=True)
        ]
    )


def insert_assignments(run_id: int, classes: Classes) -> int:
    """Write the assignments of a run."""
    return bulk.insert_columns(
        Assignment,
        {
            "run_id": np.full(len(classes.retailer_id), run_id, dtype=np.int64),
            "retailer_id": classes.retailer_id,
            "class_code": classes.class_code,
            "rank": classes.rank,
            "figures": classes.figures,
        },
    )


def load_class_codes(run: SegmentationRun) -> dict[int, str]:
    """Class by retailer id."""
    return dict(run.assignments.values_list("retailer_id", "class_code"))


def changed_stages(population: Population, stages: NDArray[np.str_]) -> dict[str, list[int]]:
    """New stage to retailer ids, of the retailers whose stored stage is another."""
    stored = dict(
        Retailer.objects.filter(pk__in=population.retailer_id.tolist()).values_list(
            "id", "life_cycle_stage"
        )
        if len(population.retailer_id) < 500
        else Retailer.objects.filter(status=RetailerStatus.ACTIVE).values_list(
            "id", "life_cycle_stage"
        )
    )
    changes: dict[str, list[int]] = {stage: [] for stage in LifeCycleStage.values}
    for pk, stage in zip(population.retailer_id.tolist(), stages.tolist(), strict=True):
        if stored.get(pk) != stage:
            changes[stage].append(pk)
    return {stage: ids for stage, ids in changes.items() if ids}
