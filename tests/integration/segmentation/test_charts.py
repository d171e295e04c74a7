"""What people look at on a scheme's page and beside a retailer: movements, points, the mean of a class."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from brands.models import RetailerMonth
from config.common import periods
from customers.models import Retailer
from segmentation.models import Assignment
from segmentation.selectors import beside, movements, spread
from tests.factories import add_assignment, add_retailer, add_run


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def fragment(client, city):
    logged_in = []

    def get(role, name, pk):
        if logged_in != [role]:
            logged_in[:] = [role]
            user = city.people[role]
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client.get(reverse(name, args=[pk]), headers={"HX-Request": "true"})

    return get


def _codes(run, *codes):
    """Give the retailers of a run these classes, in order."""
    rows = Assignment.objects.filter(run=run).order_by("rank")
    for row, code in zip(list(rows), codes, strict=True):
        Assignment.objects.filter(run=run, retailer=row.retailer_id).update(class_code=code)


# --- movements ----------------------------------------------------------------------------


def test_a_proposal_is_compared_with_what_is_published(city):
    pair = movements.runs_to_compare(city.schemes["abc"])

    assert pair == (city.published["abc"], city.proposal)


def test_without_a_proposal_the_last_two_publications_are_compared(city):
    older = city.published["tier30"]
    newer = add_run(city, "tier30", status="superseded")
    assert movements.runs_to_compare(city.schemes["tier30"]) is None

    newer.published_at = timezone.now()
    newer.save()

    assert movements.runs_to_compare(city.schemes["tier30"]) == (older, newer)


def test_every_retailer_of_both_runs_is_in_one_cell(city):
    _codes(city.published["abc"], "A", "B", "C", "C")
    _codes(city.proposal, "B", "B", "A", "C")

    flow = movements.flow_between(
        city.people[Role.PLANNER], city.published["abc"], city.proposal, ["A", "B", "C"]
    )

    assert flow.counts == [[0, 1, 0], [0, 1, 0], [1, 0, 1]]
    assert flow.moved == 2


def test_who_is_in_one_run_only_is_counted_apart(city):
    newcomer = add_retailer(city, 4)
    add_assignment(city.proposal, newcomer, 5, 5)
    Assignment.objects.filter(run=city.proposal, retailer=city.retailers[0]).delete()

    flow = movements.flow_between(
        city.people[Role.PLANNER], city.published["abc"], city.proposal, ["A", "B", "C"]
    )

    assert (flow.arrived, flow.left) == (1, 1)
    assert sum(map(sum, flow.counts)) == 3


def test_a_county_manager_sees_the_movements_of_their_county(city):
    flow = movements.flow_between(
        city.people[Role.COUNTY_MANAGER], city.published["abc"], city.proposal, ["A", "B", "C"]
    )

    assert flow.counts == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]


def test_few_classes_are_a_flow_and_many_a_matrix_whose_colours_are_for_the_movers(fragment, city):
    chart = fragment(Role.PLANNER, "panel-scheme-movements", city.schemes["abc"].pk).context[
        "chart"
    ]
    assert chart["type"] == "sankey"
    assert chart["from"] == ["A", "B", "C"]

    run = add_run(city, "tier30", status="computed")
    run.sizes = {f"D{tier}": 1 for tier in range(1, 31)}
    run.save()
    _codes(run, "D30", "D2", "D1", "D1")
    chart = fragment(Role.PLANNER, "panel-scheme-movements", city.schemes["tier30"].pk).context[
        "chart"
    ]

    assert chart["type"] == "heatmap"
    assert chart["max"] == 1
    assert chart["values"][29][28] == 1
    assert chart["values"][29][29] == 2


def test_with_one_run_there_is_nothing_to_compare(fragment, city):
    response = fragment(Role.PLANNER, "panel-scheme-movements", city.schemes["tier30"].pk)

    assert response.context["pair"] is None
    assert "data-chart=" not in response.content.decode()


# --- volume and growth --------------------------------------------------------------------


def test_a_point_holds_three_months_and_the_same_a_year_before(city):
    run = city.published["abc"]
    now, then = periods.period_range(202608, 202610), periods.period_range(202508, 202510)
    RetailerMonth.objects.filter(retailer=city.eastern).delete()
    for period, cartons in [
        *zip(now, (10, 20, 30), strict=True),
        *zip(then, (10, 10, 20), strict=True),
    ]:
        RetailerMonth.objects.create(
            company=city.company, retailer=city.eastern, period=period, cartons=cartons,
            amount_cents=0, orders=1, products=1,
        )  # fmt: skip

    sample = spread.sample_of(city.people[Role.PLANNER], run)

    point = next(one for one in sample.points if one.retailer_id == city.eastern.pk)
    assert (point.cartons, point.year_before, point.growth) == (60, 40, 0.5)
    assert point.label == "R00000 Shop 0"
    assert (sample.first, sample.last, sample.retailers) == (202608, 202610, 4)


def test_who_did_not_buy_in_both_years_has_no_point(city):
    RetailerMonth.objects.filter(retailer=city.retailers[1]).update(cartons=0)

    sample = spread.sample_of(city.people[Role.PLANNER], city.published["abc"])

    assert len(sample.points) == 3
    assert sample.without == 1


def test_a_sample_holds_no_more_than_it_may_and_spreads_over_all(city):
    run = city.published["abc"]
    for number in range(4, 124):
        add_assignment(run, add_retailer(city, number), number + 1, 124)
    run.retailers = 124
    run.save()

    sample = spread.sample_of(city.people[Role.PLANNER], run, most=30)

    keys = [point.retailer_id for point in sample.points]
    assert 15 <= len(keys) <= 30
    assert keys == [
        p.retailer_id for p in spread.sample_of(city.people[Role.PLANNER], run, most=30).points
    ]
    ours = list(
        Retailer.objects.filter(company=city.company).order_by("pk").values_list("pk", flat=True)
    )
    halves = [sum(key < ours[62] for key in keys), sum(key >= ours[62] for key in keys)]
    assert min(halves) >= 5


def test_the_points_are_those_of_retailers_somebody_sees(city):
    sample = spread.sample_of(city.people[Role.CUSTOMER_MANAGER], city.published["abc"])

    assert {p.retailer_id for p in sample.points} <= {r.pk for r in city.retailers[0::2]}
    assert sample.retailers == 2


def test_the_chart_says_that_it_is_a_sample_and_leads_to_the_retailers(fragment, city, monkeypatch):
    monkeypatch.setattr(spread, "MOST_POINTS", 2)
    monkeypatch.setattr(spread.sample_of, "__kwdefaults__", {"most": 2})

    context = fragment(Role.PLANNER, "panel-scheme-spread", city.schemes["abc"].pk).context

    assert context["chart"]["href"] == "/retailers/{id}/"
    assert "4" in context["note"]
    assert len(context["chart"]["points"]) <= 2


def test_thirty_tiers_are_coloured_in_six_bands():
    from segmentation.views.charts import _bands

    bands, order = _bands([f"D{tier}" for tier in range(30, 0, -1)])

    assert order == ["D30–D26", "D25–D21", "D20–D16", "D15–D11", "D10–D6", "D5–D1"]
    assert (bands["D30"], bands["D21"], bands["D1"]) == (order[0], order[1], order[5])
    assert _bands(["A", "B"]) == ({"A": "A", "B": "B"}, ["A", "B"])


# --- beside its class ---------------------------------------------------------------------


def test_a_retailer_stands_beside_the_mean_of_its_class(city):
    first, second = city.retailers[2], city.retailers[3]  # both C
    now = periods.period_range(202608, 202610)
    RetailerMonth.objects.filter(retailer=first, period__in=now).update(
        cartons=90, products=6, orders=4, amount_cents=900_000
    )
    RetailerMonth.objects.filter(retailer=second, period__in=now).update(
        cartons=30, products=2, orders=2, amount_cents=900_000
    )

    found = beside.beside_class(city.people[Role.PLANNER], first, 202610)

    assert (found.class_code, found.members) == ("C", 2)
    assert (found.own.cartons, found.own.products, found.own.orders) == (90, 6, 4)
    assert (found.mean.cartons, found.mean.products, found.mean.orders) == (60, 4, 3)
    # 9,000 yuan for 90 cartons: 25,000 a box; the class: 18,000 for 120, 37,500 a box.
    assert found.own.yuan_per_box == pytest.approx(25_000)
    assert found.mean.yuan_per_box == pytest.approx(37_500)


def test_growth_needs_purchases_a_year_before(city):
    retailer = city.retailers[2]
    found = beside.beside_class(city.people[Role.PLANNER], retailer, 202610)
    # The city has sales since 2025-10: three months now, one a year before.
    assert found.own.growth == pytest.approx(2.0)

    RetailerMonth.objects.filter(period__lt=202601).delete()

    assert beside.beside_class(city.people[Role.PLANNER], retailer, 202610).own.growth is None


def test_without_a_class_the_panel_says_so(fragment, city):
    Assignment.objects.filter(retailer=city.eastern).delete()

    response = fragment(Role.PLANNER, "panel-retailer-beside", city.eastern.pk)

    assert response.context["found"] is None
    assert "data-chart=" not in response.content.decode()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("panel-scheme-movements", "scheme"),
        ("panel-scheme-spread", "scheme"),
        ("panel-retailer-beside", "retailer"),
    ],
)
def test_each_part_asks_at_most_12_queries_however_many_retailers(fragment, city, name, key):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    pk = city.schemes["abc"].pk if key == "scheme" else city.eastern.pk

    def count():
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert fragment(Role.PLANNER, name, pk).status_code == 200
        return len(captured)

    fragment(Role.PLANNER, name, pk)
    few = count()
    for number in range(4, 24):
        retailer = add_retailer(city, number)
        for run in (city.published["abc"], city.proposal):
            add_assignment(run, retailer, number + 1, 24)

    assert count() == few
    assert few <= 12
