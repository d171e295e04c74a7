"""Order push: each order once, whatever arrives in whatever sequence."""

import itertools

import pytest
from django.db.models import Sum

from accounts.models import AuditEvent
from brands.models import MonthlySales, Order, OrderBatch, OrderLine, SalesDay, SalesTouch
from brands.services.sales import refresh_sales
from tests.integration.api.conftest import line, order


def words(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [result["status"] for result in response.json()["results"]]


def refusal(response) -> tuple[str, str]:
    (result,) = response.json()["results"]
    assert result["status"] == "refused"
    return result["code"], result["field"]


def stored() -> list:
    """Everything that orders are, without keys and batches."""
    return [
        sorted(
            Order.objects.values_list(
                "order_no",
                "retailer__code",
                "ordered_on",
                "period",
                "status",
                "revision",
                "line_count",
                "cartons",
                "amount_cents",
                "content_hash",
            )
        ),
        sorted(
            OrderLine.objects.values_list(
                "order__order_no",
                "line_no",
                "period",
                "retailer__code",
                "product__code",
                "ordered_on",
                "kind",
                "ordered_cartons",
                "amount_cents",
            )
        ),
    ]


def test_order_is_stored_with_lines_touch_batch_and_audit(push, city):
    response = push(
        order(lines=[line(1), line(2, product_code="P2", amount=12.5, unit_price=None)])
    )

    assert words(response) == ["created"]
    row = Order.objects.get()
    assert (row.line_count, row.cartons, row.amount_cents) == (2, 10, 51_250)
    assert (row.company, row.source, row.period) == (city.company, "main", 202611)
    assert sorted(OrderLine.objects.values_list("line_no", "unit_price_cents", "amount_cents")) == [
        (1, 10_000, 50_000),
        (2, None, 1_250),
    ]
    assert list(SalesTouch.objects.values_list("retailer__code", "period")) == [("R1", 202611)]
    assert OrderBatch.objects.get().pk == row.batch_id
    assert AuditEvent.objects.get(action="orders.push").changes == {"created": 1}


def test_same_push_again_answers_unchanged_and_writes_nothing(push):
    push(order())
    before = stored(), SalesTouch.objects.count(), OrderBatch.objects.count()

    second, third = push(order()), push(order())

    assert words(second) == ["unchanged"]
    assert second.content == third.content
    assert (stored(), SalesTouch.objects.count(), OrderBatch.objects.count()) == before


def test_lines_in_another_sequence_are_the_same_content(push):
    push(order(lines=[line(1), line(2, product_code="P2")]))

    assert words(push(order(lines=[line(2, product_code="P2"), line(1)]))) == ["unchanged"]


@pytest.mark.parametrize(
    "change",
    [
        {"lines": [line(1, ordered_cartons=6)]},
        {"lines": [line(1, needed_cartons=9)]},
        {"lines": [line(1), line(2)]},
        {"retailer_code": "R2"},
        {"ordered_on": "2026-11-19"},
    ],
)
def test_same_revision_with_other_content_is_a_clash_and_changes_nothing(push, change):
    push(order())
    before = stored()

    response = push(order(**change))

    assert refusal(response) == ("order_clash", "revision")
    assert stored() == before


def test_higher_revision_replaces_lines_and_touches_both_months(push):
    push(order(ordered_on="2026-10-31"))
    SalesTouch.objects.all().delete()

    response = push(order(revision=1, ordered_on="2026-11-01", retailer_code="R2", lines=[line(7)]))

    assert words(response) == ["updated"]
    assert list(OrderLine.objects.values_list("period", "line_no")) == [(202611, 7)]
    assert sorted(SalesTouch.objects.values_list("retailer__code", "period")) == [
        ("R1", 202610),
        ("R2", 202611),
    ]


def test_lower_revision_is_stale(push):
    push(order(revision=3))
    before = stored()

    assert words(push(order(revision=2, lines=[line(1, ordered_cartons=99)]))) == ["stale"]
    assert stored() == before


def test_cancelled_before_created_leaves_a_tombstone(push):
    assert words(push(order(cancelled=True, lines=[]))) == ["created"]
    assert SalesTouch.objects.count() == 0

    assert words(push(order())) == ["stale"]
    row = Order.objects.get()
    assert (row.status, row.line_count) == ("cancelled", 0)
    assert OrderLine.objects.count() == 0


HISTORY = [
    order(revision=0),
    order(revision=1, lines=[line(1, ordered_cartons=8), line(2, product_code="P2")]),
    order(revision=3, ordered_on="2026-10-02", retailer_code="R2"),
    order(revision=3, ordered_on="2026-10-02", retailer_code="R2", cancelled=True),
]


@pytest.mark.parametrize("together", [False, True])
def test_every_permutation_of_a_history_ends_the_same(push, together):
    ends = []
    for permutation in itertools.permutations(HISTORY):
        OrderLine.objects.all().delete()
        Order.objects.all().delete()
        if together:
            push(*permutation)
        else:
            for version in permutation:
                push(version)
        ends.append(stored())

    assert len(ends) == 24
    assert all(end == ends[0] for end in ends)
    assert ends[0][0][0][4:7] == ("cancelled", 3, 0)
    assert ends[0][1] == []


def test_history_without_cancellation_ends_with_the_highest_revision(push):
    for permutation in itertools.permutations(HISTORY[:3]):
        OrderLine.objects.all().delete()
        Order.objects.all().delete()
        for version in permutation:
            push(version)

        row = Order.objects.get()
        assert (row.status, row.revision, row.retailer.code, row.cartons) == ("active", 3, "R2", 5)
        assert OrderLine.objects.count() == 1


def test_an_order_can_be_revived_by_a_higher_revision(push):
    push(order(), order(cancelled=True))

    assert words(push(order(revision=1))) == ["updated"]
    assert Order.objects.get().status == "active"
    assert OrderLine.objects.count() == 1


def test_good_orders_are_taken_when_others_of_the_push_are_refused(push):
    response = push(order("A"), order("B", retailer_code="nobody"), order("C"))

    assert words(response) == ["created", "refused", "created"]
    assert sorted(Order.objects.values_list("order_no", flat=True)) == ["A", "C"]
    assert response.json()["counts"] == {"created": 2, "refused": 1}


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (order(retailer_code="X"), ("unknown_retailer", "retailer_code")),
        (
            order(lines=[line(1), line(2, product_code="X")]),
            ("unknown_product", "lines[1].product_code"),
        ),
        (order(lines=[line(1), line(1)]), ("duplicate_line", "lines[1].line_no")),
        (order(lines=[]), ("no_lines", "lines")),
        (order(ordered_on="2027-01-15"), ("date_out_of_range", "ordered_on")),
        (order(ordered_on="1999-12-31"), ("date_out_of_range", "ordered_on")),
        (order(lines=[line(1, ordered_cartons=-1)]), ("negative_sale", "lines[0].ordered_cartons")),
        (order(lines=[line(1, ordered_cartons=0)]), ("negative_sale", "lines[0].ordered_cartons")),
        (
            order(lines=[line(1, ordered_cartons=0, needed_cartons=0)]),
            ("negative_sale", "lines[0].ordered_cartons"),
        ),
        (order(lines=[line(1, kind="return")]), ("positive_return", "lines[0].ordered_cartons")),
        (order(lines=[line(1, unit_price=None)]), ("no_amount", "lines[0].amount")),
        (order(lines=[line(1, unit_price="0")]), ("price_not_positive", "lines[0].unit_price")),
        (order(lines=[line(1, amount="-1")]), ("amount_sign", "lines[0].amount")),
    ],
)
def test_an_order_without_sense_is_refused_with_code_and_field(push, wrong, expected):
    assert refusal(push(wrong)) == expected
    assert Order.objects.count() == 0


