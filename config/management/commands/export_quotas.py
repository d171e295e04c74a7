"""Quotas as a CSV file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from allocation.models import Plan, PlanStatus, RetailerQuota
from brands.models import Product
from config.common import periods
from config.management.commands.export_classes import one_company
from config.management.exports import write_csv

ORDER = [PlanStatus.PUBLISHED, PlanStatus.APPROVED, PlanStatus.DRAFT]
HEADER = [
    "month",
    "plan_version",
    "status",
    "product_code",
    "product_name",
    "retailer_code",
    "retailer_name",
    "tier",
    "quota_cartons",
    "released_cartons",
    "total_cartons",
]


class Command(BaseCommand):
    help = (
        "Export the quotas of a month: the published plan, else the approved one, else the draft."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--month", required=True, help="YYYY-MM")
        parser.add_argument("--product", help="Code of one product; default all.")
        parser.add_argument("--output", help="File to write; default standard output.")
        parser.add_argument("--company", help="Code of the company, when there are several.")

    def handle(self, *args: Any, **options: Any) -> None:
        company = one_company(options["company"])
        try:
            period = periods.parse_period(options["month"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        plans = {plan.status: plan for plan in Plan.objects.filter(company=company, period=period)}
        plan = next((plans[status] for status in ORDER if status in plans), None)
        if plan is None:
            raise CommandError(f"There is no plan of {options['month']}; run the night first.")
        quotas = RetailerQuota.objects.filter(plan=plan)
        if options["product"]:
            product = Product.objects.filter(code=options["product"]).first()
            if product is None:
                raise CommandError(f"There is no product {options['product']!r}.")
            quotas = quotas.filter(product=product)
        totals = {
            line.product_id: (line.released_cartons, line.total_cartons)
            for line in plan.lines.all()
        }
        rows = (
            quotas.order_by("product__code", "retailer__code")
            .values_list(
                "product_id",
                "product__code",
                "product__name",
                "retailer__code",
                "retailer__name",
                "tier",
                "cartons",
            )
            .iterator(chunk_size=5000)
        )
        count = write_csv(
            options["output"],
            HEADER,
            ((options["month"], plan.version, plan.status, *row, *totals[pk]) for pk, *row in rows),
        )
        self.stderr.write(f"{count} quotas, {options['month']} v{plan.version} ({plan.status})")
