"""Fill the database with a fictional city."""

import argparse
import datetime as dt
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from config.common import periods
from config.management.demo.build import Seeded, SeedError, Wish, seed_city
from config.management.demo.organisation import DEMO_CODE


class Command(BaseCommand):
    help = (
        "Make a fictional city with retailers, products and orders. A second call changes nothing."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--retailers", type=_positive, default=2000)
        parser.add_argument(
            "--months", type=_positive, default=24, help="closed months with orders"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--until", type=dt.date.fromisoformat, help="last day; default today")
        parser.add_argument("--company", default=DEMO_CODE, help="code of the demo company")
        parser.add_argument("--reset", action="store_true", help="delete its data first")

    def handle(self, *args: Any, **options: Any) -> None:
        wish = Wish(
            retailers=options["retailers"],
            months=options["months"],
            seed=options["seed"],
            today=periods.business_today(),
            until=options["until"],
            company_code=options["company"],
        )
        total = ((wish.last_day - wish.first_day).days + wish.first_day.weekday()) // 7 + 1
        with tqdm(total=total, unit="week", desc="orders", disable=None, leave=False) as bar:
            try:
                seeded = seed_city(
                    wish,
                    reset=options["reset"],
                    say=lambda text: self.stdout.write(f"seed_demo: {text}"),
                    weeks=lambda count: _advance(bar, count),
                )
            except (SeedError, ValueError) as error:
                raise CommandError(str(error)) from error
        self.stdout.write(_last_line(seeded))


def _advance(bar: "tqdm[NoReturn]", count: int) -> None:
    bar.update(count)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value


def _last_line(seeded: Seeded) -> str:
    word = "made" if seeded.is_new else "unchanged"
    return (
        f"{word}: {seeded.company.name}, {seeded.retailers:,} retailers, {seeded.orders:,} orders, "
        f"{seeded.lines:,} lines until {seeded.until}, content {seeded.content_hash[:16]}"
    )
