"""Machine clients of the API: make one, give it a new secret, end it."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import get_access_token_model

from accounts.models import ApiClient, Company, User
from accounts.services import record
from config.common.errors import ConflictError, DomainError

NOTE_EVERY = dt.timedelta(minutes=10)


def known_scopes() -> dict[str, str]:
    """Scope to what it allows."""
    scopes: Any = settings.OAUTH2_PROVIDER["SCOPES"]
    return dict(scopes)


@transaction.atomic
def create_api_client(
    *,
    company: Company,
    name: str,
    scopes: Iterable[str],
    order_source: str = "main",
    by: User | None,
) -> tuple[ApiClient, str]:
    """A client of one company.

    Args:
        company: Whose data it sees and writes; never another's.
        name: How people call it: 订货系统.
        scopes: What it may ask for, of ``settings.OAUTH2_PROVIDER["SCOPES"]``.
        order_source: Name space of its order numbers. Two clients with the same one share them.
        by: Who makes it; None for a command.

    Returns:
        The client and its secret, which is stored as a hash only: show it once.

    Raises:
        DomainError: No name, an unknown scope, or a name space that is not 1 to 20 characters.
        ConflictError: An active client of the company is called so already.
    """
    wanted = sorted(set(scopes))
    known = known_scopes()
    unknown = [scope for scope in wanted if scope not in known]
    if unknown or not wanted:
        raise DomainError(
            _("Unknown scopes: %(scopes)s. Choose at least one of %(known)s.")
            % {"scopes": " ".join(unknown) or "-", "known": " ".join(known)},
            code="unknown_scope",
        )
    if not name.strip() or not 1 <= len(order_source) <= 20:
        raise DomainError(
            _("A client needs a name, and a name space of 1 to 20 characters for its orders."),
            code="incomplete",
        )
    if ApiClient.objects.filter(company=company, name=name.strip(), is_active=True).exists():
        raise ConflictError(
            _("There is a client called %(name)s already; give it a new secret instead.")
            % {"name": name.strip()},
            code="client_exists",
        )
    secret = generate_client_secret()
    client = ApiClient.objects.create(
        company=company,
        name=name.strip(),
        order_source=order_source,
        allowed_scopes=" ".join(wanted),
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
    )
    record(
        action="api_client.create",
        company_id=company.pk,
        by=by,
        obj=client,
        changes={"scopes": [None, client.allowed_scopes], "source": [None, order_source]},
    )
    return client, secret


@transaction.atomic
def rotate_secret(*, client: ApiClient, by: User | None) -> str:
    """A new secret; the old one and every token got with it stop counting at once."""
    secret: str = generate_client_secret()
    client.client_secret = secret
    client.save(update_fields=["client_secret", "updated"])
    _drop_tokens(client)
    record(action="api_client.rotate", company_id=client.company_id, by=by, obj=client)
    return secret


@transaction.atomic
def revoke_api_client(*, client: ApiClient, by: User | None, reason: str = "") -> None:
    """End a client: it gets no token any more, and those it has stop counting at once."""
    client.is_active = False
    client.save(update_fields=["is_active", "updated"])
    _drop_tokens(client)
    record(
        action="api_client.revoke",
        company_id=client.company_id,
        by=by,
        obj=client,
        changes={"is_active": [True, False]},
        reason=reason,
    )


def note_use(client: ApiClient) -> None:
    """Remember that a client was here, to within ten minutes: not every request writes."""
    now = timezone.now()
    if client.last_used_at is not None and now - client.last_used_at < NOTE_EVERY:
        return
    ApiClient.objects.filter(pk=client.pk).update(last_used_at=now)


def _drop_tokens(client: ApiClient) -> None:
    get_access_token_model().objects.filter(application=client).delete()
