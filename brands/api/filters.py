"""Query parameters of the list of products."""

import django_filters

from brands.models import Product
from config.common.api_input import FlagFilter, MomentFilter


class ProductFilter(django_filters.FilterSet):  # type: ignore[misc]
    """All given parameters must hold."""

    code = django_filters.CharFilter(max_length=40)
    price_class = django_filters.CharFilter(
        field_name="price_class__code", max_length=10, label="Code of the price class."
    )
    is_active = FlagFilter()
    is_key_brand = FlagFilter()
    updated_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at or after this time."
    )

    class Meta:
        model = Product
        fields: list[str] = []
