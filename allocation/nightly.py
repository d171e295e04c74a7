"""The stages ``demand`` and ``allocation`` of the night."""

import hashlib

from allocation.models import Plan, PlanStatus
from allocation.services.compute import compute_plan, ensure_draft
from allocation.services.demand import compute_forecasts, open_periods
from config.common import periods
from config.common.jobs import JobContext, JobResult


def _company(context: JobContext) -> int:
    if context.job.company_id is None:
        raise ValueError(f"job {context.job.key} has no company")
    return context.job.company_id


def demand_stage(context: JobContext) -> JobResult:
    """Forecast every product for the months whose plans are open."""
    company_id = _company(context)
    wanted = open_periods(company_id=company_id, business_date=context.business_date)
    rows = compute_forecasts(
        company_id=company_id,
        business_date=context.business_date,
        wanted=wanted,
        progress=context.progress,
        assert_owner=context.assert_owner,
    )
    digest = hashlib.sha256()
    for row in rows:
        figures = (row.period, row.product.code, row.last_year_cartons, row.forecast_cartons)
        digest.update(repr(figures).encode())
    errors = [row.backtest_error for row in rows if row.backtest_error is not None]
    return JobResult(
        summary={
            "months": [periods.period_text(period) for period in wanted],
            "forecasts": len(rows),
            "cartons": sum(row.forecast_cartons for row in rows),
            "backtest_error": sum(errors) / len(errors) if errors else None,
        },
        result_hash=digest.hexdigest(),
    )


def allocation_stage(context: JobContext) -> JobResult:
    """Compute the drafts of this month and the next; never touch what a person has approved."""
    company_id = _company(context)
    digest = hashlib.sha256()
    plans: list[Plan] = []
    for period in open_periods(company_id=company_id, business_date=context.business_date):
        draft = ensure_draft(company_id=company_id, period=period)
        if draft is None:  # approved while the night was at work
            continue
        plans.append(
            compute_plan(
                plan=draft,
                business_date=context.business_date,
                job=context.job,
                progress=context.progress,
                assert_owner=context.assert_owner,
            )
        )
    for plan in plans:
        digest.update(f"{plan.period}:{plan.result_hash};".encode())
    return JobResult(
        summary={
            "plans": [
                {
                    "id": plan.pk,
                    "month": periods.period_text(plan.period),
                    "version": plan.version,
                    "products": plan.products,
                    "total_cartons": plan.total_cartons,
                    "released_cartons": plan.released_cartons,
                    "quotas": plan.quota_rows,
                    "open": plan.status == PlanStatus.DRAFT,
                }
                for plan in plans
            ],
            "quotas": sum(plan.quota_rows for plan in plans),
        },
        result_hash=digest.hexdigest(),
    )
