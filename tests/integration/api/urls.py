"""The API alone: its tests do not depend on the pages."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("login/", lambda request: HttpResponse("login"), name="login"),
    path("api/", include("config.api_urls")),
]
