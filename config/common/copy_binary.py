"""Rows as arrays in the form of PostgreSQL's ``COPY … (FORMAT binary)``."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]
CHUNK = 100_000

SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + b"\x00" * 8
TRAILER = b"\xff\xff"
EPOCH = np.datetime64("2000-01-01", "D")
# What PostgreSQL calls a type: how it travels in a binary COPY.
WIRE: dict[str, str] = {
    "smallint": ">i2",
    "integer": ">i4",
    "bigint": ">i8",
    "double precision": ">f8",
    "date": ">i4",
    "boolean": ">i1",
}


class BinaryReader(io.RawIOBase):
    """Gives the COPY stream in pieces, so that memory does not grow with the rows.

    Args:
        columns: As in ``bulk.insert_columns``.
        types: Names of ``WIRE``, or ``text``.
        rows: Length of the columns.
    """

    def __init__(self, columns: Columns, types: Mapping[str, str], rows: int) -> None:
        self._pieces = self._make(columns, types, rows)
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = memoryview(piece)
        # A view is cut without copying what is left: psycopg2 asks for little at a time.
        size = len(self._rest) if size < 0 else size
        given, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return given

    @staticmethod
    def _make(columns: Columns, types: Mapping[str, str], rows: int) -> Iterator[bytes]:
        yield SIGNATURE
        for start in range(0, rows, CHUNK):
            part = {name: values[start : start + CHUNK] for name, values in columns.items()}
            yield from _binary_rows(part, types)
        yield TRAILER


def _binary_rows(columns: Columns, types: Mapping[str, str]) -> Iterator[bytes]:
    """Rows in binary; those with the same NULLs and lengths of texts have the same width: by group."""
    size = len(next(iter(columns.values())))
    ready: dict[str, NDArray[Any]] = {}
    widths: dict[str, NDArray[np.int64]] = {}
    for name, values in columns.items():
        if types[name] == "text":
            ready[name], widths[name] = _encoded(values)
            continue
        ready[name] = _on_wire(values)
        if np.ma.is_masked(values):
            width = np.dtype(WIRE[types[name]]).itemsize
            widths[name] = np.where(np.ma.getmaskarray(values), -1, width)
    for given, index in _groups(widths, size):
        yield _fixed_width(ready, types, given, index)


def _on_wire(values: NDArray[Any]) -> NDArray[Any]:
    data: NDArray[Any] = np.ma.getdata(values)
    if data.dtype.kind == "M":
        return (data.astype("datetime64[D]") - EPOCH).astype(np.int64)
    return data


def _encoded(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Texts as UTF-8 and how many bytes each has, -1 for NULL."""
    plain = values.tolist()
    if len(set(plain)) == 1:
        # Such as the status of new orders: encoded once.
        plain = plain[:1]
    encoded = [b"" if value is None else str(value).encode() for value in plain]
    width = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
    width[[at for at, value in enumerate(plain) if value is None]] = -1
    size = len(values)
    return np.broadcast_to(np.array(encoded), size), np.broadcast_to(width, size)


def _groups(
    widths: dict[str, NDArray[np.int64]], size: int
) -> Iterator[tuple[dict[str, int], NDArray[np.int64]]]:
    """Rows whose fields have the same widths, with these widths by column."""
    varying = {name: width for name, width in widths.items() if (width != width[0]).any()}
    same = {name: int(width[0]) for name, width in widths.items() if name not in varying}
    pattern = np.zeros(size, dtype=np.int64)
    for width in varying.values():
        found, place = np.unique(width, return_inverse=True)
        # Numbered anew after each column, so that the product cannot overflow.
        pattern = np.unique(pattern * len(found) + place, return_inverse=True)[1]
    order = np.argsort(pattern, kind="stable")
    starts = np.flatnonzero(np.diff(pattern[order], prepend=-1))
    for index in np.split(order, starts[1:]):
        first = index[0]
        yield same | {name: int(width[first]) for name, width in varying.items()}, index


def _fixed_width(
    columns: Columns, types: Mapping[str, str], given: dict[str, int], index: NDArray[np.int64]
) -> bytes:
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name in columns:
        layout.append((f"length {name}", ">i4"))
        width = given.get(name)
        if width is None or width > 0:
            layout.append((name, WIRE.get(types[name], f"S{width}")))
    kinds = np.dtype(layout)
    records = np.empty(len(index), dtype=kinds)
    records["fields"] = len(columns)
    whole = len(index) == len(next(iter(columns.values())))
    for name, values in columns.items():
        if kinds.names is not None and name in kinds.names:
            records[f"length {name}"] = kinds[name].itemsize
            records[name] = values if whole else values[index]
        else:
            records[f"length {name}"] = given[name]
    return records.tobytes()
