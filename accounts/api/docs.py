"""``/api/schema/`` and ``/api/docs/``, and the answer for addresses that do not exist."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api.authentication import TokenAuthentication
from accounts.api.permissions import is_machine, may_read
from accounts.roles import Permission
from config.common.api import plain_problem


class ReadersOnly(BasePermission):
    """Any machine with a token, and people who may use the API."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """May this caller read how the API works?"""
        return is_machine(request) or may_read(request.user, Permission.READ_API)


class Schema(SpectacularAPIView):
    """OpenAPI 3 as JSON."""

    renderer_classes = [OpenApiJsonRenderer]
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [ReadersOnly]


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI from our own files; nothing inline, so the strict CSP of every page holds."""

    template_name = "api/docs.html"
    template_name_js = "drf_spectacular/swagger_ui.js"
    url_name = "api-schema"
    authentication_classes = [SessionAuthentication]
    permission_classes = [ReadersOnly]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return redirect(f"{reverse('login')}?{urlencode({'next': request.path})}")
        return super().dispatch(request, *args, **kwargs)


@csrf_exempt
def unknown_path(request: HttpRequest, path: str = "") -> HttpResponse:
    """Nothing is here; said in the API's own words."""
    return plain_problem(404, "not_found", _("There is no such address in the API."))
