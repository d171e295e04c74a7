"""Takes orders that the ordering system pushes: each once, whatever order they arrive in.

An order is (company, source, order_no) for ever. Its versions are ordered by (revision, cancelled): a
higher one replaces what is stored, a lower one is stale, the same one must have the same content. So the
result of a history does not depend on the sequence in which its versions arrive, and a cancellation that
comes before its order leaves a tombstone that the order cannot undo.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.services import record
from brands.models import Order, OrderBatch
from brands.services import order_rows
from brands.services.order_rows import Version
from brands.services.pushed import (
    AcceptedOrder,
    PushedLine,
    PushedOrder,
    PushResult,
    check_order,
    look_up,
)
from config.common import bulk, faults
from config.common.periods import period_of
from config.common.retry import retrying

__all__ = ["PushResult", "PushedLine", "PushedOrder", "push_orders"]

CREATED, UPDATED, UNCHANGED, STALE, REFUSED = (
    "created",
    "updated",
    "unchanged",
    "stale",
    "refused",
)


@dataclass(frozen=True)
class _Outcome:
    """What became of the versions of one order: the last that counts, and a word for each."""

    last: Version | None
    words: list[str]

    @property
    def changed(self) -> bool:
        return CREATED in self.words or UPDATED in self.words


def push_orders(
    *,
    company: Company,
    source: str,
    orders: Sequence[PushedOrder],
    channel: str,
    today: dt.date,
    actor_label: str = "",
    by: User | None,
) -> list[PushResult]:
    """Store pushed orders; each is taken or refused as a whole, and all that are taken together.

    Args:
        company: Whose orders.
        source: Name space of the order numbers (``ApiClient.order_source``).
        orders: In any sequence; several versions of one order may be among them.
        channel: How they came, for the batch: ``api``.
        today: Business date; an order of more than a month later is refused.
        actor_label: Name of the machine, for the audit trail.
        by: The person, or None for a machine.

    Returns:
        One result per order, in the given sequence. Sending the same again gives ``unchanged``.

    Raises:
        BusyError: Rivals held the same orders again and again; nothing was stored.
    """
    known = look_up(company, orders)
    checked = [check_order(order, known, today) for order in orders]
    accepted = [item for item in checked if not isinstance(item, PushResult)]
    versions = order_rows.build_versions(accepted)
    work = partial(_store, company, source, versions, channel, actor_label, by)
    outcomes = retrying(work) if versions else {}
    return _results(orders, checked, outcomes)


def _store(
    company: Company,
    source: str,
    versions: list[Version],
    channel: str,
    actor_label: str,
    by: User | None,
) -> dict[str, _Outcome]:
    histories: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        histories[version.order_no].append(version)
    numbers = sorted(histories)  # one sequence of locks for everybody: no deadlock
    with transaction.atomic():
        (batch_id,) = bulk.reserve_ids(OrderBatch, 1).tolist()
        fresh = {number: _replay(None, histories[number]) for number in numbers}
        # The unique constraint decides who is first; a rival's uncommitted order is waited for here.
        Order.objects.bulk_create(
            [
                order_rows.new_row(company.pk, source, batch_id, fresh[number].last)
                for number in numbers
            ],
            ignore_conflicts=True,
        )
        stored = {
            row.order_no: row
            for row in Order.objects.select_for_update(no_key=True)
            .filter(company=company, source=source, order_no__in=numbers)
            .order_by("order_no")
        }
        faults.point("orders-locked")
        old = {number: row for number, row in stored.items() if row.batch_id != batch_id}
        outcomes = {
            number: _replay(order_rows.version_of(old[number]), histories[number])
            if number in old
            else fresh[number]
            for number in numbers
        }
        changed = {number: outcomes[number].last for number in numbers if outcomes[number].changed}
        if changed:
            _write(company, stored, old, changed, batch_id)
            _record(company, batch_id, channel, actor_label, by, outcomes)
    return outcomes


def _replay(stored: Version | None, history: Iterable[Version]) -> _Outcome:
    """What each version does to what is stored, one after the other."""
    state, words = stored, []
    for version in history:
        if state is None:
            words.append(CREATED)
        elif version.rank != state.rank:
            words.append(UPDATED if version.rank > state.rank else STALE)
        else:
            words.append(UNCHANGED if version.same_content(state) else REFUSED)
        if words[-1] in (CREATED, UPDATED):
            state = version
    return _Outcome(state, words)


def _write(
    company: Company,
    stored: dict[str, Order],
    old: dict[str, Order],
    changed: dict[str, Version | None],
    batch_id: int,
) -> None:
    touched: set[tuple[int, int]] = set()
    replaced = [old[number] for number in changed if number in old]
    for row in replaced:
        if row.line_count:
            touched.add((row.retailer_id, row.period))
    order_rows.delete_lines(replaced)
    kept = []
    for number, version in changed.items():
        row = stored[number]
        assert version is not None  # noqa: S101 - a changed order has a version
        if version.lines:
            touched.add((version.retailer_id, period_of(version.ordered_on)))
            kept.append((row.pk, version))
        order_rows.apply(row, version, batch_id)
    order_rows.update_rows([stored[number] for number in changed if number in old])
    order_rows.insert_lines(company.pk, kept)
    order_rows.insert_touches(company.pk, touched)


def _record(
    company: Company,
    batch_id: int,
    channel: str,
    actor_label: str,
    by: User | None,
    outcomes: dict[str, _Outcome],
) -> None:
    words = [word for outcome in outcomes.values() for word in outcome.words]
    last = [outcome.last for outcome in outcomes.values() if outcome.changed]
    batch = OrderBatch.objects.create(
        pk=batch_id,
        company=company,
        channel=channel,
        label=actor_label[:200],
        orders=len(last),
        lines=sum(len(version.lines) for version in last if version is not None),
    )
    record(
        action="orders.push",
        company_id=company.pk,
        by=by,
        actor_label=actor_label[:100],
        obj=batch,
        changes={word: words.count(word) for word in sorted(set(words))},
    )


def _results(
    orders: Sequence[PushedOrder],
    checked: Sequence[AcceptedOrder | PushResult],
    outcomes: dict[str, _Outcome],
) -> list[PushResult]:
    words = {number: iter(outcome.words) for number, outcome in outcomes.items()}
    results = []
    for order, item in zip(orders, checked, strict=True):
        if isinstance(item, PushResult):
            results.append(item)
            continue
        word = next(words[order.order_no])
        clash = word == REFUSED
        results.append(
            PushResult(
                order_no=order.order_no,
                revision=order.revision,
                status=word,
                code="order_clash" if clash else "",
                field="revision" if clash else "",
                detail=_(
                    "This revision of the order is stored with other content. "
                    "Send a change with a higher revision."
                )
                if clash
                else "",
            )
        )
    return results
