"""Changes of code lists by a person. An entry in use is switched off, never deleted."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.services import record
from config.common import locks
from config.common.errors import ConflictError, DomainError
from customers.models import CodeItem, CodeKind
from customers.selectors.code_lists import CONFIRMED, retailers_with


@transaction.atomic
def add_item(
    *, company: Company, kind: str, code: str, name: str, note: str = "", by: User | None
) -> CodeItem:
    """A new entry at the end of a list.

    Raises:
        ConflictError: The list has an entry with this code or name.
        DomainError: No such list, or a text is missing or too long.
    """
    _known_kind(kind)
    _hold(company.pk)
    code, name, note = _checked(code, name, note)
    _require_free(company.pk, kind, code=code, name=name)
    items = CodeItem.objects.filter(company=company, kind=kind)
    last = items.aggregate(last=Max("position"))["last"] or 0
    item = CodeItem.objects.create(
        company=company, kind=kind, code=code, name=name, note=note, position=last + 1
    )
    record(
        action="code_item.create",
        company_id=company.pk,
        by=by,
        obj=item,
        object_label=_label(item),
        changes={"code": [None, code], "name": [None, name]},
    )
    return item


@transaction.atomic
def change_item(*, item: CodeItem, code: str, name: str, note: str, by: User | None) -> CodeItem:
    """Another code, name or note; retailers keep the entry and show its new name.

    Raises:
        ConflictError: Another entry has this code or name.
        DomainError: A text is missing or too long.
    """
    current = _locked(item)
    code, name, note = _checked(code, name, note)
    before = {"code": current.code, "name": current.name, "note": current.note}
    after = {"code": code, "name": name, "note": note}
    seen = {
        field: [before[field], after[field]] for field in after if before[field] != after[field]
    }
    if not seen:
        return current
    _require_free(current.company_id, current.kind, code=code, name=name, but=current.pk)
    current.code, current.name, current.note = code, name, note
    current.save(update_fields=["code", "name", "note"])
    record(
        action="code_item.update",
        company_id=current.company_id,
        by=by,
        obj=current,
        object_label=_label(current),
        changes=seen,
    )
    return current


@transaction.atomic
def move_item(*, item: CodeItem, up: bool, by: User | None) -> None:
    """One place up or down in its list; at the end of it nothing happens."""
    current = _locked(item)
    items = list(CodeItem.objects.filter(company_id=current.company_id, kind=current.kind))
    place = next(number for number, one in enumerate(items) if one.pk == current.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(items):
        return
    items[place], items[other] = items[other], items[place]
    for position, one in enumerate(items, start=1):
        one.position = position
    CodeItem.objects.bulk_update(items, ["position"])
    record(
        action="code_item.order",
        company_id=current.company_id,
        by=by,
        obj=current,
        object_label=_label(current),
        changes={"position": [place + 1, other + 1]},
    )


@transaction.atomic
def switch_item(*, item: CodeItem, is_active: bool, by: User | None) -> None:
    """Let an entry be chosen again, or no more. Retailers that have it keep it."""
    current = _locked(item)
    if current.is_active == is_active:
        return
    current.is_active = is_active
    current.save(update_fields=["is_active"])
    record(
        action="code_item.switch",
        company_id=current.company_id,
        by=by,
        obj=current,
        object_label=_label(current),
        changes={"is_active": [not is_active, is_active]},
    )


@transaction.atomic
def delete_item(*, item: CodeItem, by: User | None) -> None:
    """Delete an entry that no retailer has, such as a slip of the pen.

    Raises:
        ConflictError: Retailers have it.
    """
    current = _locked(item)
    used = retailers_with(current)
    if used:
        raise ConflictError(
            _(
                "%(n)s retailers have “%(name)s”. Switch it off instead: they keep it, and nobody chooses it any more."
            )
            % {"n": f"{used:,}", "name": current.name},
            code="in_use",
        )
    record(
        action="code_item.delete",
        company_id=current.company_id,
        by=by,
        obj=current,
        object_label=_label(current),
        changes={"code": [current.code, None], "name": [current.name, None]},
    )
    current.delete()


@transaction.atomic
def confirm_lists(*, company: Company, by: User | None) -> None:
    """Say that the lists fit this company: one of its first steps."""
    record(action=CONFIRMED, company_id=company.pk, by=by, obj=company)


def _hold(company_id: int) -> None:
    # Files add entries of their own while they are imported.
    locks.hold("code lists", company_id)
    locks.hold("import retailers", company_id)


def _locked(item: CodeItem) -> CodeItem:
    _hold(item.company_id)
    current: CodeItem = CodeItem.objects.select_for_update().get(pk=item.pk)
    return current


def _known_kind(kind: str) -> None:
    if kind not in CodeKind.values:
        raise DomainError(_("There is no such list."), code="unknown_list")


def _checked(code: str, name: str, note: str) -> tuple[str, str, str]:
    tidy = [" ".join(text.split()) for text in (code, name, note)]
    limits = (20, 60, 200)
    if not tidy[0] or not tidy[1]:
        raise DomainError(_("An entry needs a code and a name."), code="incomplete")
    if any(len(text) > limit for text, limit in zip(tidy, limits, strict=True)):
        raise DomainError(
            _("A code has at most 20 characters, a name 60, a note 200."), code="too_long"
        )
    return tidy[0], tidy[1], tidy[2]


def _require_free(company_id: int, kind: str, *, code: str, name: str, but: int = 0) -> None:
    """Files name entries by code or by name, whatever the case: neither may mean two of them."""
    words = {code.casefold(), name.casefold()}
    for other in CodeItem.objects.filter(company_id=company_id, kind=kind).exclude(pk=but):
        if words & {other.code.casefold(), other.name.casefold()}:
            raise ConflictError(
                _("The list has “%(code)s %(name)s” already.")
                % {"code": other.code, "name": other.name},
                code="code_taken",
            )


def _label(item: CodeItem) -> str:
    return f"{CodeKind(item.kind).label} {item.code} {item.name}"
