from django.urls import path

from allocation import panels, prints, views

urlpatterns = [
    path("plans/", views.plan_list, name="plan-list"),
    path("plans/<int:pk>/", views.plan_detail, name="plan-detail"),
    path("plans/<int:pk>/quotas/", views.plan_quotas, name="plan-quotas"),
    path("plans/<int:pk>/sheet/", prints.plan_sheet, name="plan-sheet"),
    path("plans/<int:pk>/posting/", prints.tier_posting, name="plan-posting"),
    path("plans/<int:pk>/notices/<int:retailer>/", prints.quota_notice, name="quota-notice"),
    path("retailers/<int:pk>/sheet/", prints.retailer_sheet, name="retailer-sheet"),
    path("retailers/<int:pk>/quota-notice/", prints.latest_notice, name="retailer-quota-notice"),
    path("plans/<int:pk>/approve/", views.plan_approve, name="plan-approve"),
    path("plans/<int:pk>/reopen/", views.plan_reopen, name="plan-reopen"),
    path("plans/<int:pk>/publish/", views.plan_publish, name="plan-publish"),
    path("plans/<int:pk>/revise/", views.plan_revise, name="plan-revise"),
    path("plans/<int:pk>/recompute/", views.plan_recompute, name="plan-recompute"),
    path("plans/<int:pk>/products/<int:product>/", views.plan_line, name="plan-line"),
    path("plans/<int:pk>/products/<int:product>/factor/", views.line_factor, name="line-factor"),
    path("plans/<int:pk>/products/<int:product>/supply/", views.line_cap, name="line-cap"),
    path("plans/<int:pk>/products/<int:product>/top/", panels.top_quotas, name="panel-top-quotas"),
    path(
        "plans/<int:pk>/products/<int:product>/spread/",
        panels.quota_spread,
        name="panel-quota-spread",
    ),
    path("panels/retailers/<int:pk>/quotas/", panels.retailer_quotas, name="panel-retailer-quotas"),
    path("panels/products/<int:pk>/plans/", panels.product_plan, name="panel-product-plans"),
]
