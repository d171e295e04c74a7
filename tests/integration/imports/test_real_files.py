"""The real files: every row accounted for, sums equal to an independent count, repeating changes nothing.

The independent count reads the files with plain pandas and decides with vector rules of its own.
"""

import csv
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest
from django.db.models import Count, Sum

from accounts.models import Company
from brands.models import Order, OrderLine, Product
from customers.importers.engine import Outcome
from customers.models import Retailer
from tests.integration.imports.conftest import load

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"
EXAMPLES = ROOT / "docs" / "examples"
KINDS = ("products", "retailers", "orders")
NO_GOODS = {
    "POST",
    "DOT",
    "M",
    "m",
    "C2",
    "D",
    "S",
    "BANK CHARGES",
    "AMAZONFEE",
    "CRUK",
    "PADS",
    "B",
}

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not on this machine"),
]


@dataclass
class Imported:
    """What importing one set of files did, the first and the second time."""

    company: Company
    rows: pd.DataFrame
    first: dict[str, Outcome]
    second: dict[str, Outcome]
    errors: dict[str, int]


def take(name: str, file: str, folder: Path) -> Imported:
    path = DATA / file
    rounds: list[dict[str, Outcome]] = []
    errors = {}
    for _round in range(2):
        found: dict[str, Outcome] = {}
        for kind in KINDS:
            company = Company.objects.filter(code=name.upper()).first()
            found[kind] = load(
                kind,
                path,
                company if kind == "orders" else None,
                text=(EXAMPLES / f"{name}_{kind}.toml").read_text(encoding="utf-8"),
                partial=True,
                errors_path=folder / f"{name}.{kind}.csv",
            )
            errors[kind] = refused_rows(found[kind])
        rounds.append(found)
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    return Imported(Company.objects.get(code=name.upper()), rows, *rounds, errors)


def refused_rows(outcome: Outcome) -> int:
    """Rows of the errors file."""
    if outcome.errors_path is None:
        return 0
    with outcome.errors_path.open(encoding="utf-8-sig", newline="") as stream:
        return sum(1 for _row in csv.reader(stream)) - 1


def half_up(text: str, places: str) -> Decimal:
    return Decimal(text).quantize(Decimal(places), rounding=ROUND_HALF_UP)


def sums(company: Company) -> tuple[int, int, int]:
    found = OrderLine.objects.filter(company=company).aggregate(
        lines=Count("order_id"), cartons=Sum("ordered_cartons"), cents=Sum("amount_cents")
    )
    return found["lines"], found["cartons"], found["cents"]


def check_books(imported: Imported) -> None:
    for kind in KINDS:
        outcome = imported.first[kind]
        taken = outcome.imported + outcome.updated + outcome.unchanged
        assert taken + sum(outcome.reasons.values()) == len(imported.rows), kind
        assert sum(outcome.reasons.values()) == outcome.rejected == imported.errors[kind], kind


def check_repeat(imported: Imported) -> None:
    for kind in KINDS:
        first, second = imported.first[kind], imported.second[kind]
        assert (second.imported, second.updated) == (0, 0), kind
        assert second.unchanged == first.imported + first.unchanged, kind
        assert second.reasons == first.reasons, kind


def test_iowa_accounts_for_every_row_and_equals_an_independent_count(db, tmp_path):
    iowa = take("iowa", "iowa_city_week/dev.csv.gz", tmp_path)
    rows = iowa.rows
    check_books(iowa)
    check_repeat(iowa)
    rows["units"] = [int(half_up(text, "1")) for text in rows.sum_sale_liters]
    rows["cents"] = [int(half_up(text, "0.01") * 100) for text in rows.sum_sale_dollars]
    too_long = rows.item.str.len() > 40
    good = rows[~too_long & (rows.units > 0)]

    assert sums(iowa.company) == (len(good), good.units.sum(), good.cents.sum())
    assert iowa.first["orders"].reasons == {
        "negative_sale": ((rows.units == 0) & ~too_long).sum(),
        "unknown_product": too_long.sum(),
    }
    key = good.weekStarting + "|" + good.store_location_city + "|" + good.county
    assert Order.objects.filter(company=iowa.company).count() == key.nunique()
    shops = (rows.store_location_city + "|" + rows.county).nunique()
    assert Retailer.objects.filter(company=iowa.company).count() == shops == 234
    assert Product.objects.filter(code__in=rows.item.unique()).count() == 102


def test_uci_accounts_for_every_row_and_equals_an_independent_count(db, tmp_path):
    uci = take("uci", "uci_online_retail/dev.csv.gz", tmp_path)
    rows = uci.rows
    check_books(uci)
    check_repeat(uci)
    rows["quantity"] = rows.Quantity.astype(int)
    rows["cents"] = [int(half_up(text, "0.01") * 100) for text in rows.UnitPrice]
    code = rows.StockCode.str.strip()
    goods = ~code.isin(NO_GOODS)
    named = goods & (rows.CustomerID != "")
    good = rows[named & (rows.cents > 0)]

    assert sums(uci.company) == (
        len(good),
        good.quantity.sum(),
        (good.quantity * good.cents).sum(),
    )
    assert uci.first["orders"].reasons == {
        "missing_value": (goods & (rows.CustomerID == "")).sum(),
        "price_not_positive": (named & (rows.cents == 0)).sum(),
        "skipped_by_mapping": (~goods).sum(),
    }
    returns = OrderLine.objects.filter(company=uci.company, kind=2).count()
    assert returns == (good.quantity < 0).sum()
    assert Order.objects.filter(company=uci.company).count() == good.InvoiceNo.nunique()
    numbers = rows.CustomerID[rows.CustomerID != ""].str.removesuffix(".0")
    shops = Retailer.objects.filter(company=uci.company).values_list("code", flat=True)
    assert set(shops) == set(numbers)
    assert uci.first["retailers"].reasons == {"missing_value": 135_080}


LINES = {"retailers": "StoreNumber", "products": "ItemNumber.1"}


def test_two_days_of_order_lines_account_for_every_row(db, tmp_path):
    path = DATA / "iowa_lines" / "lines_2024-04-01_02.csv.gz"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    found = {}
    for kind in (*LINES, "orders"):
        text = (EXAMPLES / f"iowa_lines_{kind}.toml").read_text(encoding="utf-8")
        company = Company.objects.get() if kind == "orders" else None
        found[kind] = load(
            kind, path, company, text=text, partial=True, errors_path=tmp_path / f"{kind}.csv"
        )

    for kind, outcome in found.items():
        assert outcome.imported + outcome.unchanged + outcome.rejected == len(rows), kind
    assert found["retailers"].imported == rows.StoreNumber.nunique()
    assert sums(Company.objects.get())[:2] == (
        found["orders"].imported,
        good_lines(rows, found["products"]).BottlesSold.astype(int).sum(),
    )


def good_lines(rows: pd.DataFrame, products: Outcome) -> pd.DataFrame:
    known = rows["ItemNumber.1"].isin(list(Product.objects.values_list("code", flat=True)))
    assert products.rejected == 0 or not known.all()
    bottles, amount = rows.BottlesSold.astype(int), rows.SaleAmount.astype(float)
    return rows[known & (bottles != 0) & ((bottles > 0) == (amount >= 0))]
