from django.urls import path

from accounts import panels, views
from accounts.lists.urls import urlpatterns as list_urls
from accounts.views import comments, desk, drafts, home, notices, search, tour
from accounts.views.administration_urls import urlpatterns as administration_urls

urlpatterns = [
    *list_urls,
    *administration_urls,
    path("", home.home, name="home"),
    path("home/cards/", home.home_cards, name="home-cards"),
    path("help/", tour.help_page, name="help"),
    path("help/tour/", tour.help_tour, name="help-tour"),
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("language/", views.set_language, name="set_language"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("search/", search.search_page, name="search"),
    path("search/box/", search.search_box, name="search-box"),
    path("panels/home/night/", panels.night, name="panel-night"),
    path("panels/home/waiting/", panels.waiting, name="panel-waiting"),
    path("panels/home/alerts/", panels.alerts, name="panel-alerts"),
    path("results/<int:pk>/", desk.result_download, name="result-download"),
    path("tasks/", desk.task_list, name="task-list"),
    path("tasks/tray/", desk.task_tray, name="task-tray"),
    path("notices/", notices.notice_list, name="notice-list"),
    path("notices/latest/", notices.notice_bell, name="notice-bell"),
    path("notices/counts/", notices.desk_state, name="desk-counts"),
    path("notices/read/", notices.notice_read, name="notice-read"),
    path("notices/settings/", notices.notice_settings, name="notice-settings"),
    path("notices/<int:pk>/", notices.notice_open, name="notice-open"),
    path("notices/<str:day>/<str:kind>/", notices.notice_day, name="notice-day"),
    path("drafts/", drafts.draft_list, name="draft-list"),
    path("drafts/discard/", drafts.draft_discard, name="draft-discard"),
    path("comments/<int:pk>/", comments.comment_open, name="comment-open"),
    path("comments/<int:pk>/edit/", comments.comment_edit, name="comment-edit"),
    path("comments/<int:pk>/delete/", comments.comment_delete, name="comment-delete"),
    path("comments/<int:pk>/pin/", comments.comment_pin, name="comment-pin"),
    path("comments/<int:pk>/file/", comments.comment_file, name="comment-file"),
    path(
        "comments/<str:object_type>/<str:object_id>/", comments.comment_panel, name="comment-panel"
    ),
    path(
        "comments/<str:object_type>/<str:object_id>/people/",
        comments.comment_people,
        name="comment-people",
    ),
]
