"""The stage ``sales`` of the night."""

import hashlib

from brands.models import ProductMonth, SalesDay
from brands.services.sales import refresh_sales
from config.common import periods
from config.common.jobs import JobContext, JobResult


def sales_stage(context: JobContext) -> JobResult:
    """Refresh monthly sales from the orders touched since the last run."""
    company_id = context.job.company_id
    if company_id is None:
        raise ValueError(f"job {context.job.key} has no company")
    done = refresh_sales(
        company_id=company_id, progress=context.progress, assert_owner=context.assert_owner
    )
    return JobResult(
        summary={
            "periods": done.periods,
            "retailer_months": done.retailer_months,
            "lines": done.lines,
            "rows": done.rows,
        },
        result_hash=sales_hash(company_id, periods.period_of(context.business_date)),
    )


def sales_hash(company_id: int, until: int) -> str:
    """Identifies the sales up to a month by codes and figures, whatever the row numbers are."""
    digest = hashlib.sha256()
    products = (
        ProductMonth.objects.filter(company_id=company_id, period__lte=until)
        .order_by("period", "product__code")
        .values_list("period", "product__code", "retailers", "cartons", "amount_cents")
    )
    days = (
        SalesDay.objects.filter(company_id=company_id, period__lte=until)
        .order_by("ordered_on")
        .values_list("ordered_on", "orders", "cartons", "amount_cents")
    )
    for rows in (products, days):
        for row in rows.iterator():
            digest.update(";".join(map(str, row)).encode() + b"\n")
    return digest.hexdigest()
