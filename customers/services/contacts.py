"""Contacts of a retailer (KeyMan): add, change, remove, and reveal what is masked."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from accounts.services import record
from config.common.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from config.common.personal import masked_name, masked_phone
from customers.models import Contact, Retailer

FIELDS = ("name", "relation", "phone", "is_primary", "is_key_man")
MOST_CONTACTS = 20


def save_contact(
    *,
    retailer: Retailer,
    contact: Contact | None,
    values: dict[str, Any],
    seen: dict[str, Any] | None = None,
    by: User,
) -> Contact:
    """Add a contact, or change one.

    Args:
        retailer: Whose.
        contact: The one to change; None for a new one.
        values: See ``FIELDS``. A telephone number of None leaves the stored one as it is.
        seen: What the person saw before, to notice that somebody else has changed it; None when new.
        by: Who does it.

    Raises:
        ConflictError: Somebody has changed it since.
        DomainError: Neither name nor number, or too many contacts.
        NotFoundError: It is gone.
    """
    with transaction.atomic():
        Retailer.objects.select_for_update().get(pk=retailer.pk)  # one first contact at a time
        row = _row(retailer, contact)
        before = {name: getattr(row, name) for name in FIELDS}
        wanted = {
            name: before[name] if values.get(name) is None else values[name] for name in FIELDS
        }
        if seen is not None and any(before[name] != seen[name] for name in seen):
            raise ConflictError(
                _("Somebody has changed this contact since you opened it; look at it again."),
                code="changed",
            )
        if not wanted["name"] and not wanted["phone"]:
            raise DomainError(_("A contact needs a name or a number."), code="empty_contact")
        changes = {
            name: [_plain(name, before[name]), _plain(name, wanted[name])]
            for name in FIELDS
            if contact is None or before[name] != wanted[name]
        }
        if contact is not None and not changes:
            return row
        if wanted["is_primary"]:
            _others(retailer, row).update(is_primary=False)
        for name in FIELDS:
            setattr(row, name, wanted[name])
        action = "contact.update" if contact else "contact.create"
        row.save()
        record(
            action=action,
            company_id=retailer.company_id,
            by=by,
            obj=retailer,
            changes={"contact": [None, masked_name(row.name)], **changes},
        )
    return row


def remove_contact(*, contact: Contact, reason: str, by: User) -> None:
    """Remove a contact; the trail keeps that there was one, not who.

    Raises:
        DomainError: No reason was given.
    """
    if not reason.strip():
        raise DomainError(
            _("Say why; the reason goes into the audit trail."), code="reason_missing"
        )
    with transaction.atomic():
        retailer = contact.retailer
        record(
            action="contact.remove",
            company_id=retailer.company_id,
            by=by,
            obj=retailer,
            changes={"contact": [masked_name(contact.name), None]},
            reason=reason,
        )
        contact.delete()


def reveal_contact(*, contact: Contact, by: User) -> Contact:
    """Show a person's full number, and record that it was shown.

    Raises:
        ForbiddenError: This person may not see personal data.
    """
    if Permission.VIEW_PERSONAL_DATA not in by.permissions:
        raise ForbiddenError(_("You may not see personal data."))
    retailer = contact.retailer
    record(
        action="personal.reveal",
        company_id=retailer.company_id,
        by=by,
        obj=retailer,
        changes={"contact": [None, masked_name(contact.name)]},
    )
    return contact


def _row(retailer: Retailer, contact: Contact | None) -> Contact:
    if contact is not None:
        found = Contact.objects.filter(pk=contact.pk, retailer=retailer).first()
        if found is None:
            raise NotFoundError(_("This contact is no longer there."))
        return found
    if retailer.contacts.count() >= MOST_CONTACTS:
        raise DomainError(
            _("A retailer has at most %(n)d contacts; remove one first.") % {"n": MOST_CONTACTS},
            code="too_many_contacts",
        )
    return Contact(retailer=retailer)


def _others(retailer: Retailer, row: Contact) -> Any:
    return Contact.objects.filter(retailer=retailer, is_primary=True).exclude(pk=row.pk)


def _plain(name: str, value: Any) -> Any:
    """As the trail keeps it: whose number was changed can be found, the number cannot be read."""
    if name == "phone":
        return masked_phone(value)
    return masked_name(value) if name == "name" else value
