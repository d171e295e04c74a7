"""What the schema says about the two plain views for tokens."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.common.api_schema import describe, problems


class TokenForm(serializers.Serializer[Any]):
    """Client id and secret go here or, better, into HTTP Basic."""

    grant_type = serializers.ChoiceField(choices=["client_credentials"])
    scope = serializers.CharField(required=False, help_text="Separated by spaces; all when absent.")
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)


class TokenAnswer(serializers.Serializer[Any]):
    """RFC 6749, section 5.1."""

    access_token = serializers.CharField()
    expires_in = serializers.IntegerField()
    token_type = serializers.CharField()
    scope = serializers.CharField()


class OAuthError(serializers.Serializer[Any]):
    """RFC 6749, section 5.2: not a problem document."""

    error = serializers.CharField()
    error_description = serializers.CharField(required=False)


class RevokeForm(serializers.Serializer[Any]):
    """RFC 7009."""

    token = serializers.CharField()
    token_type_hint = serializers.CharField(required=False)
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)


class _Described(APIView):
    authentication_classes = ()
    parser_classes = (FormParser,)


_ERRORS: dict[Any, Any] = {
    400: OpenApiResponse(OAuthError, "invalid_request, invalid_scope, unsupported_grant_type …"),
    401: OpenApiResponse(OAuthError, "invalid_client: unknown, ended, or the wrong secret."),
    **problems(413, 429, 503),
}


class DescribedToken(_Described):
    @extend_schema(
        operation_id="get_token",
        request=TokenForm,
        responses={200: TokenAnswer, **_ERRORS},
        tags=["tokens"],
    )
    def post(self, request: Request) -> Response:
        """An access token of 15 minutes. Send it as `Authorization: Bearer …`."""
        raise NotImplementedError


class DescribedRevoke(_Described):
    @extend_schema(
        operation_id="revoke_token",
        request=RevokeForm,
        responses={200: OpenApiResponse(description="It does not count any more."), **_ERRORS},
        tags=["tokens"],
    )
    def post(self, request: Request) -> Response:
        """Give a token back; it stops counting at once."""
        raise NotImplementedError


describe("/api/oauth/token/", "POST", DescribedToken)
describe("/api/oauth/revoke_token/", "POST", DescribedRevoke)
