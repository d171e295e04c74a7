"""Sheets to print: they hold the figures of the database, and nothing that is not to leave the house."""

import datetime as dt

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from allocation import selectors
from allocation.models import RetailerQuota, TierQuota
from config.common import prints
from segmentation.models import Assignment
from segmentation.selectors.classes import tier_of, tier_since
from tests.factories import add_retailer, add_run, person

SHEETS = ["retailer-sheet", "retailer-tier-notice", "retailer-quota-notice"]


@pytest.fixture
def as_role(client, city):
    def log_in(role):
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        return client

    return log_in


@pytest.fixture
def without_pdf(monkeypatch):
    monkeypatch.setattr(prints, "pdf_writer", lambda: None)


def _addresses(city):
    plan = city.plans["published"]
    return [
        *(reverse(name, args=[city.eastern.pk]) for name in SHEETS),
        reverse("plan-sheet", args=[plan.pk]),
        reverse("plan-posting", args=[plan.pk]),
        reverse("quota-notice", args=[plan.pk, city.eastern.pk]),
    ]


def _card(city):
    return reverse("retailer-sheet", args=[city.eastern.pk])


# --- what they hold -----------------------------------------------------------------------


def test_a_retailers_sheet_holds_profile_classes_purchases_and_quotas(as_role, city):
    page = as_role(Role.PLANNER).get(reverse("retailer-sheet", args=[city.eastern.pk]))

    text = page.content.decode()
    assert "Shop 0" in text
    assert "L000000" in text
    assert [one.class_code for one, _why in page.context["classes"]] == ["A", "D30"]
    # The factory sells 100 cartons in each of the last months, from 2025-10 on.
    assert len(page.context["months"]) == 12
    assert page.context["year"]["cartons"] == 1200
    assert page.context["months"][-1][0].period == 202610
    assert "1,200" in text
    stored = RetailerQuota.objects.filter(plan=city.plans["published"], retailer=city.eastern)
    assert page.context["whole"] == sum(row.cartons for row in stored) == 18


def test_contacts_stay_masked_on_paper_even_for_who_may_reveal_them(as_role, city):
    text = as_role(Role.PLANNER).get(_card(city)).content.decode()

    assert "138****5678" in text
    assert "W***" in text
    assert "13812345678" not in text
    assert "Wang" not in text


def test_an_inspectors_sheet_has_neither_classes_nor_sales_nor_quotas(as_role, city):
    page = as_role(Role.INSPECTOR).get(_card(city))

    assert page.status_code == 200
    assert not [name for name in ("classes", "months", "quotas") if name in page.context]
    assert "D30" not in page.content.decode()
    offered = as_role(Role.INSPECTOR).get(reverse("retailer-detail", args=[city.eastern.pk]))
    assert [sheet["url"] for sheet in offered.context["sheets"]] == [_card(city)]


def test_a_tier_notice_says_tier_score_and_whom_to_ask(as_role, city):
    page = as_role(Role.PLANNER).get(reverse("retailer-tier-notice", args=[city.eastern.pk]))

    text = page.content.decode()
    assert page.context["assignment"].class_code == "D30"
    assert "79.00" in text
    assert str(city.people[Role.CUSTOMER_MANAGER]) in text
    assert "(signature)" in text


def test_a_tier_holds_since_the_first_of_the_runs_that_agree(city):
    now = timezone.now()
    for days, code in ((90, "D30"), (60, "D29"), (30, "D30")):
        run = add_run(city, "tier30", status="superseded")
        run.published_at = now - dt.timedelta(days=days)
        run.save()
        Assignment.objects.filter(run=run, retailer=city.eastern).update(class_code=code)
    dropped = add_run(city, "tier30", status="superseded")  # a proposal that was never published
    Assignment.objects.filter(run=dropped, retailer=city.eastern).update(class_code="D1")

    since = tier_since(tier_of(city.people[Role.PLANNER], city.eastern))

    assert since == now - dt.timedelta(days=30)


def test_a_retailer_without_tier_gets_a_sheet_that_says_so(as_role, city):
    Assignment.objects.filter(retailer=city.eastern).delete()

    page = as_role(Role.PLANNER).get(reverse("retailer-tier-notice", args=[city.eastern.pk]))

    assert "No tier is published for this retailer." in page.content.decode()


def test_a_quota_notice_holds_every_quota_beside_that_of_the_tier(as_role, city):
    plan, product = city.plans["published"], city.products[0]
    RetailerQuota.objects.filter(plan=plan, retailer=city.eastern, product=product).update(
        cartons=7, upper=7
    )

    page = as_role(Role.PLANNER).get(reverse("quota-notice", args=[plan.pk, city.eastern.pk]))

    found = {why.quota.product_id: (why.quota.cartons, of) for why, of in page.context["quotas"]}
    assert found == {product.pk: (7, 1), city.products[1].pk: (9, 1)}
    assert page.context["whole"] == 16
    text = page.content.decode()
    assert "A share of 10.0000 % gives 9.00; the rules allow at most 7." in text
    assert "A share of 10.0000 % gives 9.00, rounded to whole cartons." in text
    assert "Not published" not in text


def test_a_notice_of_a_draft_says_that_it_binds_nobody(as_role, city):
    url = reverse("quota-notice", args=[city.plans["draft"].pk, city.eastern.pk])

    assert "Not published: these figures bind nobody yet." in (
        as_role(Role.PLANNER).get(url).content.decode()
    )


