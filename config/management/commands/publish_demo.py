"""Publish the demo's first classes and this month's plan, as its planner and approver would."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Company
from config.common import periods
from config.common.errors import DomainError
from config.management.demo.build import seeded_city
from config.management.demo.organisation import DEMO_CODE
from config.management.demo.publication import publish_first_morning


class Command(BaseCommand):
    help = "Publish proposals of classes and this month's plan of a demo company."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--company", default=DEMO_CODE, help="code of the demo company")

    def handle(self, *args: Any, **options: Any) -> None:
        company = Company.objects.filter(code=options["company"]).first()
        city = seeded_city(company) if company is not None else None
        if company is None or city is None:
            raise CommandError("There is no demo city; run `manage.py seed_demo` first.")
        try:
            done = publish_first_morning(company, periods.period_of(city.until))
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{done.runs} classifications published")
        if done.plan is None:
            self.stdout.write("the plan of this month was published before")
        else:
            self.stdout.write(
                f"plan of {periods.period_text(done.plan.period)} published: "
                f"{done.plan.released_cartons:,} cartons to {done.plan.retailers:,} retailers"
            )
