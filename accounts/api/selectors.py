"""Reads of the API about who asks."""

import hashlib

from oauth2_provider.models import AccessToken, get_access_token_model

from accounts.models import ApiClient, User


def checksum_of(raw_token: str) -> str:
    """How a token is stored: nobody who reads the database can use it."""
    return hashlib.sha256(raw_token.encode()).hexdigest()


def find_token(raw_token: str) -> AccessToken | None:
    """The token if it still counts: known, not expired, of a client that may be used."""
    token = (
        get_access_token_model()
        .objects.select_related("application__company")
        .filter(token_checksum=checksum_of(raw_token))
        .first()
    )
    if token is None or token.is_expired() or token.application is None:
        return None
    return token if token.application.is_usable(None) else None


def machine_user(client: ApiClient) -> User:
    """Stands for a machine where rows are scoped: sees its company, has no permission of a person."""
    return User(
        username=f"client:{client.pk}", display_name=client.name, company_id=client.company_id
    )
