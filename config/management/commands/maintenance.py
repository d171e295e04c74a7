"""manage.py maintenance on --until "22:30" --reason "Upgrade to 0.2" | off | status."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.common import maintenance


class Command(BaseCommand):
    help = "Let every page say that the system is being maintained, or end that."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("state", choices=["on", "off", "status"])
        parser.add_argument("--until", default="", help="shown to everybody, e.g. 22:30")
        parser.add_argument("--reason", default="", help="shown to everybody")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["state"] == "on":
            maintenance.switch_on(until=options["until"], reason=options["reason"])
        elif options["state"] == "off":
            maintenance.switch_off()
        said = maintenance.current()
        if said is None:
            self.stdout.write("Maintenance is off.")
        else:
            self.stdout.write(
                f"Maintenance is on. Until: {said.until or '-'}. Reason: {said.reason or '-'}"
            )
