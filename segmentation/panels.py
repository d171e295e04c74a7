"""What segmentation shows elsewhere: class counts, why a retailer is in its class, list columns."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.models import User
from accounts.roles import Permission, Role
from brands.selectors import figures_day
from config.common import lists, navigation, panels, periods
from config.common.lists import Badge, Column, Sort
from config.common.navigation import NavItem
from config.common.pages import render_panel
from config.common.panels import Panel, Waiting
from customers.models import Retailer
from customers.selectors.retailers import list_retailers
from segmentation.models import RunStatus, Scheme, SchemeKind
from segmentation.selectors import beside, classes, schemes
from segmentation.selectors.why import explain

ABC_TONES = {"A": "class-a", "B": "class-b", "C": "class-c"}


ABC_MEANS = gettext_lazy(
    "Retailers sorted by what they contributed, the largest first: A up to the first limit of the "
    "company's total, B up to the second, C the rest. As last published; the page of the retailer says why."
)
TIER_MEANS = gettext_lazy(
    "Retailers sorted by a score of quantity, amount and average price; each tier holds a fixed share of "
    "them, the highest number is the best. As last published; the page of the retailer says why."
)


# --- home ---------------------------------------------------------------------------------


@require_GET
@requires(Permission.VIEW_CLASSES)
def counts(request: PersonRequest) -> HttpResponse:
    found = []
    for scheme in schemes.list_schemes(request.user):
        run = scheme.published_run or schemes.proposal_of(scheme)
        if run is None:
            continue
        codes = schemes.class_codes(scheme, run)
        numbers = schemes.class_counts(request.user, scheme, run)
        found.append(
            {
                "scheme": scheme,
                "run": run,
                "is_proposal": scheme.published_run is None,
                "badges": [
                    (Badge(code, ABC_TONES.get(code, "neutral")), numbers.get(code, 0))
                    for code in codes
                ]
                if scheme.kind == SchemeKind.ABC
                else [],
                "chart": _chart(scheme.label, codes, numbers)
                if scheme.kind == SchemeKind.TIERS
                else None,
            }
        )
    return render_panel(
        request, "segmentation/_panel_counts.html", {"found": found}, title=_("Classes")
    )


def _chart(name: str, codes: list[str], numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "type": "bar",
        "categories": codes,
        "y_label": _("Retailers"),
        "series": [{"name": name, "data": [numbers.get(code, 0) for code in codes]}],
    }


# --- page of a retailer -------------------------------------------------------------------


@require_GET
@requires(Permission.VIEW_CLASSES)
def retailer_classes(request: PersonRequest, pk: int) -> HttpResponse:
    retailer = get_object_or_404(list_retailers(request.user), pk=pk)
    found = [
        {
            "assignment": assignment,
            "why": explain(assignment),
            "tone": ABC_TONES.get(assignment.class_code, "info"),
        }
        for assignment in classes.assignments_of(request.user, retailer)
    ]
    return render_panel(
        request, "segmentation/_panel_classes.html", {"found": found}, title=_("Classes")
    )


@require_GET
@requires(Permission.VIEW_SALES)
def beside_class(request: PersonRequest, pk: int) -> HttpResponse:
    retailer = get_object_or_404(list_retailers(request.user), pk=pk)
    last = periods.last_closed(figures_day(request.user))
    found = beside.beside_class(request.user, retailer, last)
    context = {"found": found, "chart": _beside_chart(found) if found else None}
    title = _("Beside its class")
    return render_panel(request, "segmentation/_panel_beside.html", context, title=title)


def _beside_chart(found: beside.Beside) -> dict[str, Any]:
    axes: list[dict[str, Any]] = [
        {"name": _("Purchases per month"), "unit": "cartons", "decimals": 1},
        {"name": _("Products per month"), "decimals": 1},
        {"name": _("Orders per month"), "decimals": 1},
        {"name": _("Sales per box"), "unit": "yuan_per_box", "decimals": 0},
        {"name": _("Growth on last year"), "format": "percent"},
    ]
    own = {"name": _("This retailer"), "data": _figures(found.own)}
    label = _("Mean of class %(code)s") % {"code": found.class_code}
    mean = {"name": label, "dashed": True, "data": _figures(found.mean)}
    return {"type": "radar", "axes": axes, "series": [own, mean]}


def _figures(profile: beside.Profile) -> list[float | None]:
    figures = [
        profile.cartons,
        profile.products,
        profile.orders,
        profile.yuan_per_box,
        profile.growth,
    ]
    return [None if figure is None else round(figure, 4) for figure in figures]


# --- list of retailers --------------------------------------------------------------------


class ClassColumns:
    """Filters by class and tier, an order by tier, and a column per scheme."""

    def fields(self, user: User) -> dict[str, forms.Field]:
        if Permission.VIEW_CLASSES not in user.permissions:
            return {}
        found: dict[str, forms.Field] = {}
        kinds = {scheme.kind for scheme in classes.published_schemes(user)}
        if SchemeKind.ABC in kinds:
            found["abc"] = forms.ChoiceField(
                label=gettext_lazy("ABC class"),
                required=False,
                choices=[("", gettext_lazy("All")), *((code, code) for code in "ABC")],
            )
        if SchemeKind.TIERS in kinds:
            found["tier_from"] = forms.IntegerField(
                label=gettext_lazy("Tier from"), required=False, min_value=1, max_value=100
            )
            found["tier_to"] = forms.IntegerField(
                label=gettext_lazy("Tier to"), required=False, min_value=1, max_value=100
            )
        return found

    def apply(
        self, queryset: QuerySet[Retailer], wanted: dict[str, Any], user: User
    ) -> QuerySet[Retailer]:
        if wanted.get("abc"):
            queryset = classes.in_classes(queryset, user, SchemeKind.ABC, [wanted["abc"]])
        low, high = wanted.get("tier_from"), wanted.get("tier_to")
        if low or high:
            codes = [f"D{number}" for number in range(low or 1, (high or 100) + 1)]
            queryset = classes.in_classes(queryset, user, SchemeKind.TIERS, codes)
        return queryset

    def columns(self, user: User) -> list[Column]:
        if Permission.VIEW_CLASSES not in user.permissions:
            return []
        return [_class_column(scheme, user) for scheme in classes.published_schemes(user)]


def _class_column(scheme: Scheme, user: User) -> Column:
    def read(rows: Sequence[Retailer], reader: User) -> dict[int, Badge]:
        keys = [row.pk for row in rows]
        found = lists.once("classes", rows, reader, lambda: classes.classes_of(reader, keys))
        return {
            pk: Badge(code, ABC_TONES.get(code, "info"), icon="medal")
            for pk, code in found[scheme.pk].items()
        }

    is_tier = scheme.kind == SchemeKind.TIERS
    by_rank = Sort(
        code="tier",
        field="tier_rank",
        label=gettext_lazy("Tier"),
        kind=int,
        prepare=lambda rows: classes.with_tier_rank(rows, user),
    )
    return Column(
        code=f"class-{scheme.code}",
        label=_("Tier") if is_tier else scheme.label,
        read=read,
        kind="badge",
        sort=by_rank if is_tier else None,
        after="name",
        definition=TIER_MEANS if is_tier else ABC_MEANS,
    )


def waiting_runs(user: User) -> list[Waiting]:
    """Proposals that somebody has to publish or drop."""
    if Permission.PUBLISH_CLASSES not in user.permissions:
        return []
    found = []
    for run in schemes.list_proposals(user):
        held = run.status == RunStatus.HELD
        if not held and run.scheme.published_run_id and not run.changed:
            continue
        text = (
            _("%(name)s: held, %(changed)s retailers would change class. %(why)s")
            if held
            else _(
                "%(name)s: a proposal for %(all)s retailers waits, %(changed)s would change class."
            )
        )
        facts = {
            "name": run.scheme.label,
            "changed": f"{run.changed:,}",
            "all": f"{run.retailers:,}",
            "why": run.hold_reason,
        }
        url = reverse("scheme-detail", args=[run.scheme_id])
        found.append(Waiting(text % facts, url, "warn" if held else "info"))
    return found


def register() -> None:
    """Called from ``AppConfig.ready``."""
    panels.register(
        Panel(
            page="home",
            code="classes",
            title=gettext_lazy("Classes"),
            permission=Permission.VIEW_CLASSES,
            url_name="panel-class-counts",
            order=40,
            wide=True,
        )
    )
    panels.register(
        Panel(
            page="home",
            code="movements",
            title=gettext_lazy("Class movements"),
            permission=Permission.VIEW_CLASSES,
            url_name="panel-home-movements",
            order=45,
            about=gettext_lazy("Retailers by their ABC class before and now."),
            roles=frozenset({Role.ADMINISTRATOR, Role.PLANNER, Role.APPROVER, Role.AUDITOR}),
        )
    )
    panels.register(
        Panel(
            page="retailer",
            code="classes",
            title=gettext_lazy("Classes"),
            permission=Permission.VIEW_CLASSES,
            url_name="panel-retailer-classes",
            order=30,
        )
    )
    panels.register(
        Panel(
            page="retailer",
            code="beside",
            title=gettext_lazy("Beside its class"),
            permission=Permission.VIEW_SALES,
            url_name="panel-retailer-beside",
            order=35,
        )
    )
    panels.register_waiting(waiting_runs)
    lists.extend("retailers", ClassColumns())
    navigation.register(
        NavItem(
            label=gettext_lazy("Classes"),
            url_name="scheme-list",
            icon="medal",
            permission=Permission.VIEW_CLASSES,
            order=30,
            group=gettext_lazy("Marketing"),
            key="c",
        )
    )
