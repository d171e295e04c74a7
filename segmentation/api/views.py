"""``/api/v1/classes/``."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ScopedView
from accounts.roles import Permission
from config.common.api_input import PAGE_PARAMETERS, KeysetPagination
from config.common.api_schema import READ, problems
from segmentation.api import selectors
from segmentation.api.serializers import (
    AssignmentSerializer,
    ClassesSerializer,
    ClassQuery,
    RunSerializer,
)


class ClassList(ScopedView):
    people = Permission.VIEW_CLASSES
    machines = "class:read"
    parameters = ("scheme", "date", "retailer", "cursor", "page_size")
    page_key = "retailer_id"

    @extend_schema(
        operation_id="list_classes",
        parameters=[ClassQuery, *PAGE_PARAMETERS],
        responses={200: ClassesSerializer, **problems(*READ)},
        tags=["classes"],
    )
    def get(self, request: Request) -> Response:
        """Published classes of a scheme with the figures behind them.

        With `date`: as readers saw them at the end of that day in Asia/Shanghai. 404 with code
        `nothing_published` when nothing was.
        """
        query = ClassQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        run = selectors.published_run(self.caller, wanted["scheme"], wanted.get("date"))
        rows = selectors.list_assignments(self.caller, run, wanted.get("retailer"))
        pages = KeysetPagination()
        page = pages.paginate_queryset(rows, request, self)
        answer = pages.get_paginated_response(AssignmentSerializer(page, many=True).data)
        return Response({"run": RunSerializer(run).data, **answer.data})
