"""The stage ``segments`` of the night."""

import hashlib

from django.utils.translation import gettext as _

from config.common.jobs import JobContext, JobResult
from segmentation import frames
from segmentation.models import RunStatus, Scheme
from segmentation.services import (
    compute_scheme,
    load_history,
    refresh_life_cycle,
    refresh_recent_purchases,
)


def segments_stage(context: JobContext) -> JobResult:
    """Classify by every active scheme and say what moved; hold what is abnormal."""
    company_id = context.job.company_id
    if company_id is None:
        raise ValueError(f"job {context.job.key} has no company")
    schemes = list(Scheme.objects.filter(company_id=company_id, is_active=True).order_by("code"))
    population = frames.load_population(company_id)
    history = load_history(
        company_id=company_id,
        population=population,
        schemes=schemes,
        day=context.business_date,
    )
    digest = hashlib.sha256()
    summary: dict[str, object] = {"retailers": len(population.retailer_id)}
    holds = []
    for number, scheme in enumerate(schemes):
        context.progress(number, len(schemes) + 1, scheme.label)
        run = compute_scheme(
            scheme=scheme,
            population=population,
            history=history,
            business_date=context.business_date,
            job=context.job,
            assert_owner=context.assert_owner,
        )
        digest.update(f"{scheme.code}:{run.result_hash};".encode())
        moved = 0 if run.status == RunStatus.PUBLISHED else run.changed
        summary[scheme.code] = {"sizes": run.sizes, "changed": moved}
        if run.status == RunStatus.HELD:
            holds.append(f"{scheme.label}: {run.hold_reason}")
    context.progress(len(schemes), len(schemes) + 1, _("Life cycle"))
    summary["life_cycle"] = refresh_life_cycle(
        company_id=company_id,
        population=population,
        history=history,
        business_date=context.business_date,
        assert_owner=context.assert_owner,
    )
    summary["recent_purchases"] = refresh_recent_purchases(
        company_id=company_id,
        business_date=context.business_date,
        assert_owner=context.assert_owner,
    )
    return JobResult(summary=summary, result_hash=digest.hexdigest(), held=" ".join(holds))
