"""Reads of comments. Whether somebody may see the object is asked before (``services.comments.thread``)."""

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from accounts.models import Comment, User

PAGE = 20
MOST_PINNED = 20


@dataclass(frozen=True)
class Latest:
    """Comments on one object, as its panel shows them.

    Args:
        pinned: What stays on top.
        others: The latest of the others, the newest first.
        following: ``before`` of the next page, or None.
    """

    pinned: list[Comment]
    others: list[Comment]
    following: int | None


def comments_on(company_id: int, object_type: str, object_id: str) -> QuerySet[Comment]:
    """Comments on one object that were not deleted, with author and who is mentioned."""
    return (
        Comment.objects.filter(
            company_id=company_id,
            object_type=object_type,
            object_id=object_id,
            deleted_at=None,
        )
        .select_related("author")
        .prefetch_related("mentions")
    )


def latest_comments(
    company_id: int,
    object_type: str,
    object_id: str,
    *,
    before: int | None = None,
    size: int = PAGE,
) -> Latest:
    """Pinned comments, and a page of the others; on later pages the pinned are left out."""
    found = comments_on(company_id, object_type, object_id)
    pinned = [] if before else list(found.exclude(pinned_at=None).order_by("-pinned_at")[:size])
    others = found.filter(pinned_at=None).order_by("-pk")
    if before is not None:
        others = others.filter(pk__lt=before)
    rows = list(others[: size + 1])
    return Latest(pinned, rows[:size], rows[size - 1].pk if len(rows) > size else None)


def comments_before(
    company_id: int, object_type: str, object_id: str, *, before: Q, with_pinned: bool, limit: int
) -> list[Comment]:
    """Pinned comments, if they are wanted, then the newest of the others that a condition admits.

    Args:
        company_id: Whose object it is.
        object_type: ``customers.retailer``.
        object_id: Its key.
        before: Condition on those that are not pinned.
        with_pinned: True for the first page of a stream.
        limit: At most so many besides the pinned ones.
    """
    found = comments_on(company_id, object_type, object_id)
    others = Q(before, pinned_at=None)
    if not with_pinned:
        return list(found.filter(others).order_by("-created_at", "-pk")[:limit])
    rows = list(
        found.filter(others | Q(pinned_at__isnull=False)).order_by(
            F("pinned_at").desc(nulls_last=True), "-created_at", "-pk"
        )[: limit + MOST_PINNED]
    )
    pinned = [row for row in rows if row.pinned_at is not None]
    if len(pinned) > MOST_PINNED:  # they have taken places of the others
        rest = found.filter(others).order_by("-created_at", "-pk")
        return [*pinned[:MOST_PINNED], *rest[:limit]]
    return rows


def comment_of(user: User, pk: int) -> Comment | None:
    """A comment of this person's company; whether they see its object is asked by the service."""
    rows = Comment.objects.filter(pk=pk, deleted_at=None)
    if not user.scope.everything:
        rows = rows.filter(company=user.company)
    found: Comment | None = rows.select_related("author").prefetch_related("mentions").first()
    return found


def latest_authors(company_id: int, object_type: str, object_id: str, *, limit: int) -> list[User]:
    """Who wrote about this object last, the latest first."""
    rows = Comment.objects.filter(
        company_id=company_id, object_type=object_type, object_id=object_id, deleted_at=None
    ).order_by("-pk")
    keys = list(dict.fromkeys(rows.values_list("author_id", flat=True)[:200]))[:limit]
    people = User.objects.filter(is_active=True).in_bulk(keys)
    return [people[key] for key in keys if key in people]
