"""Proves that the data hang together."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.management.invariants import INVARIANTS, broken


class Command(BaseCommand):
    help = "Check every rule that must always hold; exit code 1 when one is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        found = broken()
        for invariant, count in found:
            self.stderr.write(f"BROKEN {invariant.code}: {invariant.says} ({count} rows do not)")
        if found:
            raise CommandError(f"{len(found)} of {len(INVARIANTS)} rules are broken")
        self.stdout.write(f"{len(INVARIANTS)} rules hold")
