"""``/api/v1/retailers/``."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView

from accounts.api.base import ScopedView
from accounts.roles import Permission
from config.common.api_input import KeysetPagination
from config.common.api_schema import READ, problems
from customers.api import selectors
from customers.api.filters import RetailerFilter
from customers.api.serializers import RetailerSerializer


class RetailerBase(ScopedView):
    people = Permission.VIEW_RETAILERS
    machines = "retailer:read"
    serializer_class: Any = RetailerSerializer

    def get_queryset(self) -> QuerySet[Any]:
        return selectors.list_retailers(self.caller)


class RetailerList(RetailerBase, ListAPIView[Any]):
    filterset_class = RetailerFilter
    pagination_class = KeysetPagination

    @extend_schema(
        operation_id="list_retailers",
        responses={200: RetailerSerializer(many=True), **problems(*READ)},
        tags=["retailers"],
    )
    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Retailers in a stable sequence; follow `next_cursor` until `has_more` is false."""
        return super().get(*args, **kwargs)


class RetailerDetail(RetailerBase, RetrieveAPIView[Any]):
    lookup_field = "code"
    filter_backends = ()

    @extend_schema(
        operation_id="get_retailer",
        responses={200: RetailerSerializer, **problems(*READ)},
        tags=["retailers"],
    )
    def get(self, *args: Any, **kwargs: Any) -> Any:
        """One retailer by its code."""
        return super().get(*args, **kwargs)
