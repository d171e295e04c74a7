from django.apps import AppConfig


class AllocationConfig(AppConfig):
    name = "allocation"

    def ready(self) -> None:
        from accounts.services import on_company_created  # noqa: PLC0415 - models must be loaded
        from allocation import (  # noqa: PLC0415 - models must be loaded
            alerts,
            lists,
            next_actions,
            nightly,
            panels,
            prints,
            search,
            timeline,
        )
        from allocation.services import desk, policy_schemas, rules  # noqa: PLC0415
        from config.common import jobs  # noqa: PLC0415

        on_company_created(rules.create_default_policies)
        jobs.register("night.demand", nightly.demand_stage)
        jobs.register("night.allocation", nightly.allocation_stage)
        panels.register()
        timeline.register()
        next_actions.register()
        alerts.register()
        prints.register()
        desk.register()
        policy_schemas.register()
        search.register()
        lists.register()
