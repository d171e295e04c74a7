from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Models must be loaded before these.
        from accounts import panels, search  # noqa: PLC0415
        from accounts.lists import menu  # noqa: PLC0415
        from accounts.services import change_jobs, desk, export_jobs  # noqa: PLC0415
        from accounts.views import administration_registry  # noqa: PLC0415

        panels.register()
        administration_registry.register()
        search.register()
        desk.register()
        menu.register()
        change_jobs.register()
        export_jobs.register()