def test_a_wish_that_found_no_quota_is_taken(push):
    response = push(order(lines=[line(1, ordered_cartons=0, needed_cartons=8)]))

    assert words(response) == ["created"]
    columns = ("ordered_cartons", "needed_cartons", "amount_cents")
    assert OrderLine.objects.values_list(*columns).get() == (0, 8, 0)


def test_an_amount_makes_a_price_of_zero_possible(push):
    response = push(order(lines=[line(1, unit_price="0", amount="0.10")]))

    assert words(response) == ["created"]


def test_a_return_has_negative_cartons_and_amount(push):
    push(order(lines=[line(1, kind="return", ordered_cartons=-2)]))

    assert OrderLine.objects.values_list("kind", "ordered_cartons", "amount_cents").get() == (
        2,
        -2,
        -20_000,
    )


def test_a_retailer_of_another_company_is_unknown(push, other):
    other.retailers[0].code = "only-beta"
    other.retailers[0].save()

    assert refusal(push(order(retailer_code="only-beta"))) == ("unknown_retailer", "retailer_code")


def test_the_same_number_of_another_source_is_another_order(push, city, machine):
    push(order())
    machine.order_source = "second"
    machine.save()

    assert words(push(order(lines=[line(1, ordered_cartons=7)]))) == ["created"]
    assert Order.objects.count() == 2


def test_idempotency_key_is_accepted_and_changes_nothing(push):
    push(order(), HTTP_IDEMPOTENCY_KEY="k1")

    assert words(push(order("N2"), HTTP_IDEMPOTENCY_KEY="k1")) == ["created"]


def test_more_than_a_push_may_hold_is_refused_as_a_whole(push):
    many = push(*[order(f"N{number}") for number in range(1001)])
    long = push(order(lines=[line(number) for number in range(10_001)]))

    assert (many.status_code, long.status_code) == (422, 422)
    assert many.json()["code"] == long.json()["code"] == "too_many"
    assert Order.objects.count() == 0


def test_a_full_push_is_taken(push):
    lines = [line(number) for number in range(1, 11)]

    response = push(*[order(f"N{number}", lines=lines) for number in range(1000)])

    assert response.json()["counts"] == {"created": 1000}
    assert (Order.objects.count(), OrderLine.objects.count()) == (1000, 10_000)


def test_cancelled_lines_count_in_no_sum(push, city):
    lines = [line(1), line(2, product_code="P2", kind="cancelled", ordered_cartons=7)]
    assert words(push(order(lines=lines))) == ["created"]

    row = Order.objects.get()
    assert (row.line_count, row.cartons, row.amount_cents) == (2, 5, 50_000)
    refresh_sales(company_id=row.company_id, progress=lambda *_: None, assert_owner=lambda: None)
    days = SalesDay.objects.aggregate(cartons=Sum("cartons"), cents=Sum("amount_cents"))
    months = MonthlySales.objects.aggregate(cartons=Sum("cartons"), cents=Sum("amount_cents"))
    assert days == months == {"cartons": 5, "cents": 50_000}
