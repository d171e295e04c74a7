"""Many rows in and out of the database as arrays: the one module that knows how each engine does it.

PostgreSQL reads and writes by ``COPY … (FORMAT binary)``, built and parsed as numpy records; SQLite by
``executemany`` and ``fetchmany``. Both work inside the caller's transaction. performance.md has the
figures: model objects are 10 to 40 times slower.
"""

import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from numpy.typing import NDArray

from config.common.copy_binary import CHUNK, EPOCH, SIGNATURE, TRAILER, WIRE, BinaryReader, Columns

_SQL_TYPES: dict[str, str] = {
    "i2": "smallint",
    "i4": "integer",
    "i8": "bigint",
    "f8": "double precision",
    "M8": "date",
}
_COPY_BYTES = 256 * 1024
_READ_SIZE = 1 << 18


def is_postgres() -> bool:
    """True when the rows are in PostgreSQL."""
    return connection.vendor == "postgresql"


# --- writing ------------------------------------------------------------------------------


def insert_columns(model: type[models.Model], columns: Columns) -> int:
    """Insert rows given as arrays of equal length, one per database column.

    Args:
        model: Whose table.
        columns: Database column name to array. Integers and floats as numpy arrays, nullable ones as
            masked arrays, dates as ``datetime64[D]``, texts and JSON texts as object arrays of str.

    Returns:
        The number of rows.

    Raises:
        ValueError: The arrays have different lengths.
    """
    fields = {field.column: field for field in model._meta.concrete_fields}
    types = {name: _type_name(fields[name]) for name in columns}
    return insert_into(model._meta.db_table, columns, types)


def insert_into(table: str, columns: Columns, types: Mapping[str, str]) -> int:
    """As ``insert_columns``, for a table that has no model. ``types`` are PostgreSQL type names.

    Raises:
        ValueError: The arrays have different lengths, or a whole number does not fit its column; numpy
            would cut it off silently.
    """
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"columns of {table} must have equal lengths, got {sorted(lengths)}")
    rows = lengths.pop() if lengths else 0
    if rows == 0:
        return 0
    for name, values in columns.items():
        _check_range(f"{table}.{name}", values, types[name])
    if not is_postgres():
        _insert_sqlite(table, columns, rows)
    elif all(types[name] in WIRE or types[name] == "text" for name in columns):
        _copy_binary(table, columns, types, rows)
    else:
        _copy_text(table, columns, rows)
    return rows


# Django's field to PostgreSQL's type, whatever the engine is; all others travel in a text COPY.
_FIELD_TYPES = {
    "SmallIntegerField": "smallint",
    "PositiveSmallIntegerField": "smallint",
    "SmallAutoField": "smallint",
    "IntegerField": "integer",
    "PositiveIntegerField": "integer",
    "AutoField": "integer",
    "BigIntegerField": "bigint",
    "PositiveBigIntegerField": "bigint",
    "BigAutoField": "bigint",
    "FloatField": "double precision",
    "DateField": "date",
    "BooleanField": "boolean",
    "CharField": "text",
    "TextField": "text",
}


def _type_name(field: Any) -> str:
    target = field
    while target.remote_field:
        target = target.target_field
    return _FIELD_TYPES.get(target.get_internal_type(), "other")


def _check_range(name: str, values: NDArray[Any], type_name: str) -> None:
    wire = WIRE.get(type_name)
    present = values.compressed() if isinstance(values, np.ma.MaskedArray) else values
    if wire is None or not present.size or present.dtype.kind == "O":
        return
    if type_name == "date":
        if np.isnat(present).any():
            raise ValueError(f"{name} must be dates, got NaT; mask what is missing")
    elif wire[1] == "i":
        if present.dtype.kind not in "iub":
            raise ValueError(f"{name} must be whole numbers, got dtype {present.dtype}")
        limits = np.iinfo(wire)
        if present.min() < limits.min or present.max() > limits.max:
            raise ValueError(f"{name} must fit {type_name}, got {present.min()} to {present.max()}")


