"""Files through the browser: received, checked, applied in the background."""

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from accounts.roles import Role
from brands.models import OrderLine
from config.common import jobs
from config.common.errors import ConflictError, DomainError, NotFoundError, RefusedFileError
from config.common.models import JobStatus
from customers.importers import engine, file_jobs, receiving, uploads
from customers.models import ImportedFile
from customers.selectors.files import list_files
from tests.integration.imports.conftest import HEADER, order_rows

Status = ImportedFile.Status


@pytest.fixture(autouse=True)
def _media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def planner(company) -> User:
    return User.objects.create_user("planner", role=Role.PLANNER, company=company)


def upload(*rows: str, name: str = "../../etc/orders.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, ("\n".join([HEADER, *rows]) + "\n").encode())


def receive(planner, file, kind="orders", mapping="") -> ImportedFile:
    return receiving.receive(
        kind=kind, upload=file, company=planner.company, mapping=mapping, by=planner
    )


def checked(planner, *rows) -> ImportedFile:
    file = receive(planner, upload(*rows))
    jobs.run(uploads.start_check(file=file, by=planner).pk)
    file.refresh_from_db()
    return file


def test_received_file_lies_below_a_generated_name_and_its_row_is_audited(planner, tmp_path):
    file = receive(planner, upload(*order_rows(3)))

    stored = tmp_path / file.path
    assert stored.read_bytes() == upload(*order_rows(3)).read()
    assert "etc" not in file.path
    assert (file.name, file.status, file.bytes) == ("orders.csv", "uploaded", stored.stat().st_size)
    assert AuditEvent.objects.get(action="file.receive").actor == planner
    assert list(list_files(planner)) == [file]


def test_check_counts_and_keeps_nothing_then_apply_takes_the_rows(planner):
    file = checked(planner, *order_rows(6))

    assert (file.status, file.imported, file.rejected) == (Status.CHECKED, 6, 0)
    assert not OrderLine.objects.exists()

    job = jobs.run(uploads.start_apply(file=file, partial=False, by=planner).pk)

    file.refresh_from_db()
    assert (job.status, file.status, file.imported) == (JobStatus.SUCCEEDED, Status.APPLIED, 6)
    assert OrderLine.objects.count() == 6
    assert file.applied_at is not None


def test_check_names_refused_rows_and_partial_apply_takes_the_rest(planner):
    file = checked(planner, *order_rows(6), "A9,1,2026-11-02,R99,P0,1,2")

    assert (file.imported, file.reasons) == (6, {"unknown_retailer": 1})
    assert file.preview[0]["line"] == 8
    with uploads.errors_file(file=file) as stream:
        assert b"unknown_retailer" in stream.read()
    with pytest.raises(DomainError):
        uploads.start_apply(file=file, partial=False, by=planner)

    jobs.run(uploads.start_apply(file=file, partial=True, by=planner).pk)

    assert OrderLine.objects.count() == 6
    assert AuditEvent.objects.get(action="file.apply").changes == {"partial": [None, True]}


def test_file_that_was_applied_is_not_received_again(planner):
    file = checked(planner, *order_rows(3))
    jobs.run(uploads.start_apply(file=file, partial=False, by=planner).pk)

    with pytest.raises(ConflictError) as conflict:
        receive(planner, upload(*order_rows(3), name="other name.csv"))

    assert conflict.value.code == "already_imported"
    stored = [path.name for path in (settings.MEDIA_ROOT / "imports").glob("*.csv")]
    assert sorted(name.split(".", 1)[1] for name in stored) == ["csv", "result.csv"]


def test_file_that_was_taken_in_part_may_come_again(planner):
    file = checked(planner, *order_rows(3), "A9,1,2026-11-02,R99,P0,1,2")
    jobs.run(uploads.start_apply(file=file, partial=True, by=planner).pk)

    again = receive(planner, upload(*order_rows(3), "A9,1,2026-11-02,R99,P0,1,2"))

    assert again.status == Status.UPLOADED


def test_unreadable_file_is_refused_by_its_check_with_the_reason(planner):
    file = receive(planner, SimpleUploadedFile("a.csv", b"order_no,line_no\nA"))

    job = jobs.run(uploads.start_check(file=file, by=planner).pk)

    file.refresh_from_db()
    assert (job.status, file.status) == (JobStatus.FAILED, Status.REFUSED)
    assert file.message == job.error != ""


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SimpleUploadedFile("a.exe", b"x"), "unknown_type"),
        (SimpleUploadedFile("a", b"x"), "unknown_type"),
        (SimpleUploadedFile("a.csv", b""), "empty_file"),
    ],
)
def test_wrong_upload_is_refused_before_anything_is_stored(planner, tmp_path, file, code):
    with pytest.raises(RefusedFileError) as refusal:
        receive(planner, file)

    assert refusal.value.code == code
    assert not ImportedFile.objects.exists()
    assert not list(tmp_path.rglob("*.csv"))


