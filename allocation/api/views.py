"""``/api/v1/plans/`` and ``/api/v1/quotas/changes/``."""

import re
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ScopedView
from accounts.api.permissions import is_machine
from accounts.roles import Permission
from allocation.api import selectors
from allocation.api.filters import PlanFilter
from allocation.api.selectors import Piece, Position
from allocation.api.serializers import ChangesSerializer, PlanDetailSerializer, PlanSerializer
from config.common.api_input import PAGE_PARAMETERS, KeysetPagination, bad_cursor, page_size
from config.common.api_output import utc_text
from config.common.api_schema import READ, problems
from config.common.periods import period_text


class PlanBase(ScopedView):
    people = Permission.VIEW_PLANS
    machines = "plan:read"
    serializer_class: Any = PlanSerializer

    def get_queryset(self) -> QuerySet[Any]:
        return selectors.list_plans(self.caller, drafts=not is_machine(self.request))


class PlanList(PlanBase, ListAPIView[Any]):
    filterset_class = PlanFilter
    pagination_class = KeysetPagination

    @extend_schema(
        operation_id="list_plans",
        responses={200: PlanSerializer(many=True), **problems(*READ)},
        tags=["plans"],
    )
    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Plans; machines see published ones and those that they replaced, people drafts as well."""
        return super().get(*args, **kwargs)


class PlanDetail(PlanBase, RetrieveAPIView[Any]):
    serializer_class = PlanDetailSerializer
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Any]:
        return selectors.with_lines(super().get_queryset())

    @extend_schema(
        operation_id="get_plan",
        responses={200: PlanDetailSerializer, **problems(*READ)},
        tags=["plans"],
    )
    def get(self, *args: Any, **kwargs: Any) -> Any:
        """A plan with its lines, tier quotas and every figure from which a total can be recomputed."""
        return super().get(*args, **kwargs)


_CURSOR = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,18})\.([0-9]{1,18}))?", re.ASCII)


class QuotaChanges(ScopedView):
    people = Permission.VIEW_PLANS
    machines = "quota:read"
    parameters = ("cursor", "page_size")

    @extend_schema(
        operation_id="list_quota_changes",
        parameters=PAGE_PARAMETERS,
        responses={200: ChangesSerializer, **problems(*READ)},
        tags=["quotas"],
    )
    def get(self, request: Request) -> Response:
        """Quotas of publications after the cursor, for a system that keeps its own copy.

        Begin without cursor, keep `next_cursor`, and ask again while `has_more` is true; later the same
        cursor brings what was published since. A publication replaces all quotas of its month.
        """
        position = _position(request.query_params.get("cursor"))
        pieces, position, more = selectors.changes_after(
            self.caller,
            position,
            page_size(request),
        )
        return Response(
            {
                "publications": [_publication(piece) for piece in pieces],
                "next_cursor": _text(position),
                "has_more": more,
            }
        )


def _position(cursor: str | None) -> Position:
    if cursor is None:
        return Position()
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise bad_cursor()
    row = (int(match[2]), int(match[3])) if match[2] else None
    return Position(int(match[1]), row)


def _text(position: Position) -> str:
    parts = [position.publication_no, *(position.row or ())]
    return ".".join(map(str, parts))


def _publication(piece: Piece) -> dict[str, Any]:
    plan: Any = piece.plan
    return {
        "publication_no": plan.publication_no,
        "plan_id": plan.pk,
        "month": period_text(plan.period),
        "plan_version": plan.version,
        "replaces_plan_id": plan.replaces,
        "published_at": utc_text(plan.published_at),
        "begins": piece.begins,
        "complete": piece.complete,
        "quotas": [
            {
                "retailer_code": row["retailer__code"],
                "product_code": row["product__code"],
                "cartons": row["cartons"],
            }
            for row in piece.quotas
        ],
    }
