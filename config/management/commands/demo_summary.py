"""Print what the demo holds and who may log in."""

import argparse
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Sum

from accounts.models import Company, User
from allocation.models import Plan
from brands.models import Order, Product
from config.common import periods
from config.common.models import JobRun
from config.common.nights import NIGHT
from config.management.demo.organisation import DEMO_CODE, DEMO_PASSWORD, PEOPLE, user_name
from customers.models import Retailer
from segmentation.models import Scheme


class Command(BaseCommand):
    help = "Print retailers, order lines, classes, quotas, seconds per stage and the log-ins."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--company", default=DEMO_CODE, help="code of the demo company")

    def handle(self, *args: Any, **options: Any) -> None:
        company = Company.objects.filter(code=options["company"], is_demo=True).first()
        if company is None:
            raise CommandError("There is no demo city; run `manage.py seed_demo` first.")
        for title, text in summary(company):
            self.stdout.write(f"  {title:<18}{text}")
        self.stdout.write("")
        if not getattr(settings, "DEMO", False):
            self.stdout.write("  Log-ins of the demo work only with config.settings.demo.")
            return
        self.stdout.write(f"  Log in as one of these; the password is {DEMO_PASSWORD} for all:")
        for role, (name, _title) in PEOPLE.items():
            self.stdout.write(f"    {user_name(company, name):<12}{role.value.replace('_', ' ')}")


def summary(company: Company) -> Iterator[tuple[str, str]]:
    """What the company holds, line by line."""
    yield "company", company.name
    yield "retailers", f"{Retailer.objects.filter(company=company).count():,}"
    yield "products", f"{Product.objects.count():,}"
    lines = Order.objects.filter(company=company).aggregate(all=Sum("line_count"))["all"] or 0
    yield "order lines", f"{lines:,}"
    for scheme in Scheme.objects.filter(company=company).select_related("published_run"):
        if scheme.published_run is not None:
            sizes = scheme.published_run.sizes
            shown = " ".join(f"{code} {sizes[code]:,}" for code in sorted(sizes)[:3])
            yield f"classes {scheme.code}", shown if len(sizes) <= 3 else f"{len(sizes)} tiers"
    for plan in Plan.objects.filter(company=company).order_by("period", "version"):
        yield (
            f"plan {periods.period_text(plan.period)}",
            f"{plan.status}: {plan.released_cartons:,} cartons in {plan.quota_rows:,} quotas",
        )
    yield from _stages(company)
    users = User.objects.filter(company=company, is_active=True).count()
    yield "people", f"{users}"


def _stages(company: Company) -> Iterator[tuple[str, str]]:
    night = JobRun.objects.filter(company_id=company.pk, kind=NIGHT).order_by("-pk").first()
    if night is None:
        return
    for stage in night.children.order_by("position"):
        yield f"stage {stage.kind.split('.')[1]}", f"{stage.seconds or 0:.1f} s, {stage.status}"
