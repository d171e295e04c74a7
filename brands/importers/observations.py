"""Market observations from a file: what was seen of a product in a shop on a day.

Rows are written block by block; of the rows before, only the ids are kept (8 bytes a row), which tell a
row that the file itself has twice from one that was stored by an earlier file.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from accounts.models import Company
from accounts.services import record
from brands.core.order_days import FIRST_DAY
from brands.importers.order_columns import day_within, known
from brands.importers.products import YES_NO
from brands.models import MarketObservation, Product
from config.common import bulk, periods
from config.common.errors import RefusedFileError
from customers.importers.chunks import Chunk
from customers.importers.fields import BadCellError, Reader, cents, one_of, text_up_to, whole
from customers.importers.mapping import Mapping
from customers.importers.registry import Column, Context, Kind
from customers.models import Retailer

# Retailer, product, day, source: there is one observation of each.
Key = tuple[int, int, dt.date, str]
MAX_PRICE = 100_000
MAX_CARTONS = 1_000_000
MEASURED = (
    "shelf",
    "carton_price",
    "pack_price",
    "stock_cartons",
    "sold_cartons",
    "out_of_stock_days",
)
_TABLE = "import_observations"
_TYPES = {
    "retailer_id": "bigint",
    "product_id": "bigint",
    "observed_on": "date",
    "source": "text",
}


class ObservationImporter:
    """Takes observations; a cell that is empty leaves what is stored."""

    def __init__(self, context: Context) -> None:
        assert context.company is not None  # noqa: S101 - the kind needs a company
        self._context = context
        self._company = context.company
        self._keys = _key_readers(context.company, context.mapping, context.today)
        self._measured = _measured_readers(context.mapping)
        self._seen: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._created = self._changed = 0

    def take(self, chunk: Chunk) -> None:
        """Read, check and write rows."""
        if not any(name in chunk.columns for name in MEASURED):
            raise RefusedFileError(
                _("The file has none of the columns %(names)s.") % {"names": ", ".join(MEASURED)},
                code="missing_column",
            )
        keys, values = self._read(chunk)
        rows = np.flatnonzero(chunk.good).tolist()
        if rows:
            self._store(chunk, {row: keys[row] for row in rows}, values)

    def finish(self) -> None:
        """Count, and note it in the audit trail."""
        report, by = self._context.report, self._context.by
        report.imported += self._created
        report.updated += self._changed
        if self._created or self._changed:
            record(
                action="observations.import",
                company_id=self._company.pk,
                by=by,
                actor_label="" if by else "import_observations",
                object_label=self._context.label,
                changes={"imported": self._created, "updated": self._changed},
            )

    def _read(self, chunk: Chunk) -> tuple[list[Key], list[dict[str, Any]]]:
        parsed = {
            name: chunk.parse(name, read, required=name != "source")
            for name, read in self._keys.items()
        }
        measured = {
            name: chunk.parse(name, read)
            for name, read in self._measured.items()
            if name in chunk.columns
        }
        nothing = ~np.logical_or.reduce([it.present() for it in measured.values()])
        text = _("at least one of %(names)s is needed") % {"names": ", ".join(MEASURED)}
        chunk.reject(nothing, next(iter(measured)), "nothing_measured", text)
        columns = [[it.values[code] for code in it.codes.tolist()] for it in parsed.values()]
        columns[-1] = [source or "" for source in columns[-1]]
        figures = [[it.values[code] for code in it.codes.tolist()] for it in measured.values()]
        said = [
            {name: value for name, value in zip(measured, row, strict=True) if value is not None}
            for row in zip(*figures, strict=True)
        ]
        return list(zip(*columns, strict=True)), said

    def _store(self, chunk: Chunk, keys: dict[int, Key], values: list[dict[str, Any]]) -> None:
        stored = self._find(keys)
        earlier = np.isin([it.pk for it in stored.values()], self._seen)
        in_file = {key for key, seen in zip(stored, earlier, strict=True) if seen}
        new: list[MarketObservation] = []
        changed: list[MarketObservation] = []
        clashes: dict[int, str] = {}
        for row, key in keys.items():
            found = stored.get(key)
            if found is None:
                stored[key] = self._new(key, values[row])
                new.append(stored[key])
            elif differing := [n for n, value in values[row].items() if getattr(found, n) != value]:
                if key in in_file:
                    clashes[row] = _clash(differing)
                    continue
                for name in differing:
                    setattr(found, name, values[row][name])
                changed.append(found)
            else:
                self._context.report.unchanged += 1
            in_file.add(key)
        MarketObservation.objects.bulk_create(new, batch_size=2000)
        _update(changed)
        self._created += len(new)
        self._changed += len(changed)
        self._seen = np.union1d(self._seen, [stored[key].pk for key in in_file])
        wrong = np.isin(np.arange(len(chunk)), list(clashes))
        chunk.reject(wrong, "observed_on", "conflicting_row", clashes.__getitem__)

    def _find(self, keys: dict[int, Key]) -> dict[Key, MarketObservation]:
        """The observations of these keys that are in the table, also by earlier blocks."""
        retailers, products, days, sources = zip(*dict.fromkeys(keys.values()), strict=True)
        columns = {
            "retailer_id": np.array(retailers, dtype=np.int64),
            "product_id": np.array(products, dtype=np.int64),
            "observed_on": np.array(days, dtype="datetime64[D]"),
            "source": bulk.texts(sources),
        }
        same = " AND ".join(f"o.{name} = s.{name}" for name in columns)
        with bulk.staged(_TABLE, columns, _TYPES) as table:
            found = bulk.read_columns(
                f"SELECT o.id AS id FROM {MarketObservation._meta.db_table} o"  # noqa: S608 - our names
                f" JOIN {table} s ON {same} WHERE o.company_id = %s",
                [self._company.pk],
                {"id": "i8"},
            )
        rows = MarketObservation.objects.in_bulk(found["id"].tolist())
        return {
            (it.retailer_id, it.product_id, it.observed_on, it.source): it for it in rows.values()
        }

    def _new(self, key: Key, values: dict[str, Any]) -> MarketObservation:
        retailer, product, day, source = key
        return MarketObservation(
            company=self._company,
            retailer_id=retailer,
            product_id=product,
            observed_on=day,
            period=periods.period_of(day),
            source=source,
            **values,
        )


def _update(changed: list[MarketObservation]) -> None:
    """As inserts that meet their own rows: ten times as fast as ``bulk_update``, in less memory."""
    for observation in changed:
        observation.pk = None
    MarketObservation.objects.bulk_create(
        changed,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["company", "retailer", "product", "observed_on", "source"],
        update_fields=MEASURED,
    )


def _key_readers(company: Company, mapping: Mapping, today: dt.date) -> dict[str, Reader]:
    """In the order of ``Key``."""
    retailers = dict(Retailer.objects.filter(company=company).values_list("code", "pk"))
    products = dict(Product.objects.values_list("code", "pk"))
    return {
        "retailer_code": mapping.named(
            "retailer_code", known(retailers, "unknown_retailer", company.name)
        ),
        "product_code": mapping.named("product_code", known(products, "unknown_product", "")),
        "observed_on": day_within(mapping.date("observed_on"), FIRST_DAY, today),
        "source": text_up_to(40),
    }


def _measured_readers(mapping: Mapping) -> dict[str, Reader]:
    rounding = {name: mapping.rounding.get(name, "") for name in MEASURED}
    return {
        "shelf": one_of(YES_NO),
        "carton_price": _price(rounding["carton_price"]),
        "pack_price": _price(rounding["pack_price"]),
        "stock_cartons": whole(0, MAX_CARTONS, rounding=rounding["stock_cartons"]),
        "sold_cartons": whole(0, MAX_CARTONS, rounding=rounding["sold_cartons"]),
        "out_of_stock_days": whole(0, 31, rounding=rounding["out_of_stock_days"]),
    }


def _price(rounding: str) -> Callable[[str], Decimal]:
    read = cents(-(10**17), 10**17, rounding=rounding)

    def check(text: str) -> Decimal:
        price = Decimal(read(text)).scaleb(-2)
        if not 0 < price < MAX_PRICE:
            raise BadCellError(
                "price_not_possible",
                _("must be above 0 and below %(limit)d yuan, got %(price)s")
                % {"limit": MAX_PRICE, "price": price},
            )
        return price

    return check


def _clash(names: list[str]) -> str:
    return _(
        "an earlier row of the file says otherwise of the same retailer, product, day and source: "
        "%(columns)s"
    ) % {"columns": ", ".join(names)}


KIND = Kind(
    name="observations",
    label=gettext_lazy("Market observations"),
    columns=(
        Column("observed_on", required=True),
        Column("retailer_code", required=True),
        Column("product_code", required=True),
        *(Column(name) for name in MEASURED),
        Column("source"),
    ),
    importer=ObservationImporter,
    needs_company=True,
)
