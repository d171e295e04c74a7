from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Models must be loaded before these.
        from accounts.services import sample_data  # noqa: PLC0415

        sample_data.on_last_company_gone(_remove_sample_products)


def _remove_sample_products() -> int:
    # Only then: the demo brings libraries that no other process needs.
    from config.management.demo.reset import remove_sample_products  # noqa: PLC0415

    return remove_sample_products()
