"""Orders from a file, in a stream: memory does not grow with the file.

Each chunk is checked column by column, then by order, and written at once; whether an order that was
there before says the same as the file is decided at the end, from sums of hashes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from accounts.services import record
from brands.importers.columns import ORDERS
from brands.importers.order_columns import Checked, OrderColumns
from brands.importers.order_lines import Lines, periods_of
from brands.importers.order_revert import revert_orders
from brands.importers.order_store import OrderStore, StoredOrder, Totals
from customers.importers.cells import Cells
from customers.importers.chunks import Chunk
from customers.importers.findings import NEW as NEW_ROWS
from customers.importers.findings import SAME
from customers.importers.registry import Context, Kind
from customers.importers.rowlog import keys_of

Ints = NDArray[np.int64]
NEW, OURS, OLD = 0, 1, 2
_HASH_MASK = np.int64(0x7FFFFFFFFFFFFFFF)


@dataclass
class Orders:
    """The orders that a chunk names, as arrays of equal length.

    Args:
        numbers: Order numbers.
        stored: The order in the table, or None.
        origin: ``NEW``, ``OURS`` (made by this import) or ``OLD`` (there before).
        retailer: Retailer id that its rows must have.
        day: Day that its rows must have.
        base: Lines the file has given before this chunk.
        differs: 1 where an old order has another retailer or day.
        before: Hash, lines and ``differs`` noted in earlier chunks, by order id.
    """

    numbers: list[str]
    stored: list[StoredOrder | None]
    origin: Ints
    retailer: Ints
    day: NDArray[np.datetime64]
    base: Ints
    differs: Ints
    before: dict[int, tuple[int, int, int]]


class TornOrders:
    """Orders of which a row was refused and another taken: they would lack rows for ever.

    Looks back one chunk, as the rows of an order stand together.
    """

    def __init__(self) -> None:
        self.numbers: set[str] = set()
        self._refused: set[str] = set()
        self._before: tuple[Cells, NDArray[np.bool_]] | None = None

    def note(self, chunk: Chunk, refused: NDArray[np.bool_]) -> None:
        """Take over what was refused and what was taken of a chunk."""
        cells = chunk.columns["order_no"]
        found = _texts(cells, refused) if refused.any() else set()
        self._refused |= found
        if self._refused:
            taken = _texts(cells, chunk.good)
            self.numbers |= self._refused & taken
            if found and self._before:
                self.numbers |= found & _texts(*self._before)
        self._before = cells, chunk.good


class OrderImporter:
    """Takes chunks of order lines and writes them."""

    def __init__(self, context: Context) -> None:
        assert context.company is not None  # noqa: S101 - the kind needs a company
        self._context = context
        self._company = context.company
        self._auto = context.mapping.rule("line_no") == "auto"
        self._columns = OrderColumns(context.company, context.mapping, context.today)
        self._store = OrderStore(context.company, label=context.label)
        self._old: list[tuple[int, str]] = []
        self._torn = TornOrders()

    def take(self, chunk: Chunk) -> None:
        """Check the rows and write the good ones."""
        offered = chunk.good.copy()
        self._take(chunk)
        self._torn.note(chunk, offered & ~chunk.good)

    def _take(self, chunk: Chunk) -> None:
        checked = self._columns.check(chunk)
        rows = np.flatnonzero(chunk.good)
        if not len(rows):
            return
        member, numbers = checked.orders_of(rows)
        orders = self._look_up(numbers, checked, rows, member)
        rows, member = self._refuse_inconsistent(chunk, checked, orders, rows, member)
        rows, member, line_no = self._number_lines(chunk, checked, orders, rows, member)
        if len(rows):
            self._write(Lines(checked, rows, member, line_no), orders)
            self._say(chunk, checked, rows, orders.origin[member] == OLD)

    def finish(self) -> None:
        """Compare orders that were there before, then close the batch."""
        report = self._context.report
        lines, clashing = self._store.compare()
        for line, number in self._old:
            if number not in clashing:
                report.findings.add(SAME, line, number)
        if clashing:
            self._refuse_clashing(clashing)
        report.incomplete = len(self._torn.numbers - clashing)
        report.imported += self._store.lines
        report.unchanged += lines
        batch = self._store.close()
        if batch is not None:
            self._context.undo["batch"] = batch.pk
            record(
                action="orders.import",
                company_id=self._company.pk,
                by=self._context.by,
                actor_label="" if self._context.by else "import_orders",
                obj=batch,
                object_label=self._context.label,
                changes={"orders": batch.orders, "lines": batch.lines},
            )

    def _say(self, chunk: Chunk, checked: Checked, rows: Ints, old: NDArray[np.bool_]) -> None:
        """What became of the rows; whether those of older orders say the same is known at the end."""
        report = self._context.report
        findings = report.findings
        for row in rows[~old][: findings.room(NEW_ROWS)].tolist():
            texts = chunk.texts(row)
            cells = [(name, None, text) for name, text in texts.items() if text]
            findings.add(NEW_ROWS, int(chunk.lines[row]), texts["order_no"], cells)
        for row in rows[old][: max(0, findings.room(SAME) - len(self._old))].tolist():
            self._old.append((int(chunk.lines[row]), chunk.texts(row)["order_no"].strip()))
        if report.log is not None:
            for outcome, part in ((NEW_ROWS, rows[~old]), (SAME, rows[old])):
                codes, numbers = checked.numbers_of(part)
                report.log.note(outcome, chunk.lines[part].tolist(), keys_of(codes, numbers))

    def _look_up(self, numbers: list[str], checked: Checked, rows: Ints, member: Ints) -> Orders:
        found = self._store.find(numbers)
        stored = [found.get(number) for number in numbers]
        batch = self._store.batch_id
        origin = np.array(
            [NEW if it is None else OURS if it.batch_id == batch else OLD for it in stored],
            dtype=np.int64,
        )
        first = rows[np.unique(member, return_index=True)[1]]
        orders = Orders(
            numbers=numbers,
            stored=stored,
            origin=origin,
            retailer=checked.retailer[first],
            day=checked.day[first],
            base=np.zeros(len(numbers), dtype=np.int64),
            differs=np.zeros(len(numbers), dtype=np.int64),
            before=self._store.seen(_ids(stored, origin == OLD)),
        )
        for index in np.flatnonzero(origin != NEW).tolist():
            _continue(orders, index)
        return orders

    def _refuse_inconsistent(
        self, chunk: Chunk, checked: Checked, orders: Orders, rows: Ints, member: Ints
    ) -> tuple[Ints, Ints]:
        wrong_shop = checked.retailer[rows] != orders.retailer[member]
        wrong_day = checked.day[rows] != orders.day[member]
        if not (wrong_shop.any() or wrong_day.any()):
            return rows, member
        for wrong, column in ((wrong_shop, "retailer_code"), (wrong_day, "ordered_on")):
            text = _("differs from the other lines of the same order")
            chunk.reject(
                _mask(chunk, rows[wrong]), column, "inconsistent_order", f"{column} {text}"
            )
        keep = ~(wrong_shop | wrong_day)
        return rows[keep], member[keep]

    def _number_lines(
        self, chunk: Chunk, checked: Checked, orders: Orders, rows: Ints, member: Ints
    ) -> tuple[Ints, Ints, Ints]:
        if self._auto:
            place = pd.Series(member).groupby(member).cumcount().to_numpy() if len(rows) else member
            return rows, member, orders.base[member] + place + 1
        line_no = checked.line_no[rows]
        packed = member * np.int64(2**32) + line_no
        twice = np.zeros(len(rows), dtype=bool)
        if len(packed) > 1 and not (np.diff(packed) > 0).all():
            twice |= pd.Series(packed).duplicated().to_numpy()
        twice |= self._stored_already(orders, member, line_no)
        if twice.any():
            chunk.reject(
                _mask(chunk, rows[twice]),
                "line_no",
                "duplicate_line",
                _("line_no stands twice in the same order"),
            )
            rows, member, line_no = rows[~twice], member[~twice], line_no[~twice]
        return rows, member, line_no

    def _stored_already(self, orders: Orders, member: Ints, line_no: Ints) -> NDArray[np.bool_]:
        """Lines whose number an earlier chunk has given to the same order."""
        ours = [
            it
            for it, origin in zip(orders.stored, orders.origin, strict=True)
            if origin == OURS and it
        ]
        if not ours:
            return np.zeros(len(member), dtype=bool)
        order_ids, numbers = self._store.line_numbers(ours)
        rows = np.flatnonzero(orders.origin[member] == OURS)
        id_of = np.array([it.id if it else 0 for it in orders.stored], dtype=np.int64)
        found = pd.MultiIndex.from_arrays([id_of[member[rows]], line_no[rows]])
        already = np.zeros(len(member), dtype=bool)
        already[rows] = found.isin(pd.MultiIndex.from_arrays([order_ids, numbers]))
        return already

    def _write(self, lines: Lines, orders: Orders) -> None:
        order_ids = np.zeros(len(orders.numbers), dtype=np.int64)
        totals = lines.totals(len(orders.numbers))
        if self._context.writing:
            new = np.flatnonzero(orders.origin == NEW)
            if len(new):
                order_ids[new] = self._store.insert_orders(
                    [orders.numbers[index] for index in new.tolist()],
                    orders.retailer[new],
                    orders.day[new],
                    periods_of(orders.day[new]),
                    _pick(totals, new),
                )
            self._append(orders, order_ids, totals)
            kept = orders.origin[lines.member] != OLD
            if kept.any():
                self._store.insert_lines(lines.columns(kept, order_ids))
        self._note_old(orders, totals)

    def _append(self, orders: Orders, order_ids: Ints, totals: Totals) -> None:
        ours = np.flatnonzero((orders.origin == OURS) & (totals.line_count > 0))
        if not len(ours):
            return
        stored = [it for it in (orders.stored[index] for index in ours.tolist()) if it]
        order_ids[ours] = [it.id for it in stored]
        more = _pick(totals, ours)
        self._store.update_orders(
            order_ids[ours],
            Totals(
                more.line_count + _ints(it.line_count for it in stored),
                more.cartons + _ints(it.cartons for it in stored),
                more.amount_cents + _ints(it.amount_cents for it in stored),
                _add(more.content_hash, [it.content_hash for it in stored]),
            ),
        )

    def _note_old(self, orders: Orders, totals: Totals) -> None:
        old = np.flatnonzero((orders.origin == OLD) & (totals.line_count > 0))
        if not len(old):
            return
        ids = np.array([it.id for it in (orders.stored[i] for i in old.tolist()) if it])
        before = [orders.before.get(number) for number in ids.tolist()]
        self._store.note_seen(
            ids,
            _add(totals.content_hash[old], [it[0] if it else 0 for it in before]),
            totals.line_count[old] + _ints(it[1] if it else 0 for it in before),
            np.maximum(orders.differs[old], _ints(it[2] if it else 0 for it in before)),
            np.array([it is not None for it in before], dtype=np.int64),
        )

    def _refuse_clashing(self, numbers: set[str]) -> None:
        """Read the file once more to say which rows belong to orders that it contradicts."""
        read = self._context.mapping.named("order_no", OrderColumns.order_no)
        refused = np.array(self._context.report.refused_lines, dtype=np.int64)
        for chunk in self._context.reread():
            chunk.good &= ~np.isin(chunk.lines, refused)
            parsed = chunk.parse("order_no", read)
            clash = np.array([value in numbers for value in parsed.values], dtype=bool)
            if (log := self._context.report.log) is not None:
                log.drop_same(chunk.lines[clash[parsed.codes] & chunk.good].tolist())
            chunk.use(self._context.report)
            chunk.reject(
                clash[parsed.codes],
                "order_no",
                "order_clash",
                lambda row, parsed=parsed: (
                    _(
                        "order %(number)s exists with other content; corrections come as a new "
                        "revision by REST"
                    )
                    % {"number": parsed.values[parsed.codes[row]]}
                ),
            )
            self._context.report.flush()


def _continue(orders: Orders, index: int) -> None:
    """Take over what is known about an order from the table and from earlier chunks."""
    stored = orders.stored[index]
    assert stored is not None  # noqa: S101 - only called for stored orders
    earlier = orders.before.get(stored.id)
    if orders.origin[index] == OURS:
        orders.base[index] = stored.line_count
    elif earlier is not None:
        orders.base[index] = earlier[1]
    first_agrees = (
        stored.retailer_id == orders.retailer[index] and stored.ordered_on == orders.day[index]
    )
    if orders.origin[index] == OURS or first_agrees or (earlier is not None and not earlier[2]):
        orders.retailer[index], orders.day[index] = stored.retailer_id, stored.ordered_on
    else:
        orders.differs[index] = 1


def _texts(cells: Cells, rows: NDArray[np.bool_]) -> set[str]:
    return {cells.distinct[code].strip() for code in np.unique(cells.codes[rows]).tolist()}


def _ids(stored: Sequence[StoredOrder | None], chosen: NDArray[np.bool_]) -> Ints:
    picked = (stored[index] for index in np.flatnonzero(chosen).tolist())
    return np.array([it.id for it in picked if it], dtype=np.int64)


def _mask(chunk: Chunk, rows: Ints) -> NDArray[np.bool_]:
    mask = np.zeros(len(chunk), dtype=bool)
    mask[rows] = True
    return mask


def _pick(totals: Totals, index: Ints) -> Totals:
    return Totals(
        totals.line_count[index],
        totals.cartons[index],
        totals.amount_cents[index],
        totals.content_hash[index],
    )


def _ints(numbers: Iterable[int]) -> Ints:
    return np.fromiter(numbers, dtype=np.int64)


def _add(first: Ints, second: list[int]) -> Ints:
    """Sums modulo 2^63."""
    total = first.view(np.uint64) + np.array(second, dtype=np.uint64)
    return total.view(np.int64) & _HASH_MASK


KIND = Kind(
    name="orders",
    label=gettext_lazy("Orders"),
    columns=ORDERS,
    importer=OrderImporter,
    needs_company=True,
    any_of=(("unit_price", "amount"),),
    rules=("line_no", "kind_from_sign"),
    revert=revert_orders,
)
