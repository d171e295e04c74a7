"""People: list, page of one, create, edit, deactivate, one-time password, unlock; roles; own password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms.people import OwnPasswordForm, PersonForm
from accounts.http import PersonRequest, requires
from accounts.lists.page import list_page, place_in_list
from accounts.lists.people import PEOPLE, state_badge
from accounts.models import User
from accounts.roles import Permission, Role
from accounts.selectors import administration as reads
from accounts.selectors import history_of
from accounts.services import passwords, people
from accounts.views.administration import crumbs, form_page
from config.common import administration
from config.common.errors import DomainError
from config.common.pages import Question, ask, crumb, reason_of


@require_GET
@requires(Permission.MANAGE_USERS)
def person_list(request: PersonRequest) -> HttpResponse:
    path = crumbs((_("People"),))
    return list_page(
        request, PEOPLE, template="accounts/admin/person_list.html", extra={"crumbs": path}
    )


@require_GET
@requires(Permission.MANAGE_USERS)
def person_detail(request: PersonRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    is_locked = bool(reads.locked_names([person.username]))
    is_self = person.pk == request.user.pk
    context = {
        "person": person,
        "badge": state_badge(person, is_locked=is_locked),
        "role_words": reads.ROLE_WORDS.get(person.role, ""),
        "ties": administration.person_ties(person.pk),
        "is_locked": is_locked,
        "is_self": is_self,
        "questions": [] if is_self else _questions(person),
        "events": history_of(
            request.user, object_type="accounts.user", object_id=person.pk, limit=20
        ),
        **place_in_list(request, PEOPLE.name, person.pk),
        "crumbs": _path(person),
    }
    return render(request, "accounts/admin/person_detail.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_USERS)
@sensitive_variables("password")
def person_create(request: PersonRequest) -> HttpResponse:
    form = PersonForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            person, password = people.create_person(
                username=values["username"],
                display_name=values["display_name"],
                role=values["role"],
                company=form.company_chosen(),
                unit=values["unit"],
                partner_of=values["partner_of"],
                by=request.user,
            )
        except DomainError as error:
            form.add_error("username" if error.code == "username_taken" else None, error.message)
        else:
            return _show_password(request, person, password, title=_("Person created"))
    return form_page(
        request,
        form,
        title=_("New person"),
        subtitle=_("The program makes a one-time password and shows it once."),
        path=crumbs((_("People"), reverse("person-list")), (_("New person"),)),
        back=reverse("person-list"),
        label=_("Create"),
        roles=reads.ROLE_WORDS,
        template="accounts/admin/person_form.html",
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def person_edit(request: PersonRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    initial = {
        "display_name": person.display_name,
        "role": person.role,
        "unit": person.unit_id,
        "partner_of": person.partner_of,
    }
    data = request.POST if request.method == "POST" else None
    form = PersonForm(request.user, data, person=person, initial=initial)
    if data is not None and form.is_valid():
        try:
            people.update_person(person=person, changes=dict(form.cleaned_data), by=request.user)
        except DomainError as error:
            form.add_error("role" if error.code == "last_administrator" else None, error.message)
        else:
            messages.success(request, _("Saved. It counts from the next page they open."))
            return redirect("person-detail", pk=person.pk)
    note = ""
    if person.pk == request.user.pk:
        note = _("Nobody changes their own role or area; ask another administrator.")
    return form_page(
        request,
        form,
        title=_("Change %(person)s") % {"person": person},
        note=note,
        path=[*_path(person, link=True), crumb(_("Change"))],
        back=reverse("person-detail", args=[person.pk]),
        label=_("Save"),
        roles=reads.ROLE_WORDS,
        template="accounts/admin/person_form.html",
    )


def _deactivation(person: User) -> Question:
    ties = administration.person_ties(person.pk)
    return Question(
        id="person-deactivate",
        title=_("Deactivate %(person)s?") % {"person": person},
        text=_(
            "Their sessions end at once and they cannot log in any more. What they did stays in the "
            "audit trail under their name. You can let them in again at any time."
        ),
        url=reverse("person-deactivate", args=[person.pk]),
        label=_("Deactivate"),
        icon="ban",
        danger=True,
        reason=True,
        facts=[(_("Still hangs on them"), "; ".join(tie.words for tie in ties))] if ties else [],
    )


def _reactivation(person: User) -> Question:
    return Question(
        id="person-reactivate",
        title=_("Let %(person)s in again?") % {"person": person},
        text=_("They get a one-time password; the old one does not count any more."),
        url=reverse("person-reactivate", args=[person.pk]),
        label=_("Let in again"),
        icon="user-check",
        reason=True,
    )


def _new_password(person: User) -> Question:
    return Question(
        id="person-password",
        title=_("A new one-time password for %(person)s?") % {"person": person},
        text=_(
            "Their present password stops counting and their sessions end. The new one is shown to you "
            "once; they choose their own at the next log-in."
        ),
        url=reverse("person-password", args=[person.pk]),
        label=_("One-time password"),
        icon="key",
    )


def _questions(person: User) -> list[Question]:
    if not person.is_active:
        return [_reactivation(person)]
    return [_new_password(person), _deactivation(person)]


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def person_deactivate(request: PersonRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    if asked := ask(request, _deactivation(person), crumbs=_path(person, link=True)):
        return asked
    people.deactivate_person(person=person, reason=reason_of(request), by=request.user)
    messages.success(request, _("%(person)s is deactivated.") % {"person": person})
    return redirect("person-detail", pk=person.pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_USERS)
@sensitive_variables("password")
def person_reactivate(request: PersonRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    if asked := ask(request, _reactivation(person), crumbs=_path(person, link=True)):
        return asked
    password = people.reactivate_person(person=person, reason=reason_of(request), by=request.user)
    if not password:
        return redirect("person-detail", pk=person.pk)
    return _show_password(request, person, password, title=_("Let in again"))


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_USERS)
@sensitive_variables("password")
def person_password(request: PersonRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    if asked := ask(request, _new_password(person), crumbs=_path(person, link=True)):
        return asked
    password = people.reset_password(person=person, by=request.user)
    return _show_password(request, person, password, title=_("One-time password"))


@require_POST
@requires(Permission.MANAGE_USERS)
def person_unlock(request: PersonRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    if people.unlock_person(person=person, by=request.user):
        messages.success(request, _("%(person)s can log in again.") % {"person": person})
    else:
        messages.info(request, _("%(person)s was not locked out.") % {"person": person})
    return redirect("person-detail", pk=person.pk)


@sensitive_variables("password")
def _show_password(
    request: PersonRequest, person: User, password: str, *, title: str
) -> HttpResponse:
    """The one page that shows it; nothing keeps it but a hash."""
    context = {
        "title": title,
        "person": person,
        "password": password,
        "next": _safe_next(request) or reverse("person-detail", args=[person.pk]),
        "crumbs": _path(person, link=True),
    }
    return render(request, "accounts/admin/one_time_password.html", context)


@require_GET
@requires(Permission.MANAGE_USERS)
def role_matrix(request: PersonRequest) -> HttpResponse:
    context = {
        "rows": reads.matrix(),
        "roles": [(str(role.label), reads.ROLE_WORDS.get(role, "")) for role in Role],
        "crumbs": crumbs((_("People"), reverse("person-list")), (_("Who may do what"),)),
    }
    return render(request, "accounts/admin/role_matrix.html", context)


# --- one's own password -------------------------------------------------------------------


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@requires(Permission.VIEW_HOME)
def password_change(request: PersonRequest) -> HttpResponse:
    """Everybody's own; also where whoever has a one-time password is led first."""
    form = OwnPasswordForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        passwords.change_own_password(
            user=request.user, password=form.cleaned_data["new_password1"]
        )
        update_session_auth_hash(request, request.user)
        messages.success(
            request,
            _("Your password is changed. Your other sessions have ended; this one goes on."),
        )
        return redirect(_safe_next(request) or "home")
    context = {
        "form": form,
        "rules": password_validators_help_texts(),
        "forced": request.user.must_change_password,
        "next": _safe_next(request),
        "crumbs": [crumb(_("Home"), reverse("home")), crumb(_("Change password"))],
    }
    return render(
        request, "accounts/password_change.html", context, status=422 if form.errors else 200
    )


def _safe_next(request: PersonRequest) -> str:
    wanted: str = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if own and not wanted.startswith("/password/") else ""


def _person(request: PersonRequest, pk: int) -> User:
    person: User = get_object_or_404(reads.list_people(request.user), pk=pk)
    return person


def _path(person: User, *, link: bool = False) -> list[dict[str, Any]]:
    address = reverse("person-detail", args=[person.pk]) if link else ""
    return crumbs((_("People"), reverse("person-list")), (str(person), address))
