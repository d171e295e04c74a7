from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "config.common"
    label = "common"

    def ready(self) -> None:
        from config.celery import app  # noqa: PLC0415 - settings must be loaded
        from config.common import jobs, nights, tasks  # noqa: PLC0415 - models must be loaded

        # Celery's current app is one per thread; without a default, a web thread would ring nobody.
        app.set_default()
        jobs.on_ring(tasks.ring_by_broker)
        jobs.on_end(nights.after_stage)
        jobs.register("night.report", nights.report_stage)
