"""How retailers look to API clients."""

from typing import Any

from rest_framework import serializers

from accounts.roles import Permission
from config.common.personal import masked_phone
from customers.models import BiweeklyOrder, CoordinateSystem, LifeCycleStage, RetailerStatus


class CodeNameSerializer(serializers.Serializer[Any]):
    """An entry of a code list."""

    code = serializers.CharField()
    name = serializers.CharField()


class UnitSerializer(serializers.Serializer[Any]):
    """A node of the organisation tree."""

    code = serializers.CharField()
    path = serializers.CharField()


class ContactSerializer(serializers.Serializer[Any]):
    """A person of the shop. Its number is masked: revealing one is done, and recorded, on its page."""

    name = serializers.CharField()
    relation = serializers.CharField()
    phone = serializers.SerializerMethodField(help_text="Masked: 138****1234.")
    is_primary = serializers.BooleanField()
    is_key_man = serializers.BooleanField()

    def get_phone(self, contact: Any) -> str:
        return masked_phone(contact.phone)


class RetailerSerializer(serializers.Serializer[Any]):
    """A retailer. ``contacts`` is there only for people who may see personal data, never for machines."""

    code = serializers.CharField()
    name = serializers.CharField()
    licence_no = serializers.CharField()
    status = serializers.ChoiceField(choices=RetailerStatus.choices)
    format = CodeNameSerializer(allow_null=True)
    market_type = CodeNameSerializer(allow_null=True)
    trade_area = CodeNameSerializer(allow_null=True)
    compliance_grade = CodeNameSerializer(allow_null=True)
    order_weekday = serializers.IntegerField(allow_null=True, help_text="ISO: Monday is 1.")
    biweekly = serializers.ChoiceField(
        choices=BiweeklyOrder.choices, help_text="Empty: every week."
    )
    county = UnitSerializer(allow_null=True)
    department = UnitSerializer(allow_null=True)
    line = UnitSerializer(allow_null=True)
    address = serializers.CharField()
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    latitude = serializers.DecimalField(max_digits=8, decimal_places=6, allow_null=True)
    coordinate_system = serializers.ChoiceField(choices=CoordinateSystem.choices)
    opened_on = serializers.DateField(allow_null=True)
    source_tier = serializers.IntegerField(allow_null=True)
    life_cycle_stage = serializers.ChoiceField(
        choices=[*LifeCycleStage.choices, ("", "")], help_text="Empty: not computed yet."
    )
    updated_at = serializers.DateTimeField()
    contacts = ContactSerializer(many=True, required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Without contacts unless the caller may see personal data; the schema shows them."""
        fields = super().get_fields()
        view = self.context.get("view")
        request = self.context.get("request")
        if getattr(view, "swagger_fake_view", False):
            return fields
        if request is None or not request.user.has(Permission.VIEW_PERSONAL_DATA):
            del fields["contacts"]
        return fields
