"""Addresses that fail in every way there is, for test_error_pages.py."""

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from config.common.errors import ConflictError
from config.common.retry import busy_error
from config.common.views import public
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as real

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

RAISED = {
    400: lambda: SuspiciousOperation("x"),
    403: lambda: PermissionDenied("x"),
    404: lambda: Http404("x"),
    409: lambda: ConflictError("Somebody was here.", code="changed"),
    413: lambda: RequestDataTooBig("x"),
    500: lambda: ZeroDivisionError("a secret of the program"),
    503: busy_error,
}


@public
def fail(request: HttpRequest, status: int) -> HttpResponse:
    raise RAISED[status]()


urlpatterns = [path("fail/<int:status>/", fail), path("api/fail/<int:status>/", fail), *real]
