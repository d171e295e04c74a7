"""Clients of the REST interface: list, create, new secret, revoke."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from accounts.forms.administration import SCOPES, ClientForm
from accounts.http import PersonRequest, requires
from accounts.models import ApiClient
from accounts.roles import Permission
from accounts.selectors import administration as reads
from accounts.services import clients
from accounts.views.administration import crumbs, form_page
from config.common.errors import DomainError
from config.common.pages import Question, ask, reason_of


@require_GET
@requires(Permission.MANAGE_INSTALLATION)
def client_list(request: PersonRequest) -> HttpResponse:
    found = list(reads.list_clients(request.user))
    rows: list[dict[str, Any]] = [
        {
            "client": client,
            "scopes": [SCOPES.get(code, code) for code in client.allowed_scopes.split()],
            "questions": [_rotation(client), _revocation(client)] if client.is_active else [],
        }
        for client in found
    ]
    context = {
        "rows": rows,
        "questions": [question for row in rows for question in row["questions"]],
        "many_companies": request.user.scope.everything,
        "crumbs": crumbs((_("Interface clients"),)),
    }
    return render(request, "accounts/admin/clients.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_INSTALLATION)
@sensitive_variables("secret")
def client_create(request: PersonRequest) -> HttpResponse:
    form = ClientForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            client, secret = clients.create_api_client(
                company=values["company"],
                name=values["name"],
                scopes=values["scopes"],
                order_source=values["order_source"],
                by=request.user,
            )
        except DomainError as error:
            form.add_error("name" if error.code == "client_exists" else None, error.message)
        else:
            return _show_secret(request, client, secret, title=_("Client created"))
    return form_page(
        request,
        form,
        title=_("New interface client"),
        subtitle=_("A system that talks to this one by REST, such as the ordering platform."),
        path=crumbs((_("Interface clients"), reverse("client-list")), (_("New"),)),
        back=reverse("client-list"),
        label=_("Create"),
    )


def _rotation(client: ApiClient) -> Question:
    return Question(
        id=f"rotate-{client.pk}",
        title=_("A new secret for %(client)s?") % {"client": client},
        text=_(
            "The old secret and all tokens stop counting at once: the system is cut off until somebody "
            "has put the new secret there. Choose a time when nobody orders."
        ),
        url=reverse("client-rotate", args=[client.pk]),
        label=_("New secret"),
        icon="refresh",
        danger=True,
    )


def _revocation(client: ApiClient) -> Question:
    return Question(
        id=f"revoke-{client.pk}",
        title=_("Revoke %(client)s?") % {"client": client},
        text=_(
            "It gets no token any more, and those it has stop counting at once. This cannot be undone: "
            "make a new client instead."
        ),
        url=reverse("client-revoke", args=[client.pk]),
        label=_("Revoke"),
        icon="ban",
        danger=True,
        reason=True,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_INSTALLATION)
@sensitive_variables("secret")
def client_rotate(request: PersonRequest, pk: int) -> HttpResponse:
    client = _client(request, pk)
    if asked := ask(request, _rotation(client), crumbs=_path(client)):
        return asked
    secret = clients.rotate_secret(client=client, by=request.user)
    return _show_secret(request, client, secret, title=_("New secret"))


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_INSTALLATION)
def client_revoke(request: PersonRequest, pk: int) -> HttpResponse:
    client = _client(request, pk)
    if asked := ask(request, _revocation(client), crumbs=_path(client)):
        return asked
    clients.revoke_api_client(client=client, reason=reason_of(request), by=request.user)
    messages.success(request, _("%(client)s is revoked.") % {"client": client})
    return redirect("client-list")


@sensitive_variables("secret")
def _show_secret(
    request: PersonRequest, client: ApiClient, secret: str, *, title: str
) -> HttpResponse:
    context = {"client": client, "secret": secret, "title": title, "crumbs": _path(client)}
    return render(request, "accounts/admin/client_secret.html", context)


def _client(request: PersonRequest, pk: int) -> ApiClient:
    found = reads.list_clients(request.user).filter(is_active=True)
    client: ApiClient = get_object_or_404(found, pk=pk)
    return client


def _path(client: ApiClient) -> list[dict[str, Any]]:
    return crumbs((_("Interface clients"), reverse("client-list")), (str(client),))
