from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.core.tiers import TierQuotaSolver, band_cap, solve_tier_quotas
from tests.oracles.tier_quotas import (
    SHIYAN_COUNTS,
    best_quotas,
    published_heuristic,
    reachable_totals,
)
from tests.oracles.worked_tables import number, optional_whole, whole, wholes, worked_rows


def released(counts, quotas):
    return int(np.dot(counts, quotas))


@pytest.mark.parametrize("row", worked_rows("tier-quotas.md", "quotas"))
def test_solve_tier_quotas_agrees_with_the_page(row):
    counts = SHIYAN_COUNTS if row["counts"] == "shiyan" else wholes(row["counts"])

    quotas = solve_tier_quotas(
        counts,
        whole(row["T"]),
        top_cap=optional_whole(row["cap"]),
        min_width=whole(row["width"]),
        objective=row["objective"],
    )

    assert quotas.tolist() == wholes(row["quotas"])
    assert released(counts, quotas) == whole(row["S"])
    assert quotas.dtype == np.int64


@pytest.mark.parametrize("row", worked_rows("tier-quotas.md", "band"))
def test_band_cap_agrees_with_the_page(row):
    assert band_cap(whole(row["sum"]), number(row["divisor"])) == whole(row["cap"])


@pytest.mark.parametrize(("quota_sum", "divisor"), [(-1, Decimal("1.3")), (1, Decimal("0.9"))])
def test_band_cap_outside_its_range_is_refused(quota_sum, divisor):
    with pytest.raises(ValueError, match="must be"):
        band_cap(quota_sum, divisor)


@pytest.mark.parametrize("cap", [5, 6, 7, 10, 20, 30])
def test_not_above_10000_cartons_reaches_9895_for_caps_5_to_30(cap):
    quotas = solve_tier_quotas(SHIYAN_COUNTS, 10_000, top_cap=cap, objective="not_above")

    assert released(SHIYAN_COUNTS, quotas) == 9_895


def test_w3_ladders_release_the_known_totals():
    assert released(SHIYAN_COUNTS, [3] * 10 + [2] * 10 + [0] * 10) == 26_000
    assert released(SHIYAN_COUNTS, np.repeat([5, 4, 3, 2, 1, 0], 5)) == 37_546
    assert released(SHIYAN_COUNTS, [2] * 6 + [1] * 12 + [0] * 12) == 11_537


@pytest.mark.parametrize(
    ("total", "expected"), [(3_000, 2_995), (10_000, 10_036), (26_000, 25_998)]
)
def test_exact_quotas_are_never_further_off_than_the_published_heuristic(total, expected):
    heuristic = published_heuristic(SHIYAN_COUNTS, total)

    exact = solve_tier_quotas(SHIYAN_COUNTS, total)

    assert released(SHIYAN_COUNTS, heuristic) == expected
    assert abs(released(SHIYAN_COUNTS, exact) - total) <= abs(expected - total)


def test_w4_published_rows():
    assert published_heuristic([149, 150, 299], 445) == [2, 1, 0]
    assert released([149, 150, 299], [2, 1, 0]) == 448
    assert released([149, 150, 299], [5, 1, 0]) == 895
    assert released([149, 150, 299], [3, 1, 1]) == 896  # printed as 834


@settings(max_examples=250, deadline=None)
@given(
    counts=st.lists(st.integers(0, 6), min_size=1, max_size=5),
    total=st.integers(0, 60),
    top_cap=st.integers(1, 5),
    width=st.integers(0, 5),
    objective=st.sampled_from(["closest", "not_above"]),
)
def test_solve_tier_quotas_agrees_with_brute_force(counts, total, top_cap, width, objective):
    width = min(width, len(counts))
    expected = best_quotas(counts, total, top_cap=top_cap, min_width=width, objective=objective)
    arguments = {"top_cap": top_cap, "min_width": width, "objective": objective}

    if expected is None:
        with pytest.raises(ValueError, match="min_width"):
            solve_tier_quotas(counts, total, **arguments)
    else:
        assert solve_tier_quotas(counts, total, **arguments).tolist() == expected


