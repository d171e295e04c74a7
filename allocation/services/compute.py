"""Drafts: monthly totals, tier quotas and retailer quotas of a plan."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from allocation import frames
from allocation.core.apportionment import apportion
from allocation.core.shares import blend_weights, fill_level, upper_limits
from allocation.core.tiers import TierQuotaSolver
from allocation.core.totals import monthly_total
from allocation.models import (
    DemandForecast,
    NodeFactor,
    Plan,
    PlanLine,
    PlanStatus,
    RetailerQuota,
    SupplyCap,
)
from allocation.services.desk import tell_waiting
from allocation.services.quotas import least_width, solver_for, tier_quotas, top_cap
from allocation.services.rules import (
    ensure_node_factors,
    hold_rules,
    newest_supply_caps,
    params_as_of,
)
from config.common import faults, periods
from config.common.models import JobRun
from segmentation.models import RunStatus, Scheme, SchemeKind, SegmentationRun

Ints = NDArray[np.int64]
POLICY_CODES = ("allocation.total", "allocation.tiers", "allocation.retailers")


@dataclass
class Basis:
    """What all lines of a plan share."""

    plan: Plan
    members: frames.Members
    purchases: frames.Purchases
    factors: dict[int, NodeFactor]
    caps: dict[int, SupplyCap]
    params: dict[str, dict[str, Any]]
    versions: dict[str, int]
    run: SegmentationRun | None
    read_at: dt.datetime


@dataclass
class Computed:
    """A plan's result before it is written."""

    lines: list[PlanLine] = field(default_factory=list)
    tier_quotas: list[Ints] = field(default_factory=list)
    blocks: list[frames.QuotaBlock] = field(default_factory=list)


def ensure_draft(*, company_id: int, period: int) -> Plan | None:
    """The draft of a month, made when the month has no plan that binds or is about to.

    Returns:
        The draft; None when the month's plan is approved or published and nobody revises it.
    """
    plans = {
        plan.status: plan for plan in Plan.objects.filter(company_id=company_id, period=period)
    }
    draft: Plan | None = plans.get(PlanStatus.DRAFT)
    if draft is None and not {PlanStatus.APPROVED, PlanStatus.PUBLISHED} & plans.keys():
        version = max((plan.version for plan in plans.values()), default=0) + 1
        draft = Plan.objects.create(company_id=company_id, period=period, version=version)
    return draft


def compute_plan(
    *,
    plan: Plan,
    business_date: dt.date,
    job: JobRun | None,
    progress: Callable[[int, int, str], None],
    assert_owner: Callable[[], None],
) -> Plan:
    """Compute a draft from the stored forecasts and replace its lines and quotas.

    The result is written in one transaction, and only when it differs from what is stored. When nothing
    that it is made of has changed since, the quotas are not computed again.

    Args:
        plan: A draft.
        business_date: As of which day rules and classes are taken.
        job: The job that asked.
        progress: Told (lines done, lines, text).
        assert_owner: First call of the transaction; raises when the job was taken over.

    Returns:
        The plan, as stored; unchanged when it stopped being a draft meanwhile.
    """
    basis = _load_basis(plan, business_date)
    forecasts = list(
        DemandForecast.objects.filter(company_id=plan.company_id, period=plan.period)
        .select_related("product")
        .order_by("product__code")
    )
    computed = Computed()
    _compute_totals(basis, forecasts, computed)
    inputs = frames.inputs_hash(_inputs(basis, computed.lines), basis.members, basis.purchases)
    if plan.result_hash and plan.inputs_hash == inputs:
        return _store(basis, None, inputs, business_date, job, assert_owner)
    counts = basis.members.counts
    solver = solver_for(counts, max((line.total_cartons for line in computed.lines), default=0))
    text = periods.period_text(plan.period)
    for number, line in enumerate(computed.lines):
        if number % 8 == 0:
            progress(number, len(computed.lines), text)
        _compute_line(basis, line, number, solver, computed)
    progress(len(computed.lines), len(computed.lines), text)
    faults.point("allocation-before-write")
    return _store(basis, computed, inputs, business_date, job, assert_owner)


def _load_basis(plan: Plan, business_date: dt.date) -> Basis:
    params: dict[str, dict[str, Any]] = {}
    versions: dict[str, int] = {}
    for code in POLICY_CODES:
        params[code], versions[code] = params_as_of(plan.company_id, code, business_date)
    run, tiers = _tier_run(plan.company_id)
    members = frames.load_members(plan.company_id, run, tiers)
    last = periods.last_closed(business_date)
    months = int(params["allocation.retailers"]["weight_months"])
    purchases = frames.load_purchases(
        plan.company_id, members, periods.shift(last, 1 - months), last
    )
    with transaction.atomic():
        # Under the lock, so that whatever a person sets later is also later than this moment.
        hold_rules(plan.company_id)
        read_at = timezone.now()
        factors = ensure_node_factors(plan.company_id, plan.period)
        caps = newest_supply_caps(plan.company_id, plan.period)
    return Basis(plan, members, purchases, factors, caps, params, versions, run, read_at)


