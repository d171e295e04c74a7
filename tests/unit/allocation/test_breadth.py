"""Breadth of tier quotas: how many tiers get something at least."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.services.quotas import least_width, solver_for, tier_quotas

COUNTS = np.array([19, 19, 39, 38, 57])


def test_half_of_the_total_decides_how_far_down_the_first_carton_goes():
    # 19 + 19 + 39 = 77 <= 80 < 115
    assert least_width(COUNTS, np.ones(5, dtype=int), 160, breadth_share=0.5) == 3


def test_breadth_does_not_go_below_the_lowest_tier_that_bought():
    assert least_width(COUNTS, np.array([5, 3, 0, 0, 0]), 1000, breadth_share=0.5) == 2


def test_a_new_product_goes_as_far_as_the_total_allows():
    assert least_width(COUNTS, np.zeros(5, dtype=int), 1000, breadth_share=0.5) == 5


@pytest.mark.parametrize(("total", "share"), [(0, 0.5), (1000, 0.0), (18, 1.0)])
def test_no_breadth_is_asked_for_where_nothing_may_be_spent_on_it(total, share):
    assert least_width(COUNTS, np.ones(5, dtype=int), total, breadth_share=share) == 0


@given(
    counts=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    total=st.integers(0, 400),
    objective=st.sampled_from(["closest", "not_above"]),
)
def test_the_asked_breadth_is_always_served(counts, total, objective):
    tiers = np.array(counts)
    width = least_width(tiers, np.ones(len(tiers), dtype=int), total, breadth_share=0.5)

    quotas = tier_quotas(
        solver_for(tiers, total),
        tiers,
        np.ones(len(tiers), dtype=int),
        total,
        top_cap=max(1, total),
        min_width=width,
        objective=objective,
    )

    assert (quotas[:width] >= 1).all()
    assert (np.diff(quotas) <= 0).all()
