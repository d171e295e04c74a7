from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "customers"

    def ready(self) -> None:
        from accounts.models import on_stand_in  # noqa: PLC0415 - models must be loaded
        from accounts.services import on_company_created  # noqa: PLC0415
        from config.common import housekeeping  # noqa: PLC0415
        from customers import (  # noqa: PLC0415 - models must be loaded
            alerts,
            lists,
            next_actions,
            panels,
            search,
            timeline,
        )
        from customers.importers import file_jobs, file_list, registry, retailers  # noqa: PLC0415
        from customers.selectors.stand_ins import what_stands_in_adds  # noqa: PLC0415
        from customers.services import desk, handover_apply, handover_notices  # noqa: PLC0415
        from customers.services.code_lists import create_default_code_lists  # noqa: PLC0415
        from customers.views import administration_registry, handover_parts  # noqa: PLC0415

        panels.register()
        timeline.register()
        next_actions.register()
        alerts.register()
        search.register()
        lists.register()
        registry.register(retailers.KIND)
        file_jobs.register()
        file_list.register()
        desk.register()
        on_company_created(create_default_code_lists)
        on_stand_in(what_stands_in_adds)
        handover_parts.register()
        administration_registry.register()
        handover_notices.register()
        housekeeping.register("hand-overs", handover_apply.apply_due_today)
