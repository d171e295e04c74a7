"""Takes back a file of products: their columns, then manufacturers that it made."""

from collections.abc import Sequence
from typing import Any

from brands.models import Manufacturer, PriceClass
from config.common import locks
from config.common.pinyin import search_key
from customers.importers.changes import State, Tracked
from customers.importers.reverting import Item, ModelRevert, Reverting, write_rows


class ProductRevert(ModelRevert):
    """Products of the catalogue."""

    def __init__(self, reverting: Reverting, tracked: Tracked) -> None:
        super().__init__(reverting, tracked, action="product.revert")
        self._names: dict[str, dict[int, str]] = {
            "manufacturer_id": dict(Manufacturer.objects.values_list("pk", "name")),
            "price_class_id": dict(PriceClass.objects.values_list("pk", "name")),
        }

    def key(self, state: State) -> str:
        """Code and name."""
        return f"{state.get('code', '')} {state.get('name', '')}".strip()

    def restore(self, items: Sequence[Item]) -> None:
        """Columns, and what they are searched by."""
        rows = []
        for item in items:
            row = self.whole(item)
            words = (row["name"], row["code"], row["brand"], row["carton_barcode"])
            rows.append({"id": item.pk, **row, "search_key": search_key(*words)})
        write_rows(self.tracked.model, rows)

    def words(self, item: Item) -> dict[str, Any]:
        """Names instead of keys."""
        return {
            name.removesuffix("_id"): [self._said(name, value) for value in pair]
            for name, pair in super().words(item).items()
        }

    def _said(self, name: str, value: Any) -> Any:
        names = self._names.get(name)
        return names.get(value, value) if names and value is not None else value


def revert_products(reverting: Reverting, products: Tracked, makers: Tracked) -> None:
    """Take back a file of products.

    Args:
        reverting: The file.
        products: The columns that files write.
        makers: Manufacturers that the file may have made.
    """
    company_id = reverting.file.company_id or 0
    # Files name products by keys that the database does not check: none may come in meanwhile.
    for kind in ("products", "orders", "observations"):
        locks.hold(f"import {kind}", company_id)
    ProductRevert(reverting, products).run()
    ModelRevert(reverting, makers).run()
