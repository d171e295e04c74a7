"""Writes of retailers, one at a time. Files come in through ``customers.importers``."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Company, OrgUnit, User
from accounts.services import record
from config.common.errors import ConflictError, DomainError
from config.common.personal import masked_phone
from config.common.pinyin import search_key
from customers.models import Contact, Retailer

EDITABLE = frozenset(
    {
        "name",
        "licence_no",
        "format",
        "market_type",
        "trade_area",
        "compliance_grade",
        "order_weekday",
        "biweekly",
        "address",
        "longitude",
        "latitude",
        "coordinate_system",
        "county",
        "department",
        "line",
        "manager",
        "opened_on",
        "source_tier",
        "status",
    }
)
_SEARCHED = {"code", "name", "licence_no"}


def retailer_search_key(*, code: str, name: str, licence_no: str) -> str:
    """What a retailer is searched by."""
    return search_key(name, code, licence_no)


def unit_fields(unit: OrgUnit | None) -> dict[str, OrgUnit | None]:
    """A retailer's county, department and line when it belongs to this unit."""
    found: dict[str, OrgUnit | None] = {"county": None, "department": None, "line": None}
    names = {1: "county", 2: "department", 3: "line"}
    while unit is not None:
        found[names[unit.level]] = unit
        unit = unit.parent
    return found


@transaction.atomic
def create_retailer(
    *, company: Company, code: str, name: str, phone: str = "", by: User | None, **fields: Any
) -> Retailer:
    """A new retailer.

    Args:
        company: Whose.
        code: Unique within the company.
        name: Of the shop.
        phone: Of the person who decides; empty for none.
        by: Who does it.
        **fields: More columns, names as in ``EDITABLE``.

    Raises:
        ConflictError: The code is taken.
        DomainError: A value is not valid.
    """
    _known(fields)
    if Retailer.objects.filter(company=company, code=code).exists():
        raise ConflictError(
            _("The company already has a retailer with the code %(code)s.") % {"code": code},
            code="retailer_exists",
            extra={"code": code},
        )
    retailer = Retailer(company=company, code=code, name=name, **fields)
    _save(retailer)
    if phone:
        set_primary_phone(retailer=retailer, phone=phone)
    record(
        action="retailer.create",
        company_id=company.pk,
        by=by,
        obj=retailer,
        changes={name: [None, plain(value)] for name, value in fields.items()},
    )
    return retailer


@transaction.atomic
def update_retailer(
    *,
    retailer: Retailer,
    changes: dict[str, Any],
    expected: dict[str, Any] | None = None,
    reason: str = "",
    by: User | None,
) -> Retailer:
    """Change columns of a retailer; what is already so is left alone and not recorded.

    Args:
        retailer: Which one.
        changes: Names as in ``EDITABLE`` (and ``phone``) to new values.
        expected: What these columns must hold still; None asks for nothing.
        reason: Why, in the person's words.
        by: Who does it.

    Raises:
        ConflictError: A column no longer holds what was expected.
        DomainError: A column that cannot be changed, or a value that is not valid.
    """
    changes = dict(changes)
    phone = changes.pop("phone", None)
    _known(changes)
    current = Retailer.objects.select_for_update().get(pk=retailer.pk)
    if any(getattr(current, name) != value for name, value in (expected or {}).items()):
        raise ConflictError(
            _("Somebody has just changed this retailer; look at it again."), code="changed"
        )
    seen: dict[str, list[Any]] = {}
    for name, value in changes.items():
        before = getattr(current, name)
        if before != value:
            seen[name] = [plain(before), plain(value)]
            setattr(current, name, value)
    if phone is not None:
        before = _primary_phone(current)
        if set_primary_phone(retailer=current, phone=phone):
            # The number itself is personal data and does not belong into the trail.
            seen["phone"] = [masked_phone(before), masked_phone(phone)]
    if not seen:
        return current
    _save(current)
    record(
        action="retailer.update",
        company_id=current.company_id,
        by=by,
        obj=current,
        changes=seen,
        reason=reason,
    )
    return current


def _primary_phone(retailer: Retailer) -> str:
    found = Contact.objects.filter(retailer=retailer, is_primary=True).first()
    return found.phone if found else ""


def set_primary_phone(*, retailer: Retailer, phone: str) -> bool:
    """Make this the number of the retailer's first contact. True when it was another before."""
    contact = Contact.objects.filter(retailer=retailer, is_primary=True).first()
    if contact is None:
        Contact.objects.create(retailer=retailer, phone=phone, is_primary=True, is_key_man=True)
        return True
    if contact.phone == phone:
        return False
    contact.phone = phone
    contact.save(update_fields=["phone"])
    return True


def plain(value: Any) -> Any:
    """A value as the audit trail stores it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def _known(fields: Iterable[str]) -> None:
    strange = sorted(set(fields) - EDITABLE)
    if strange:
        raise DomainError(
            _("These columns of a retailer cannot be set: %(names)s.")
            % {"names": ", ".join(strange)},
            code="unknown_field",
        )


def _save(retailer: Retailer) -> None:
    retailer.search_key = retailer_search_key(
        code=retailer.code, name=retailer.name, licence_no=retailer.licence_no
    )
    retailer.updated_at = timezone.now()
    try:
        retailer.full_clean(validate_unique=False, validate_constraints=True)
    except ValidationError as error:
        details = "; ".join(
            f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()
        )
        raise DomainError(
            _("The retailer cannot be saved: %(details)s") % {"details": details},
            code="invalid_retailer",
            extra={"fields": error.message_dict},
        ) from error
    retailer.save()
