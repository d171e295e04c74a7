from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class SegmentationConfig(AppConfig):
    name = "segmentation"

    def ready(self) -> None:
        from accounts.services import on_company_created  # noqa: PLC0415 - models must be loaded
        from config.common import jobs  # noqa: PLC0415
        from customers.selectors.workload import register_workload  # noqa: PLC0415
        from segmentation import (  # noqa: PLC0415 - models must be loaded
            alerts,
            next_actions,
            nightly,
            panels,
            search,
            services,
            timeline,
        )
        from segmentation.selectors.workload import abc_of, tier_band_of  # noqa: PLC0415
        from segmentation.services import first_steps  # noqa: PLC0415
        from segmentation.views import prints  # noqa: PLC0415

        on_company_created(services.create_default_schemes)
        jobs.register("night.segments", nightly.segments_stage)
        panels.register()
        timeline.register()
        next_actions.register()
        alerts.register()
        prints.register()
        search.register()
        services.desk.register()
        first_steps.register()
        register_workload("abc", gettext_lazy("ABC class"), abc_of)
        register_workload("tier", gettext_lazy("Tier"), tier_band_of)
