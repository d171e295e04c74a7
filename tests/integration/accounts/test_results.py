"""Files that jobs make: whole or not at all, for one person, for seven days."""

import datetime as dt
import os
import time
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import ResultFile
from accounts.roles import Role
from accounts.services import results
from config.common import storage
from config.common.errors import LostLeaseError, NotFoundError
from config.common.models import JobRun


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def job(city):
    return JobRun.objects.create(kind="list.export", key="e:1", company_id=city.company.pk)


@pytest.fixture
def owner(city):
    return city.people[Role.PLANNER]


def _lines(*lines):
    def write(stream):
        stream.write("\n".join(lines).encode())
        return len(lines)

    return write


def _folder():
    return storage.folder(results.FOLDER)


def _names():
    return sorted(path.name for path in _folder().iterdir())


def _make(job, owner, name="零售户 2026-11-21.csv", *lines):
    return results.create(job=job, user=owner, name=name, write=_lines(*(lines or ("a", "b"))))


@pytest.fixture
def as_role(client, city):
    def log_in(role):
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def test_the_owner_downloads_what_was_written_under_its_chinese_name(as_role, job, owner):
    file = _make(job, owner)

    answer = as_role(Role.PLANNER).get(reverse("result-download", args=[file.pk]))

    assert b"".join(answer.streaming_content) == b"a\nb"
    assert (file.rows, file.bytes) == (2, 3)
    disposition = answer["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=utf-8''%E9%9B%B6%E5%94%AE%E6%88%B7%202026-11-21.csv" in disposition
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/octet-stream"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.APPROVER, Role.AUDITOR])
def test_nobody_else_finds_the_file(as_role, job, owner, role):
    file = _make(job, owner)

    assert as_role(role).get(reverse("result-download", args=[file.pk])).status_code == 404


def test_a_file_whose_days_are_over_is_not_found_even_before_the_sweep(as_role, job, owner):
    file = _make(job, owner)
    ResultFile.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    assert as_role(Role.PLANNER).get(reverse("result-download", args=[file.pk])).status_code == 404


def test_the_sweep_removes_what_is_over_and_nothing_else(job, owner, city):
    old = _make(job, owner)
    other = JobRun.objects.create(kind="list.export", key="e:2", company_id=city.company.pk)
    young = _make(other, owner)
    ResultFile.objects.filter(pk=old.pk).update(expires_at=timezone.now())

    assert results.sweep() == 1

    assert list(ResultFile.objects.all()) == [young]
    assert _names() == [Path(young.path).name]


def test_the_sweep_removes_what_broken_attempts_left_lying(job, owner):
    young = _make(job, owner)
    long_ago = time.time() - 9 * 86400
    for name in ("lost.csv", "half.csv.part"):
        lost = _folder() / name
        lost.write_bytes(b"x")
        os.utime(lost, (long_ago, long_ago))
    (_folder() / "being-written.csv.part").write_bytes(b"x")

    results.sweep()

    assert _names() == sorted([Path(young.path).name, "being-written.csv.part"])


def test_a_second_attempt_of_a_job_replaces_its_file(
    job, owner, django_capture_on_commit_callbacks
):
    first = _make(job, owner)
    with django_capture_on_commit_callbacks(execute=True):
        second = _make(job, owner, "again.csv", "x", "y", "z")

    assert first.pk == second.pk
    assert second.rows == 3
    assert _names() == [Path(second.path).name]


def test_a_write_that_breaks_leaves_neither_row_nor_file(job, owner):
    def half(stream):
        stream.write(b"half")
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError, match="gone"):
        results.create(job=job, user=owner, name="a.csv", write=half)

    assert _names() == []
    assert not ResultFile.objects.exists()


def test_a_worker_that_lost_its_job_offers_no_file(job, owner):
    def lost():
        raise LostLeaseError("e:1")

    with pytest.raises(LostLeaseError):
        results.create(job=job, user=owner, name="a.csv", write=_lines("a"), guard=lost)

    assert _names() == []
    assert not ResultFile.objects.exists()


@pytest.mark.parametrize(
    "hostile",
    [
        "../../../etc/passwd",
        "..\\..\\boot.ini",
        "a\r\nSet-Cookie: x=1.csv",
        "/abs.csv",
        "\u202ecsv.exe",
    ],
)
def test_a_hostile_name_leads_nowhere(as_role, job, owner, hostile):
    file = _make(job, owner, hostile)

    assert not any(sign in file.name for sign in "/\\\r\n\u202e")
    assert storage.absolute(file.path).parent == _folder()
    answer = as_role(Role.PLANNER).get(reverse("result-download", args=[file.pk]))
    answer.close()
    assert "\n" not in answer["Content-Disposition"]


def test_a_stored_path_that_was_tampered_with_stays_below_the_folder(job, owner):
    file = _make(job, owner)
    ResultFile.objects.update(path="../../../../etc/passwd")

    with pytest.raises(NotFoundError):
        results.open_for(user=owner, pk=file.pk)


def test_a_long_name_keeps_its_ending():
    assert storage.clean_name("店" * 300 + ".xlsx") == "店" * 115 + ".xlsx"
    assert storage.clean_name(" ... ") == "file"
