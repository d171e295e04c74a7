"""What hand-overs show elsewhere: who looked after a retailer, what waits for whom, the menu."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.models import User
from accounts.roles import Permission, Role
from config.common import lists, navigation, panels
from config.common.lists import PageAction
from config.common.navigation import NavItem
from config.common.pages import render_panel
from config.common.panels import Panel, Waiting
from config.common.periods import business_today
from customers.forms.handover_list import HAND_OVERS
from customers.models import HandOverStatus
from customers.selectors import handover as reads
from customers.selectors.retailers import list_retailers
from customers.selectors.stand_ins import in_force, list_stand_ins


@require_GET
@requires(Permission.VIEW_RETAILERS)
def ownership(request: PersonRequest, pk: int) -> HttpResponse:
    retailer = get_object_or_404(list_retailers(request.user), pk=pk)
    context = {
        "spans": reads.ownership_of(retailer),
        "stand_ins": reads.stand_ins_of(retailer, business_today()),
        "may_open": Permission.VIEW_SALES in request.user.permissions,
    }
    return render_panel(
        request, "customers/_panel_ownership.html", context, title=_("Customer managers")
    )


# --- what waits ---------------------------------------------------------------------------


def waiting_hand_overs(user: User) -> list[Waiting]:
    """Hand-overs to decide on, overdue ones, and what comes to a customer manager."""
    if Permission.VIEW_SALES not in user.permissions:
        return []
    if user.role == Role.CUSTOMER_MANAGER:
        return [*_coming(user), *_standing_in(user)]
    asked, late = _to_do(user)
    found = []
    if asked:
        words = ngettext(
            "%(n)d hand-over waits for approval", "%(n)d hand-overs wait for approval", len(asked)
        )
        found.append(_entry(words, asked, "requested", "warn"))
    if late:
        words = ngettext(
            "%(n)d approved hand-over is overdue",
            "%(n)d approved hand-overs are overdue",
            len(late),
        )
        found.append(_entry(words, late, "approved", "bad"))
    return found


def _to_do(user: User) -> tuple[list[int], list[int]]:
    """Keys of the hand-overs that this person decides on, and of the overdue ones they ask about."""
    rows = reads.list_hand_overs(user).order_by()
    wanted = rows.none()
    if user.has(Permission.DECIDE_HAND_OVERS):
        wanted |= rows.filter(status=HandOverStatus.REQUESTED).exclude(requested_by=user)
    if user.has(Permission.REQUEST_HAND_OVERS):
        wanted |= reads.overdue(rows, business_today())
    found = list(wanted.values_list("pk", "status"))
    asked = [pk for pk, status in found if status == HandOverStatus.REQUESTED]
    return asked, [pk for pk, status in found if status != HandOverStatus.REQUESTED]


def _entry(words: str, keys: list[int], status: str, tone: str) -> Waiting:
    """One entry for all of a status: the hand-over itself where it is the only one, otherwise their list."""
    only = reverse("hand-over-detail", args=keys) if len(keys) == 1 else ""
    url = only or f"{reverse('hand-over-list')}?status={status}"
    return Waiting(words % {"n": len(keys)}, url, tone)


def _coming(user: User) -> list[Waiting]:
    rows = reads.list_hand_overs(user).filter(status=HandOverStatus.APPROVED, to_manager=user)
    return [
        Waiting(
            ngettext(
                "From %(day)s on %(n)d retailer comes to you",
                "From %(day)s on %(n)d retailers come to you",
                row.retailers,
            )
            % {"day": row.effective_on.isoformat(), "n": row.retailers},
            reverse("hand-over-detail", args=[row.pk]),
        )
        for row in rows.order_by("effective_on", "pk")[:3]
    ]


def _standing_in(user: User) -> list[Waiting]:
    rows = list_stand_ins(user).filter(in_force(business_today()), stand_in=user)
    return [
        Waiting(
            _("You stand in for %(name)s until %(day)s")
            % {"name": row.absent, "day": row.until_on.isoformat()}
            if row.hand_over_id is None
            else _("You accompany retailers that went to %(name)s until %(day)s")
            % {"name": row.absent, "day": row.until_on.isoformat()},
            reverse("stand-in-list"),
        )
        for row in rows.order_by("until_on", "pk")[:3]
    ]


def register() -> None:
    """Called from ``AppConfig.ready``."""
    lists.register(HAND_OVERS)
    lists.add_page_action(
        "retailers",
        PageAction(
            label=gettext_lazy("Hand over"),
            icon="transfer",
            permission=Permission.REQUEST_HAND_OVERS,
            url_name="hand-over-new",
        ),
    )
    panels.register(
        Panel(
            page="retailer",
            code="ownership",
            title=gettext_lazy("Customer managers"),
            permission=Permission.VIEW_RETAILERS,
            url_name="panel-retailer-ownership",
            order=80,
        )
    )
    panels.register_waiting(waiting_hand_overs)
    navigation.register(
        NavItem(
            label=gettext_lazy("Hand-overs"),
            url_name="hand-over-list",
            icon="transfer",
            permission=Permission.VIEW_SALES,
            order=12,
            group=gettext_lazy("Marketing"),
        )
    )
