import datetime as dt
import os
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Company
from accounts.services import create_company
from config.common import jobs, nights
from config.common.models import JobRun, JobStatus
from config.management.resume import is_dead_here

DAY = dt.date(2026, 3, 3)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return create_company(code="A", name="A")


def dead_worker() -> str:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return jobs.worker_name().replace(str(os.getpid()), str(child.pid))


def interrupted(company: Company, worker: str) -> JobRun:
    night = nights.start_night(company_id=company.pk, business_date=DAY)
    first = night.children.order_by("position")[0]
    JobRun.objects.filter(pk=first.pk).update(
        status=JobStatus.RUNNING,
        attempts=1,
        worker=worker,
        lease_until=timezone.now() + dt.timedelta(hours=1),
    )
    return night


def test_an_interrupted_night_goes_on_with_resume(company: Company) -> None:
    night = interrupted(company, dead_worker())

    call_command("nightly", "--date", "2026-03-03", "--resume", stdout=StringIO())

    night.refresh_from_db()
    assert night.status == JobStatus.SUCCEEDED
    assert JobRun.objects.filter(kind=nights.NIGHT).count() == 1


def test_an_interrupted_night_goes_on_without_resume_too(company: Company) -> None:
    night = interrupted(company, dead_worker())

    call_command("nightly", "--date", "2026-03-03", stdout=StringIO())

    assert JobRun.objects.get(kind=nights.NIGHT) == night
    night.refresh_from_db()
    assert night.status == JobStatus.SUCCEEDED


def test_with_nothing_to_resume_nothing_is_started(company: Company) -> None:
    call_command("nightly", "--date", "2026-03-03", "--resume", stdout=StringIO())

    assert not JobRun.objects.exists()


def test_a_living_worker_and_one_of_another_machine_keep_their_lease() -> None:
    assert not is_dead_here(jobs.worker_name())
    assert not is_dead_here("another-machine:1")
    assert not is_dead_here("")
    assert is_dead_here(dead_worker())
