"""Products from a file. The catalogue is shared by all companies of an installation."""

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.services import record
from brands.importers.columns import BY_PRICE, PRODUCTS, YES_NO
from brands.importers.product_revert import revert_products
from brands.models import Manufacturer, PriceClass, PriceClassCut, Product
from config.common.pinyin import search_key
from customers.importers.changes import State, Tracked
from customers.importers.chunks import Chunk
from customers.importers.entities import Collector, Entity, refuse_changed_by_hand
from customers.importers.fields import BadCellError, Reader, cents, code_up_to, one_of, text_up_to
from customers.importers.findings import CHANGED, NEW, SAME
from customers.importers.hand import KEEP, Touch
from customers.importers.registry import Context, Kind

MAX_CENTS = 10_000_000_00
_RENAMED = {"product_code": "code", "key_brand": "is_key_brand"}
_COLUMNS = {field: column for column, field in _RENAMED.items()}
TRACKED = Tracked(
    Product,
    (
        "code",
        "name",
        "manufacturer_id",
        "brand",
        "price_class_id",
        "wholesale_price",
        "retail_price",
        "carton_barcode",
        "sticks_per_carton",
        "launched_on",
        "is_key_brand",
        "is_active",
    ),
)
MAKERS = Tracked(Manufacturer, ("name",))


class _Known:
    """A product that is there, and what the file would change."""

    def __init__(self, product: Product, line: int, fields: dict[str, Any]) -> None:
        self.product, self.line, self.fields = product, line, fields
        self.names = [name for name, value in fields.items() if getattr(product, name) != value]
        self.kept: dict[str, Touch] = {}

    def protect(self, touched: dict[str, Touch]) -> None:
        """Leave out the columns that a person has set."""
        self.kept = {name: touched[_plain(name)] for name in self.names if _plain(name) in touched}

    @property
    def left(self) -> list[str]:
        """Columns to be written."""
        return [name for name in self.names if name not in self.kept]

    @property
    def note(self) -> str:
        """What stays as a person has set it."""
        if not self.kept:
            return ""
        return _("stays as changed by hand: %(columns)s") % {"columns": _labels(self.kept)}