def test_the_notice_of_today_takes_the_published_plan_of_the_month_else_the_latest(city):
    published = city.plans["published"]
    company = city.company.pk

    assert selectors.plan_of_today(company, dt.date(2026, 10, 5)) == published
    assert selectors.plan_of_today(company, dt.date(2026, 12, 5)) == published
    assert selectors.plan_of_today(0, dt.date(2026, 12, 5)) is None


def test_a_posting_holds_the_quotas_of_the_tier_without_zeros(as_role, city):
    plan = city.plans["published"]
    url = reverse("plan-posting", args=[plan.pk])
    TierQuota.objects.filter(line__plan=plan, line__product=city.products[1], tier=1).update(
        cartons=0
    )

    client = as_role(Role.PLANNER)
    highest, lowest = client.get(url), client.get(url, {"tier": "1"})

    assert (highest.context["tier"], highest.context["whole"]) == (30, 60)
    assert [row.cartons for row in lowest.context["rows"]] == [1]
    assert highest.context["tiers"] == [30, 1]
    assert client.get(url, {"tier": "29"}).status_code == 404
    assert client.get(url, {"tier": "x"}).status_code == 404


def test_a_plan_sheet_holds_lines_ends_of_the_ladder_people_and_hash(as_role, city):
    plan = city.plans["published"]
    plan.approved_by, plan.approved_at = city.people[Role.APPROVER], timezone.now()
    plan.save()

    page = as_role(Role.AUDITOR).get(reverse("plan-sheet", args=[plan.pk]))

    assert page.context["sums"]["total_cartons"] == 200
    ladders = [[row.cartons for row in line.ladder] for line in page.context["lines"]]
    assert ladders == [[30, 30, 1], [30, 30, 1]]
    text = page.content.decode()
    assert "b" * 64 in text
    assert str(city.people[Role.APPROVER]) in text


# --- who gets them ------------------------------------------------------------------------


def test_a_colleague_of_another_county_finds_no_sheet_of_ours(client, city):
    other = person(city, "west", Role.COUNTY_MANAGER, unit=city.west)
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")

    for name in SHEETS:
        for extra in ({}, {"format": "pdf"}):
            url = reverse(name, args=[city.eastern.pk])
            assert client.get(url, extra).status_code == 404
    plan = city.plans["published"]
    assert client.get(reverse("quota-notice", args=[plan.pk, city.eastern.pk])).status_code == 404
    assert (
        client.get(reverse("quota-notice", args=[plan.pk, city.retailers[1].pk])).status_code == 200
    )


def test_no_sheet_asks_more_when_there_is_more(as_role, city, without_pdf):
    client = as_role(Role.PLANNER)

    def asked():
        numbers = []
        for url in _addresses(city):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            numbers.append(len(captured))
        return numbers

    asked()  # what is remembered for the process is read once
    few = asked()
    plan = city.plans["published"]
    for number in range(20, 30):
        add_retailer(city, number)
    product = city.products[2]
    line = plan.lines.create(
        product=product, forecast_cartons=5, node_factor=1, history_weight=1, total_cartons=5
    )
    for tier in range(1, 31):
        TierQuota.objects.create(line=line, tier=tier, retailers=3, cartons=tier)
    RetailerQuota.objects.create(
        plan=plan, retailer=city.eastern, product=product, tier=1, weight=1, upper=3, cartons=3
    )

    assert asked() == few
    assert max(few) <= 20


# --- PDF ----------------------------------------------------------------------------------


def test_without_weasyprint_there_is_no_button_and_the_address_says_how(as_role, city, without_pdf):
    client = as_role(Role.PLANNER)
    url = _card(city)

    page, asked = client.get(url), client.get(url, {"format": "pdf"})

    assert "format=pdf" not in page.content.decode()
    assert asked.status_code == 406
    assert "pip install weasyprint" in asked.content.decode()


def test_a_machine_without_the_system_libraries_has_no_writer(monkeypatch):
    def broken(name):
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(prints.importlib, "import_module", broken)

    assert prints.pdf_writer.__wrapped__() is None


@pytest.mark.slow
def test_a_pdf_is_made_of_every_sheet_where_weasyprint_is_installed(as_role, city):
    if prints.pdf_writer() is None:
        pytest.skip("WeasyPrint is not installed (optional, docs/production.md)")
    client = as_role(Role.PLANNER)

    for url in _addresses(city):
        assert "format=pdf" in client.get(url).content.decode()
        answer = client.get(url, {"format": "pdf"})
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
        assert answer["Content-Disposition"].startswith("inline; filename")


def test_a_static_file_is_read_from_disk():
    assert prints.static_file("https://sheet.invalid/static/css/print.css").name == "print.css"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/static/css/print.css",
        "http://sheet.invalid/static/css/print.css",
        "file:///etc/passwd",
        "https://sheet.invalid/media/notes.txt",
        "https://sheet.invalid/static/../config/settings/base.py",
        "https://sheet.invalid/static/%2e%2e/manage.py",
        "https://sheet.invalid/static//etc/passwd",
        "https://sheet.invalid/static/none.css",
        "https://sheet.invalid/static/",
        "data:text/css,a{}",
    ],
)
def test_no_other_address_is_read_for_a_sheet(url):
    with pytest.raises(ValueError, match="static file"):
        prints.static_file(url)
