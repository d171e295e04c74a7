from django.apps import AppConfig


class SegmentationConfig(AppConfig):
    name = "segmentation"

    def ready(self) -> None:
        from accounts.services import on_company_created  # noqa: PLC0415 - models must be loaded
        from config.common import jobs  # noqa: PLC0415
        from segmentation import nightly, panels, services  # noqa: PLC0415

        on_company_created(services.create_default_schemes)
        jobs.register("night.segments", nightly.segments_stage)
        panels.register()
