"""Tier quotas as the night makes them: they follow purchases, and the total is met as well as asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.core.ladders import purchase_shape, reference_ladder
from allocation.core.tiers import solve_tier_quotas
from allocation.services.quotas import solver_for, tier_quotas
from tests.oracles.worked_tables import number, whole, wholes, worked_rows


def numbers(cell):
    return [float(number(word)) for word in cell.split()]


@pytest.mark.parametrize(
    ("counts", "total", "cap", "width", "quotas"),
    [
        # An empty tier at the top takes no room below the cap.
        ([0, 3], 2, 1, 1, [1, 1]),
        ([3, 3], 6, 1, 1, [1, 1]),
        ([0, 3], 1, 1, 1, [1, 0]),
        ([0, 0], 5, 2, 1, [1, 0]),
        ([2, 0, 2], 3, 9, 3, [1, 1, 1]),
    ],
)
def test_narrow_cases(counts, total, cap, width, quotas):
    tiers = np.array(counts)

    found = tier_quotas(
        solver_for(tiers, total), tiers, tiers * 0, total,
        top_cap=cap, min_width=width, objective="closest",
    )  # fmt: skip

    assert found.tolist() == quotas


@pytest.mark.parametrize("row", worked_rows("tier-quotas.md", "ladder"))
def test_worked_table(row):
    counts, bought = np.array(wholes(row["counts"])), np.array(wholes(row["bought"]))
    total, cap, width = whole(row["T"]), whole(row["cap"]), whole(row["width"])

    shape = purchase_shape(counts, bought)
    reference = reference_ladder(counts, shape, total, width=width, top=cap - 1)
    quotas = tier_quotas(
        solver_for(counts, total), counts, bought, total,
        top_cap=cap, min_width=width, objective="closest", tolerance=whole(row["tolerance"]),
    )  # fmt: skip

    assert shape == pytest.approx(numbers(row["shape"]), abs=5e-4)
    assert reference == pytest.approx(numbers(row["reference"]), abs=5e-4)
    assert quotas.tolist() == wholes(row["quotas"])


@given(
    rows=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 60)), min_size=1, max_size=4),
    total=st.integers(0, 120),
    cap=st.integers(1, 40),
    tolerance=st.integers(0, 9),
    objective=st.sampled_from(["closest", "not_above"]),
    data=st.data(),
)
def test_the_miss_is_never_larger_than_allowed_or_than_the_optimum(
    rows, total, cap, tolerance, objective, data
):
    counts, bought = (np.array(column) for column in zip(*rows, strict=True))
    reach = np.cumsum(counts)
    width = data.draw(st.integers(0, int(np.searchsorted(reach, total, side="right"))))
    asked = {"top_cap": cap, "min_width": width, "objective": objective}
    best = solve_tier_quotas(counts, total, **asked)
    optimum = abs(int(counts @ best) - total)

    quotas = tier_quotas(
        solver_for(counts, total), counts, bought, total, tolerance=tolerance, **asked
    )

    assert abs(int(counts @ quotas) - total) <= max(tolerance, optimum)
    assert (np.diff(quotas) <= 0).all()
    assert quotas.min() >= 0
    assert quotas.max() <= cap
    assert (quotas[:width] >= 1).all()
    if objective == "not_above":
        assert int(counts @ quotas) <= total


@given(rows=st.lists(st.tuples(st.integers(20, 60), st.integers(0, 900)), min_size=2, max_size=6))
def test_whoever_buys_more_gets_about_as_much_more(rows):
    """Enough cartons that one of them is not much: each quota is next to its reference."""
    counts, bought = (np.array(column) for column in zip(*rows, strict=True))
    total = int(bought.sum())
    reference = reference_ladder(counts, purchase_shape(counts, bought), total, width=0, top=1000)

    quotas = tier_quotas(
        solver_for(counts, total), counts, bought, total,
        top_cap=1001, min_width=0, objective="closest", tolerance=int(counts.max()),
    )  # fmt: skip

    assert (quotas > reference - 1 - 1e-6).all()
    assert (quotas <= reference + 1 + 1e-6).all()
