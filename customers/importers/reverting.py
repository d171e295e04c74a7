"""Taking a file back: what still is as the file left it becomes what it was before; the rest is left and named.

One transaction for the whole file: after a kill nothing or everything is back. Kinds say in their ``revert`` which
models they have written; ``ModelRevert`` does the rest.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Comment, User
from config.common import bulk
from config.common.audit_words import FIELDS
from config.common.logs import request_id
from customers.importers.changes import BATCH, State, Tracked, batches
from customers.importers.chunks import objects
from customers.importers.rowlog import RowLog, cell
from customers.models import ImportedChange, ImportedFile

RESTORED, DELETED, LEFT = "restored", "deleted", "left"


@dataclass
class Reverting:
    """A file that is being taken back.

    Args:
        file: Its row.
        by: Who asked for it.
        reason: Why, in the person's words.
        log: Takes what became of every object.
        progress: Told objects done and objects in all.
        total: Objects in all.
    """

    file: ImportedFile
    by: User | None
    reason: str
    log: RowLog
    progress: Callable[[int, int], None]
    total: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    parts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def note(
        self, outcome: str, keys: Sequence[str], reasons: Sequence[str] = (), *, part: str = ""
    ) -> None:
        """What became of some objects; ``part`` names those that no row of the file stands for."""
        if not keys:
            return
        done = self.counts.total()
        self.counts[outcome] += len(keys)
        self.parts[part][outcome] += len(keys)
        lines = list(range(done, done + len(keys)))
        self.log.note(outcome, lines, [cell(key) for key in keys], reasons)
        self.progress(self.counts.total(), max(self.total, self.counts.total()))

    def event(
        self, action: str, label: str, pk: int, name: str, changes: dict[str, Any]
    ) -> AuditEvent:
        """The audit event of one object; not saved."""
        return AuditEvent(
            company_id=self.file.company_id,
            actor=self.by,
            actor_label=str(self.by) if self.by else "revert_file",
            action=action,
            object_type=label,
            object_id=str(pk),
            object_label=name[:200],
            changes=changes,
            reason=self.reason[:300],
            request_id=request_id.get(),
        )


@dataclass
class Item:
    """One object of the file: as it is now, as it was before the file, as the file left it."""

    pk: int
    before: State | None
    after: State
    now: State | None
    why_left: str = ""

    @property
    def changed_since(self) -> list[str]:
        """Columns that are no longer as the file left them."""
        now = self.now or {}
        return [name for name, value in self.after.items() if now.get(name) != value]


class ModelRevert:
    """Takes back what a file has done to the objects of one model.

    Args:
        reverting: The file.
        tracked: The model and the columns that files write.
        action: Of the audit event of each object; empty for none.
        part: What the objects are, where they are not what the rows of the file stand for.
        ours: Models that go with an object and do not count as somebody who needs it.
    """

    ours: tuple[type[models.Model], ...] = ()

    def __init__(
        self, reverting: Reverting, tracked: Tracked, *, action: str = "", part: str = ""
    ) -> None:
        self.reverting = reverting
        self.tracked = tracked
        self._action = action
        self._part = part

    # --- what a model may say by itself ------------------------------------------------------

    def key(self, state: State) -> str:
        """What the object is called in the result file."""
        return str(state.get("code") or state.get("name") or "")

    def read(self, items: Sequence[Item]) -> dict[int, State]:
        """The objects as they are now."""
        return self.tracked.read([item.pk for item in items])

    def restore(self, items: Sequence[Item]) -> None:
        """Write the columns that the file has changed as they were before."""
        write_rows(
            self.tracked.model,
            [{"id": item.pk, **self.whole(item)} for item in items],
        )

    def delete(self, ids: Sequence[int]) -> None:
        """Delete objects that nobody needs."""
        for part in batches(ids):
            table = self.tracked.model._base_manager.filter(pk__in=part)
            table._raw_delete(table.db)

    def words(self, item: Item) -> dict[str, Any]:
        """What changes, for the audit trail."""
        now = item.now or {}
        before = item.before or dict.fromkeys(("code", "name"))
        return {name: [now.get(name), value] for name, value in before.items()}

    # --- the work ----------------------------------------------------------------------------

    def whole(self, item: Item) -> State:
        """All tracked columns of an object after it was restored."""
        wanted = {**(item.now or {}), **(item.before or {})}
        return {name: wanted[name] for name in self.tracked.columns}

    def run(self, only: Callable[[State], bool] = lambda _state: True) -> None:
        """Take it back, some objects at a time; only those whose state ``only`` wants."""
        self._lock()
        used = self._in_use()
        for items in self._items(only):
            for item in items:
                item.why_left = self._why_left(item, used)
            self._check_targets(items)
            self._write([item for item in items if not item.why_left])
            left = [item for item in items if item.why_left]
            self.reverting.note(
                LEFT,
                [self.key(it.now or it.after) for it in left],
                [it.why_left for it in left],
                part=self._part,
            )

    def _changes(self) -> models.QuerySet[ImportedChange]:
        return ImportedChange.objects.filter(
            file=self.reverting.file, object_type=self.tracked.label
        )

    def _lock(self) -> None:
        """Nobody else may change these objects between the look and the writing."""
        ids = list(self._changes().order_by("object_id").values_list("object_id", flat=True))
        for part in batches(ids):
            rows = self.tracked.model._base_manager.filter(pk__in=part).order_by("pk")
            list(rows.select_for_update(of=("self",)).values_list("pk"))

    def _items(self, only: Callable[[State], bool]) -> Iterator[list[Item]]:
        last = 0
        while rows := list(self._changes().filter(pk__gt=last).order_by("pk")[:BATCH]):
            last = rows[-1].pk
            items = [
                Item(row.object_id, row.before, row.after, None) for row in rows if only(row.after)
            ]
            now = self.read(items)
            for item in items:
                item.now = now.get(item.pk)
            yield items

    def _why_left(self, item: Item, used: dict[int, str]) -> str:
        if item.now is None:
            return _("was deleted since")
        if item.changed_since:
            return _("was changed since: %(columns)s") % {
                "columns": ", ".join(map(_field, item.changed_since))
            }
        if item.before is None and item.pk in used:
            return _("is needed by: %(names)s") % {"names": used[item.pk]}
        return ""

    def _in_use(self) -> dict[int, str]:
        made = self._changes().filter(before__isnull=True).values_list("object_id", flat=True)
        return who_needs(self.tracked.model, list(made), self.ours)

    def _check_targets(self, items: Sequence[Item]) -> None:
        """What an object referred to before may be gone."""
        for name in self.tracked.columns:
            column = next(f for f in self.tracked.model._meta.concrete_fields if f.attname == name)
            if column.related_model is None:
                continue
            wanted = {it.before[name] for it in items if it.before and it.before.get(name)}
            gone = wanted - set(
                column.related_model._base_manager.filter(pk__in=wanted).values_list(
                    "pk", flat=True
                )
            )
            for item in items:
                if gone and item.before and item.before.get(name) in gone:
                    item.why_left = _("what it referred to is gone: %(column)s") % {
                        "column": _field(name)
                    }

    def _write(self, items: list[Item]) -> None:
        made = [item for item in items if item.before is None]
        changed = [item for item in items if item.before is not None]
        if self._action:
            AuditEvent.objects.bulk_create(
                [
                    self.reverting.event(
                        self._action,
                        self.tracked.label,
                        item.pk,
                        self.key(item.now or item.after),
                        self.words(item),
                    )
                    for item in items
                ],
                batch_size=BATCH,
            )
        self.restore(changed)
        self.delete([item.pk for item in made])
        for outcome, done in ((RESTORED, changed), (DELETED, made)):
            self.reverting.note(
                outcome, [self.key(item.now or {}) for item in done], part=self._part
            )


def _field(name: str) -> str:
    plain = {"contacts": "phone"}.get(name, name.removesuffix("_id"))
    return str(FIELDS.get(plain, plain))


def who_needs(
    model: type[models.Model], ids: Sequence[int], ours: tuple[type[models.Model], ...] = ()
) -> dict[int, str]:
    """Objects that something in the database refers to: primary key to the names of what does.

    Every app that is installed counts, without this one knowing it; also tables whose keys the database does
    not check, and comments.

    Args:
        model: Of the objects.
        ids: Their primary keys.
        ours: Models that do not count.
    """
    if not ids:
        return {}
    found: dict[int, list[str]] = {}
    with bulk.staged("revert_ids", {"id": objects(list(ids))}, {"id": "bigint"}) as staged:
        for table, column, name in _references(model, ours):
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT DISTINCT t.{column} FROM {table} AS t"  # noqa: S608 - our own names
                    f" JOIN {staged} AS s ON s.id = t.{column}"
                )
                for (pk,) in cursor.fetchall():
                    found.setdefault(pk, []).append(name)
    for pk in _commented(model, ids):
        found.setdefault(pk, []).append(str(Comment._meta.verbose_name))
    return {pk: ", ".join(dict.fromkeys(names)) for pk, names in found.items()}


def _references(
    model: type[models.Model], ours: tuple[type[models.Model], ...]
) -> Iterator[tuple[str, str, str]]:
    quote = connection.ops.quote_name
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel) or relation.related_model in ours:
            continue
        if relation.many_to_many:
            continue  # its own table has a key, which comes as a relation too
        theirs = relation.related_model._meta
        column = str(relation.field.column)
        yield quote(theirs.db_table), quote(column), str(theirs.verbose_name)


def _commented(model: type[models.Model], ids: Sequence[int]) -> list[int]:
    found: list[int] = []
    for part in batches(ids):
        rows = Comment.objects.filter(
            object_type=model._meta.label_lower, object_id__in=list(map(str, part))
        )
        found += [int(pk) for pk in rows.values_list("object_id", flat=True)]
    return found


_TYPES = {
    "SmallIntegerField": "smallint",
    "PositiveSmallIntegerField": "smallint",
    "IntegerField": "integer",
    "BigIntegerField": "bigint",
    "BigAutoField": "bigint",
    "AutoField": "integer",
    "DecimalField": "numeric",
    "DateField": "date",
    "BooleanField": "boolean",
}


def write_rows(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> None:
    """Write columns of many objects that are there, in one statement.

    Args:
        model: Whose table; ``updated_at`` is set where it has one.
        rows: Column to plain value, ``id`` among them; all rows have the same columns.
    """
    if not rows:
        return
    fields = {it.column: it for it in model._meta.concrete_fields}
    types = {name: _type_of(fields[name]) for name in rows[0]}
    columns = {name: objects([row[name] for row in rows]) for name in rows[0]}
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    sets = [f"{quote(name)} = s.{quote(name)}" for name in types if name != "id"]
    values: list[Any] = []
    if "updated_at" in fields:
        sets.append("updated_at = %s")
        values.append(connection.ops.adapt_datetimefield_value(timezone.now()))
    with (
        bulk.staged("revert_rows", columns, {**types, "id": "bigint"}) as staged,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"UPDATE {table} SET {', '.join(sets)}"  # noqa: S608 - our own names
            f" FROM {staged} AS s WHERE {table}.id = s.id",
            values,
        )


def _type_of(column: Any) -> str:
    target = column
    while target.remote_field:
        target = target.target_field
    return _TYPES.get(target.get_internal_type(), "text")
