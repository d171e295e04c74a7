from django.urls import path

from accounts.lists import cells, changes, exports, views

urlpatterns = [
    path("lists/<slug:name>/count/", views.count, name="list-count"),
    path("lists/<slug:name>/layout/", views.layout, name="list-layout"),
    path("lists/<slug:name>/views/", views.view_save, name="list-view-save"),
    path("lists/views/<int:pk>/update/", views.view_update, name="list-view-update"),
    path("lists/views/<int:pk>/delete/", views.view_delete, name="list-view-delete"),
    path("lists/<slug:name>/export/", exports.list_export, name="list-export"),
    path("lists/<slug:name>/change/<slug:action>/", changes.list_change, name="list-change"),
    path("lists/<slug:name>/cell/<int:pk>/<slug:code>/", cells.list_cell, name="list-cell"),
    path("exports/<int:pk>/", exports.export_detail, name="export-detail"),
    path("changes/", changes.change_list, name="change-list"),
    path("changes/<int:pk>/", changes.change_detail, name="change-detail"),
    path("changes/<int:pk>/undo/", changes.change_undo, name="change-undo"),
]
