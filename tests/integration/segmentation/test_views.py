"""Classes: charts, why somebody is in a class, publishing and dropping proposals."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from segmentation.models import Assignment, SchemeVersion
from segmentation.selectors import schemes
from segmentation.selectors.why import explain
from tests.factories import add_retailer, add_run


@pytest.fixture
def as_role(client, city):
    def log_in(role):
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def _assignments(run):
    rows = Assignment.objects.filter(run=run).select_related("run__scheme", "run__version")
    return list(rows.order_by("rank"))


def test_every_explanation_gives_the_stored_class_again(city):
    for assignment in _assignments(city.published["abc"]):
        why = explain(assignment)
        assert why.agrees
        assert why.sentences


@pytest.mark.parametrize(
    ("rank", "code"), [(1, "D30"), (2, "D29"), (4, "D28"), (5, "D27"), (100, "D1")]
)
def test_a_tier_follows_from_the_rank_among_a_hundred(city, rank, code):
    assignment = _assignments(city.published["tier30"])[0]
    assignment.rank, assignment.class_code = rank, code
    assignment.figures = {**assignment.figures, "of": 100}

    assert explain(assignment).recomputed == code


def test_an_explanation_says_when_the_figures_do_not_give_the_class(city):
    wrong = _assignments(city.published["abc"])[0]
    wrong.class_code = "C"

    assert explain(wrong).recomputed == "A"
    assert not explain(wrong).agrees


def test_crossing_to_the_lower_class_counts_the_retailer_itself(city):
    version = SchemeVersion.objects.get(scheme=city.schemes["abc"])
    version.params = {**version.params, "crossing": "lower"}
    first, second, *_rest = _assignments(city.published["abc"])
    for assignment in (first, second):
        assignment.run.version = version

    # 50 % before and 60 % through: still A. 90 % before and 100 % through: above 95 %, so C.
    assert explain(first).recomputed == "A"
    assert explain(second).recomputed == "C"


def test_without_purchases_it_is_c(city):
    assignment = _assignments(city.published["abc"])[0]
    assignment.figures = {**assignment.figures, "contribution_cents": 0}

    assert explain(assignment).recomputed == "C"


def test_points_of_a_tier_add_up_to_its_score(city):
    why = explain(_assignments(city.published["tier30"])[0])

    assert sum(step.points for step in why.steps) == pytest.approx(why.score)


def test_the_page_of_a_retailer_explains_its_classes(as_role, city):
    url = reverse("panel-retailer-classes", args=[city.eastern.pk])

    found = as_role(Role.CUSTOMER_MANAGER).get(url).context["found"]

    assert [one["why"].code for one in found] == ["A", "D30"]


def test_the_curve_has_at_most_200_points_and_ends_with_everything(city):
    for number in range(4, 450):
        add_retailer(city, number)
    run = add_run(city, "tier30", status="superseded")
    for rank, assignment in enumerate(_assignments(run), 1):
        figures = {"contribution_cents": 1, "share_before": (rank - 1) / 450}
        Assignment.objects.filter(run=run, retailer=assignment.retailer_id).update(figures=figures)

    curve = schemes.pareto_curve(run)

    assert 100 < len(curve) <= schemes.CURVE_POINTS + 1
    assert curve[-1] == (1.0, 1.0)
    assert [y for _x, y in curve] == sorted(y for _x, y in curve)


def test_movements_are_counted_up_and_down(city):
    run = city.proposal
    run.movements = {"A>B": 3, "C>A": 2, "B>C": 1}

    moves = schemes.movements_of(run, ["A", "B", "C"])

    assert (moves.up, moves.down) == (2, 4)
    assert moves.matrix[0] == ("A", [None, 3, 0])


def test_a_proposal_is_published_by_post_with_an_audit_event(as_role, city):
    client = as_role(Role.PLANNER)
    url = reverse("run-publish", args=[city.proposal.pk])

    assert client.get(url).status_code == 200
    city.proposal.refresh_from_db()
    assert city.proposal.status == "held"

    client.post(url)

    city.proposal.refresh_from_db()
    city.published["abc"].refresh_from_db()
    assert (city.proposal.status, city.published["abc"].status) == ("published", "superseded")
    assert AuditEvent.objects.filter(action="classes.publish").count() == 1
    assert client.post(url).status_code == 404


def test_a_proposal_is_dropped_only_with_a_reason(as_role, city):
    client = as_role(Role.PLANNER)
    url = reverse("run-dismiss", args=[city.proposal.pk])

    assert client.post(url, {"reason": "  "}).status_code == 422
    assert client.post(url, {"reason": "wrong month"}).status_code == 302

    city.proposal.refresh_from_db()
    assert city.proposal.status == "superseded"
    assert AuditEvent.objects.get(action="classes.dismiss").reason == "wrong month"


def test_somebody_who_may_not_publish_is_not_offered_it(as_role, city):
    page = as_role(Role.APPROVER).get(reverse("scheme-detail", args=[city.schemes["abc"].pk]))

    assert page.context["questions"] == []


def test_class_counts_of_a_county_are_its_own(as_role, city):
    found = as_role(Role.COUNTY_MANAGER).get(reverse("panel-class-counts")).context["found"]

    abc = next(one for one in found if one["scheme"].code == "abc")
    assert [number for _badge, number in abc["badges"]] == [1, 0, 1]
