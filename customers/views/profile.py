"""Changing one retailer: its base facts and its contacts."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from config.common.errors import ConflictError, DomainError
from config.common.pages import Question, ask, crumb, reason_of
from customers.forms.profile import ContactForm, ProfileForm
from customers.models import Contact, Retailer
from customers.selectors.contacts import list_contacts
from customers.selectors.retailers import retailer_profile
from customers.services import contacts as contact_services
from customers.services.retailers import update_retailer


def _retailer_or_404(request: PersonRequest, pk: int) -> Retailer:
    retailer: Retailer = get_object_or_404(retailer_profile(request.user), pk=pk)
    return retailer


def _contact_or_404(request: PersonRequest, pk: int) -> Contact:
    contact: Contact = get_object_or_404(list_contacts(request.user), pk=pk)
    return contact


def _crumbs(retailer: Retailer, title: str) -> list[dict[str, Any]]:
    return [
        crumb(_("Home"), reverse("home")),
        crumb(_("Retailers"), reverse("retailer-list")),
        crumb(retailer.code, reverse("retailer-detail", args=[retailer.pk])),
        crumb(title),
    ]


# --- base facts ---------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_RETAILERS)
def retailer_edit(request: PersonRequest, pk: int) -> HttpResponse:
    retailer = _retailer_or_404(request, pk)
    form = ProfileForm(retailer, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if not form.clashes() and _saved(form, request):
                messages.success(request, _("Saved."))
                return redirect("retailer-detail", pk=pk)
            status = 409 if form.clashes() else 422
    clashes = form.clashes() if status == 409 else []
    title = _("Change the base facts")
    context = {
        "retailer": retailer,
        "form": form.with_stored_as_seen() if clashes else form,
        "clashes": [(form.fields[name].label, _stored_words(retailer, name)) for name in clashes],
        "title": title,
        "crumbs": _crumbs(retailer, title),
    }
    return render(request, "customers/retailer_edit.html", context, status=status)


def _saved(form: ProfileForm, request: PersonRequest) -> bool:
    wanted = form.wanted()
    retailer: Retailer = form.instance
    try:
        update_retailer(
            retailer=retailer,
            changes=wanted,
            expected={name: getattr(retailer, name) for name in wanted},
            reason=form.cleaned_data["reason"],
            by=request.user,
        )
    except ConflictError:
        raise
    except DomainError as error:
        fields = error.extra.get("fields", {}) if error.extra else {}
        for name in fields:
            form.add_error(name if name in form.fields else None, fields[name])
        if not fields:
            form.add_error(None, error.message)
        return False
    return True


def _stored_words(retailer: Retailer, name: str) -> str:
    getter = getattr(retailer, f"get_{name}_display", None)
    value = getter() if getter else getattr(retailer, name)
    return "–" if value in (None, "") else str(value)


# --- contacts -----------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_RETAILERS)
def contact_add(request: PersonRequest, pk: int) -> HttpResponse:
    return _contact_form(request, _retailer_or_404(request, pk), None)


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_RETAILERS)
def contact_edit(request: PersonRequest, pk: int) -> HttpResponse:
    contact = _contact_or_404(request, pk)
    return _contact_form(request, contact.retailer, contact)


def _contact_form(
    request: PersonRequest, retailer: Retailer, contact: Contact | None
) -> HttpResponse:
    sent = request.method == "POST"
    form = ContactForm(contact, request.POST if sent else None)
    if sent and form.is_valid():
        try:
            contact_services.save_contact(
                retailer=retailer, contact=contact, values=form.values(), by=request.user
            )
        except ConflictError:
            raise
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The contact is saved."))
            return redirect("retailer-detail", pk=retailer.pk)
    title = _("Change a contact") if contact else _("Add a contact")
    context = {
        "retailer": retailer,
        "contact": contact,
        "form": form,
        "title": title,
        "crumbs": _crumbs(retailer, title),
    }
    return render(
        request, "customers/contact_form.html", context, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_RETAILERS)
def contact_remove(request: PersonRequest, pk: int) -> HttpResponse:
    contact = _contact_or_404(request, pk)
    retailer = contact.retailer
    question = Question(
        id="contact-remove",
        title=_("Remove this contact?"),
        text=_("Name and number are deleted. The trail keeps that there was a contact, not who."),
        url=reverse("contact-remove", args=[contact.pk]),
        label=_("Remove"),
        facts=[(_("Retailer"), str(retailer)), (_("Contact"), contact.name or "–")],
        reason=True,
        danger=True,
        icon="trash",
    )
    if asked := ask(request, question, crumbs=_crumbs(retailer, str(question.title))):
        return asked
    contact_services.remove_contact(contact=contact, reason=reason_of(request), by=request.user)
    messages.success(request, _("The contact is removed."))
    return redirect("retailer-detail", pk=retailer.pk)


@require_POST
@requires(Permission.VIEW_PERSONAL_DATA)
def contact_reveal(request: PersonRequest, pk: int) -> HttpResponse:
    """The full number of one person, for this moment only; each time is recorded."""
    contact = contact_services.reveal_contact(contact=_contact_or_404(request, pk), by=request.user)
    context = {
        "contact": contact,
        "retailer": contact.retailer,
        "crumbs": _crumbs(contact.retailer, _("Contact")),
    }
    if request.headers.get("HX-Request"):
        return render(request, "customers/_phone.html", context)
    return render(request, "customers/contact_revealed.html", context)
