"""A small world again without making it again: rows as the database stored them, objects as they were.

``make_city`` is a hundred and fifty statements of the ORM, and most tests begin with it. The first of a process is
made; of it the rows of every table that it wrote are kept. The next go in with one statement a table, under the same
keys, and the objects come out of a pickle, so that no test sees what another did to them.
"""

import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps
from django.db import IntegrityError, connection, transaction

from brands.models import PriceClass

Made = TypeVar("Made")
INSERT = re.compile(r'INSERT (?:OR \w+ )?INTO "(\w+)"')


@dataclass(frozen=True)
class Snapshot:
    """Rows by table, in the order in which the tables were first written, and the pickled result."""

    before: list[Any]
    rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]]
    result: bytes


_kept: dict[Callable[[], Any], Snapshot] = {}


def again(make: Callable[[], Made]) -> Made:
    """What ``make()`` gives, from its snapshot where that fits.

    It does not fit, and the world is made, where the price classes have other keys than they had (they come
    back under new ones after a test with real transactions) or somebody has one of the keys already.
    """
    kept = _kept.get(make)
    before = list(PriceClass.objects.order_by("code").values_list("pk", "code"))
    if kept is None or kept.before != before:
        return _made(make, before)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for table, (columns, rows) in kept.rows.items():
                _insert(cursor, table, columns, rows)
    except IntegrityError:
        return make()
    found: Made = pickle.loads(kept.result)
    return found


def _made(make: Callable[[], Made], before: list[Any]) -> Made:
    tables: dict[str, None] = {}

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := INSERT.match(sql):
            tables.setdefault(found[1])
        return execute(sql, params, many, context)

    # Only what this world wrote may be kept: where there is something already, nothing is.
    empty = not _any_rows()
    with connection.execute_wrapper(watch):
        made = make()
    if empty:
        with connection.cursor() as cursor:
            rows = {table: _rows(cursor, table) for table in tables}
        _kept[make] = Snapshot(before, rows, pickle.dumps(made))
    return made


def _any_rows() -> bool:
    with connection.cursor() as cursor:
        for table in ("accounts_company", "accounts_user", "brands_product", "common_jobrun"):
            cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
            if cursor.fetchone():
                return True
    return False


def _rows(cursor: Any, table: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    columns = [
        field.column
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table == table
        for field in model._meta.concrete_fields
        if not field.generated
    ]
    cursor.execute(f'SELECT {_names(columns)} FROM "{table}"')
    return columns, cursor.fetchall()


def _names(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _insert(cursor: Any, table: str, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    one = f"({', '.join(['%s'] * len(columns))})"
    cursor.execute(
        f'INSERT INTO "{table}" ({_names(columns)}) VALUES {", ".join([one] * len(rows))}',
        [value for row in rows for value in row],
    )
