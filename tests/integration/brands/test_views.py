"""Products, sales on the home page and purchases on the page of a retailer."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.roles import Role
from brands import selectors
from brands.models import RetailerMonth, SalesDay


@pytest.fixture
def as_role(client, city):
    def log_in(role):
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def test_a_partner_sees_only_products_of_their_own(as_role, city):
    client = as_role(Role.PARTNER)

    rows = client.get("/products/").context["page"].rows

    assert [row.code for row in rows] == ["P0", "P1"]
    assert client.get(reverse("product-detail", args=[city.products[2].pk])).status_code == 404


def test_a_partner_sees_sums_but_neither_plans_nor_retailers(as_role, city):
    page = as_role(Role.PARTNER).get(reverse("product-detail", args=[city.products[0].pk]))

    assert page.context["chart"]["categories"][-1] == "2026-11"
    assert page.context["panels"] == []
    assert "Shop" not in page.content.decode()


def test_an_inspector_sees_products_without_sales(as_role, city):
    client = as_role(Role.INSPECTOR)

    assert "chart" not in client.get(reverse("product-detail", args=[city.products[0].pk])).context
    columns = [head.column.code for head in client.get("/products/").context["heads"]]
    assert "name" in columns
    assert not {"sales", "buyers"} & set(columns)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "cp p2"}, ["P2"]),
        ({"status": "active"}, ["P0", "P1", "P2"]),
        ({"status": "closed"}, []),
        ({"q": "none"}, []),
    ],
)
def test_products_are_filtered(as_role, query, found):
    rows = as_role(Role.PLANNER).get("/products/", query).context["page"].rows

    assert [row.code for row in rows] == found


def test_month_so_far_is_compared_with_the_same_days_only(city):
    # In every month the days 4, 11, 18 and 25 sold 100 cartons each: up to the 20th, three of them.
    sums = selectors.sales_so_far(city.people[Role.PLANNER], dt.date(2026, 11, 20))

    assert (sums.now[0], sums.month_before[0], sums.year_before[0]) == (300, 300, 300)
    assert sums.on_year == 0


def test_the_31st_is_compared_with_the_whole_of_a_shorter_month(city):
    SalesDay.objects.create(
        company=city.company, ordered_on=dt.date(2026, 9, 30), period=202609, orders=1,
        cartons=7, amount_cents=7,
    )  # fmt: skip

    sums = selectors.sales_so_far(city.people[Role.PLANNER], dt.date(2026, 10, 31))

    assert sums.month_before[0] == 407


def test_change_against_nothing_is_unknown_and_not_infinite(city):
    sums = selectors.sales_so_far(city.people[Role.PLANNER], dt.date(2025, 10, 20))

    assert sums.on_year is None


def test_a_county_sees_the_sum_of_its_own_retailers(as_role, city):
    page = as_role(Role.COUNTY_MANAGER).get(reverse("panel-sales"))

    # Two of four retailers, with 100 and 98 cartons a month; no single days.
    assert page.context["closed"].now[0] == 198
    assert page.context["so_far"] is None


def test_a_customer_manager_compares_the_last_whole_month_of_their_own_shops(as_role, city):
    # Two shops with 100 and 98 cartons a month; the first bought otherwise in two months.
    mine = {"retailer": city.eastern, "company": city.company}
    RetailerMonth.objects.filter(period=202609, **mine).update(cartons=2)
    RetailerMonth.objects.update_or_create(
        period=202510, **mine, defaults={"orders": 1, "products": 1, "cartons": 298,
                                         "amount_cents": 1},
    )  # fmt: skip
    client = as_role(Role.CUSTOMER_MANAGER)
    client.post("/language/", {"language": "en", "next": "/"})

    page = client.get(reverse("panel-sales"))

    closed = page.context["closed"]
    assert closed.title == "2026-10"
    assert (closed.now[0], closed.month_before[0], closed.year_before[0]) == (198, 100, 396)
    text = page.content.decode()
    assert "+98.0 % on last month" in text
    assert "-50.0 % on last year" in text
    assert "the comparison below is of the last whole month" in text


def test_whole_company_and_days_agree(as_role):
    page = as_role(Role.PLANNER).get(reverse("panel-sales"))

    assert page.context["closed"].now[0] == 400
    assert len(page.context["chart"]["categories"]) == 24


def test_purchases_of_a_retailer_by_month_and_product(as_role, city):
    page = as_role(Role.CUSTOMER_MANAGER).get(
        reverse("panel-retailer-purchases", args=[city.eastern.pk])
    )

    assert page.context["chart"]["series"][0]["data"][-2:] == [100, 100]
    top = page.context["products"]
    assert [(row["product__code"], row["all_cartons"]) for row in top] == [("P0", 150), ("P1", 150)]
    assert sum(row["share"] for row in top) == 1
    assert page.context["months"] == [202608, 202609, 202610]
    assert top[0]["by_month"] == [50, 50, 50]
