from django.urls import path

from segmentation import panels, views
from segmentation.views import charts, places, prints

urlpatterns = [
    path("classes/", views.scheme_list, name="scheme-list"),
    path("classes/<int:pk>/", views.scheme_detail, name="scheme-detail"),
    path("classes/<int:pk>/movements/", charts.scheme_movements, name="panel-scheme-movements"),
    path("classes/<int:pk>/spread/", charts.scheme_spread, name="panel-scheme-spread"),
    path("classes/runs/<int:pk>/publish/", views.run_publish, name="run-publish"),
    path("classes/runs/<int:pk>/dismiss/", views.run_dismiss, name="run-dismiss"),
    path("retailers/map/", places.retailer_map, name="retailer-map"),
    path("retailers/map/points/", places.map_points, name="retailer-map-points"),
    path("retailers/map/names/", places.map_names, name="retailer-map-names"),
    path("retailers/map/districts/", places.map_boundary, name="retailer-map-boundary"),
    path("retailers/<int:pk>/tier-notice/", prints.tier_notice, name="retailer-tier-notice"),
    path("panels/home/classes/", panels.counts, name="panel-class-counts"),
    path("panels/home/movements/", charts.home_movements, name="panel-home-movements"),
    path(
        "panels/retailers/<int:pk>/beside/",
        panels.beside_class,
        name="panel-retailer-beside",
    ),
    path(
        "panels/retailers/<int:pk>/classes/",
        panels.retailer_classes,
        name="panel-retailer-classes",
    ),
]
