"""How products look to API clients, and what orders must look like."""

from typing import Any

from rest_framework import serializers

from brands.models import LineKind
from brands.services.orders import PushedLine, PushedOrder
from config.common.api_input import (
    CentsField,
    StrictBooleanField,
    StrictCharField,
    StrictDateField,
    StrictIntegerField,
    StrictSerializer,
)

MAX_ORDERS = 1_000
MAX_LINES = 10_000
MOST_CARTONS = 1_000_000
MOST_LINE_NO = 2**31 - 1  # as in files
KINDS = {"sale": LineKind.SALE, "return": LineKind.RETURN, "cancelled": LineKind.CANCELLED}


class ProductSerializer(serializers.Serializer[Any]):
    """A product (品规). Prices are yuan per carton (条), as text."""

    code = serializers.CharField()
    name = serializers.CharField()
    manufacturer = serializers.CharField(source="manufacturer.name")
    brand = serializers.CharField()
    price_class = serializers.CharField(source="price_class.code")
    wholesale_price = serializers.DecimalField(max_digits=10, decimal_places=2)
    retail_price = serializers.DecimalField(max_digits=10, decimal_places=2)
    carton_barcode = serializers.CharField()
    sticks_per_carton = serializers.IntegerField()
    launched_on = serializers.DateField(allow_null=True)
    is_key_brand = serializers.BooleanField()
    is_active = serializers.BooleanField()
    updated_at = serializers.DateTimeField()


class LineKindField(serializers.ChoiceField):
    """sale, return or cancelled."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(KINDS), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """The stored number."""
        if not isinstance(data, str) or data not in KINDS:
            self.fail("invalid_choice", input=str(data)[:40])
        return KINDS[data]


class OrderLineSerializer(StrictSerializer):
    """A line; cartons (条) are whole numbers, a return has negative ones."""

    line_no = StrictIntegerField(min_value=1, max_value=MOST_LINE_NO)
    product_code = StrictCharField(max_length=40)
    ordered_cartons = StrictIntegerField(min_value=-MOST_CARTONS, max_value=MOST_CARTONS)
    needed_cartons = StrictIntegerField(
        min_value=0, max_value=MOST_CARTONS, required=False, allow_null=True
    )
    quota_cartons = StrictIntegerField(
        min_value=0, max_value=MOST_CARTONS, required=False, allow_null=True
    )
    unit_price = CentsField(
        max_digits=8,
        min_value=0,
        required=False,
        allow_null=True,
        help_text="Yuan per carton.",
    )
    amount = CentsField(
        required=False,
        allow_null=True,
        help_text="Yuan; cartons times unit_price when absent.",
    )
    kind = LineKindField(required=False, default="sale")


class OrderSerializer(StrictSerializer):
    """A version of an order; (client's order source, order_no) is one order for ever."""

    order_no = StrictCharField(max_length=60)
    retailer_code = StrictCharField(max_length=60)
    ordered_on = StrictDateField()
    revision = StrictIntegerField(min_value=0, max_value=1_000_000_000, default=0)
    cancelled = StrictBooleanField(default=False)
    lines = OrderLineSerializer(many=True, required=False, default=list)


class PushSerializer(StrictSerializer):
    """Up to 1,000 orders with up to 10,000 lines together."""

    orders = OrderSerializer(many=True, allow_empty=False)


def pushed_orders(validated: dict[str, Any]) -> list[PushedOrder]:
    """Checked input as the service takes it."""
    return [
        PushedOrder(
            order_no=order["order_no"],
            retailer_code=order["retailer_code"],
            ordered_on=order["ordered_on"],
            revision=order["revision"],
            cancelled=order["cancelled"],
            lines=tuple(_line(line) for line in order["lines"]),
        )
        for order in validated["orders"]
    ]


def _line(line: dict[str, Any]) -> PushedLine:
    return PushedLine(
        line_no=line["line_no"],
        product_code=line["product_code"],
        ordered_cartons=line["ordered_cartons"],
        kind=KINDS.get(line["kind"], line["kind"]),
        needed_cartons=line.get("needed_cartons"),
        quota_cartons=line.get("quota_cartons"),
        unit_price_cents=line.get("unit_price"),
        amount_cents=line.get("amount"),
    )


class ResultSerializer(serializers.Serializer[Any]):
    """What became of one order, in the sequence in which they were sent."""

    order_no = serializers.CharField()
    revision = serializers.IntegerField()
    status = serializers.ChoiceField(
        choices=["created", "updated", "unchanged", "stale", "refused"]
    )
    code = serializers.CharField(
        help_text="Why it was refused: unknown_retailer, unknown_product, duplicate_line, no_lines, "
        "date_out_of_range, negative_sale, positive_return, no_amount, price_not_positive, "
        "amount_sign or order_clash. Empty otherwise."
    )
    field = serializers.CharField(help_text="Which field, such as lines[2].product_code.")
    detail = serializers.CharField()


class PushAnswerSerializer(serializers.Serializer[Any]):
    """One result per order."""

    results = ResultSerializer(many=True)
    counts = serializers.DictField(child=serializers.IntegerField())