def _names(columns: Columns) -> str:
    return ", ".join(connection.ops.quote_name(name) for name in columns)


def _insert_sqlite(table: str, columns: Columns, rows: int) -> None:
    marks = ", ".join("?" for _ in columns)
    quoted = connection.ops.quote_name(table)
    sql = f"INSERT INTO {quoted} ({_names(columns)}) VALUES ({marks})"  # noqa: S608 - our own names
    connection.ensure_connection()
    raw = connection.connection.cursor()
    try:
        for start in range(0, rows, CHUNK):
            part = [_plain_list(values[start : start + CHUNK]) for values in columns.values()]
            with connection.wrap_database_errors:
                raw.executemany(sql, zip(*part, strict=True))
    finally:
        raw.close()


def _plain_list(values: NDArray[Any]) -> list[Any]:
    if values.dtype.kind == "M":
        missing = np.ma.getmaskarray(values)
        values = np.ma.getdata(values)
        # A column of a million dates holds a few hundred days: write each of them once.
        days, place = np.unique(values.astype("datetime64[D]"), return_inverse=True)
        column = texts([str(day) for day in days])[place]
        column[missing] = None
        return column.tolist()  # type: ignore[no-any-return]
    return values.tolist()  # type: ignore[no-any-return]


def _copy_binary(table: str, columns: Columns, types: Mapping[str, str], rows: int) -> None:
    sql = f"COPY {connection.ops.quote_name(table)} ({_names(columns)}) FROM STDIN (FORMAT binary)"
    # The driver's own errors become Django's: callers catch IntegrityError and OperationalError.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(sql, BinaryReader(columns, types, rows), _READ_SIZE)


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copy_text(table: str, columns: Columns, rows: int) -> None:
    sql = f"COPY {connection.ops.quote_name(table)} ({_names(columns)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        for start in range(0, rows, CHUNK):
            part = [_texts(values[start : start + CHUNK]) for values in columns.values()]
            body = "\n".join(map("\t".join, zip(*part, strict=True))) + "\n"
            cursor.copy_expert(sql, io.StringIO(body), size=_COPY_BYTES)


def _texts(values: NDArray[Any]) -> list[str]:
    plain = _plain_list(values)
    if values.dtype.kind == "O":
        return ["\\N" if value is None else str(value).translate(_ESCAPES) for value in plain]
    return ["\\N" if value is None else str(value) for value in plain]


# --- reading ------------------------------------------------------------------------------


def read_columns(
    sql: str, params: Sequence[Any], dtypes: Mapping[str, str]
) -> dict[str, NDArray[Any]]:
    """The rows of a SELECT as arrays.

    Args:
        sql: A SELECT with ``%s`` for parameters, whose columns are named (``AS``) as in ``dtypes``.
        params: Its parameters.
        dtypes: Column name to ``i2``, ``i4``, ``i8``, ``f8`` or ``M8`` (a date), in the SELECT's order.

    Returns:
        Name to array, all of the same length.

    Raises:
        ValueError: A value is NULL (write COALESCE into the SELECT).
    """
    if is_postgres():
        return _read_postgres(sql, params, dtypes)
    return _read_sqlite(sql, params, dtypes)


def read_queryset(
    rows: models.QuerySet[Any, Any], dtypes: Mapping[str, str]
) -> dict[str, NDArray[Any]]:
    """The rows of a query set as arrays.

    Ten times as fast as its tuples: numbers do not become objects of Python, decimals least of all.

    Args:
        rows: With ``values_list`` of the names in ``dtypes``, in their order; no value is NULL.
        dtypes: As in ``read_columns``.
    """
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return {name: np.empty(0, dtype=np.dtype(kind)) for name, kind in dtypes.items()}
    return read_columns(sql, params, dtypes)


