"""Drafts: what somebody typed into a form and has not sent yet.

The page saves it some seconds after typing has stopped (``static/js/drafts.js``). A form that is sent
takes its draft along: ``forget_sent`` is called by ``config.common.drafts.DraftMiddleware``.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Draft, User
from config.common.errors import DomainError

KEPT = dt.timedelta(days=30)
PER_PERSON = 50
MAX_KEY = 120
MAX_FIELDS = 60
MAX_BYTES = 40_000
# Never stored, whatever a page sends: secrets, and what belongs to one request only.
SECRET = re.compile(r"passw|secret|token|csrf|^_", re.IGNORECASE)


@transaction.atomic
def save(*, user: User, key: str, fields: Mapping[str, Any]) -> Draft | None:
    """Keep what was typed, instead of what was kept before.

    Args:
        user: Whose text it is; nobody else ever reads it.
        key: Names the form: its ``data-draft``.
        fields: Name of the field to its text.

    Returns:
        The draft; None when nothing is left to keep, and the old one is gone.

    Raises:
        DomainError: It is more than a draft may hold, or not made of texts.
    """
    kept = _tidy(key, fields)
    if not any(kept.values()):
        discard(user=user, key=key)
        return None
    draft, _made = Draft.objects.update_or_create(
        user=user, form_key=key, defaults={"fields": kept, "saved_at": timezone.now()}
    )
    newest = Draft.objects.filter(user=user).order_by("-saved_at", "-pk")
    over = list(newest.values_list("pk", flat=True)[PER_PERSON : 2 * PER_PERSON])
    if over:
        Draft.objects.filter(pk__in=over).delete()
    return draft


def _tidy(key: str, fields: Mapping[str, Any]) -> dict[str, str]:
    texts = all(isinstance(value, str) for value in fields.values())
    if not key or len(key) > MAX_KEY or "\x00" in key or len(fields) > MAX_FIELDS or not texts:
        raise DomainError(_("This draft cannot be kept."), code="draft_invalid")
    kept = {
        name[:100]: value.replace("\x00", "")
        for name, value in fields.items()
        if not SECRET.search(name)
    }
    if len(json.dumps(kept, ensure_ascii=False).encode()) > MAX_BYTES:
        raise DomainError(
            _("This text is too long to be kept as a draft; send it before you leave the page."),
            code="draft_too_large",
        )
    return kept


def discard(*, user: User, key: str) -> None:
    """Forget a draft; that there is none is well."""
    Draft.objects.filter(user=user, form_key=key).delete()


def forget_sent(user: Any, key: str) -> None:
    """The form was sent and taken: its draft is not needed any more."""
    discard(user=user, key=key[:MAX_KEY])


def sweep() -> int:
    """Forget drafts that nobody came back to."""
    gone, _by_model = Draft.objects.filter(saved_at__lt=timezone.now() - KEPT).delete()
    return gone
