"""Reads the worked tables of docs/algorithms/*.md, so that what the page says is tested.

A table belongs to the test when the line ``<!-- worked: name -->`` stands before it.
"""

from decimal import Decimal
from pathlib import Path

PAGES = Path(__file__).resolve().parents[2] / "docs" / "algorithms"


def worked_rows(page: str, name: str) -> list[dict[str, str]]:
    """The table's rows as {column: cell}; an unknown page or name fails."""
    return table_after(PAGES / page, f"<!-- worked: {name} -->")


def table_after(page: Path, mark: str) -> list[dict[str, str]]:
    """The rows of the table that stands after the line ``mark``."""
    _, found, after = page.read_text(encoding="utf-8").partition(f"{mark}\n")
    assert found, f"{page.name} has no table {mark}"
    lines = after.strip().split("\n\n")[0].splitlines()
    header, _, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert body, f"table {mark} of {page.name} is empty"
    assert all(len(cells) == len(header) for cells in body), (
        f"table {mark} of {page.name} is ragged"
    )
    return [dict(zip(header, cells, strict=True)) for cells in body]


def whole(cell: str) -> int:
    return int(cell.replace(",", ""))


def optional_whole(cell: str) -> int | None:
    return None if cell == "none" else whole(cell)


def wholes(cell: str) -> list[int]:
    """Numbers with blanks between; ``5x3`` is five threes."""
    numbers: list[int] = []
    for word in cell.split():
        times, cross, value = word.rpartition("x")
        numbers += [whole(value)] * (int(times) if cross else 1)
    return numbers


def number(cell: str) -> Decimal:
    return Decimal(cell.replace(",", ""))
