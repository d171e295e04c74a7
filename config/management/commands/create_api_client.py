"""Makes a machine client of the REST API and prints its id and secret, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Company
from accounts.services.clients import create_api_client, known_scopes
from config.common.errors import DomainError


class Command(BaseCommand):
    help = "Makes a machine client of the REST API and prints its id and secret, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", required=True, help="Code of the company.")
        parser.add_argument("--name", required=True, help="How people call it.")
        parser.add_argument(
            "--scopes",
            required=True,
            help="Separated by spaces or commas; 'all' for every one: " + " ".join(known_scopes()),
        )
        parser.add_argument(
            "--source", default="main", help="Name space of its order numbers (default: main)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        company = Company.objects.filter(code=options["company"]).first()
        if company is None:
            known = ", ".join(Company.objects.order_by("code").values_list("code", flat=True))
            raise CommandError(f"There is no company {options['company']!r}; there are: {known}")
        scopes = options["scopes"].replace(",", " ").split()
        if scopes == ["all"]:
            scopes = list(known_scopes())
        try:
            client, secret = create_api_client(
                company=company,
                name=options["name"],
                scopes=scopes,
                order_source=options["source"],
                by=None,
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"client_id={client.client_id}")
        self.stdout.write(f"client_secret={secret}")
        self.stdout.write(f"scopes={client.allowed_scopes}")
        self.stderr.write("The secret is stored as a hash only and cannot be shown again.")
