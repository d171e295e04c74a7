from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "customers"

    def ready(self) -> None:
        from accounts.services import on_company_created  # noqa: PLC0415 - models must be loaded
        from customers import panels  # noqa: PLC0415
        from customers.importers import registry, retailers, uploads  # noqa: PLC0415
        from customers.services.code_lists import create_default_code_lists  # noqa: PLC0415

        panels.register()
        registry.register(retailers.KIND)
        uploads.register()
        on_company_created(create_default_code_lists)