@settings(max_examples=120, deadline=None)
@given(
    counts=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    total=st.integers(0, 12),
    objective=st.sampled_from(["closest", "not_above"]),
)
def test_solve_tier_quotas_without_cap_agrees_with_brute_force(counts, total, objective):
    expected = best_quotas(counts, total, top_cap=total + 1, objective=objective)

    assert solve_tier_quotas(counts, total, objective=objective).tolist() == expected


@settings(max_examples=40, deadline=None)
@given(
    counts=st.lists(st.integers(1, 300), min_size=1, max_size=30),
    total=st.integers(0, 20_000),
    objective=st.sampled_from(["closest", "not_above"]),
)
def test_solve_tier_quotas_never_rises_and_errs_less_than_the_top_tier(counts, total, objective):
    quotas = solve_tier_quotas(counts, total, objective=objective)

    s = released(counts, quotas)
    assert (quotas >= 0).all()
    assert (np.diff(quotas) <= 0).all()
    if objective == "not_above":
        assert total - counts[0] < s <= total
    else:
        assert 2 * abs(s - total) <= counts[0]


@pytest.mark.parametrize("cap", [2, 3, 5, 10])
@pytest.mark.parametrize("total", [97, 2_345, 9_999, 12_000])
def test_best_error_over_the_real_tiers_agrees_with_all_reachable_totals(cap, total):
    reachable = reachable_totals(SHIYAN_COUNTS, cap, total + 1_000)

    closest = solve_tier_quotas(SHIYAN_COUNTS, total, top_cap=cap)
    below = solve_tier_quotas(SHIYAN_COUNTS, total, top_cap=cap, objective="not_above")

    best_error = min(abs(s - total) for s in reachable)
    assert abs(released(SHIYAN_COUNTS, closest) - total) == best_error
    assert released(SHIYAN_COUNTS, below) == max(s for s in reachable if s <= total)


def test_solver_gives_the_same_answers_for_many_totals_as_one_by_one():
    solver = TierQuotaSolver(SHIYAN_COUNTS, 40_000)

    for total in (0, 1, 149, 3_000, 15_018, 39_999):
        many = solver.solve(total, top_cap=8)
        assert many.tolist() == solve_tier_quotas(SHIYAN_COUNTS, total, top_cap=8).tolist()


def test_empty_tiers_take_the_quota_above_them():
    assert solve_tier_quotas([0, 10, 0, 5, 0], 25).tolist() == [2, 2, 2, 1, 1]
    assert solve_tier_quotas([0, 0], 9).tolist() == [0, 0]
    assert solve_tier_quotas([0, 10], 0, min_width=1).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("counts", "total", "options", "match"),
    [
        ([], 1, {}, "counts.*shape"),
        ([1, -1], 1, {}, "counts.*-1"),
        ([1.0], 1, {}, "counts.*float64"),
        ([1], -1, {}, "total.*-1"),
        ([1], 1.5, {}, "total.*1.5"),
        ([1], 1, {"objective": "nearest"}, "objective.*nearest"),
        ([1], 1, {"min_width": 2}, "min_width must be 0 to 1, got 2"),
        ([1], 1, {"min_width": 1, "top_cap": 0}, "top_cap must be at least 1"),
        ([1], 1, {"top_cap": -1}, "top_cap.*-1"),
        ([5, 5], 9, {"min_width": 2, "objective": "not_above"}, "at least 10 cartons.*9"),
        ([1] * 30, 10**8, {}, "table cells"),
    ],
)
def test_solve_tier_quotas_outside_its_range_says_value_and_expectation(
    counts, total, options, match
):
    with pytest.raises(ValueError, match=match):
        solve_tier_quotas(counts, total, **options)


def test_solver_refuses_a_total_above_its_tables():
    with pytest.raises(ValueError, match="max_total 10, got 11"):
        TierQuotaSolver([1, 2], 10).solve(11)
