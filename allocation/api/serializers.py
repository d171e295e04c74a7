"""How plans and quotas look to API clients."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from allocation.models import PlanStatus
from config.common.api_input import MonthParameter, QuerySerializer
from config.common.api_output import MomentField, MonthField
from config.common.periods import period_text


@extend_schema_field({"type": "object", "additionalProperties": True})
class FiguresField(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """The figures behind a total; months in them are written as everywhere."""

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        """The figures."""
        months = value.get("recent_months")
        return {**value, "recent_months": [*map(period_text, months)]} if months else value


class TierQuotaSerializer(serializers.Serializer[Any]):
    """Reference quota of a tier; tier 30 is the highest unless the scheme says otherwise."""

    tier = serializers.IntegerField()
    retailers = serializers.IntegerField()
    cartons = serializers.IntegerField(help_text="Per retailer of the tier.")


class PlanLineSerializer(serializers.Serializer[Any]):
    """One product of a plan with everything its total was computed from.

    total = floor((w·last_year + (1−w)·forecast) · node_factor), not above supply_cap; without last year
    the forecast alone counts. released + reserve = total.
    """

    product_code = serializers.CharField(source="product.code")
    last_year_cartons = serializers.IntegerField(allow_null=True)
    forecast_cartons = serializers.IntegerField()
    node_factor = serializers.DecimalField(max_digits=5, decimal_places=2)
    history_weight = serializers.DecimalField(max_digits=4, decimal_places=3)
    supply_cap = serializers.IntegerField(allow_null=True)
    total_cartons = serializers.IntegerField()
    tier_cartons = serializers.IntegerField()
    released_cartons = serializers.IntegerField()
    reserve_cartons = serializers.IntegerField()
    figures = FiguresField()
    tier_quotas = TierQuotaSerializer(many=True)


class PlanSerializer(serializers.Serializer[Any]):
    """A plan without its lines."""

    id = serializers.IntegerField(source="pk")
    month = MonthField(source="period", help_text="2026-11")
    version = serializers.IntegerField()
    status = serializers.ChoiceField(choices=PlanStatus.choices)
    business_date = serializers.DateField(allow_null=True)
    products = serializers.IntegerField()
    retailers = serializers.IntegerField()
    total_cartons = serializers.IntegerField()
    released_cartons = serializers.IntegerField()
    quota_rows = serializers.IntegerField()
    result_hash = serializers.CharField()
    publication_no = serializers.IntegerField(allow_null=True)
    published_at = MomentField(allow_null=True)


class PlanDetailSerializer(PlanSerializer):
    """A plan with its lines."""

    policies = serializers.JSONField(help_text="Rule code: version used.")
    tier_run_id = serializers.IntegerField(allow_null=True)
    lines = PlanLineSerializer(many=True)


class QuotaQuery(QuerySerializer):
    """Parameters of the quotas of one retailer."""

    retailer = serializers.CharField(max_length=60, help_text="Code of the retailer.")
    month = MonthParameter(help_text="2026-11")
    explain = serializers.ChoiceField(
        choices=["1"], required=False, help_text="1: with the numbers behind each quota."
    )


class QuotaReasonSerializer(serializers.Serializer[Any]):
    """The numbers behind a quota: the retailer's share of what the product's line releases."""

    tier = serializers.IntegerField()
    weight = serializers.IntegerField(help_text="Basis of the share.")
    upper = serializers.IntegerField(help_text="Most that the rules allow this retailer.")
    tier_cartons = serializers.IntegerField(
        allow_null=True, help_text="Reference quota of the tier, per retailer."
    )
    line = PlanLineSerializer(allow_null=True)


class QuotaSerializer(serializers.Serializer[Any]):
    """What the retailer may order of one product in the month."""

    product_code = serializers.CharField()
    cartons = serializers.IntegerField()
    why = QuotaReasonSerializer(required=False, help_text="Only with explain=1.")


class RetailerQuotasSerializer(serializers.Serializer[Any]):
    """The quotas of one retailer from the published plan of a month; a product not listed has none."""

    retailer_code = serializers.CharField()
    month = serializers.CharField()
    plan_id = serializers.IntegerField()
    plan_version = serializers.IntegerField()
    publication_no = serializers.IntegerField(help_text="Also the ETag.")
    published_at = MomentField()
    quotas = QuotaSerializer(many=True)


class ChangedQuotaSerializer(serializers.Serializer[Any]):
    """One quota of a publication."""

    retailer_code = serializers.CharField()
    product_code = serializers.CharField()
    cartons = serializers.IntegerField()


class PublicationSerializer(serializers.Serializer[Any]):
    """A publication, or the piece of it that fits this page.

    It replaces all quotas of its month: what it does not list is 0 from now on.
    """

    publication_no = serializers.IntegerField()
    plan_id = serializers.IntegerField()
    month = serializers.CharField()
    plan_version = serializers.IntegerField()
    replaces_plan_id = serializers.IntegerField(
        allow_null=True, help_text="The plan that it corrects, or null for the first of the month."
    )
    published_at = MomentField()
    begins = serializers.BooleanField(help_text="The first piece of this publication.")
    complete = serializers.BooleanField(help_text="The last piece of this publication.")
    quotas = ChangedQuotaSerializer(many=True)


class ChangesSerializer(serializers.Serializer[Any]):
    """A page of publications after the cursor."""

    publications = PublicationSerializer(many=True)
    next_cursor = serializers.CharField(help_text="Keep it; it is the cursor of the next call.")
    has_more = serializers.BooleanField()
