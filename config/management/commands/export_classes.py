"""Classes as a CSV file."""

import datetime as dt
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Company
from config.common.periods import SHANGHAI
from config.management.exports import write_csv
from segmentation.models import RunStatus, Scheme, SegmentationRun
from segmentation.selectors.schemes import published_runs


class Command(BaseCommand):
    help = "Export the classes of a scheme: the published ones, or the newest proposal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scheme", required=True, help="Code of the scheme, such as abc.")
        parser.add_argument("--date", help="As of the end of which day; default now.")
        parser.add_argument("--output", help="File to write; default standard output.")
        parser.add_argument("--company", help="Code of the company, when there are several.")

    def handle(self, *args: Any, **options: Any) -> None:
        company = one_company(options["company"])
        scheme = Scheme.objects.filter(company=company, code=options["scheme"]).first()
        if scheme is None:
            known = ", ".join(Scheme.objects.filter(company=company).values_list("code", flat=True))
            raise CommandError(f"There is no scheme {options['scheme']!r}. There are: {known}.")
        run = _run(scheme, options["date"])
        if run is None:
            raise CommandError(_nothing(scheme, options["date"]))
        rows = (
            run.assignments.select_related("retailer")
            .order_by("rank", "retailer__code")
            .iterator(chunk_size=2000)
        )
        count = write_csv(
            options["output"],
            [
                "scheme",
                "business_date",
                "status",
                "retailer_code",
                "retailer_name",
                "class",
                "rank",
                "figures",
            ],
            (
                (
                    scheme.code,
                    run.business_date.isoformat(),
                    run.status,
                    row.retailer.code,
                    row.retailer.name,
                    row.class_code,
                    row.rank,
                    orjson.dumps(row.figures).decode(),
                )
                for row in rows
            ),
        )
        self.stderr.write(
            f"{count} retailers, {scheme.code} as of {run.business_date} ({run.status})"
        )


def one_company(code: str | None) -> Company:
    """The company meant: named, or the only one.

    Raises:
        CommandError: None, several without a name, or an unknown code.
    """
    companies = list(Company.objects.order_by("code"))
    if code:
        companies = [company for company in companies if company.code == code]
    if len(companies) == 1:
        return companies[0]
    if not companies:
        raise CommandError("There is no such company.")
    known = ", ".join(company.code for company in companies)
    raise CommandError(f"There are several companies, say which with --company: {known}.")


def _run(scheme: Scheme, date: str | None) -> SegmentationRun | None:
    if date is None:
        return scheme.published_run or (
            scheme.runs.filter(status__in=[RunStatus.COMPUTED, RunStatus.HELD])
            .order_by("-pk")
            .first()
        )
    try:
        day = dt.date.fromisoformat(date)
    except ValueError as error:
        raise CommandError(f"A date is written like 2026-11-21, got {date!r}.") from error
    return published_runs(scheme.runs.all(), day).first() or (
        scheme.runs.filter(business_date__lte=day, status__in=[RunStatus.COMPUTED, RunStatus.HELD])
        .order_by("-business_date", "-pk")
        .first()
    )


def _nothing(scheme: Scheme, date: str | None) -> str:
    """Why there is nothing to export, and which dates would give something."""
    moments = published_runs(scheme.runs.all()).values_list("published_at", flat=True)
    days = sorted({f"{moment.astimezone(SHANGHAI):%Y-%m-%d}" for moment in moments if moment})
    if days:
        return f"Nothing of this scheme was published by {date}. Published on: {', '.join(days)}."
    proposals = scheme.runs.filter(status__in=[RunStatus.COMPUTED, RunStatus.HELD])
    proposal = proposals.order_by("-business_date").first()
    if proposal is not None:
        return (
            f"Nothing of this scheme was published by {date}, and its proposal is as of "
            f"{proposal.business_date}. Ask for that day or later, or publish the proposal."
        )
    return "This scheme has no classes yet; run the night first."
