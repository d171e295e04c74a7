import datetime as dt
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import models
from django.db.models import Count, F, Sum

from accounts.models import AuditEvent, Company, OrgUnit, User
from accounts.roles import Role
from allocation.models import Plan, PlanStatus
from brands.core.content import line_hashes
from brands.models import Order, OrderLine, Product, SalesTouch
from config.common import nights
from config.management.demo import reset
from config.management.demo.organisation import DEMO_PASSWORD, PEOPLE
from customers.models import Contact, Retailer
from segmentation.models import Scheme

UNTIL = "2026-05-13"
SMALL = ("--retailers", "40", "--months", "3", "--seed", "5", "--until", UNTIL)

pytestmark = pytest.mark.django_db


def seed(*more: str) -> str:
    out = StringIO()
    call_command("seed_demo", *SMALL, *more, stdout=out)
    return out.getvalue().strip().splitlines()[-1]


def content_of(line: str) -> str:
    return line.rsplit("content ", 1)[1]


def row_counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.fixture
def demo() -> Company:
    seed()
    return Company.objects.get(code="DEMO")


def test_seed_demo_makes_what_was_asked_for(demo: Company) -> None:
    last = Order.objects.order_by("-ordered_on").values_list("ordered_on", flat=True)[0]
    months = set(OrderLine.objects.values_list("period", flat=True))

    assert demo.is_demo
    assert Retailer.objects.filter(company=demo).count() == 40
    assert Contact.objects.count() == 40
    assert Product.objects.count() == 56
    assert months == {202602, 202603, 202604, 202605}
    assert last <= dt.date.fromisoformat(UNTIL)


def test_seed_demo_twice_changes_nothing(demo: Company) -> None:
    before = row_counts()

    line = seed()

    assert line.startswith("unchanged:")
    assert row_counts() == before


def test_without_until_an_existing_city_stays_as_it_is(demo: Company) -> None:
    out = StringIO()

    call_command("seed_demo", "--retailers", "40", "--months", "3", "--seed", "5", stdout=out)

    assert out.getvalue().startswith("unchanged:")


@pytest.mark.parametrize(
    "other", [("--seed", "6"), ("--retailers", "41"), ("--months", "4"), ("--until", "2026-05-12")]
)
def test_another_city_is_refused_and_reset_is_named(demo: Company, other: tuple[str, str]) -> None:
    before = row_counts()

    with pytest.raises(CommandError, match="--reset"):
        seed(*other)

    assert row_counts() == before


def test_reset_makes_the_same_city_again_and_keeps_the_audit_trail() -> None:
    first = seed()
    events = set(AuditEvent.objects.values_list("pk", flat=True))
    before = row_counts()

    second = seed("--reset")

    assert content_of(second) == content_of(first)
    assert events <= set(AuditEvent.objects.values_list("pk", flat=True))
    assert row_counts() == before


def test_reset_can_make_a_city_of_another_size(demo: Company) -> None:
    call_command("seed_demo", "--reset", "--retailers", "12", "--months", "1", stdout=StringIO())

    assert Retailer.objects.filter(company=demo).count() == 12
    assert OrgUnit.objects.filter(company=demo, level=1).count() == 1


def test_a_real_company_is_never_touched() -> None:
    company = Company.objects.create(code="DEMO", name="A real one", is_demo=False)
    before = row_counts()

    for more in ((), ("--reset",)):
        with pytest.raises(CommandError, match="not a demo company"):
            seed(*more)
    with pytest.raises(ValueError, match="not a demo company"):
        reset.delete_company_data(company)

    assert row_counts() == before


def test_deleting_spares_other_companies(demo: Company) -> None:
    out = StringIO()
    call_command("seed_demo", *SMALL, "--company", "DEMO2", stdout=out)
    kept = Retailer.objects.filter(company=demo).count(), Order.objects.filter(company=demo).count()

    reset.delete_company_data(Company.objects.get(code="DEMO2"))

    assert not Retailer.objects.filter(company__code="DEMO2").exists()
    assert not Contact.objects.filter(retailer__company__code="DEMO2").exists()
    assert kept == (
        Retailer.objects.filter(company=demo).count(),
        Order.objects.filter(company=demo).count(),
    )


def test_everything_that_hangs_on_a_company_is_deleted_or_kept_on_purpose() -> None:
    """A new table whose rows belong to a company cannot be forgotten by --reset."""
    chains = {model: reset.path_to_company(model) for model in apps.get_models()}
    hanging = {model for model in apps.get_models() if leads_to(model, set())}

    missed = {
        model._meta.label for model in hanging if not chains[model] and model not in reset.KEPT
    }

    # Log-in tokens hang on users, who are kept.
    assert {label for label in missed if not label.startswith("oauth2_provider.")} == set()


def leads_to(model: type[models.Model], seen: set[type[models.Model]]) -> bool:
    if model is Company:
        return True
    targets = {
        field.related_model
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is not User
    }
    return any(
        isinstance(target, type) and target not in seen and leads_to(target, seen | {model})
        for target in targets
    )


