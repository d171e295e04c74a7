"""Builds code lists and the catalogue of products."""

import csv
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from django.db.models import Q

from accounts.models import Company
from brands.models import Manufacturer, PriceClass, PriceClassCut, Product
from config.common.pinyin import search_key
from config.management.demo.population import Days, Floats, Ints
from customers.models import CodeItem, CodeKind

PRODUCTS_FILE = Path(__file__).parent / "products.csv"
# Wholesale cut-offs in yuan per carton (domain research 5.1); the lower bound is inclusive.
CUTS = {"一类": "158", "二类": "113", "三类": "52", "四类": "28", "五类": "0.01"}
CUTS_FROM = dt.date(2015, 5, 10)
LAUNCHES = {"双喜(金樽好日子细支)": 300, "黄山(红方印细支)": 200, "贵烟(硬黄精品)": 100}
"""Products that came so many days before the last day: a plan must cope with a short history."""

FORMAT_NAMES = {
    "B": "便利店",
    "Y": "烟酒商店",
    "F": "娱乐服务",
    "S": "超市",
    "N": "商场",
    "Q": "其他",
}
MARKET_NAMES = {"C": "城镇", "X": "乡村"}


@dataclass(frozen=True)
class Catalogue:
    """The products in the order of the file."""

    ids: Ints
    prices: Floats
    cents: Ints
    launched: Days


def sample_codes() -> list[str]:
    """Codes of the sample products."""
    with PRODUCTS_FILE.open(encoding="utf-8", newline="") as stream:
        return [row["product_code"] for row in csv.DictReader(stream)]


def build_catalogue(last_day: dt.date) -> Catalogue:
    """The sample products; those that exist are left as they are, for companies share the catalogue."""
    classes = _price_classes()
    products = []
    with PRODUCTS_FILE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            products.append(_product(row, classes, last_day))
    cents = np.array([int(product.wholesale_price * 100) for product in products])
    return Catalogue(
        ids=np.array([product.pk for product in products]),
        prices=cents / 100.0,
        cents=cents,
        launched=np.array(
            [product.launched_on or dt.date(2000, 1, 1) for product in products],
            dtype="datetime64[D]",
        ),
    )


def _price_classes() -> dict[str, PriceClass]:
    found = {}
    for position, (name, cut) in enumerate(CUTS.items(), start=1):
        price_class = PriceClass.objects.filter(Q(name=name) | Q(code=str(position))).first()
        if price_class is None:
            price_class = PriceClass.objects.create(
                code=str(position), name=name, position=position
            )
        if not price_class.cuts.exists():
            PriceClassCut.objects.create(
                price_class=price_class, effective_from=CUTS_FROM, min_wholesale=Decimal(cut)
            )
        found[name] = price_class
    return found


def _product(row: dict[str, str], classes: dict[str, PriceClass], last_day: dt.date) -> Product:
    maker, _created = Manufacturer.objects.get_or_create(name=row["manufacturer"])
    age = LAUNCHES.get(row["name"])
    product, _created = Product.objects.get_or_create(
        code=row["product_code"],
        defaults={
            "name": row["name"],
            "search_key": search_key(row["name"], row["product_code"], row["brand"]),
            "manufacturer": maker,
            "brand": row["brand"],
            "price_class": classes[row["price_class"]],
            "wholesale_price": Decimal(row["wholesale_price"]),
            "retail_price": Decimal(row["retail_price"]),
            "carton_barcode": row["carton_barcode"],
            "launched_on": last_day - dt.timedelta(days=age) if age else None,
            "is_key_brand": Decimal(row["wholesale_price"]) >= Decimal(CUTS["一类"]),
        },
    )
    return product


def code_item(company: Company, kind: CodeKind, code: str, name: str) -> CodeItem:
    """The entry of a code list with this code or name, made where the company has none."""
    entries = CodeItem.objects.filter(company=company, kind=kind)
    found: CodeItem | None = entries.filter(Q(name=name) | Q(code=code)).first()
    if found is not None:
        return found
    return CodeItem.objects.create(
        company=company, kind=kind, code=code, name=name, position=entries.count() + 1
    )
