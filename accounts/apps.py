from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import panels  # noqa: PLC0415 - models must be loaded

        panels.register()
