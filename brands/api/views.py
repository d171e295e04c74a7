"""``/api/v1/products/`` and ``/api/v1/orders/``."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ScopedView
from accounts.models import ApiClient
from accounts.roles import Permission
from brands.api import selectors
from brands.api.filters import ProductFilter
from brands.api.serializers import (
    MAX_LINES,
    MAX_ORDERS,
    ProductSerializer,
    PushAnswerSerializer,
    PushSerializer,
    pushed_orders,
)
from brands.services.orders import push_orders
from config.common.api_input import KeysetPagination
from config.common.api_schema import READ, WRITE, problems
from config.common.errors import DomainError
from config.common.periods import business_today


class TooManyError(DomainError):
    """More orders or lines than one push may hold."""

    status = 422
    default_code = "too_many"


class ProductBase(ScopedView):
    people = Permission.VIEW_PRODUCTS
    machines = "product:read"
    serializer_class: Any = ProductSerializer

    def get_queryset(self) -> QuerySet[Any]:
        return selectors.list_products(self.caller)


class ProductList(ProductBase, ListAPIView[Any]):
    filterset_class = ProductFilter
    pagination_class = KeysetPagination

    @extend_schema(
        operation_id="list_products",
        responses={200: ProductSerializer(many=True), **problems(*READ)},
        tags=["products"],
    )
    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Products in a stable sequence; follow `next_cursor` until `has_more` is false."""
        return super().get(*args, **kwargs)


class ProductDetail(ProductBase, RetrieveAPIView[Any]):
    lookup_field = "code"
    filter_backends = ()

    @extend_schema(
        operation_id="get_product",
        responses={200: ProductSerializer, **problems(*READ)},
        tags=["products"],
    )
    def get(self, *args: Any, **kwargs: Any) -> Any:
        """One product by its code."""
        return super().get(*args, **kwargs)


class OrderPush(ScopedView):
    people = None
    machines = "order:write"
    throttle_scope = "write"

    @extend_schema(
        operation_id="push_orders",
        request=PushSerializer,
        responses={200: PushAnswerSerializer, **problems(*WRITE)},
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="Accepted and not needed: order_no and revision say what is the same.",
            )
        ],
        tags=["orders"],
    )
    def post(self, request: Request) -> Response:
        """Push orders, up to 1,000 with 10,000 lines.

        A body that cannot be read, a field of the wrong type or an unknown one refuses the whole push and
        writes nothing. Otherwise each order is taken or refused as a whole, and `results` says which.
        Sending the same again is safe: it answers `unchanged`. A higher `revision` replaces the order, a
        lower one is `stale`, the same one with other content is refused as `order_clash`. At the same
        revision a cancellation counts more than the order, also when it comes first.
        """
        _check_size(request.data)
        form = PushSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        token: Any = request.auth
        client: ApiClient = token.application
        assert client.company is not None  # noqa: S101 - such a client is not usable
        results = push_orders(
            company=client.company,
            source=client.order_source,
            orders=pushed_orders(form.validated_data),
            channel="api",
            today=business_today(),
            actor_label=client.name,
            by=None,
        )
        return Response(
            {
                "results": [asdict(result) for result in results],
                "counts": dict(sorted(Counter(result.status for result in results).items())),
            }
        )


def _check_size(data: Any) -> None:
    orders = data.get("orders") if isinstance(data, dict) else None
    if not isinstance(orders, list):
        return
    sizes = [len(order["lines"]) for order in orders if _has_lines(order)]
    if len(orders) > MAX_ORDERS or sum(sizes) > MAX_LINES:
        raise TooManyError(
            _("A push holds at most %(orders)s orders with %(lines)s lines; send several.")
            % {"orders": MAX_ORDERS, "lines": MAX_LINES},
            extra={"max_orders": MAX_ORDERS, "max_lines": MAX_LINES},
        )


def _has_lines(order: Any) -> bool:
    return isinstance(order, dict) and isinstance(order.get("lines"), list)
