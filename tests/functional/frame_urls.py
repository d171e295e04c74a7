"""The frame of the site alone, so that it is tested without any app's pages."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.i18n import set_language

from config.common.views import public


@public
def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "styleguide.html")


@public
def login(request: HttpRequest) -> HttpResponse:
    return render(request, "registration/login.html")


@public
def error(request: HttpRequest, status: int) -> HttpResponse:
    page = {"request_id": "abc123def456"}
    return render(request, f"errors/{status}.html", page, status=status)


@public
def answer(request: HttpRequest, status: int) -> HttpResponse:
    return JsonResponse({"detail": "detail of the server"}, status=status)


urlpatterns = [
    path("", styleguide, name="home"),
    path("login/", login, name="login"),
    path("search/", styleguide, name="search"),
    path("error/<int:status>/", error),
    path("answer/<int:status>/", answer),
    path("i18n/setlang/", public(set_language), name="set_language"),
]
