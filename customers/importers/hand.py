"""What people have changed by hand since the last file of the same source; a file must not undo it unseen."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Company
from customers.importers.changes import batches
from customers.importers.sources import fingerprint
from customers.models import ImportedFile

REFUSE, KEEP, OVERWRITE = "refuse", "keep", "overwrite"
# What files do to single objects; every other event with a person behind it is a change by hand.
# A moved unit takes its retailers along: that is no change of the retailer.
FILE_ACTIONS = (
    "retailer.import",
    "retailer.revert",
    "retailer.follow_unit",
    "product.import",
    "product.revert",
)


@dataclass(frozen=True)
class Touch:
    """Who set a value by hand, and when."""

    who: str
    at: dt.datetime

    def __str__(self) -> str:
        return _("%(who)s, %(day)s") % {"who": self.who, "day": timezone.localtime(self.at).date()}


class HandChanges:
    """What was changed by hand since the last applied file of this source; ever, where there is none.

    Args:
        policy: ``refuse`` the row, ``keep`` the value and take the rest of the row, or ``overwrite``.
        company: Whose files count.
        kind: Of the file.
        header: Columns of the file.
    """

    def __init__(
        self, policy: str, company: Company | None, kind: str, header: Sequence[str]
    ) -> None:
        self.policy = policy
        self._since = _last_file(company, kind, header) if policy != OVERWRITE else None

    def find(self, label: str, ids: Sequence[int]) -> dict[int, dict[str, Touch]]:
        """Objects with values set by hand: primary key, then name of the column without ``_id``.

        Args:
            label: As in ``AuditEvent.object_type``.
            ids: Primary keys.
        """
        if self.policy == OVERWRITE:
            return {}
        found: dict[int, dict[str, Touch]] = {}
        for part in batches(ids):
            events = AuditEvent.objects.filter(
                object_type=label, object_id__in=list(map(str, part)), actor__isnull=False
            ).exclude(action__in=FILE_ACTIONS)
            if self._since is not None:
                events = events.filter(at__gt=self._since)
            for pk, changes, who, at in events.order_by("at").values_list(
                "object_id", "changes", "actor_label", "at"
            ):
                touched = found.setdefault(int(pk), {})
                touched.update(
                    {
                        name.removesuffix("_id"): Touch(who, at)
                        for name, value in changes.items()
                        if isinstance(value, list)
                    }
                )
        return found


def _last_file(company: Company | None, kind: str, header: Sequence[str]) -> dt.datetime | None:
    return (
        ImportedFile.objects.filter(
            company=company,
            kind=kind,
            source=fingerprint(header),
            status=ImportedFile.Status.APPLIED,
        )
        .order_by("-applied_at")
        .values_list("applied_at", flat=True)
        .first()
    )
