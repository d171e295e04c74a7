"""A company, a planner, and a way to take a file through the whole wizard without a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models

from accounts.models import AuditEvent, OrgUnit, User
from accounts.roles import Role
from brands.models import (
    Manufacturer,
    MarketObservation,
    Order,
    OrderBatch,
    OrderLine,
    Product,
)
from config.common import jobs
from config.common.models import JobRun
from customers.importers import document as documents
from customers.importers import matching, receiving, registry, uploads
from customers.models import CodeItem, Contact, ImportedFile, Retailer
from customers.views import file_parts
from tests.integration.imports.conftest import company  # noqa: F401 - a fixture

# Everything that files of any kind write, but when it was written.
WRITTEN: tuple[type[models.Model], ...] = (
    CodeItem,
    Contact,
    Manufacturer,
    MarketObservation,
    Order,
    OrderBatch,
    OrderLine,
    OrgUnit,
    Product,
    Retailer,
)


@pytest.fixture(autouse=True)
def _media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def planner(company) -> User:  # noqa: F811
    return User.objects.create_user("planner", role=Role.PLANNER, company=company)


def dump() -> dict[str, list[tuple]]:
    """Every row of every table that a file may write, without the moments of writing."""
    found = {}
    for model in WRITTEN:
        names = [it.attname for it in model._meta.concrete_fields if it.name != "updated_at"]
        found[model.__name__] = sorted(model.objects.values_list(*names), key=repr)
    return found


def run(job: JobRun) -> JobRun | None:
    """Do a job as a worker would."""
    return jobs.run(job.pk)


def fresh(file: ImportedFile) -> ImportedFile:
    """The file's row as it is now."""
    return ImportedFile.objects.select_related("company", "job").get(pk=file.pk)


def received(
    planner: User, kind: str, body: str | bytes, *, name: str = "a.csv", mapping: str = ""
) -> ImportedFile:
    """A file that somebody has uploaded, after the first look."""
    content = body.encode() if isinstance(body, str) else body
    file = receiving.receive(
        kind=kind,
        upload=SimpleUploadedFile(name, content),
        company=planner.company,
        mapping=mapping,
        by=planner,
    )
    run(uploads.start_look(file=file, by=planner))
    return fresh(file)


def proposed(file: ImportedFile) -> str:
    """The mapping that the page would propose."""
    look = file_parts.look_of(file)
    assert look is not None
    kind = registry.get(file.kind)
    return documents.dump(matching.proposed(look, kind, file.company))


def checked(
    planner: User, kind: str, body: str | bytes, *, mapping: str | None = None, **more
) -> ImportedFile:
    """A file after its dry run, read as proposed unless a mapping is given."""
    file = received(planner, kind, body, **more)
    text = proposed(file) if mapping is None else mapping
    file = uploads.set_mapping(file=file, text=text, by=planner)
    run(uploads.start_check(file=file, by=planner))
    return fresh(file)


def applied(planner: User, kind: str, body: str | bytes, **more) -> ImportedFile:
    """A file that was applied, without its refused rows."""
    file = checked(planner, kind, body, **more)
    partial = file.rejected > 0
    run(uploads.start_apply(file=file, partial=partial, by=planner))
    return fresh(file)


def reverted(planner: User, file: ImportedFile, reason: str = "wrong file") -> ImportedFile:
    """A file after somebody has asked to take it back."""
    run(uploads.start_revert(file=file, reason=reason, by=planner))
    return fresh(file)


def counts(file: ImportedFile) -> dict[str, int]:
    """Rows by what becomes of them."""
    return {it["group"]: it["number"] for it in file_parts.figures(file)}


def rows_of(path: Path | str, settings) -> list[list[str]]:
    """A CSV file that we wrote for spreadsheets."""
    import csv

    raw = (Path(settings.MEDIA_ROOT) / path).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # or a spreadsheet takes Chinese for something else
    return list(csv.reader(raw.decode("utf-8-sig").splitlines()))


def actions(obj: models.Model) -> list[str]:
    """What the audit trail says was done to an object."""
    events = AuditEvent.objects.filter(
        object_type=obj._meta.label_lower, object_id=str(obj.pk)
    ).order_by("pk")
    return list(events.values_list("action", flat=True))


Taker = Callable[..., ImportedFile]
RETAILERS = "客户编码,客户名称,县级局,市场部,业态,手机号码,地址,档位"
PRODUCTS = "卷烟代码,卷烟名称,工业公司,价类,批发价,零售指导价"
ORDERS = "订单编号,行号,订单日期,客户编码,品规代码,条数,批发价"
OBSERVATIONS = "采集日期,客户编码,品规编码,条价,库存条数"


def text(header: str, *rows: str) -> str:
    """A CSV file."""
    return "\n".join([header, *rows]) + "\n"
