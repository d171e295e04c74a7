"""What the schema says about every endpoint: its problems, and how callers prove who they are."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

_PROBLEM = "application/problem+json"
_MEANING = {
    400: "The input is not valid; extra.fields says which field and why.",
    401: "No token or session, or one that does not count any more.",
    403: "The scope or permission is missing.",
    404: "There is no such thing for this caller.",
    409: "It clashes with what is stored or under way.",
    413: "The body is larger than 10 MB.",
    415: "Not application/json in UTF-8.",
    422: "Understood, but over a limit that the detail names.",
    429: "Too many requests; Retry-After says how many seconds to wait.",
    503: "Busy; nothing was changed. Retry-After says how many seconds to wait.",
}
READ = (400, 401, 403, 404, 429, 503)
WRITE = (400, 401, 403, 409, 413, 415, 422, 429, 503)


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457; clients switch on ``code``."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    extra = serializers.DictField()
    request_id = serializers.CharField()


def problems(*codes: int) -> dict[Any, Any]:
    """Responses of these codes for ``extend_schema``."""
    return {(code, _PROBLEM): OpenApiResponse(ProblemSerializer, _MEANING[code]) for code in codes}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """OAuth2 client credentials."""

    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "oauth2"

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        """The scope that the view asks for."""
        scope = getattr(auto_schema.view, "machines", None)
        return {self.name: [scope] if scope else []}

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Where tokens come from."""
        return {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "/api/oauth/token/",
                    "scopes": settings.OAUTH2_PROVIDER["SCOPES"],
                }
            },
        }


_plain_views: list[tuple[str, str, str, Any]] = []


def describe(path: str, method: str, view: Any) -> None:
    """Put a plain view into the schema; ``view`` is an APIView that only describes it."""
    _plain_views.append((path, path, method, view.as_view()))


def describe_plain_views(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    """Hook of drf-spectacular, which finds views of REST framework only."""
    return [*endpoints, *_plain_views]
