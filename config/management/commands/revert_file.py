"""Takes back a file that came in through the browser."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.common import jobs
from config.common.errors import DomainError
from customers.importers import uploads
from customers.models import ImportedFile


class Command(BaseCommand):
    """Reverts one file; the last line of the output is for programs."""

    help = "Take back a file that came in through the browser, where nothing has changed since."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=int, help="number of the file, as in its address")
        parser.add_argument("--reason", required=True, help="why; goes into the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        file = ImportedFile.objects.filter(pk=options["file"]).first()
        if file is None:
            raise CommandError(f"there is no file {options['file']}")
        try:
            job = jobs.run(uploads.start_revert(file=file, reason=options["reason"], by=None).pk)
        except DomainError as error:
            raise CommandError(error.message) from error
        if job is None or job.status != "succeeded":
            raise CommandError(job.error if job else "a worker has taken the job; see its page")
        said = ", ".join(f"{name} {job.summary[name]}" for name in ("restored", "deleted", "left"))
        self.stdout.write(said)
