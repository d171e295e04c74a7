"""Products from a file. The catalogue is shared by all companies of an installation."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.services import record
from brands.models import Manufacturer, PriceClass, PriceClassCut, Product
from config.common.pinyin import search_key
from customers.importers.chunks import Chunk
from customers.importers.entities import Collector, Entity
from customers.importers.fields import BadCellError, Reader, cents, code_up_to, one_of, text_up_to
from customers.importers.registry import Column, Context, Kind

MAX_CENTS = 10_000_000_00
BY_PRICE = "auto"
YES_NO = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False}
YES_NO |= {"是": True, "否": False}
_RENAMED = {"product_code": "code", "key_brand": "is_key_brand"}


class ProductImporter:
    """Collects what the file says about each product, then writes what is new or changed."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._collector = Collector("product_code", context.mapping.rule("duplicates"))
        self._classes = list(PriceClass.objects.all())
        self._cuts = _cuts_in_force(context.today)

    def take(self, chunk: Chunk) -> None:
        """Read and check rows."""
        mapping = self._context.mapping
        rounding = mapping.rounding
        required: dict[str, Reader] = {
            "product_code": mapping.named("product_code", code_up_to(40)),
            "name": text_up_to(120),
            "manufacturer": text_up_to(100),
            "price_class": self._price_class,
            "wholesale_price": _yuan(rounding.get("wholesale_price", "")),
            "retail_price": _yuan(rounding.get("retail_price", "")),
        }
        optional: dict[str, Reader] = {
            "brand": text_up_to(60),
            "carton_barcode": mapping.named("carton_barcode", code_up_to(20)),
            "launched_on": mapping.date("launched_on"),
            "key_brand": one_of(YES_NO),
        }
        parsed = {name: chunk.parse(name, read, required=True) for name, read in required.items()}
        for name, read in optional.items():
            if name in chunk.columns:
                parsed[name] = chunk.parse(name, read)
        self._collector.add(chunk, parsed)

    def finish(self) -> None:
        """Write what is new or changed."""
        if not self._context.writing:
            return
        makers = _manufacturers(
            {it.values["manufacturer"] for it in self._collector.entities.values()}
        )
        products = Product.objects.select_related("manufacturer", "price_class")
        stored = {product.code: product for product in products}
        new: list[Product] = []
        updated = 0
        for code, entity in self._collector.entities.items():
            fields = self._fields(entity, makers)
            if code not in stored:
                new.append(_keyed(Product(**fields)))
            else:
                updated += self._update(stored[code], fields)
        Product.objects.bulk_create(new, batch_size=1000)
        self._count(len(new), updated)

    def _update(self, product: Product, fields: dict[str, Any]) -> bool:
        differing = [name for name, value in fields.items() if getattr(product, name) != value]
        if not differing:
            self._context.report.unchanged += 1
            return False
        before = {name: _said(product, name) for name in differing}
        for name in differing:
            setattr(product, name, fields[name])
        _keyed(product).save()
        changes = {_plain(name): [before[name], _said(product, name)] for name in differing}
        self._record("product.update", changes, obj=product)
        return True

    def _count(self, created: int, updated: int) -> None:
        report = self._context.report
        report.imported += created
        report.updated += updated
        report.unchanged += self._collector.repeats
        if created or updated:
            changes = {"imported": created, "updated": updated}
            self._record("products.import", changes, label=self._context.label)

    def _record(
        self, action: str, changes: dict[str, Any], *, obj: Product | None = None, label: str = ""
    ) -> None:
        """The catalogue belongs to all companies; the trail to the one that changed it."""
        company, by = self._context.company, self._context.by
        record(
            action=action,
            company_id=None if company is None else company.pk,
            by=by,
            actor_label="" if by else "import_products",
            obj=obj,
            object_label=label,
            changes=changes,
        )

    def _fields(self, entity: Entity, makers: dict[str, int]) -> dict[str, Any]:
        values = {name: value for name, value in entity.values.items() if value is not None}
        price_class = values.pop("price_class")
        if price_class == BY_PRICE:
            price_class = self._class_by_price(values["wholesale_price"])
        values["price_class_id"] = price_class
        values["manufacturer_id"] = makers[values.pop("manufacturer")]
        return {_RENAMED.get(name, name): value for name, value in values.items()}

    def _price_class(self, text: str) -> int | str:
        if text.casefold() == BY_PRICE:
            return BY_PRICE
        for price_class in self._classes:
            if text in {price_class.code, price_class.name}:
                return price_class.pk
        known = ", ".join(f"{it.code} {it.name}" for it in self._classes)
        raise BadCellError(
            "unknown_code",
            _("is not one of the price classes: %(text)s; there are %(known)s, and auto")
            % {"text": repr(text[:40]), "known": known},
        )

    def _class_by_price(self, price: Decimal) -> int:
        for minimum, price_class in self._cuts:
            if price >= minimum:
                return price_class
        return self._cuts[-1][1]


def _cuts_in_force(today: dt.date) -> list[tuple[Decimal, int]]:
    """Lower bounds of the price classes, highest first."""
    cuts: dict[int, Decimal] = {}
    for cut in PriceClassCut.objects.filter(effective_from__lte=today).order_by("effective_from"):
        cuts[cut.price_class_id] = cut.min_wholesale
    return sorted(((minimum, pk) for pk, minimum in cuts.items()), reverse=True)


def _manufacturers(names: set[str]) -> dict[str, int]:
    missing = names - set(
        Manufacturer.objects.filter(name__in=names).values_list("name", flat=True)
    )
    Manufacturer.objects.bulk_create([Manufacturer(name=name) for name in sorted(missing)])
    return dict(Manufacturer.objects.filter(name__in=names).values_list("name", "pk"))


def _plain(name: str) -> str:
    return name.removesuffix("_id")


def _said(product: Product, name: str) -> str:
    """A field's value in words: names instead of keys."""
    value = getattr(product, _plain(name))
    return str(getattr(value, "name", value))


def _keyed(product: Product) -> Product:
    product.search_key = search_key(
        product.name, product.code, product.brand, product.carton_barcode
    )
    return product


def _yuan(rounding: str) -> Callable[[str], Decimal]:
    read = cents(1, MAX_CENTS, rounding=rounding)
    return lambda text: Decimal(read(text)).scaleb(-2)


KIND = Kind(
    name="products",
    label=gettext_lazy("Products"),
    columns=(
        Column("product_code", required=True),
        Column("name", required=True),
        Column("manufacturer", required=True),
        Column("price_class", required=True),
        Column("wholesale_price", required=True),
        Column("retail_price", required=True),
        Column("brand"),
        Column("carton_barcode"),
        Column("launched_on"),
        Column("key_brand"),
    ),
    importer=ProductImporter,
)
