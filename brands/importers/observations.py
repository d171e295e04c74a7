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
from brands.importers.columns import OBSERVATIONS, YES_NO
from brands.importers.observation_revert import revert_observations
from brands.importers.order_columns import day_within, known
from brands.models import MarketObservation, Product
from config.common import bulk, periods
from config.common.errors import RefusedFileError
from customers.importers.changes import State, Tracked
from customers.importers.chunks import Chunk
from customers.importers.fields import BadCellError, Reader, cents, one_of, text_up_to, whole
from customers.importers.findings import CHANGED, NEW, SAME
from customers.importers.mapping import Mapping
from customers.importers.registry import Context, Kind
from customers.importers.rowlog import cell
from customers.models import Retailer
from customers.services.retailers import plain

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
TRACKED = Tracked(
    MarketObservation,
    ("retailer_id", "product_id", "observed_on", "source", *MEASURED),
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
        before: list[State] = []
        clashes: dict[int, str] = {}
        outcomes: dict[str, list[int]] = {NEW: [], CHANGED: [], SAME: []}
        for row, key in keys.items():
            found = stored.get(key)
            if found is None:
                stored[key] = self._new(key, values[row])
                new.append(stored[key])
                outcomes[NEW].append(row)
            elif differing := [n for n, value in values[row].items() if getattr(found, n) != value]:
                if key in in_file:
                    clashes[row] = _clash(differing)
                    continue
                old = {name: plain(getattr(found, name)) for name in differing}
                self._show_changed(chunk, row, old)
                before.append(old)
                for name in differing:
                    setattr(found, name, values[row][name])
                changed.append(found)
                outcomes[CHANGED].append(row)
            else:
                self._context.report.unchanged += 1
                outcomes[SAME].append(row)
            in_file.add(key)
        ids = [it.pk for it in changed]
        MarketObservation.objects.bulk_create(new, batch_size=2000)
        _update(changed)
        self._note(new, ids, before)
        self._created += len(new)
        self._changed += len(changed)
        self._seen = np.union1d(self._seen, [stored[key].pk for key in in_file])
        self._say(chunk, outcomes)
        wrong = np.isin(np.arange(len(chunk)), list(clashes))
        chunk.reject(wrong, "observed_on", "conflicting_row", clashes.__getitem__)

    def _note(self, new: list[MarketObservation], ids: list[int], before: list[State]) -> None:
        """What is needed to take the file back."""
        changes = self._context.changes
        if not changes.wanted:
            return
        changes.note_made(TRACKED, [it.pk for it in new])
        after = TRACKED.read(ids)
        changes.note(
            TRACKED.label,
            [
                (pk, old, {name: after[pk][name] for name in old})
                for pk, old in zip(ids, before, strict=True)
            ],
        )

    def _show_changed(self, chunk: Chunk, row: int, old: State) -> None:
        findings = self._context.report.findings
        if findings.room(CHANGED):
            texts = chunk.texts(row)
            cells = [(name, value, texts[name]) for name, value in old.items()]
            findings.add(CHANGED, int(chunk.lines[row]), _key(texts), cells)

    def _say(self, chunk: Chunk, outcomes: dict[str, list[int]]) -> None:
        """What became of the rows: for a person who looks at the file, and for the result file."""
        report = self._context.report
        for outcome in (NEW, SAME):
            for row in outcomes[outcome][: report.findings.room(outcome)]:
                texts = chunk.texts(row)
                cells = [(name, None, text) for name, text in texts.items() if text]
                shown = cells if outcome == NEW else []
                report.findings.add(outcome, int(chunk.lines[row]), _key(texts), shown)
        if report.log is not None:
            for outcome, rows in outcomes.items():
                lines = chunk.lines[rows].tolist() if rows else []
                report.log.note(outcome, lines, [cell(_key(chunk.texts(row))) for row in rows])

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
    readers: dict[str, Reader] = {
        "carton_price": _price(rounding["carton_price"]),
        "pack_price": _price(rounding["pack_price"]),
        "stock_cartons": whole(0, MAX_CARTONS, rounding=rounding["stock_cartons"]),
        "sold_cartons": whole(0, MAX_CARTONS, rounding=rounding["sold_cartons"]),
        "out_of_stock_days": whole(0, 31, rounding=rounding["out_of_stock_days"]),
    }
    numbers = {name: mapping.number(read) for name, read in readers.items()}
    return {"shelf": one_of(YES_NO), **numbers}


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


def _key(texts: dict[str, str]) -> str:
    names = ("observed_on", "retailer_code", "product_code", "source")
    return " / ".join(text for name in names if (text := texts.get(name, "").strip()))


def _clash(names: list[str]) -> str:
    return _(
        "an earlier row of the file says otherwise of the same retailer, product, day and source: "
        "%(columns)s"
    ) % {"columns": ", ".join(names)}


KIND = Kind(
    name="observations",
    label=gettext_lazy("Market observations"),
    columns=OBSERVATIONS,
    importer=ObservationImporter,
    needs_company=True,
    any_of=(MEASURED,),
    key="retailer_code",
    revert=lambda reverting: revert_observations(reverting, TRACKED),
)
