from django.urls import path

from brands import panels, views

urlpatterns = [
    path("products/", views.product_list, name="product-list"),
    path("products/<int:pk>/", views.product_detail, name="product-detail"),
    path("panels/home/sales/", panels.sales, name="panel-sales"),
    path("panels/home/counties/", panels.county_ranking, name="panel-county-ranking"),
    path("panels/home/products/", panels.product_ranking, name="panel-product-ranking"),
    path("panels/home/areas/", panels.area_sales, name="panel-area-sales"),
    path("panels/retailers/<int:pk>/purchases/", panels.purchases, name="panel-retailer-purchases"),
    path(
        "panels/retailers/<int:pk>/observations/",
        panels.observations,
        name="panel-retailer-observations",
    ),
]