def test_orders_add_up_to_their_lines(demo: Company) -> None:
    sums = {
        row["order_id"]: (row["lines"], row["cartons"], row["amount"])
        for row in OrderLine.objects.values("order_id").annotate(
            lines=Count("*"), cartons=Sum("ordered_cartons"), amount=Sum("amount_cents")
        )
    }
    orders = {
        order.pk: (order.line_count, order.cartons, order.amount_cents)
        for order in Order.objects.all()
    }

    assert orders == sums
    assert not OrderLine.objects.exclude(period=F("order__period")).exists()
    wrong = OrderLine.objects.exclude(amount_cents=F("ordered_cartons") * F("unit_price_cents"))
    assert not wrong.exists()


def test_the_content_hash_of_an_order_is_the_one_that_an_import_would_compute(
    demo: Company,
) -> None:
    order = Order.objects.order_by("-line_count").first()
    assert order is not None
    lines = list(OrderLine.objects.filter(order=order).order_by("-line_no"))

    def column(name: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        found = [getattr(line, name) for line in lines]
        return np.array([-1 if value is None else value for value in found], dtype=np.int64)

    hashes = line_hashes(
        column("line_no"),
        column("retailer_id"),
        column("product_id"),
        np.array([line.ordered_on.toordinal() for line in lines], dtype=np.int64),
        column("kind"),
        column("ordered_cartons"),
        column("needed_cartons"),
        column("quota_cartons"),
        column("unit_price_cents"),
        column("amount_cents"),
    )

    assert order.content_hash == sum(hashes.tolist()) % 2**63


def test_every_retailer_and_month_with_orders_waits_for_the_night(demo: Company) -> None:
    touched = set(SalesTouch.objects.values_list("period", "retailer_id"))

    assert touched == set(OrderLine.objects.values_list("period", "retailer_id").distinct())


def test_the_published_password_opens_nothing_outside_the_demo(demo: Company) -> None:
    users = User.objects.filter(company=demo)

    assert {user.role for user in users} == set(Role)
    assert not any(user.has_usable_password() for user in users)


def test_in_the_demo_one_person_per_role_can_log_in(settings: LazySettings) -> None:
    settings.DEMO = True

    seed()

    usable = {user.username for user in User.objects.all() if user.has_usable_password()}
    assert usable == {name for name, _title in PEOPLE.values()}
    assert User.objects.get(username="planner").check_password(DEMO_PASSWORD)
    assert len(DEMO_PASSWORD) >= 12


def test_the_customer_manager_of_the_demo_has_retailers_of_one_line(demo: Company) -> None:
    manager = User.objects.get(username="manager")

    seen = Retailer.objects.visible_to(manager)

    assert seen.exists()
    assert seen.values("line").distinct().count() == 1


def test_the_first_morning_publishes_classes_and_this_month_and_leaves_next_month_open(
    demo: Company,
) -> None:
    run_night(demo)

    call_command("publish_demo", stdout=StringIO())

    plans = dict(Plan.objects.values_list("period", "status"))
    assert plans == {202605: PlanStatus.PUBLISHED, 202606: PlanStatus.DRAFT}
    assert not Scheme.objects.filter(company=demo, published_run=None).exists()
    published = Plan.objects.get(period=202605)
    assert published.approved_by == User.objects.get(username="approver")
    assert published.published_by == User.objects.get(username="planner")
    assert published.quota_rows > 0


def test_publish_demo_twice_changes_nothing(demo: Company) -> None:
    run_night(demo)
    call_command("publish_demo", stdout=StringIO())
    before = row_counts()

    call_command("publish_demo", stdout=StringIO())

    assert row_counts() == before


def test_publish_demo_before_the_night_says_what_to_do(demo: Company) -> None:
    with pytest.raises(CommandError, match="nightly"):
        call_command("publish_demo", stdout=StringIO())


def test_publish_demo_without_a_city_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="seed_demo"):
        call_command("publish_demo", stdout=StringIO())


def test_reset_also_removes_what_nights_and_publications_left(demo: Company) -> None:
    run_night(demo)
    call_command("publish_demo", stdout=StringIO())

    line = seed("--reset")

    assert line.startswith("made:")
    assert not Plan.objects.exists()
    assert Scheme.objects.filter(company=demo, published_run=None).count() == 2


def test_the_summary_names_figures_stages_and_log_ins(
    demo: Company, settings: LazySettings
) -> None:
    settings.DEMO = True
    run_night(demo)
    call_command("publish_demo", stdout=StringIO())
    out = StringIO()

    call_command("demo_summary", stdout=out)

    text = out.getvalue()
    for word in ("retailers", "order lines", "classes abc", "plan 2026-05", "stage sales"):
        assert word in text
    for name, _title in PEOPLE.values():
        assert name in text
    assert DEMO_PASSWORD in text


def run_night(company: Company) -> None:
    night = nights.start_night(company_id=company.pk, business_date=dt.date.fromisoformat(UNTIL))
    nights.run_inline(night)