def test_upload_larger_than_allowed_is_refused(planner, settings):
    settings.UPLOAD_MAX_BYTES = 10

    with pytest.raises(RefusedFileError) as refusal:
        receive(planner, upload(*order_rows(3)))

    assert refusal.value.code == "too_large"


@pytest.mark.parametrize("size", [400, 3_000_000])
def test_a_body_larger_than_allowed_is_413_whether_it_says_so_or_not(planner, settings, size):
    settings.UPLOAD_MAX_BYTES = 200
    client = Client(raise_request_exception=False)
    client.force_login(planner, backend="django.contrib.auth.backends.ModelBackend")
    fields = {"kind": "orders", "upload": SimpleUploadedFile("orders.csv", b"x" * size)}

    answer = client.post(reverse("file-upload"), fields)

    assert answer.status_code == 413
    assert not ImportedFile.objects.exists()


def test_mapping_with_an_unknown_key_is_refused(planner):
    with pytest.raises(RefusedFileError) as refusal:
        receive(planner, upload(*order_rows(3)), mapping="[colums]\norder_no = 'a'\n")

    assert refusal.value.code == "bad_mapping"
    assert "colums" in refusal.value.message


def test_unknown_kind_is_not_found(planner):
    with pytest.raises(NotFoundError):
        receive(planner, upload(*order_rows(3)), kind="passwords")


def test_apply_needs_a_check_first(planner):
    file = receive(planner, upload(*order_rows(3)))

    with pytest.raises(ConflictError):
        uploads.start_apply(file=file, partial=False, by=planner)


def test_second_start_of_the_same_step_is_refused(planner):
    file = receive(planner, upload(*order_rows(3)))
    uploads.start_check(file=file, by=planner)

    with pytest.raises(ConflictError):
        uploads.start_check(file=file, by=planner)


def test_applying_a_job_again_changes_nothing(planner):
    file = checked(planner, *order_rows(3))
    job = uploads.start_apply(file=file, partial=False, by=planner)
    jobs.run(job.pk)
    context = jobs.JobContext(job)

    result = file_jobs.apply_job(context)

    assert result.summary["imported"] == 3
    assert OrderLine.objects.count() == 3


def test_worker_that_lost_its_job_writes_nothing(planner, monkeypatch):
    file = checked(planner, *order_rows(3))
    job = jobs.claim(uploads.start_apply(file=file, partial=False, by=planner).pk)
    context = jobs.JobContext(job)
    context.attempt = 99

    with pytest.raises(jobs.LostLeaseError):
        file_jobs.apply_job(context)

    assert not OrderLine.objects.exists()


def test_file_of_a_job_that_failed_unexpectedly_does_not_wait_for_ever(planner, monkeypatch):
    def burst(**_kwargs):
        raise RuntimeError("bug")

    monkeypatch.setattr(engine, "run", burst)
    file = receive(planner, upload(*order_rows(3)))
    job = uploads.start_check(file=file, by=planner)

    with pytest.raises(RuntimeError):
        jobs.run(job.pk)

    file.refresh_from_db()
    assert file.status == Status.FAILED


def test_file_without_refused_rows_has_no_errors_to_download(planner):
    with pytest.raises(NotFoundError):
        uploads.errors_file(file=checked(planner, *order_rows(3)))
