"""Single fields of retailers changed in a list: only when they are still what the person saw."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from config.common.errors import ConflictError, DomainError, NotFoundError
from customers.models import CodeItem, CodeKind, Retailer
from customers.selectors.choices import code_item
from customers.services.retailers import update_retailer

CODE_FIELDS = {"trade_area": CodeKind.TRADE_AREA}


def stored(retailer: Retailer, field: str) -> Any:
    """What is stored in a field; of an entry of a code list, its key."""
    return getattr(retailer, f"{field}_id" if field in CODE_FIELDS else field)


@transaction.atomic
def change_cell(*, pk: int, field: str, value: Any, seen: Any, by: User) -> None:
    """Change one field of a retailer.

    Args:
        pk: Which retailer.
        field: A column that ``update_retailer`` knows.
        value: What it is to become; of an entry of a code list, its key.
        seen: What the person saw in it.
        by: Who does it.

    Raises:
        NotFoundError: This person does not see the retailer any more.
        ConflictError: Somebody has changed it since it was seen.
        DomainError: The value is not valid.
    """
    visible = Retailer.objects.visible_to(by)
    retailer: Retailer | None = visible.select_for_update(of=("self",)).filter(pk=pk).first()
    if retailer is None:
        raise NotFoundError(_("This retailer is gone, or no longer in your area."))
    now = stored(retailer, field)
    if now == value:
        return
    if now != seen:
        raise ConflictError(
            _("Somebody has changed it since you opened it."), code="changed", extra={"now": now}
        )
    if field in CODE_FIELDS and value is not None:
        value = _item(retailer, CODE_FIELDS[field], value, by)
    update_retailer(retailer=retailer, changes={field: value}, by=by)


def _item(retailer: Retailer, kind: str, pk: int, by: User) -> CodeItem:
    item = code_item(by, kind, pk)
    if item is None or item.company_id != retailer.company_id:
        raise DomainError(_("This entry of the code list is no longer there."), code="unknown_code")
    return item
