"""Parts of a scheme's page that people look at: who moved, and how much the classes buy."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.roles import Permission
from config.common.pages import render_panel
from config.common.periods import period_text
from segmentation.models import RunStatus, Scheme, SchemeKind, SegmentationRun
from segmentation.selectors import movements, schemes, spread
from segmentation.selectors.movements import Flow
from segmentation.selectors.spread import Point, Sample

FEW_CLASSES = 6
GROWTH_STEP = 0.1
GROWTH_SHARE = 0.98
GROWTH_MOST = 3.0


def _scheme_or_404(request: PersonRequest, pk: int) -> Scheme:
    scheme: Scheme = get_object_or_404(schemes.list_schemes(request.user), pk=pk)
    return scheme


@require_GET
@requires(Permission.VIEW_CLASSES)
def scheme_movements(request: PersonRequest, pk: int) -> HttpResponse:
    """Class movements between the last two runs: as a flow, or as a matrix where there are many classes."""
    return _movements(request, _scheme_or_404(request, pk))


def _movements(request: PersonRequest, scheme: Scheme | None) -> HttpResponse:
    pair = movements.runs_to_compare(scheme) if scheme else None
    context: dict[str, Any] = {"scheme": scheme, "pair": pair}
    if scheme is not None and pair is not None:
        codes = schemes.class_codes(scheme, *pair)
        flow = movements.flow_between(request.user, *pair, codes)
        context |= {"flow": flow, "chart": _flow_chart(flow, *pair), "note": _flow_note(flow)}
    title = _("Class movements")
    return render_panel(request, "segmentation/_panel_movements.html", context, title=title)


@require_GET
@requires(Permission.VIEW_CLASSES)
def home_movements(request: PersonRequest) -> HttpResponse:
    """Class movements of the ABC scheme, for the home page."""
    schemes_here = schemes.list_schemes(request.user)
    return _movements(request, next((s for s in schemes_here if s.kind == SchemeKind.ABC), None))


def _run_label(run: SegmentationRun) -> str:
    day = run.business_date.isoformat()
    is_proposal = run.status in (RunStatus.COMPUTED, RunStatus.HELD)
    return _("Proposal of %(day)s") % {"day": day} if is_proposal else day


def _flow_chart(
    flow: Flow, earlier: SegmentationRun, later: SegmentationRun
) -> dict[str, Any] | None:
    """None where nobody is in both runs."""
    if not any(map(any, flow.counts)):
        return None
    if len(flow.codes) <= FEW_CLASSES:
        return {
            "type": "sankey",
            "name": _("Retailers"),
            "unit": pgettext("unit", "retailers"),
            "from": flow.codes,
            "to": flow.codes,
            "from_label": _run_label(earlier),
            "to_label": _run_label(later),
            "values": flow.counts,
        }
    elsewhere = [
        number for at, row in enumerate(flow.counts) for to, number in enumerate(row) if at != to
    ]
    return {
        "type": "heatmap",
        "name": _("Retailers"),
        "rows": flow.codes,
        "columns": flow.codes,
        "rows_label": _run_label(earlier),
        "columns_label": _run_label(later),
        # Most stay where they are: the colours are for those that move.
        "max": max(elsewhere) or None,
        "values": [[number or None for number in row] for row in flow.counts],
    }


def _flow_note(flow: Flow) -> str:
    parts = [
        ngettext("%(n)s retailer moved.", "%(n)s retailers moved.", flow.moved)
        % {"n": f"{flow.moved:,}"}
    ]
    if flow.arrived:
        parts.append(_("%(n)s are new.") % {"n": f"{flow.arrived:,}"})
    if flow.left:
        parts.append(_("%(n)s are no longer classified.") % {"n": f"{flow.left:,}"})
    return " ".join(parts)


# --- volume and growth --------------------------------------------------------------------


@require_GET
@requires(Permission.VIEW_CLASSES)
def scheme_spread(request: PersonRequest, pk: int) -> HttpResponse:
    """Volume against growth, a point per retailer, coloured by class."""
    scheme = _scheme_or_404(request, pk)
    run = scheme.published_run or schemes.proposal_of(scheme)
    context: dict[str, Any] = {"scheme": scheme, "chart": None}
    if run is not None:
        sample = spread.sample_of(request.user, run)
        context |= {"chart": _spread_chart(sample, schemes.class_codes(scheme, run))}
        context["note"] = _spread_note(sample)
    title = _("Volume and growth")
    return render_panel(request, "segmentation/_panel_spread.html", context, title=title)


def _spread_chart(sample: Sample, codes: list[str]) -> dict[str, Any] | None:
    if not sample.points:
        return None
    bands, order = _bands(codes)
    return {
        "type": "scatter",
        "label": _("Retailer"),
        "classes_order": order,
        "x": {"name": _("Purchases of 3 months"), "unit": "cartons", "scale": "log"},
        "y": {
            "name": _("Growth on last year"),
            "format": "percent",
            "max": _growth_end(sample.points),
        },
        "points": [
            [
                point.cartons,
                round(point.growth or 0.0, 4),
                point.label,
                bands.get(point.class_code, point.class_code),
                point.retailer_id,
            ]
            for point in sample.points
        ],
        "href": reverse("retailer-detail", args=[0]).replace("/0/", "/{id}/"),
    }


def _bands(codes: list[str]) -> tuple[dict[str, str], list[str]]:
    """Thirty tiers have no thirty colours: neighbours stand together, the best band first."""
    if len(codes) <= FEW_CLASSES:
        return {code: code for code in codes}, codes
    size = -(-len(codes) // FEW_CLASSES)
    groups = [codes[at : at + size] for at in range(0, len(codes), size)]
    names = [f"{group[0]}–{group[-1]}" if len(group) > 1 else group[0] for group in groups]
    found = {code: name for name, group in zip(names, groups, strict=True) for code in group}
    return found, names


def _growth_end(points: list[Point]) -> float:
    """Where the scale ends: a few shops that grew tenfold must not press the others flat."""
    found = sorted(point.growth or 0.0 for point in points)
    usual = found[min(len(found) - 1, int(len(found) * GROWTH_SHARE))]
    steps = int(max(usual, GROWTH_STEP) / GROWTH_STEP) + 1
    return round(min(steps * GROWTH_STEP, GROWTH_MOST), 1)


def _spread_note(sample: Sample) -> str:
    shown = len(sample.points) + sample.without
    span = {"first": period_text(sample.first), "last": period_text(sample.last)}
    parts = [_("Purchases from %(first)s to %(last)s against the same months of last year.") % span]
    if shown < sample.retailers:
        parts.append(
            _("A sample: %(shown)s of %(all)s retailers, spread evenly.")
            % {"shown": f"{shown:,}", "all": f"{sample.retailers:,}"}
        )
    if sample.without:
        parts.append(
            _("%(n)s are not drawn, as they did not buy in both years.")
            % {"n": f"{sample.without:,}"}
        )
    end = _growth_end(sample.points) if sample.points else 0.0
    beyond = sum(1 for point in sample.points if (point.growth or 0.0) > end)
    if beyond:
        parts.append(
            _("%(n)s grew more than %(end)s %% and lie on the upper edge.")
            % {"n": f"{beyond:,}", "end": f"{end * 100:.0f}"}
        )
    return " ".join(parts)
