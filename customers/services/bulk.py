"""Columns of many retailers set at once, and set back: what bulk changes of retailers do to a chunk.

One UPDATE and one INSERT for the audit events, whatever the number of rows. Which rows are
refused, and why, is one SQL expression, so that the preview counts what the change will do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.trail import Changed, record_many
from config.common.errors import DomainError
from config.common.lists import Figure, RowResult
from customers.models import Retailer
from customers.selectors.names import Names
from customers.services.retailers import EDITABLE

CHANGED, SAME, REFUSED = "changed", "same", "refused"
RESTORED, CLASH = "restored", "clash"
EXAMPLES = 3
Values = dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    """Rows that cannot be changed, and why."""

    condition: Q
    words: Any


@dataclass(frozen=True)
class Target:
    """What retailers are to become.

    Args:
        values: Database column (``line_id``) to value.
        changed: What happens to a row, for the preview.
        same: What is said of rows that are so already.
        refusals: Rows that are left alone; the first that fits counts.
    """

    values: Values
    changed: Any
    same: Any
    refusals: tuple[Refusal, ...] = ()

    def verdict(self) -> Case:
        """What becomes of a row, as SQL: the place of its refusal, ``same`` or ``changed``."""
        refused = [
            When(one.condition, then=Value(str(place))) for place, one in enumerate(self.refusals)
        ]
        so_already = When(Q(**self.values), then=Value(SAME))
        return Case(*refused, so_already, default=Value(CHANGED))

    def why(self, verdict: str) -> str:
        """The reason of a refusal."""
        return str(self.refusals[int(verdict)].words)


def preview(rows: QuerySet[Retailer], target: Target) -> list[Figure]:
    """How many of these retailers would change, are so already, or are refused and why."""
    judged = rows.annotate(verdict=target.verdict())
    counts = dict(
        judged.order_by()
        .values("verdict")
        .annotate(number=Count("pk"))
        .values_list("verdict", "number")
    )
    order = [CHANGED, SAME, *(str(place) for place in range(len(target.refusals)))]
    return [
        _figure(judged, target, verdict, counts[verdict]) for verdict in order if verdict in counts
    ]


def _figure(judged: QuerySet[Any], target: Target, verdict: str, number: int) -> Figure:
    first = judged.filter(verdict=verdict).order_by("code").values_list("code", "name")
    examples = tuple(f"{code} {name}" for code, name in first[:EXAMPLES])
    if verdict in (CHANGED, SAME):
        words = target.changed if verdict == CHANGED else target.same
        return Figure(verdict, words, number, examples)
    return Figure(REFUSED, target.why(verdict), number, examples)


def change(*, keys: Sequence[int], target: Target, reason: str, by: User) -> list[RowResult]:
    """Set columns of retailers; the caller has locked them and checked that the person sees them.

    Args:
        keys: Primary keys.
        target: What they are to become, and which are refused.
        reason: Why, in the person's words.
        by: Who does it.

    Returns:
        What became of each.

    Raises:
        DomainError: A column that cannot be changed.
    """
    _known(target.values)
    rows = _read(
        Retailer.objects.annotate(verdict=target.verdict()), keys, target.values, "verdict"
    )
    moved = [row for row in rows if row["verdict"] == CHANGED]
    _write([row["pk"] for row in moved], target.values)
    _record([(row, target.values) for row in moved], reason, by)
    return [_result(row, target) for row in rows]


def _result(row: Values, target: Target) -> RowResult:
    verdict, before = row["verdict"], _only(row, target.values)
    if verdict == CHANGED:
        return RowResult(row["pk"], _label(row), CHANGED, before, dict(target.values))
    if verdict == SAME:
        return RowResult(row["pk"], _label(row), SAME, before, before)
    return RowResult(row["pk"], _label(row), REFUSED, before, message=target.why(verdict))


def restore(*, rows: Sequence[Any], reason: str, by: User) -> list[RowResult]:
    """Give retailers the values back that they had, unless they have others by now.

    Args:
        rows: What a change did: ``object_id``, ``before``, ``after``; all with the same columns.
        reason: Goes into the audit events.
        by: Who undoes it.

    Returns:
        ``restored`` or ``clash`` for each.
    """
    if not rows:
        return []
    columns = rows[0].after
    _known(columns)
    now = {
        row["pk"]: row
        for row in _read(Retailer.objects.all(), [r.object_id for r in rows], columns)
    }
    free = [row for row in rows if _only(now[row.object_id], row.after) == row.after]
    _write_each({row.object_id: row.before for row in free})
    _record([(now[row.object_id], row.before) for row in free], reason, by)
    back = {row.object_id for row in free}
    clashed = [row for row in rows if row.object_id not in back]
    words = Names.of([_only(now[row.object_id], columns) for row in clashed])
    return [
        *(RowResult(row.object_id, row.label, RESTORED) for row in free),
        *(
            RowResult(
                row.object_id,
                row.label,
                CLASH,
                message=_("Now: %(value)s")
                % {"value": words.text(_only(now[row.object_id], columns))},
            )
            for row in clashed
        ),
    ]


def _known(values: Mapping[str, Any]) -> None:
    strange = sorted({name.removesuffix("_id") for name in values} - EDITABLE)
    if strange:
        raise DomainError(
            _("These columns of a retailer cannot be set: %(names)s.")
            % {"names": ", ".join(strange)},
            code="unknown_field",
        )


def _read(
    rows: QuerySet[Any], keys: Sequence[int], columns: Mapping[str, Any], *more: str
) -> list[Values]:
    found = rows.filter(pk__in=keys).order_by("pk").select_for_update()
    return list(found.values("pk", "code", "name", "company_id", *more, *columns))


def _write(keys: Sequence[int], values: Values) -> None:
    if keys:
        Retailer.objects.filter(pk__in=keys).update(**values, updated_at=timezone.now())


def _write_each(values: Mapping[int, Values]) -> None:
    """Values of their own for each retailer, in one statement."""
    if not values:
        return
    columns = list(next(iter(values.values())))
    fields = [Retailer._meta.get_field("id"), *(Retailer._meta.get_field(name) for name in columns)]
    quote = connection.ops.quote_name
    cast = "CAST(%s AS {})" if connection.vendor == "postgresql" else "%s"
    mark = ", ".join(cast.format(field.db_type(connection)) for field in fields)
    params: list[Any] = []
    for key, row in values.items():
        params += [key, *(row[name] for name in columns)]
    table = quote(Retailer._meta.db_table)
    names = ["id", *columns]
    selected = ", ".join(f"column{place} AS {quote(name)}" for place, name in enumerate(names, 1))
    sets = ", ".join(f"{quote(name)} = v.{quote(name)}" for name in columns)
    rows = ", ".join(f"({mark})" for _key in values)
    sql = (
        f"UPDATE {table} SET {sets}, updated_at = %s"  # noqa: S608 - our own names
        f" FROM (SELECT {selected} FROM (VALUES {rows}) AS w) AS v WHERE {table}.id = v.id"
    )
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(sql, [now, *params])


def _record(changes: Sequence[tuple[Values, Values]], reason: str, by: User) -> None:
    """An audit event per retailer, in the words that ``update_retailer`` writes."""
    names = Names.of([row for row, _new in changes] + [new for _row, new in changes])
    record_many(
        action="retailer.update",
        object_type=Retailer._meta.label_lower,
        objects=[
            Changed(
                row["company_id"],
                row["pk"],
                _label(row),
                {
                    name.removesuffix("_id"): [
                        names.plain(name, row[name]),
                        names.plain(name, value),
                    ]
                    for name, value in new.items()
                    if row[name] != value
                },
            )
            for row, new in changes
        ],
        reason=reason,
        by=by,
    )


def _only(row: Values, columns: Mapping[str, Any]) -> Values:
    return {name: row[name] for name in columns}


def _label(row: Values) -> str:
    return f"{row['code']} {row['name']}"
