from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language as django_set_language

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from accounts.selectors.setup import nobody_at_all
from config.common.views import public

log_in = public(
    auth_views.LoginView.as_view(
        redirect_authenticated_user=True, extra_context={"nobody_at_all": nobody_at_all}
    )
)
log_out = auth_views.LogoutView.as_view()


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    return django_set_language(request)


@require_GET
@requires(Permission.MANAGE_USERS)
def styleguide(request: PersonRequest) -> HttpResponse:
    return render(request, "styleguide.html")
