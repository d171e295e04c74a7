"""The night on the command line, without a broker."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from accounts.models import Company
from config.common import nights, periods
from config.common.errors import DomainError
from config.common.models import JobRun, JobStatus
from config.management.resume import open_night


class Command(BaseCommand):
    help = "Run the night: sales, classes, forecasts, drafts of the plans, report."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", help="Business date YYYY-MM-DD; default today in Shanghai.")
        parser.add_argument("--company", help="Code of one company; default all.")
        parser.add_argument("--stage", help="Only this stage.")
        parser.add_argument(
            "--resume",
            action="store_true",
            help="Only finish a night that was left open; start nothing new.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        day = _date(options["date"])
        companies = Company.objects.order_by("code")
        if options["company"]:
            companies = companies.filter(code=options["company"])
        if not companies:
            raise CommandError("There is no such company; import retailers or run seed_demo first.")
        stages = [options["stage"]] if options["stage"] else None
        if stages and stages[0] not in nights.stage_names():
            known = ", ".join(nights.stage_names())
            raise CommandError(f"There is no stage {stages[0]!r}. There are: {known}.")
        self._resume = options["resume"]
        failed = [company for company in companies if not self._night(company, day, stages)]
        if failed:
            names = ", ".join(company.code for company in failed)
            raise CommandError(f"The night failed for: {names}")

    def _night(self, company: Company, day: dt.date, stages: list[str] | None) -> bool:
        try:
            left = self._left_open(company)
            well = left is None or self._run(company, left)
            if self._resume:
                self._say_nothing_new(company, day, stages, left)
                return well
            if left is not None:
                if left.business_date == day and nights.covers(left, stages):
                    return well
                if nights.is_done(company_id=company.pk, business_date=day, stages=stages):
                    self._say(company, f"the night of {day} is done already and not repeated.")
                    return well
            night = nights.start_night(company_id=company.pk, business_date=day, stages=stages)
        except DomainError as error:
            self.stderr.write(f"{company.code}: {error.message}")
            return False
        return self._run(company, night) and well

    def _left_open(self, company: Company) -> JobRun | None:
        """The open night of a process that is dead; None when no night is open."""
        night = open_night(company)
        if night is None:
            return None
        name = f"the night of {night.business_date}"

        def tell(seconds: int, worker: str) -> None:
            holder = f"is held by {worker}" if worker else "waits for a worker"
            text = f"{name} is open and {holder}; waiting up to {seconds} s for a sign of life."
            self._say(company, text)

        if not nights.wait_until_free(night, tell=tell):
            return None
        since = timezone.localtime(night.started_at or night.created_at)
        self._say(company, f"goes on with {name}, open since {since:%Y-%m-%d %H:%M}.")
        return night

    def _say_nothing_new(
        self, company: Company, day: dt.date, stages: list[str] | None, left: JobRun | None
    ) -> None:
        text = "no night is open, nothing is started" if left is None else "nothing new is started"
        if not nights.is_done(company_id=company.pk, business_date=day, stages=stages):
            text += f"; the night of {day} has not been run"
        self._say(company, f"{text}.")

    def _say(self, company: Company, text: str) -> None:
        self.stdout.write(f"{company.code}: {text}")
        self.stdout.flush()  # a log that is a file tells at once what is waited for

    def _run(self, company: Company, night: JobRun) -> bool:
        with tqdm(total=100, disable=None, desc=company.code, unit="%") as bar:
            try:
                night = nights.run_inline(night, listener=_Listener(bar))
            except Exception as error:  # noqa: BLE001 - the other companies' nights must go on
                night.refresh_from_db()
                self.stderr.write(f"{company.code}: {night.error or error}")
                return False
        self._summary(company, night)
        return night.status in (JobStatus.SUCCEEDED, JobStatus.HELD)

    def _summary(self, company: Company, night: JobRun) -> None:
        out = self.stdout
        out.write(f"{company.name} {night.business_date}: {night.status}")
        for stage in night.children.order_by("position"):
            name = stage.kind.split(".")[1]
            out.write(f"  {name:<11}{stage.status:<11}{stage.seconds or 0:>7.1f} s  {_text(stage)}")
            if stage.error:
                out.write(f"    {stage.error}")
        if night.error:
            out.write(f"  {night.error}")
        out.write(f"  result {night.result_hash}")


class _Listener:
    """Moves one bar through all stages; each stage is an equal part of it."""

    def __init__(self, bar: "tqdm[Any]") -> None:
        self.bar = bar

    def __call__(self, stage: JobRun, done: int, total: int, text: str) -> None:
        stages = len(nights.stage_names())
        part = done / total if total else 0.0
        self.bar.set_postfix_str(f"{stage.kind.split('.')[1]} {text}", refresh=False)
        self.bar.n = int(100 * (stage.position + part) / stages)
        self.bar.refresh()


def _text(stage: JobRun) -> str:
    name = stage.kind.split(".")[1]
    found = stage.summary
    if name == "sales":
        return f"{found.get('lines', 0):,} lines → {found.get('rows', 0):,} monthly sales"
    if name == "segments":
        parts = [f"{found.get('retailers', 0):,} retailers"]
        sizes = found.get("abc", {}).get("sizes", {})
        if sizes:
            parts.append(" ".join(f"{code} {sizes.get(code, 0):,}" for code in "ABC"))
        return ", ".join(parts)
    if name == "demand":
        error = found.get("backtest_error")
        shown = f", back-test error {error:.1%}" if error is not None else ""
        return f"{found.get('forecasts', 0):,} forecasts{shown}"
    if name == "allocation":
        return f"{found.get('quotas', 0):,} quotas"
    return ""


def _date(text: str | None) -> dt.date:
    if not text:
        return periods.business_today()
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"A date is written like 2026-11-21, got {text!r}.") from error
    if day > periods.business_today():
        raise CommandError(f"{day} has not come yet; drafts and classes of it would stay behind.")
    return day