def _read_postgres(
    sql: str, params: Sequence[Any], dtypes: Mapping[str, str]
) -> dict[str, NDArray[Any]]:
    casts = ", ".join(
        f"{connection.ops.quote_name(name)}::{_SQL_TYPES[kind]}" for name, kind in dtypes.items()
    )
    with connection.cursor() as cursor, connection.wrap_database_errors:
        inner = cursor.mogrify(sql, params).decode()
        buffer = io.BytesIO()
        cursor.copy_expert(
            f"COPY (SELECT {casts} FROM ({inner}) AS q) TO STDOUT (FORMAT binary)",  # noqa: S608
            buffer,
        )
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in dtypes.items():
        layout.append((f"length {name}", ">i4"))
        layout.append((name, WIRE[_SQL_TYPES[kind]]))
    record = np.dtype(layout)
    body = buffer.getbuffer()[len(SIGNATURE) : -len(TRAILER)]
    if len(body) % record.itemsize:
        raise ValueError(f"a column of {sorted(dtypes)} is NULL in some row")
    records = np.frombuffer(body, dtype=record)
    found: dict[str, NDArray[Any]] = {}
    for name, kind in dtypes.items():
        if len(records) and (records[f"length {name}"] < 0).any():
            raise ValueError(f"column {name} is NULL in some row")
        values = records[name]
        if kind == "M8":
            found[name] = EPOCH + values.astype(np.int64).astype("timedelta64[D]")
        else:
            found[name] = values.astype(np.dtype(kind))
    return found


def _read_sqlite(
    sql: str, params: Sequence[Any], dtypes: Mapping[str, str]
) -> dict[str, NDArray[Any]]:
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in dtypes}
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        while rows := cursor.fetchmany(CHUNK):
            for (name, kind), values in zip(dtypes.items(), zip(*rows, strict=True), strict=True):
                if kind == "M8":
                    part: NDArray[Any] = np.array([str(value) for value in values], dtype="M8[D]")
                else:
                    try:
                        part = np.fromiter(values, dtype=np.dtype(kind), count=len(values))
                    except TypeError as error:
                        raise ValueError(f"column {name} is NULL in some row") from error
                parts[name].append(part)
    return {
        name: np.concatenate(parts[name])
        if parts[name]
        else np.empty(0, dtype="M8[D]" if kind == "M8" else np.dtype(kind))
        for name, kind in dtypes.items()
    }


# --- helpers ------------------------------------------------------------------------------


@contextmanager
def staged(name: str, columns: Columns, types: Mapping[str, str]) -> Iterator[str]:
    """A temporary table filled from arrays, to join with; gone afterwards.

    Args:
        name: Table name, ours and constant.
        columns: Column name to array.
        types: Column name to PostgreSQL type name.

    Yields:
        The quoted table name.
    """
    quoted = connection.ops.quote_name(name)
    described = ", ".join(
        f"{connection.ops.quote_name(column)} {types[column]}" for column in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {quoted} ({described})")
    try:
        insert_into(name, columns, types)
        if is_postgres():
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {quoted}")
        yield quoted
    except BaseException:
        # In a transaction the rollback takes the table away; another statement would only hide the error.
        if not connection.in_atomic_block:
            _drop(quoted)
        raise
    _drop(quoted)


def _drop(quoted: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {quoted}")


def reserve_ids(model: type[models.Model], count: int) -> NDArray[np.int64]:
    """Primary keys for ``count`` new rows of a table whose key is a sequence.

    On SQLite the caller must be inside a (write-locked) transaction.
    """
    table = model._meta.db_table
    if is_postgres():
        sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) AS id FROM generate_series(1, %s)"
        return read_columns(sql, [table, count], {"id": "i8"})["id"]
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {quoted}")  # noqa: S608 - our own name
        (top,) = cursor.fetchone()
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
    first = max(int(top), int(row[0]) if row else 0) + 1
    return np.arange(first, first + count, dtype=np.int64)


def as_dates(days: NDArray[Any]) -> list[dt.date]:
    """``datetime64[D]`` values as dates."""
    return [day.item() for day in days.astype("datetime64[D]")]


def texts(values: Sequence[str]) -> NDArray[np.object_]:
    """A column of texts."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
