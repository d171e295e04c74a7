"""Query parameters of the list of retailers."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from config.common.api_input import MomentFilter
from customers.api import selectors
from customers.models import Retailer, RetailerStatus


class RetailerFilter(django_filters.FilterSet):  # type: ignore[misc]
    """All given parameters must hold."""

    code = django_filters.CharFilter(max_length=60)
    status = django_filters.ChoiceFilter(choices=RetailerStatus.choices)
    county = django_filters.CharFilter(
        field_name="county__code", max_length=40, label="Code of the county."
    )
    updated_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at or after this time."
    )
    scheme = django_filters.CharFilter(
        method="by_class", max_length=40, label="Class scheme; goes with `class`."
    )

    class Meta:
        model = Retailer
        fields: list[str] = []

    def by_class(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        wanted = self.form.cleaned_data.get("class")
        if not wanted:
            raise ValidationError({"class": [_("scheme and class go together.")]})
        return selectors.in_class(queryset, value, wanted)

    def only_with_scheme(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if not self.form.cleaned_data.get("scheme"):
            raise ValidationError({"scheme": [_("scheme and class go together.")]})
        return queryset


# "class" is a word of Python, so it cannot be declared above.
RetailerFilter.base_filters["class"] = django_filters.CharFilter(
    method="only_with_scheme", max_length=10, label="Class code in the published run of `scheme`."
)
