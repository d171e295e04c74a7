"""What a person opened last."""

from accounts.models import RecentItem, User


def list_recent(user: User, limit: int) -> list[tuple[str, str]]:
    """Kind and key of what this person opened, the latest first.

    Whether they may still open it is not known here: resolve it with ``config.common.search.recall``.
    """
    items = RecentItem.objects.visible_to(user).order_by("-seen_at", "-pk")
    return list(items.values_list("kind", "object_id")[:limit])
