"""The list of plans, as it is declared for the one mechanism of lists (ADR 5)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission
from allocation import selectors
from allocation.models import Plan, PlanStatus
from config.common import lists
from config.common.lists import Badge, Column, Empty, ListSpec, Sort, attribute
from config.common.periods import period_text
from config.common.templatetags.lz import tone
from config.common.units import cartons_to_boxes

MONTH = Sort("month", "period", _("Month"), int, descending=True)


class PlanSource:
    """Columns and filters of plans."""

    def fields(self, user: User) -> dict[str, forms.Field]:
        choices = [("", _("All")), *PlanStatus.choices]
        return {"status": forms.ChoiceField(label=_("Status"), required=False, choices=choices)}

    def apply(self, queryset: QuerySet[Plan], wanted: dict[str, Any], user: User) -> QuerySet[Plan]:
        return queryset.filter(status=wanted["status"]) if wanted.get("status") else queryset

    def columns(self, user: User) -> list[Column]:
        return [
            Column("month", _("Month"), _months, "code", sort=MONTH, link=True),
            Column("status", _("Status"), _statuses, "badge"),
            Column("products", _("Products"), attribute("products"), "whole"),
            Column("retailers", _("Retailers"), attribute("retailers"), "whole"),
            Column(
                "total",
                _("Total (boxes)"),
                _boxes("total_cartons"),
                "decimal",
                definition=_(
                    "Sum of the monthly totals of all products: history and forecast, times the node "
                    "factor, capped by the agreed supply."
                ),
            ),
            Column(
                "released",
                _("Released (boxes)"),
                _boxes("released_cartons"),
                "decimal",
                definition=_("Sum of the quotas of all retailers."),
            ),
            Column(
                "quotas",
                _("Quota rows"),
                attribute("quota_rows"),
                "whole",
                definition=_("One row for each retailer and product that gets a quota."),
            ),
            Column("day", _("Computed as of"), attribute("business_date"), "date"),
            Column("approved", _("Approved by"), attribute("approved_by"), "code"),
            Column("published", _("Published at"), attribute("published_at"), "time"),
        ]


def _months(rows: Sequence[Plan], user: User) -> dict[int, str]:
    return {row.pk: f"{period_text(row.period)} v{row.version}" for row in rows}


def _statuses(rows: Sequence[Plan], user: User) -> dict[int, Badge]:
    return {row.pk: Badge(row.get_status_display(), tone(row.status)) for row in rows}


def _boxes(field: str) -> lists.Reader:
    return lambda rows, user: {row.pk: cartons_to_boxes(getattr(row, field)) for row in rows}


def _counted(number: int) -> str:
    return ngettext("%(n)s plan", "%(n)s plans", number) % {"n": f"{number:,}"}


PLANS = ListSpec(
    name="plans",
    title=_("Plans"),
    permission=Permission.VIEW_PLANS,
    url_name="plan-list",
    rows=selectors.list_plans,
    source=PlanSource(),
    default=MONTH,
    counted=_counted,
    link=lambda row: reverse("plan-detail", args=[row.pk]),
    empty=Empty(
        _("No plan yet"),
        _("The night makes the drafts of this month and the next."),
        "target-arrow",
    ),
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    lists.register(PLANS)
