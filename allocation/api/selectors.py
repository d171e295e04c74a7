"""Reads of the API about plans and their quotas."""

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import User
from allocation.models import Plan, PlanLine, PlanStatus, RetailerQuota, TierQuota
from config.common.errors import NotFoundError
from config.common.periods import period_text
from customers.models import Retailer

BINDING = (PlanStatus.PUBLISHED, PlanStatus.SUPERSEDED)


def list_plans(user: User, *, drafts: bool) -> QuerySet[Plan]:
    """Plans this caller sees; machines see none that binds nobody."""
    plans = Plan.objects.visible_to(user)
    return plans if drafts else plans.filter(status__in=BINDING)


def with_lines(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    """Plans with their lines, products and tier quotas, in three queries for any number."""
    lines = _with_tiers(PlanLine.objects.all())
    return plans.prefetch_related(Prefetch("lines", queryset=lines))


def find_retailer(user: User, code: str) -> Retailer:
    """The retailer with this code.

    Raises:
        NotFoundError: There is none, or not for this caller.
    """
    found = Retailer.objects.visible_to(user).filter(code=code).order_by("pk").first()
    if found is None:
        raise NotFoundError(
            _("There is no retailer %(code)s.") % {"code": code}, code="unknown_retailer"
        )
    return found


def nothing_published(period: int) -> NotFoundError:
    """The error when no plan binds a month."""
    return NotFoundError(
        _("No plan of %(month)s is published.") % {"month": period_text(period)},
        code="nothing_published",
    )


def quotas_of(plan_id: int, retailer: Retailer) -> list[RetailerQuota]:
    """The quotas of one retailer in a plan, by product code."""
    return list(
        RetailerQuota.objects.filter(plan_id=plan_id, retailer=retailer)
        .select_related("product")
        .order_by("product__code")
    )


def lines_by_product(plan_id: int) -> dict[int, PlanLine]:
    """The lines of a plan with their tier quotas, by product id."""
    lines = PlanLine.objects.filter(plan_id=plan_id)
    return {line.product_id: line for line in _with_tiers(lines)}


def _with_tiers(lines: QuerySet[PlanLine]) -> QuerySet[PlanLine]:
    tiers = Prefetch("tier_quotas", queryset=TierQuota.objects.order_by("tier"))
    return lines.select_related("product").prefetch_related(tiers).order_by("product__code")


# --- changes ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Position:
    """How far a reader of changes has come: a publication, and the last row of it that was given.

    Args:
        publication_no: 0 at the beginning.
        row: (retailer id, product id), or None when the whole publication was given.
    """

    publication_no: int = 0
    row: tuple[int, int] | None = None


@dataclass(frozen=True)
class Piece:
    """Rows of one publication: a page holds one or more of them."""

    plan: Plan
    quotas: list[dict[str, Any]]
    begins: bool
    complete: bool


def changes_after(user: User, position: Position, size: int) -> tuple[list[Piece], Position, bool]:
    """Quotas of publications after a position, at most ``size`` rows.

    Returns:
        The pieces, the position after them, and whether more is there already.
    """
    pieces: list[Piece] = []
    left = size
    for plan in _publications(user, position).iterator(chunk_size=20):
        if left == 0:
            return pieces, position, True
        after = position.row if plan.publication_no == position.publication_no else None
        rows = _rows(user, plan, after, left + 1)
        complete = len(rows) <= left
        rows = rows[:left]
        pieces.append(Piece(plan, rows, begins=after is None, complete=complete))
        number = plan.publication_no or 0
        if not complete:
            last = rows[-1]
            return pieces, Position(number, (last["retailer_id"], last["product_id"])), True
        position = Position(number)
        left -= len(rows)
    return pieces, position, False


def _publications(user: User, position: Position) -> QuerySet[Plan]:
    """Publications from a position on, oldest first, each with the plan that it replaced."""
    before = (
        Plan.objects.filter(
            company_id=OuterRef("company_id"),
            period=OuterRef("period"),
            publication_no__lt=OuterRef("publication_no"),
        )
        .order_by("-publication_no")
        .values("pk")[:1]
    )
    first = position.publication_no + (1 if position.row is None else 0)
    plans: QuerySet[Plan] = Plan.objects.visible_to(user)
    return (
        plans.filter(status__in=BINDING, publication_no__gte=first)
        .annotate(replaces=Subquery(before))
        .order_by("publication_no")
    )


def _rows(user: User, plan: Plan, after: tuple[int, int] | None, size: int) -> list[dict[str, Any]]:
    quotas = RetailerQuota.objects.filter(plan=plan)
    if not user.scope.whole_company:
        quotas = RetailerQuota.objects.visible_to(user).filter(plan=plan)
    if after is not None:
        retailer, product = after
        # Written so that the primary key (plan, retailer, product) is walked from this row on.
        quotas = quotas.filter(retailer_id__gte=retailer).exclude(
            retailer_id=retailer, product_id__lte=product
        )
    rows: Any = quotas.order_by("retailer_id", "product_id").values(
        "retailer_id", "product_id", "retailer__code", "product__code", "cartons"
    )[:size]
    return list(rows)
