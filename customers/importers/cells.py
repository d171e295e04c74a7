"""Columns of texts with every distinct text once: a million cells hold few different ones."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Put before the rows so that pandas takes no column for numbers ("007" must stay "007").
_MARK = "\x01"


@dataclass(frozen=True)
class Cells:
    """A column.

    Args:
        codes: Row to place in ``distinct``.
        distinct: The texts; one may stand here twice when it was put together in two ways.
    """

    codes: NDArray[np.int64]
    distinct: list[str]

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Cells":
        """A column from its texts."""
        distinct = list(dict.fromkeys(texts))
        if len(distinct) == 1:
            return cls.constant(distinct[0], len(texts))
        place = dict(zip(distinct, range(len(distinct)), strict=True))
        codes = np.fromiter(map(place.__getitem__, texts), np.int64, len(texts))
        return cls(codes, distinct)

    @classmethod
    def constant(cls, text: str, count: int) -> "Cells":
        """The same text in every row."""
        return cls(np.zeros(count, dtype=np.int64), [text])

    def first(self) -> str:
        """The text of the first row."""
        return self.distinct[int(self.codes[0])]

    def where(self, wanted: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Rows whose text is wanted."""
        return np.array([wanted(text) for text in self.distinct], dtype=bool)[self.codes]


def combine(columns: Sequence[Cells], join: Callable[[Sequence[str]], str]) -> Cells:
    """A column put together from others; each combination is made once."""
    packed = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        packed = pd.factorize(packed * len(column.distinct) + column.codes)[0]
    first = np.unique(packed, return_index=True)[1]
    parts = [[column.distinct[code] for code in column.codes[first].tolist()] for column in columns]
    texts = [join(combination) for combination in zip(*parts, strict=True)]
    return Cells(packed, texts)


def cut(text: str, lines: Sequence[str], delimiter: str, width: int) -> list[Cells]:
    """The columns of lines that all have ``width`` cells and no quotation mark.

    Args:
        text: The lines, each ending in ``\\n``; what reads them is pandas, told to infer nothing.
        lines: The same line by line.
        delimiter: Between cells.
        width: Cells in each line.
    """
    if _MARK in text:
        flat = delimiter.join(lines).split(delimiter)
        return [Cells.of(flat[position::width]) for position in range(width)]
    head = delimiter.join([_MARK] * width) + "\n"
    frame = pd.read_csv(
        io.StringIO(head + text, newline="\n"),
        sep=delimiter,
        header=None,
        dtype="category",
        na_filter=False,
        quoting=csv.QUOTE_NONE,
        skip_blank_lines=False,
        low_memory=False,
        engine="c",
    )
    if frame.shape != (len(lines) + 1, width):
        raise ValueError(f"{len(lines)} lines of {width} cells were read as {frame.shape}")
    return [_unmarked(frame[name]) for name in frame.columns]


def _unmarked(column: "pd.Series[str]") -> Cells:
    codes = column.cat.codes.to_numpy().astype(np.int64)
    distinct: list[str] = column.cat.categories.tolist()
    mark = int(codes[0])
    codes = codes[1:]
    if distinct[mark] != _MARK or codes.min(initial=0) < 0:
        raise ValueError(f"column {column.name} was not read as texts")
    del distinct[mark]
    return Cells(codes - (codes > mark), distinct)
