from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from config.common.pages import Question, ask, crumb, reason_of
from segmentation import services
from segmentation.models import RunStatus, Scheme, SchemeKind, SegmentationRun
from segmentation.selectors import schemes


def _crumbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [crumb(_("Home"), reverse("home")), crumb(_("Classes"), reverse("scheme-list")), *more]


@require_GET
@requires(Permission.VIEW_CLASSES)
def scheme_list(request: PersonRequest) -> HttpResponse:
    proposals = {run.scheme_id: run for run in schemes.list_proposals(request.user)}
    context = {
        "schemes": schemes.list_schemes(request.user),
        "proposals": proposals,
        "crumbs": _crumbs(),
    }
    return render(request, "segmentation/scheme_list.html", context)


@require_GET
@requires(Permission.VIEW_CLASSES)
def scheme_detail(request: PersonRequest, pk: int) -> HttpResponse:
    scheme: Scheme = get_object_or_404(schemes.list_schemes(request.user), pk=pk)
    published, proposal = scheme.published_run, schemes.proposal_of(scheme)
    codes = schemes.class_codes(scheme, published, proposal)
    shown = published or proposal
    may_publish = Permission.PUBLISH_CLASSES in request.user.permissions
    context = {
        "scheme": scheme,
        "published": published,
        "proposal": proposal,
        "questions": _questions(proposal) if proposal and may_publish else [],
        "sizes": _sizes_chart(codes, published, proposal),
        "curve": _curve_chart(shown) if shown and scheme.kind == SchemeKind.ABC else None,
        "movements": schemes.movements_of(proposal, codes) if proposal and published else None,
        "is_small": len(codes) <= 6,
        "versions": schemes.list_versions(scheme),
        "runs": schemes.list_runs(scheme),
        "crumbs": _crumbs(crumb(scheme.label)),
    }
    return render(request, "segmentation/scheme_detail.html", context)


def _sizes_chart(
    codes: list[str], published: SegmentationRun | None, proposal: SegmentationRun | None
) -> dict[str, Any]:
    series = [
        {"name": name, "data": schemes.sizes_of(run, codes), "dashed": dashed}
        for name, run, dashed in (
            (_("Published"), published, False),
            (_("Proposal"), proposal, published is not None),
        )
        if run is not None
    ]
    # One series of A, B, C wears the colours of the classes; two are told apart by their own.
    coloured = len(series) == 1 and codes == ["A", "B", "C"]
    return {
        "type": "columns_by_class" if coloured else "bar",
        "classes": codes if coloured else None,
        "categories": codes,
        "x_label": _("Class"),
        "y_label": _("Retailers"),
        "series": series,
    }


def _curve_chart(run: SegmentationRun) -> dict[str, Any]:
    points = schemes.pareto_curve(run)
    cuts = run.version.params.get("cuts", [])
    return {
        "type": "line",
        "categories": [f"{x:.0%}" for x, _y in points],
        "x_label": _("Share of the retailers, those that buy most first"),
        "y_label": _("Share of the contribution"),
        "series": [
            {
                "name": _("Share of the contribution"),
                "format": "percent",
                "data": [round(y, 6) for _x, y in points],
            }
        ],
        "marks": [
            {"value": float(cut), "label": f"{code} {float(cut) * 100:.0f} %"}
            for code, cut in zip("AB", cuts, strict=False)
        ],
    }


# --- publishing ---------------------------------------------------------------------------


def _questions(run: SegmentationRun) -> list[Question]:
    return [_publish_question(run), _dismiss_question(run)]


def _facts(run: SegmentationRun) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("Scheme"), run.scheme.label),
        (_("Business date"), run.business_date.isoformat()),
        (_("Retailers"), f"{run.retailers:,}"),
        (_("Would change class"), f"{run.changed:,}"),
    ]
    if run.status == RunStatus.HELD:
        facts.append((_("Held because"), run.hold_reason))
    return facts


def _publish_question(run: SegmentationRun) -> Question:
    return Question(
        id="publish-run",
        title=_("Publish these classes?"),
        text=_(
            "They replace the published classes for everybody at once: lists, quotas of the next "
            "computation and the interface to the ordering system. The old ones stay readable."
        ),
        url=reverse("run-publish", args=[run.pk]),
        label=_("Publish classes"),
        facts=_facts(run),
        icon="send",
    )


def _dismiss_question(run: SegmentationRun) -> Question:
    return Question(
        id="dismiss-run",
        title=_("Drop this proposal?"),
        text=_("The published classes stay as they are. The next night makes a new proposal."),
        url=reverse("run-dismiss", args=[run.pk]),
        label=_("Drop the proposal"),
        facts=_facts(run),
        reason=True,
        danger=True,
        icon="trash",
    )


def _proposal_or_404(request: PersonRequest, pk: int) -> SegmentationRun:
    run: SegmentationRun = get_object_or_404(schemes.list_proposals(request.user), pk=pk)
    return run


@require_http_methods(["GET", "POST"])
@requires(Permission.PUBLISH_CLASSES)
def run_publish(request: PersonRequest, pk: int) -> HttpResponse:
    run = _proposal_or_404(request, pk)
    crumbs = _crumbs(crumb(run.scheme.label))
    if asked := ask(request, _publish_question(run), crumbs=crumbs):
        return asked
    services.publish_run(run=run, by=request.user)
    messages.success(request, _("The classes are published."))
    return redirect("scheme-detail", pk=run.scheme_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.PUBLISH_CLASSES)
def run_dismiss(request: PersonRequest, pk: int) -> HttpResponse:
    run = _proposal_or_404(request, pk)
    crumbs = _crumbs(crumb(run.scheme.label))
    if asked := ask(request, _dismiss_question(run), crumbs=crumbs):
        return asked
    services.dismiss_run(run=run, by=request.user, reason=reason_of(request))
    messages.success(request, _("The proposal was dropped."))
    return redirect("scheme-detail", pk=run.scheme_id)
