"""A company with twelve shops and three products, and a way to import what a test writes."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import AuditEvent, Company
from accounts.services import create_company
from brands.models import (
    Manufacturer,
    Order,
    OrderBatch,
    OrderLine,
    PriceClass,
    Product,
    SalesTouch,
)
from customers.importers import engine, mapping, registry
from customers.importers.engine import Options, Outcome
from customers.models import CodeItem, Contact, ImportedFile, Retailer

TODAY = dt.date(2026, 11, 21)
HEADER = "order_no,line_no,ordered_on,retailer_code,product_code,ordered_cartons,unit_price"
WATCHED = (
    AuditEvent,
    CodeItem,
    Company,
    Contact,
    ImportedFile,
    Manufacturer,
    Order,
    OrderBatch,
    OrderLine,
    Product,
    Retailer,
    SalesTouch,
)


@pytest.fixture
def company(db) -> Company:
    """A company to import into."""
    company = create_company(code="T", name="Test company")
    Retailer.objects.bulk_create(
        [Retailer(company=company, code=f"R{i}", name=f"Shop {i}") for i in range(12)]
    )
    # Emptied together with everything else after a test with real transactions.
    price_class, _created = PriceClass.objects.get_or_create(
        code="1", defaults={"name": "一类", "position": 1}
    )
    maker = Manufacturer.objects.create(name="Maker")
    for number in range(3):
        Product.objects.create(
            code=f"P{number}",
            name=f"Brand {number}",
            manufacturer=maker,
            price_class=price_class,
            wholesale_price=Decimal(200 + number),
            retail_price=Decimal(230 + number),
        )
    return company


def load(kind: str, path: Path, company: Company | None, *, text: str = "", **options) -> Outcome:
    """Import a file as the commands do."""
    known = registry.get(kind)
    return engine.run(
        kind=known,
        path=path,
        mapping=mapping.parse(text, known.known),
        company=company,
        options=Options(**{"errors_path": path.with_name(path.name + ".errors.csv"), **options}),
        today=TODAY,
        by=None,
    )


def written(path: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    """A file with a header and rows."""
    path.write_bytes(("\n".join([header, *rows]) + "\n").encode(encoding))
    return path


def snapshot() -> dict[str, list[tuple]]:
    """Everything an import could change."""
    return {model.__name__: sorted(model.objects.values_list(), key=repr) for model in WATCHED}


def order_rows(count: int, *, day: dt.date = dt.date(2026, 11, 2)) -> list[str]:
    """Good order lines, three to an order."""
    return [
        f"A{i // 3:04d},{i % 3 + 1},{day},R{i // 3 % 12},P{i % 3},{i % 7 + 1},{200 + i % 3}.50"
        for i in range(count)
    ]
