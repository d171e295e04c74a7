"""Which scopes a client can ask for: those it was given."""

from typing import Any

from oauth2_provider.scopes import SettingsScopes


class ClientScopes(SettingsScopes):  # type: ignore[misc]  # the library has no types
    """Limits a client to ``ApiClient.allowed_scopes``; asking for none gives all of them."""

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """The scopes of this client."""
        given = set(application.allowed_scopes.split()) if application is not None else set()
        return [scope for scope in self.get_all_scopes() if scope in given]

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """What a token gets when the client names no scope."""
        return self.get_available_scopes(application)
