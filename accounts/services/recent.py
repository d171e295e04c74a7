"""Remembers what a person opened, for the search box."""

from django.db import transaction
from django.utils import timezone

from accounts.models import RecentItem, User

KEPT = 30


@transaction.atomic
def remember(*, kind: str, key: str, by: User) -> None:
    """Put this on top of what the person opened last; at most ``KEPT`` stay.

    Args:
        kind: Kind of a search provider.
        key: What it calls the object.
        by: Who opened it.
    """
    RecentItem.objects.bulk_create(
        [RecentItem(user=by, kind=kind, object_id=key, seen_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["user", "kind", "object_id"],
        update_fields=["seen_at"],
    )
    old = RecentItem.objects.filter(user=by).order_by("-seen_at", "-pk")[KEPT:]
    RecentItem.objects.filter(pk__in=old.values("pk")).delete()
