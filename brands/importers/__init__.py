"""Files of brands: products, orders and market observations. The engine is ``customers.importers``."""

from customers.importers import registry


def register() -> None:
    """Add our kinds of files. Called from ``AppConfig.ready``."""
    from brands.importers import observations, orders, products  # noqa: PLC0415 - models must be loaded

    registry.register(products.KIND)
    registry.register(orders.KIND)
    registry.register(observations.KIND)
