"""What the planner and the approver of the demo do on the first morning."""

from dataclasses import dataclass

from accounts.models import Company, User
from allocation.models import Plan, PlanStatus
from allocation.services.plans import approve_plan, publish_plan
from config.common.errors import DomainError
from config.management.demo.organisation import user_name
from segmentation.models import RunStatus, SegmentationRun
from segmentation.services import publish_run


@dataclass(frozen=True)
class Published:
    """How many class runs were published, and the plan."""

    runs: int
    plan: Plan | None


def publish_first_morning(company: Company, period: int) -> Published:
    """Publish every proposal of classes, and approve and publish the month's plan.

    Done already, it changes nothing.

    Raises:
        DomainError: The company is not a demo company, or no night has run.
    """
    if not company.is_demo:
        raise DomainError(f"{company.name} is not a demo company.", code="not_demo")
    planner = User.objects.get(username=user_name(company, "planner"))
    approver = User.objects.get(username=user_name(company, "approver"))
    proposals = SegmentationRun.objects.filter(
        company=company, status__in=[RunStatus.COMPUTED, RunStatus.HELD]
    )
    runs = [publish_run(run=run, by=planner) for run in proposals]
    return Published(len(runs), _publish_plan(company, period, planner, approver))


def _publish_plan(company: Company, period: int, planner: User, approver: User) -> Plan | None:
    plans = Plan.objects.filter(company=company, period=period)
    if plans.filter(status=PlanStatus.PUBLISHED).exists():
        return None
    plan = plans.filter(status__in=[PlanStatus.DRAFT, PlanStatus.APPROVED]).first()
    if plan is None:
        raise DomainError("No draft of this month; run `manage.py nightly` first.", code="no_draft")
    if plan.status == PlanStatus.DRAFT:
        approve_plan(plan=plan, by=approver, seen_hash=plan.result_hash)
    return publish_plan(plan=plan, by=planner)
