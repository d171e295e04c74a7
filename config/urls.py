"""Every address of the product. tests/test_architecture.py says who may open each."""

from django.urls import URLPattern, URLResolver, include, path

from config.common.views import health_live, health_ready

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("config.api_urls")),  # first: its hot path should not walk the others
    path("", include("accounts.urls")),
    path("", include("customers.urls")),
    path("", include("brands.urls")),
    path("", include("segmentation.urls")),
    path("", include("allocation.urls")),
    path("health/live", health_live, name="health-live"),
    path("health/ready", health_ready, name="health-ready"),
]

handler400 = "config.common.views.bad_request"
handler403 = "config.common.views.permission_denied"
handler404 = "config.common.views.not_found"
handler500 = "config.common.views.server_error"
