from django.apps import AppConfig


class BrandsConfig(AppConfig):
    name = "brands"

    def ready(self) -> None:
        from brands import importers, nightly, panels  # noqa: PLC0415 - models must be loaded
        from config.common import jobs  # noqa: PLC0415

        jobs.register("night.sales", nightly.sales_stage)
        panels.register()
        importers.register()