class ProductImporter:
    """Collects what the file says about each product, then writes what is new or changed."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._collector = Collector(
            "product_code",
            context.mapping.rule("duplicates"),
            keep_lines=context.report.log is not None,
        )
        self._outcomes: dict[str, str] = {}
        self._classes = list(PriceClass.objects.all())
        self._class_names = {it.pk: it.name for it in self._classes}
        self._maker_names: dict[int, str] = {}
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
            "wholesale_price": mapping.number(_yuan(rounding.get("wholesale_price", ""))),
            "retail_price": mapping.number(_yuan(rounding.get("retail_price", ""))),
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
        makers = self._manufacturers(
            {it.values["manufacturer"] for it in self._collector.entities.values()}
        )
        products = Product.objects.select_related("manufacturer", "price_class")
        stored = {product.code: product for product in products}
        new: list[Product] = []
        known: list[_Known] = []
        for code, entity in self._collector.entities.items():
            fields = self._fields(entity, makers)
            if code in stored:
                known.append(_Known(stored[code], entity.line, fields))
            else:
                new.append(_keyed(Product(**fields)))
                self._outcomes[code] = NEW
                self._show(NEW, entity.line, new[-1], fields, None)
        Product.objects.bulk_create(new, batch_size=1000)
        self._context.changes.note_made(TRACKED, [product.pk for product in new])
        self._update(known)
        self._count()

    def _update(self, known: list["_Known"]) -> None:
        differing = [it for it in known if it.names]
        hand = self._context.hand()
        found = hand.find(TRACKED.label, [it.product.pk for it in differing])
        refused: dict[int, str] = {}
        changed = []
        for it in known:
            it.protect(found.get(it.product.pk, {}))
            if it.kept and hand.policy != KEEP:
                refused[it.line] = self._refuse(it)
            elif it.left:
                changed.append(it)
            else:
                self._outcomes[it.product.code] = SAME
                self._context.report.findings.add(SAME, it.line, it.product.code)
        for it in changed:
            it.names = it.left
        self._store(changed)
        if refused:
            refuse_changed_by_hand(self._context, "product_code", refused)

    def _refuse(self, it: "_Known") -> str:
        self._outcomes[it.product.code] = "refused"
        wanted = Product(**it.fields)
        cells = [
            (_column(name), self._said(it.product, name), self._said(wanted, name))
            for name in it.names
        ]
        self._context.report.tell(it.line, cells)
        return _("the file would overwrite what was changed by hand: %(columns)s (%(who)s)") % {
            "columns": _labels(it.kept),
            "who": "; ".join(sorted({str(touch) for touch in it.kept.values()})),
        }

    def _store(self, changed: list["_Known"]) -> None:
        changes, ids = self._context.changes, [it.product.pk for it in changed]
        before = TRACKED.read(ids) if changes.wanted else {}
        for it in changed:
            product = it.product
            old = {name: self._said(product, name) for name in it.names}
            for name in it.names:
                setattr(product, name, it.fields[name])
            _keyed(product).save()
            said = {_plain(name): [old[name], self._said(product, name)] for name in it.names}
            self._record("product.import", said, obj=product, reason=self._context.label)
            self._outcomes[product.code] = CHANGED
            self._show(CHANGED, it.line, product, it.names, old, it.note)
        after = TRACKED.read(ids) if changes.wanted else {}
        changes.note(
            TRACKED.label,
            [
                (it.product.pk, *_parts(it.names, before[it.product.pk], after[it.product.pk]))
                for it in changed
                if changes.wanted
            ],
        )

    def _show(
        self,
        group: str,
        line: int,
        product: Product,
        names: Iterable[str],
        old: dict[str, str] | None,
        note: str = "",
    ) -> None:
        findings = self._context.report.findings
        if findings.room(group):
            cells = [
                (_column(name), old[name] if old else None, self._said(product, name))
                for name in names
            ]
            findings.add(group, line, product.code, cells, note)

    def _said(self, product: Product, name: str) -> str:
        """A field's value in words: names instead of keys."""
        value = getattr(product, name)
        if name == "manufacturer_id":
            return self._maker_names.get(value, "")
        if name == "price_class_id":
            return self._class_names[value]
        return str(value)

    def _manufacturers(self, names: set[str]) -> dict[str, int]:
        known = Manufacturer.objects.filter(name__in=names)
        missing = names - set(known.values_list("name", flat=True))
        made = Manufacturer.objects.bulk_create(
            [Manufacturer(name=name) for name in sorted(missing)]
        )
        self._context.changes.note_made(MAKERS, [maker.pk for maker in made])
        self._maker_names = dict(Manufacturer.objects.values_list("pk", "name"))
        return dict(known.all().values_list("name", "pk"))

    def _count(self) -> None:
        report = self._context.report
        said = list(self._outcomes.values())
        created, updated = said.count(NEW), said.count(CHANGED)
        report.imported += created
        report.updated += updated
        report.unchanged += said.count(SAME) + self._collector.repeats
        self._collector.log(self._context, self._outcomes)
        if created or updated:
            changes = {"imported": created, "updated": updated}
            self._record("products.import", changes, label=self._context.label)

    def _record(
        self,
        action: str,
        changes: dict[str, Any],
        *,
        obj: Product | None = None,
        label: str = "",
        reason: str = "",
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
            reason=reason,
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


def _plain(name: str) -> str:
    return name.removesuffix("_id")


def _column(name: str) -> str:
    return _COLUMNS.get(name, _plain(name))


def _labels(names: Iterable[str]) -> str:
    """What these columns are called."""
    return ", ".join(str(KIND.column(_column(name)).label) for name in names)


def _parts(names: Iterable[str], before: State, after: State) -> tuple[State, State]:
    return {name: before[name] for name in names}, {name: after[name] for name in names}


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
    columns=PRODUCTS,
    importer=ProductImporter,
    rules=("duplicates", "hand_changes"),
    revert=lambda reverting: revert_products(reverting, TRACKED, MAKERS),
)
