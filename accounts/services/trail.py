"""Audit events of many rows at once, as bulk changes write them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import AuditEvent, User
from config.common.logs import request_id


@dataclass(frozen=True)
class Changed:
    """One changed object, for its audit event.

    Args:
        company_id: Whose data.
        object_id: Primary key.
        label: How people call it.
        changes: Field name to [from, to].
    """

    company_id: int | None
    object_id: int
    label: str
    changes: dict[str, list[Any]]


def record_many(
    *, action: str, object_type: str, objects: Iterable[Changed], reason: str, by: User
) -> int:
    """Write one audit event per object, in one statement; inside the transaction that changes them.

    Args:
        action: What was done, as ``app.verb``: ``retailer.update``.
        object_type: Label of the model: ``customers.retailer``.
        objects: What was changed.
        reason: Why, in the person's words.
        by: Who did it.

    Returns:
        The number of events.
    """
    number = request_id.get()
    events = [
        AuditEvent(
            company_id=one.company_id,
            actor=by,
            actor_label=str(by),
            action=action,
            object_type=object_type,
            object_id=str(one.object_id),
            object_label=one.label[:200],
            changes=one.changes,
            reason=reason[:300],
            request_id=number,
        )
        for one in objects
    ]
    return len(AuditEvent.objects.bulk_create(events, batch_size=1000))
