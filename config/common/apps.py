from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "config.common"
    label = "common"

    def ready(self) -> None:
        from config.common import jobs, nights, tasks  # noqa: PLC0415 - models must be loaded

        jobs.on_ring(tasks.ring_by_broker)
        jobs.on_end(nights.after_stage)
        jobs.register("night.report", nights.report_stage)