def _tier_run(company_id: int) -> tuple[SegmentationRun | None, int]:
    """The published tiers, else the newest proposal (a draft binds nobody), and their number."""
    scheme = (
        Scheme.objects.filter(company_id=company_id, kind=SchemeKind.TIERS, is_active=True)
        .select_related("published_run__version")
        .order_by("code")
        .first()
    )
    if scheme is None:
        return None, 1
    run = scheme.published_run or (
        scheme.runs.filter(status__in=[RunStatus.COMPUTED, RunStatus.HELD])
        .select_related("version")
        .order_by("-pk")
        .first()
    )
    if run is None:
        return None, 1
    return run, len(run.version.params["shares"])


# --- totals -------------------------------------------------------------------------------


def _compute_totals(basis: Basis, forecasts: list[DemandForecast], computed: Computed) -> None:
    weight = Decimal(basis.params["allocation.total"]["history_weight"])
    for forecast in forecasts:
        factor = basis.factors[forecast.product.price_class_id]
        cap = basis.caps.get(forecast.product_id)
        total = monthly_total(
            forecast.last_year_cartons,
            forecast.forecast_cartons,
            factor.factor,
            history_weight=weight,
            supply_cap=cap.cartons if cap else None,
        )
        figures = {
            **forecast.figures,
            "basis": "history" if forecast.last_year_cartons is not None else "forecast_only",
            "backtest_error": forecast.backtest_error,
            "node_version": factor.version,
            "node_reason": factor.reason,
            "supply_version": cap.version if cap else None,
            "flags": [],
        }
        computed.lines.append(
            PlanLine(
                plan=basis.plan,
                product=forecast.product,
                last_year_cartons=forecast.last_year_cartons,
                forecast_cartons=forecast.forecast_cartons,
                node_factor=factor.factor,
                history_weight=weight,
                supply_cap=cap.cartons if cap else None,
                total_cartons=total,
                figures=figures,
            )
        )


# --- retailers ----------------------------------------------------------------------------


def _compute_line(
    basis: Basis, line: PlanLine, number: int, solver: TierQuotaSolver, computed: Computed
) -> None:
    own = basis.purchases.own(line.product_id)
    quotas = _tier_quotas(basis, line, own, solver)
    block = _share(basis, line, number, own, quotas)
    line.tier_cartons = int((basis.members.counts * quotas).sum())
    line.figures["tier_error"] = line.tier_cartons - line.total_cartons
    line.reserve_cartons = line.total_cartons - line.released_cartons
    _flag(line)
    computed.tier_quotas.append(quotas)
    computed.blocks.append(block)


def _tier_quotas(basis: Basis, line: PlanLine, own: Ints, solver: TierQuotaSolver) -> Ints:
    """Cartons for a retailer of each tier, highest first, from cartons bought per member."""
    params = basis.params["allocation.tiers"]
    counts = basis.members.counts
    bought = basis.members.bought_by_tier(own)
    cap = top_cap(
        counts,
        bought,
        line.total_cartons,
        months=int(basis.params["allocation.retailers"]["weight_months"]),
        factor=float(params["top_cap_factor"]),
    )
    width = least_width(
        counts, bought, line.total_cartons, breadth_share=float(params["breadth_share"])
    )
    line.figures.update(
        tier_objective=params["objective"], tier_top_cap=cap, tier_least_width=width
    )
    return tier_quotas(
        solver,
        counts,
        bought,
        line.total_cartons,
        top_cap=cap,
        min_width=max(width, int(params["min_width"])),
        objective=params["objective"],
        tolerance=int(line.total_cartons * Decimal(params["tolerance"])),
    )


def _share(basis: Basis, line: PlanLine, number: int, own: Ints, quotas: Ints) -> frames.QuotaBlock:
    """The total shared among the members by weight, up to what tier and habit allow each."""
    members, params = basis.members, basis.params["allocation.retailers"]
    months = int(params["weight_months"])
    blend = blend_weights(own, basis.purchases.all_products, Decimal(params["own_share"]))
    weights = blend.weights
    upper = upper_limits(
        quotas[members.tiers - members.tier],
        own,
        months,
        tier_factor=Decimal(params["tier_factor"]),
        habit_factor=Decimal(params["habit_factor"]),
    )
    line.released_cartons = min(line.total_cartons, int(upper[weights > 0].sum()))
    cartons = apportion(line.released_cartons, weights, upper=np.where(weights > 0, upper, 0))
    line.figures.update(
        weights_basis=blend.basis,
        weights_sum=int(weights.sum()),
        own_cartons=blend.own_sum,
        all_cartons=blend.all_sum,
        own_share=params["own_share"],
        weight_months=months,
        upper_factor=params["tier_factor"],
        habit_factor=params["habit_factor"],
        level=fill_level(cartons, weights, upper),
    )
    kept = np.flatnonzero(cartons)
    return frames.QuotaBlock(
        number,
        line.product_id,
        kept,
        members.tier[kept],
        weights[kept],
        upper[kept],
        cartons[kept],
    )


