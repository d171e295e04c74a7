"""Every address of the REST API."""

from django.urls import path, re_path

from accounts.api import token_schema  # noqa: F401 - puts plain views into the schema
from accounts.api.docs import Docs, Schema, unknown_path
from accounts.api.tokens import ClientRevokeView, ClientTokenView
from allocation.api.quotas import quotas
from allocation.api.views import PlanDetail, PlanList, QuotaChanges
from brands.api.views import OrderPush, ProductDetail, ProductList
from customers.api.views import RetailerDetail, RetailerList
from segmentation.api.views import ClassList

urlpatterns = [
    path("v1/quotas/", quotas, name="api-quotas"),  # the hot path comes first
    path("oauth/token/", ClientTokenView.as_view(), name="api-token"),
    path("oauth/revoke_token/", ClientRevokeView.as_view(), name="api-revoke-token"),
    path("schema/", Schema.as_view(), name="api-schema"),
    path("docs/", Docs.as_view(), name="api-docs"),
    path("v1/retailers/", RetailerList.as_view(), name="api-retailers"),
    path("v1/retailers/<str:code>/", RetailerDetail.as_view(), name="api-retailer"),
    path("v1/products/", ProductList.as_view(), name="api-products"),
    path("v1/products/<str:code>/", ProductDetail.as_view(), name="api-product"),
    path("v1/classes/", ClassList.as_view(), name="api-classes"),
    path("v1/plans/", PlanList.as_view(), name="api-plans"),
    path("v1/plans/<int:pk>/", PlanDetail.as_view(), name="api-plan"),
    path("v1/quotas/changes/", QuotaChanges.as_view(), name="api-quota-changes"),
    path("v1/orders/", OrderPush.as_view(), name="api-orders"),
    re_path(r"^[\s\S]*\Z", unknown_path, name="api-unknown"),
]
