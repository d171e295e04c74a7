"""Takes back a file of market observations."""

from brands.models import Product
from config.common import locks
from customers.importers.changes import State, Tracked
from customers.importers.reverting import ModelRevert, Reverting
from customers.models import Retailer


class ObservationRevert(ModelRevert):
    """Market observations; they are recorded as a whole, not one by one."""

    def __init__(self, reverting: Reverting, tracked: Tracked) -> None:
        super().__init__(reverting, tracked)
        self._retailers = dict(
            Retailer.objects.filter(company=reverting.file.company).values_list("pk", "code")
        )
        self._products = dict(Product.objects.values_list("pk", "code"))

    def key(self, state: State) -> str:
        """Day, retailer, product and source."""
        parts = [
            str(state.get("observed_on", "")),
            self._retailers.get(state.get("retailer_id", 0), ""),
            self._products.get(state.get("product_id", 0), ""),
            str(state.get("source", "")),
        ]
        return " / ".join(part for part in parts if part)


def revert_observations(reverting: Reverting, observations: Tracked) -> None:
    """Take back a file of market observations."""
    locks.hold("import observations", reverting.file.company_id or 0)
    ObservationRevert(reverting, observations).run()