def _flag(line: PlanLine) -> None:
    flags = line.figures["flags"]
    if line.last_year_cartons is None:
        flags.append("no_history")
    if line.figures.get("growth_flag") not in (None, "ok"):
        flags.append(f"growth_{line.figures['growth_flag']}")
    if line.supply_cap is not None and line.total_cartons == line.supply_cap:
        flags.append("capped_by_supply")
    if line.reserve_cartons:
        flags.append("reserve")


# --- storing ------------------------------------------------------------------------------


def _headers(lines: list[PlanLine]) -> Iterator[bytes]:
    for line in lines:
        shown = (
            f"{line.product.code}:{line.last_year_cartons}:{line.forecast_cartons}:"
            f"{line.node_factor}:{line.history_weight}:{line.supply_cap}:{line.total_cartons}:"
            f"{line.tier_cartons}:{line.released_cartons};"
        )
        yield shown.encode() + orjson.dumps(line.figures, option=orjson.OPT_SORT_KEYS)


def _inputs(basis: Basis, lines: list[PlanLine]) -> Iterator[bytes]:
    """The part of a plan's inputs that is not arrays; ``lines`` with their totals only."""
    yield PROGRAM.encode()
    yield orjson.dumps([basis.run is None, basis.params], option=orjson.OPT_SORT_KEYS)
    for line in lines:
        yield str(line.product_id).encode()
    yield from _headers(lines)


def _program() -> str:
    """Identifies the code that computes quotas: a new release computes every draft again."""
    here = Path(__file__).resolve().parent
    digest = hashlib.sha256(f"{np.__version__} {version('scipy')}".encode())
    for path in (
        *sorted((here.parent / "core").glob("*.py")),
        here.parent / "frames.py",
        here / "compute.py",
        here / "quotas.py",
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()


# Read when this process begins: what lies on the disk later is not what it computes with.
PROGRAM = _program()


def _store(
    basis: Basis,
    computed: Computed | None,
    inputs: str,
    business_date: dt.date,
    job: JobRun | None,
    assert_owner: Callable[[], None],
) -> Plan:
    """Write the plan; ``computed`` is None where its inputs are those of what is stored."""
    plan = basis.plan
    result = _result(basis, computed) if computed else {}
    with transaction.atomic():
        assert_owner()
        won = Plan.objects.filter(pk=plan.pk, status=PlanStatus.DRAFT).update(
            business_date=business_date,
            policies=basis.versions,
            tier_run=basis.run,
            job=job,
            computed_at=basis.read_at,
            inputs_hash=inputs,
            **result,
        )
        if won and computed and plan.result_hash != result["result_hash"]:
            _replace(basis, computed)
            faults.point("allocation-inside-write")
        plan.refresh_from_db()
        if won:
            tell_waiting(plan)
    return plan


def _result(basis: Basis, computed: Computed) -> dict[str, Any]:
    lines = computed.lines
    return {
        "result_hash": frames.plan_hash(
            _headers(lines), basis.members.counts, computed.tier_quotas, computed.blocks
        ),
        "products": len(lines),
        "retailers": len(basis.members.retailer_id),
        "total_cartons": sum(line.total_cartons for line in lines),
        "released_cartons": sum(line.released_cartons for line in lines),
        "warnings": _warnings(basis, computed),
    }


def _replace(basis: Basis, computed: Computed) -> None:
    plan = basis.plan
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {RetailerQuota._meta.db_table} WHERE plan_id = %s",  # noqa: S608
            [plan.pk],
        )
        cursor.execute(
            """DELETE FROM allocation_tierquota WHERE line_id IN
               (SELECT id FROM allocation_planline WHERE plan_id = %s)""",
            [plan.pk],
        )
        cursor.execute("DELETE FROM allocation_planline WHERE plan_id = %s", [plan.pk])
    lines = PlanLine.objects.bulk_create(computed.lines, batch_size=500)
    counts = basis.members.counts
    tiers = np.arange(len(counts), 0, -1, dtype=np.int64)
    if lines:
        frames.insert_tier_quotas(
            {
                "line_id": np.repeat(
                    np.array([line.pk for line in lines], dtype=np.int64), len(tiers)
                ),
                "tier": np.tile(tiers, len(lines)),
                "retailers": np.tile(counts, len(lines)),
                "cartons": np.concatenate(computed.tier_quotas),
            }
        )
    rows = frames.insert_quotas(plan.pk, basis.members, computed.blocks)
    Plan.objects.filter(pk=plan.pk).update(quota_rows=rows)


def _warnings(basis: Basis, computed: Computed) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if basis.run is None:
        found.append({"code": "no_tiers"})
    if basis.members.unclassified:
        found.append({"code": "unclassified", "retailers": basis.members.unclassified})
    reserve = sum(line.reserve_cartons for line in computed.lines)
    if reserve:
        found.append({"code": "reserve", "cartons": reserve})
    return found
