"""``/api/v1/quotas/``: the quotas of one retailer, the one path that must be fast.

A machine's ordinary question is answered by one statement that checks the token and builds the answer.
Whatever is not ordinary (a person, an explanation, anything wrong) goes to the full view, which also says
in the schema what both do.
"""

import re
from functools import wraps
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from accounts.api.authentication import InvalidTokenError, bearer_token
from accounts.api.base import ScopedView
from accounts.api.selectors import checksum_of
from accounts.roles import Permission
from allocation.api import quota_sql, selectors
from allocation.api.explain import explained
from allocation.api.quota_sql import QuotaAnswer
from allocation.api.serializers import QuotaQuery, RetailerQuotasSerializer
from config.common.api import busy_answer
from config.common.api_schema import READ, problems
from config.common.periods import parse_period
from config.common.throttles import seconds_to_wait

SCOPE = "quota:read"
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,18})"', re.ASCII)


class RetailerQuotas(ScopedView):
    people = Permission.VIEW_PLANS
    machines = SCOPE
    throttle_scope = "quota"
    parameters = ("retailer", "month", "explain")

    @extend_schema(
        operation_id="get_quotas",
        parameters=[
            QuotaQuery,
            OpenApiParameter(
                "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag."
            ),
        ],
        responses={
            200: RetailerQuotasSerializer,
            304: OpenApiResponse(
                description="The publication that the caller has is still in force."
            ),
            **problems(*READ),
        },
        tags=["quotas"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Quotas of one retailer from the published plan of a month; the ETag is the publication.

        404 with code `unknown_retailer` or `nothing_published`. With `explain=1` every quota comes with the
        numbers from which it was computed.
        """
        query = QuotaQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        retailer = selectors.find_retailer(self.caller, wanted["retailer"])
        explain = wanted.get("explain") == "1"
        answer = quota_sql.ask_by_company(
            company_id=retailer.company_id,
            retailer=retailer.code,
            period=wanted["month"],
            known=None if explain else _known(request.META),
        )
        if answer.publication_no is None:
            raise selectors.nothing_published(wanted["month"])
        if explain and answer.body is not None:
            return _respond(explained(answer.body, retailer), answer.publication_no)
        return _respond(answer.body, answer.publication_no)


_full_view = RetailerQuotas.as_view()


@wraps(_full_view)
def quotas(request: HttpRequest) -> HttpResponseBase:
    """The fast way where it applies, the full view otherwise."""
    try:
        answer = _ordinary(request)
    except OperationalError as error:
        return busy_answer(error)
    return _full_view(request) if answer is None else answer


def _ordinary(request: HttpRequest) -> HttpResponse | None:
    query = request.GET
    twice = any(len(values) > 1 for _name, values in query.lists())
    if (
        request.method != "GET"
        or len(query) != 2
        or twice
        or len(request.META["QUERY_STRING"]) > 200
    ):
        return None
    try:
        token, period = bearer_token(request), parse_period(query.get("month", ""))
    except (InvalidTokenError, ValueError):
        return None
    retailer = query.get("retailer", "")
    if not token or not retailer:
        return None
    answer = quota_sql.ask_by_token(
        checksum=checksum_of(token),
        retailer=retailer,
        period=period,
        known=_known(request.META),
    )
    if not _is_fine(answer):
        return None
    return _respond(answer.body, answer.publication_no)


def _is_fine(answer: QuotaAnswer) -> bool:
    if answer.client_id is None or SCOPE not in answer.scope.split():
        return False
    if answer.retailer_id is None or answer.publication_no is None:
        return False
    return seconds_to_wait(RetailerQuotas.throttle_scope, f"client-{answer.client_id}") == 0


def _known(meta: dict[str, Any]) -> int | None:
    match = _ETAG.fullmatch(meta.get("HTTP_IF_NONE_MATCH", ""))
    return int(match[1]) if match else None


def _respond(body: bytes | None, publication_no: int | None) -> HttpResponse:
    headers = {"ETag": f'"{publication_no}"', "Vary": "Authorization, Cookie"}
    if body is None:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(body, content_type="application/json", headers=headers)
