"""How classes look to API clients."""

from typing import Any

from rest_framework import serializers

from config.common.api_input import DayParameter, QuerySerializer
from config.common.api_output import MomentField, MonthField


class ClassQuery(QuerySerializer):
    """Parameters of the list of classes."""

    scheme = serializers.CharField(max_length=40, help_text="Code of the scheme: abc, tier30, …")
    date = DayParameter(required=False, help_text="As of the end of this day; now when absent.")
    retailer = serializers.CharField(
        max_length=60, required=False, help_text="Only this retailer, by code."
    )


class RunSerializer(serializers.Serializer[Any]):
    """The computation that the classes come from."""

    id = serializers.IntegerField(source="pk")
    scheme = serializers.CharField(source="scheme.code")
    scheme_version = serializers.IntegerField(source="version.version")
    business_date = serializers.DateField()
    window_from = MonthField(help_text="First month looked at, 2026-11.")
    window_to = MonthField(help_text="Last month looked at, 2026-11.")
    published_at = MomentField()


class AssignmentSerializer(serializers.Serializer[Any]):
    """A retailer's class with the figures from which it can be recomputed."""

    retailer_code = serializers.CharField(source="retailer.code")
    class_code = serializers.CharField()
    rank = serializers.IntegerField(help_text="1 is the best.")
    figures = serializers.JSONField()


class ClassesSerializer(serializers.Serializer[Any]):
    """A page of published classes."""

    run = RunSerializer()
    results = AssignmentSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)
    has_more = serializers.BooleanField()
