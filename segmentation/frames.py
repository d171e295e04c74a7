"""The only door between class rows and arrays."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from django.db import connection
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
        stage: Stored life-cycle stages.
    """

    retailer_id: Ints
    code: NDArray[np.object_]
    standing: Ints
    stage: NDArray[np.object_]

    def rows_of(self, retailer_id: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Where retailers stand in the population.

        Args:
            retailer_id: Primary keys, shape (k,), any order.

        Returns:
            Positions of those that belong to it, and a mask of shape (k,) that tells which do.
        """
        if not len(self.retailer_id):
            return np.empty(0, dtype=np.int64), np.zeros(len(retailer_id), dtype=bool)
        order = np.argsort(self.retailer_id)
        ascending = self.retailer_id[order]
        place = np.searchsorted(ascending, retailer_id)
        place[place == len(ascending)] = 0
        known = ascending[place] == retailer_id
        return order[place[known]], known


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
class History:
    """Purchases of a population by month; arrays of shape (n, m), zero for who bought nothing.

    Attributes:
        months: Months, yyyymm, oldest first.
        cartons: Net 条.
        amount_cents: Net 分.
    """

    months: list[int]
    cartons: Ints
    amount_cents: Ints

    def window(self, first: int, last: int) -> Window:
        """Purchases from month ``first`` to ``last``, both among ``months``."""
        columns = slice(self.months.index(first), self.months.index(last) + 1)
        return Window(
            self.cartons[:, columns].sum(axis=1), self.amount_cents[:, columns].sum(axis=1)
        )


@dataclass(frozen=True)
class Classes:
    """Who is in which class and why; arrays of shape (n,), in the order of the population.

    Attributes:
        retailer_id: Primary keys.
        class_code: Such as "A" or "D30".
        rank: 1 is the best.
        figures: The numbers behind the classes, name to integers or floats of shape (n,).
        result_hash: Identifies codes, classes, ranks and figures, whatever the row numbers are.
    """

    retailer_id: Ints
    class_code: NDArray[np.object_]
    rank: Ints
    figures: dict[str, NDArray[Any]]
    result_hash: str

    def sizes(self) -> dict[str, int]:
        """Retailers per class."""
        codes, counts = np.unique(self.class_code.astype(str), return_counts=True)
        return dict(zip(codes.tolist(), counts.tolist(), strict=True))


def load_population(company_id: int) -> Population:
    """All active retailers of a company."""
    rows = sorted(
        Retailer.objects.filter(company_id=company_id, status=RetailerStatus.ACTIVE).values_list(
            "code", "id", "opened_on", "life_cycle_stage"
        )
    )
    ids = np.array([row[1] for row in rows], dtype=np.int64)
    # Without a date of opening a retailer counts as the newest.
    opened = np.array(
        [row[2].toordinal() if row[2] else np.iinfo(np.int64).max for row in rows], dtype=np.int64
    )
    standing = np.empty(len(rows), dtype=np.int64)
    standing[np.lexsort((np.arange(len(rows)), opened))] = np.arange(len(rows))
    codes, stages = bulk.texts([row[0] for row in rows]), bulk.texts([row[3] for row in rows])
    return Population(ids, codes, standing, stages)


def load_history(company_id: int, population: Population, months: list[int]) -> History:
    """Purchases of the population in consecutive months, read once for all that looks at them."""
    found = brand_frames.load_retailer_months(company_id, months[0], months[-1])
    row, known = population.rows_of(found["retailer_id"])
    shape = (len(population.retailer_id), len(months))
    cell = row * len(months) + np.searchsorted(np.array(months), found["period"][known])
    cartons, amounts = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    cartons.ravel()[cell] = found["cartons"][known]
    amounts.ravel()[cell] = found["amount_cents"][known]
    return History(months, cartons, amounts)


def load_months_since_first(company_id: int, population: Population, history: History) -> Ints:
    """Months from the first purchase to the last month of the history; -1 for who never bought."""
    bought = history.cartons > 0
    width = len(history.months)
    since = np.where(bought.any(axis=1), width - 1 - bought.argmax(axis=1), -1)
    before = brand_frames.load_first_months(company_id, history.months[0])
    row, known = population.rows_of(before["retailer_id"])
    last = history.months[-1]
    period = before["period"][known]
    since[row] = last // 100 * 12 + last % 100 - (period // 100 * 12 + period % 100)
    return since.astype(np.int64)


def classes_hash(
    population: Population,
    class_code: NDArray[np.object_],
    rank: Ints,
    figures: dict[str, NDArray[Any]],
) -> str:
    """Identifies who is in which class, and why."""
    digest = hashlib.sha256()
    digest.update("\n".join(population.code.tolist()).encode())
    digest.update("\n".join(class_code.tolist()).encode())
    digest.update(np.ascontiguousarray(rank, dtype="<i8").tobytes())
    for name, values in figures.items():
        digest.update(name.encode())
        kind = "<f8" if values.dtype.kind == "f" else "<i8"
        digest.update(np.ascontiguousarray(values, dtype=kind).tobytes())
    return digest.hexdigest()


def json_rows(columns: dict[str, NDArray[Any]]) -> NDArray[np.object_]:
    """One JSON text per row from columns of numbers."""
    names = list(columns)
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    return bulk.texts(
        [orjson.dumps(dict(zip(names, values, strict=True))).decode() for values in rows]
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
            "figures": json_rows(classes.figures),
        },
    )


def load_class_codes(run: SegmentationRun) -> dict[int, str]:
    """Class by retailer id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT retailer_id, class_code FROM {Assignment._meta.db_table} WHERE run_id = %s",  # noqa: S608
            [run.pk],
        )
        return dict(cursor.fetchall())


def changed_stages(population: Population, stages: NDArray[np.str_]) -> dict[str, list[int]]:
    """New stage to retailer ids, of the retailers whose stored stage is another."""
    moved = population.stage.astype(str) != stages
    changes = {
        stage: population.retailer_id[moved & (stages == stage)].tolist()
        for stage in LifeCycleStage.values
    }
    return {stage: ids for stage, ids in changes.items() if ids}
