"""Writes of saved views and layouts of lists."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Preference, SavedView, User, ViewAudience
from accounts.roles import Permission, Role
from accounts.selectors.saved_views import layout_key, may_change
from accounts.services import record
from config.common.errors import ConflictError, DomainError, ForbiddenError
from config.common.lists.state import LONGEST_QUERY

NARROWEST, WIDEST = 60, 800
MOST_COLUMNS = 60
MOST_VIEWS = 100


def clean_layout(columns: list[str], widths: dict[str, Any]) -> dict[str, Any]:
    """A layout that can be stored: known kinds of values, within bounds."""
    kept = {
        str(code)[:40]: min(max(int(width), NARROWEST), WIDEST)
        for code, width in list(widths.items())[:MOST_COLUMNS]
        if isinstance(width, int | float)
    }
    return {"columns": [str(code)[:40] for code in columns[:MOST_COLUMNS]], "widths": kept}


def remember_layout(
    *, list_name: str, columns: list[str] | None, widths: dict[str, Any] | None, by: User
) -> None:
    """Keep the columns or widths of a list as this person left them; None leaves one as it was."""
    with transaction.atomic():
        row, _created = Preference.objects.select_for_update().get_or_create(
            user=by, key=layout_key(list_name), defaults={"value": {}}
        )
        before = row.value if isinstance(row.value, dict) else {}
        row.value = clean_layout(
            before.get("columns", []) if columns is None else columns,
            {**before.get("widths", {}), **(widths or {})},
        )
        row.save(update_fields=["value", "updated_at"])


def forget_layout(*, list_name: str, by: User) -> None:
    """Back to the usual columns."""
    Preference.objects.filter(user=by, key=layout_key(list_name)).delete()


def save_view(
    *,
    list_name: str,
    name: str,
    query: str,
    layout: dict[str, Any],
    audience: str,
    role: str = "",
    is_default: bool = False,
    by: User,
) -> SavedView:
    """Keep a list under a name.

    Args:
        list_name: Which list.
        name: Unique among one's own views of the list.
        query: Filters and order, in the one spelling of ``ListState.filters``.
        layout: From ``clean_layout``.
        audience: Who else sees it.
        role: Whose view it is, when the audience is a role.
        is_default: It opens by the list's bare address.
        by: Whose view.

    Raises:
        ForbiddenError: Sharing it is not this person's right.
        ConflictError: The name is taken.
        DomainError: No name, a query that is too long, or too many views.
    """
    _check_audience(audience, role, by)
    if not name.strip() or len(query) > LONGEST_QUERY:
        raise DomainError(
            _("A view needs a name, and not more than %(n)d signs of filters.")
            % {"n": LONGEST_QUERY},
            code="invalid_view",
        )
    own = SavedView.objects.filter(owner=by, list_name=list_name)
    if own.count() >= MOST_VIEWS:
        raise DomainError(
            _("You have %(n)d views of this list; delete one first.") % {"n": MOST_VIEWS},
            code="too_many_views",
        )
    view = SavedView(
        company_id=by.company_id,
        list_name=list_name,
        name=name.strip(),
        owner=by,
        query=query,
        layout=layout,
        audience=audience,
        role=role if audience == ViewAudience.ROLE else "",
        is_default=is_default,
    )
    try:
        with transaction.atomic():
            _one_default(view)
            view.save()
            _record("view.save", view, by)
    except IntegrityError as error:
        raise ConflictError(
            _("You have a view with the name “%(name)s” already.") % {"name": view.name},
            code="view_exists",
        ) from error
    return view


def update_view(
    *, view: SavedView, query: str, layout: dict[str, Any], version: int, by: User
) -> SavedView:
    """Keep the present filters, order and columns in a view that exists.

    Raises:
        ForbiddenError: It belongs to somebody else.
        ConflictError: Somebody has changed it since it was opened.
    """
    _require_change(view, by)
    with transaction.atomic():
        changed = SavedView.objects.filter(pk=view.pk, version=version).update(
            query=query[:LONGEST_QUERY], layout=layout, version=version + 1
        )
        if not changed:
            raise ConflictError(
                _("Somebody has changed this view since you opened it; open it again."),
                code="changed",
            )
        _record("view.update", view, by)
    view.refresh_from_db()
    return view


def delete_view(*, view: SavedView, by: User) -> None:
    """Remove a view.

    Raises:
        ForbiddenError: It belongs to somebody else.
    """
    _require_change(view, by)
    with transaction.atomic():
        _record("view.delete", view, by)
        view.delete()


def _check_audience(audience: str, role: str, by: User) -> None:
    if audience not in ViewAudience.values or (
        audience == ViewAudience.ROLE and role not in Role.values
    ):
        raise DomainError(_("Choose who sees this view."), code="audience")
    needed = {
        ViewAudience.COMPANY: Permission.SHARE_VIEWS,
        ViewAudience.ROLE: Permission.MANAGE_RULES,
    }.get(ViewAudience(audience))
    if needed is not None and (not by.has(needed) or by.company_id is None):
        raise ForbiddenError(_("You may keep views for yourself only."), code="may_not_share")


def _one_default(view: SavedView) -> None:
    """A new default takes the place of the one before."""
    if not view.is_default:
        return
    same = SavedView.objects.filter(list_name=view.list_name, is_default=True)
    if view.audience == ViewAudience.ROLE:
        same = same.filter(company=view.company, audience=view.audience, role=view.role)
    else:
        same = same.filter(owner=view.owner, audience=view.audience)
    same.update(is_default=False)


def _require_change(view: SavedView, by: User) -> None:
    if not may_change(by, view):
        raise ForbiddenError(
            _("This view belongs to %(name)s; save it under a name of your own.")
            % {"name": view.owner},
            code="not_yours",
        )


def _record(action: str, view: SavedView, by: User) -> None:
    """What others see is in the trail; private views are nobody's business."""
    if view.audience != ViewAudience.PRIVATE:
        changes = {"query": [None, view.query], "audience": [None, view.audience]}
        record(action=action, company_id=view.company_id, by=by, obj=view, changes=changes)
