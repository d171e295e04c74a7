from django.apps import AppConfig


class BrandsConfig(AppConfig):
    name = "brands"

    def ready(self) -> None:
        from brands import (  # noqa: PLC0415 - models must be loaded
            alerts,
            importers,
            lists,
            next_actions,
            nightly,
            panels,
            search,
            timeline,
        )
        from brands.services import first_steps  # noqa: PLC0415
        from config.common import jobs  # noqa: PLC0415

        jobs.register("night.sales", nightly.sales_stage)
        panels.register()
        timeline.register()
        next_actions.register()
        alerts.register()
        search.register()
        lists.register()
        importers.register()
        first_steps.register()
