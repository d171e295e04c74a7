"""Reads of accounts."""

import datetime as dt

from django.db.models import QuerySet

from accounts.models import Company, PolicyVersion, User


def list_companies(user: User) -> QuerySet[Company]:
    """Companies this person works in."""
    scope = user.scope
    if scope.everything:
        return Company.objects.order_by("code")
    return Company.objects.filter(pk=scope.company_id)


def policy_as_of(company_id: int, code: str, day: dt.date) -> PolicyVersion | None:
    """The version of a rule in force on a day: the newest that had taken effect."""
    return (
        PolicyVersion.objects.filter(company_id=company_id, code=code, effective_from__lte=day)
        .order_by("-effective_from", "-version")
        .first()
    )
