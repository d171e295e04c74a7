from django.urls import path

from customers import panels, views

urlpatterns = [
    path("retailers/", views.retailer_list, name="retailer-list"),
    path("retailers/count/", views.retailer_count, name="retailer-count"),
    path("retailers/<int:pk>/", views.retailer_detail, name="retailer-detail"),
    path("files/", views.file_list, name="file-list"),
    path("files/upload/", views.file_upload, name="file-upload"),
    path("files/<int:pk>/", views.file_detail, name="file-detail"),
    path("files/<int:pk>/progress/", views.file_progress, name="file-progress"),
    path("files/<int:pk>/check/", views.file_check, name="file-check"),
    path("files/<int:pk>/apply/", views.file_apply, name="file-apply"),
    path("files/<int:pk>/errors/", views.file_errors, name="file-errors"),
    path("panels/retailers/<int:pk>/profile/", panels.profile, name="panel-retailer-profile"),
    path("panels/retailers/<int:pk>/history/", panels.history, name="panel-retailer-history"),
]
