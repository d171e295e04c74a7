"""What allocation lets people find: plans, by month."""

import re

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Permission
from allocation.models import Plan, PlanStatus
from allocation.selectors import list_plans
from config.common import search
from config.common.periods import period_text
from config.common.search import Hit, Match, Provider, Query

LATEST = 60
PLANS, PLAN = gettext_lazy("Plans"), gettext_lazy("Plan")
_DAY = re.compile(r"(20\d\d)[-/.年]?(0?[1-9]|1[0-2])月?份?")
_MONTH = re.compile(r"(0?[1-9]|1[0-2])月份?")


def months_of(word: str) -> tuple[int | None, int] | None:
    """Year (None for any) and month of a word: 2026-11, 202611, 2026年11月, 11月."""
    if match := _DAY.fullmatch(word):
        return int(match[1]), int(match[2])
    if match := _MONTH.fullmatch(word):
        return None, int(match[1])
    return None


def find_plans(user: User, query: Query, limit: int) -> list[Hit]:
    """Plans of a month, or by state and version; the latest first."""
    months = [named for word in query.words if (named := months_of(word))]
    others = [word for word in query.words if months_of(word) is None]
    # What no plan can be called needs no look at the plans.
    if (query.codes_only and others) or any(
        search.match_of([word], _vocabulary()) is None for word in others
    ):
        return []
    plans = list_plans(user).order_by("-period", "-version")
    for year, month in months:
        if year is not None:
            plans = plans.filter(period=year * 100 + month)
    found = []
    for plan in plans[:LATEST]:
        match = search.match_of(others, _key(plan))
        if match is not None and all(month == plan.period % 100 for _year, month in months):
            found.append(_plan(plan, match))
    return sorted(found, key=lambda hit: hit.match)[:limit]


def recall_plans(user: User, keys: list[str]) -> list[Hit]:
    """Plans that were opened before and may still be seen."""
    plans = list_plans(user).filter(pk__in=search.whole_numbers(keys))
    return [_plan(plan, Match.CONTAINED) for plan in plans]


def _vocabulary() -> str:
    states = [search.spoken(label) for label in (*PlanStatus.labels, PLANS, PLAN)]
    return " ".join([*states, *(f"v{number}" for number in range(1, 100))])


def _key(plan: Plan) -> str:
    return f"{search.spoken(PLANS, PLAN, PlanStatus(plan.status).label)} v{plan.version}"


def _plan(plan: Plan, match: Match) -> Hit:
    facts = [f"v{plan.version}", plan.get_status_display()]
    if plan.products:
        facts.append(_("%(n)s products") % {"n": plan.products})
    return Hit(
        key=str(plan.pk),
        label=_("Plan of %(month)s") % {"month": period_text(plan.period)},
        line=" · ".join(facts),
        url=reverse("plan-detail", args=[plan.pk]),
        match=match,
    )


def register() -> None:
    """Called from ``AppConfig.ready``."""
    search.register(
        Provider(
            kind="plan",
            label=PLANS,
            icon="target-arrow",
            permission=Permission.VIEW_PLANS,
            order=30,
            find=find_plans,
            recall=recall_plans,
            page="plan-detail",
        )
    )
