"""OAuth2 for machines: get a token, give it back. Only client credentials, only in the body or header."""

from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import RevokeTokenView, TokenView

from config.common.api import busy_answer, plain_problem
from config.common.throttles import caller_of, seconds_to_wait

MAX_FORM_BYTES = 8 * 1024
MAX_FIELD = 1024
FORM = "application/x-www-form-urlencoded"


def oauth_error(error: str, description: str) -> JsonResponse:
    """An error as RFC 6749, section 5.2, wants it."""
    return JsonResponse({"error": error, "error_description": description}, status=400)


class _StrictForm:
    """Refuses what the library would choke on before it sees it."""

    fields: frozenset[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refused = self._refuse(request)
        if refused is not None:
            return refused
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except OperationalError as error:
            return busy_answer(error)
        return response

    def _refuse(self, request: HttpRequest) -> HttpResponse | None:
        if request.method != "POST":
            text = _("Only POST is allowed here.")
            return plain_problem(405, "method_not_allowed", text, {"Allow": "POST"})
        seconds = seconds_to_wait("token", caller_of(request))
        if seconds:
            headers = {"Retry-After": str(seconds)}
            return plain_problem(429, "throttled", _("Too many requests; wait a moment."), headers)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit() or int(length[:12]) > MAX_FORM_BYTES:
            return plain_problem(413, "too_large", _("The form is too large."))
        return self._refuse_form(request)

    def _refuse_form(self, request: HttpRequest) -> HttpResponse | None:
        charset = (request.content_params or {}).get("charset", "utf-8").lower()
        if request.content_type != FORM or charset not in {"utf-8", "utf8"}:
            return oauth_error("invalid_request", f"Send {FORM} in UTF-8.")
        if request.META.get("QUERY_STRING"):
            return oauth_error(
                "invalid_request", "Send parameters in the body, not in the address."
            )
        for name, values in request.POST.lists():
            if name not in self.fields or len(values) > 1:
                return oauth_error("invalid_request", "A parameter is unknown or given twice.")
            if len(values[0]) > MAX_FIELD or not values[0].isprintable():
                return oauth_error("invalid_request", f"{name} is too long or not printable.")
        return None


@method_decorator(csrf_exempt, name="dispatch")
class ClientTokenView(_StrictForm, TokenView):  # type: ignore[misc]  # the library has no types
    """``POST /api/oauth/token/``: a token of 15 minutes for a client and its secret."""

    login_required = False
    fields = frozenset({"grant_type", "scope", "client_id", "client_secret"})

    def _refuse_form(self, request: HttpRequest) -> HttpResponse | None:
        refused = super()._refuse_form(request)
        if refused is None and request.POST.get("grant_type") != "client_credentials":
            return oauth_error("unsupported_grant_type", "Only client_credentials is offered.")
        return refused


@method_decorator(csrf_exempt, name="dispatch")
class ClientRevokeView(_StrictForm, RevokeTokenView):  # type: ignore[misc]  # the library has no types
    """``POST /api/oauth/revoke_token/``: the token stops counting at once."""

    login_required = False
    fields = frozenset({"token", "token_type_hint", "client_id", "client_secret"})
