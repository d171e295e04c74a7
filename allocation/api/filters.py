"""Query parameters of the list of plans."""

import django_filters

from allocation.models import Plan, PlanStatus
from config.common.api_input import MonthFilter


class PlanFilter(django_filters.FilterSet):  # type: ignore[misc]
    """All given parameters must hold."""

    month = MonthFilter(field_name="period", label="2026-11")
    status = django_filters.ChoiceFilter(choices=PlanStatus.choices)

    class Meta:
        model = Plan
        fields: list[str] = []
