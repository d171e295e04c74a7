"""Who and what grew or shrank most in the last closed month, for the home page."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import OrgLevel, OrgUnit, User
from accounts.selectors import working_company
from brands.models import MonthlySales, Product, ProductMonth, RetailerMonth
from config.common import periods
from config.common.remember import remembered, sales_state

SHOWN = 5


@dataclass(frozen=True)
class Ranked:
    """A county or product with its sales of a month and of the same month a year before.

    Args:
        key: Primary key, for links; None for retailers without a county.
        name: As people call it.
        cartons: Net sales of the month.
        before: Net sales of the same month a year before.
    """

    key: int | None
    name: str
    cartons: int
    before: int

    @property
    def change(self) -> float | None:
        """Change against the year before as a fraction; None where there was nothing before."""
        return self.cartons / self.before - 1 if self.before > 0 else None

    @property
    def difference(self) -> int:
        """Change in cartons."""
        return self.cartons - self.before


def rank_counties(user: User, period: int) -> list[Ranked]:
    """Counties of the retailers this person sees, the largest change in cartons first.

    A retailer counts where it belongs today. The company's figures are remembered until the sales are
    computed anew.
    """
    wanted = user.scope.retailer_filter("retailer__")
    company = working_company(user)
    if wanted is None or company is None:
        return []
    rows = RetailerMonth.objects.filter(wanted, company=company)
    state = sales_state(company.pk) if user.scope.whole_company else ""
    sums = (
        remembered(f"counties:{state}:{period}", lambda: _sums(rows, "retailer__county", period))
        if state
        else _sums(rows, "retailer__county", period)
    )
    return _ranked(sums, OrgUnit.objects.filter(company=company, level=OrgLevel.COUNTY))


def rank_products(user: User, period: int) -> list[Ranked]:
    """Products, the largest change in cartons first; of the retailers this person sees."""
    company = working_company(user)
    if user.scope.whole_company:
        rows: Any = ProductMonth.objects.filter(company=company)
    else:
        wanted = user.scope.retailer_filter("retailer__")
        if wanted is None:
            return []
        rows = MonthlySales.objects.filter(wanted, company=company)
    return _ranked(_sums(rows, "product", period), Product.objects.all())


def _sums(rows: QuerySet[Any], key: str, period: int) -> list[tuple[int | None, int, int]]:
    """Key of a county or product, cartons of the month, and of the same month a year before."""
    before = periods.shift(period, -12)
    sums = (
        rows.filter(period__in=[period, before])
        .order_by()
        .values(key)
        .annotate(
            now=Sum("cartons", filter=Q(period=period), default=0),
            then=Sum("cartons", filter=Q(period=before), default=0),
        )
    )
    return list(sums.values_list(key, "now", "then"))


def _ranked(sums: list[tuple[int | None, int, int]], named: QuerySet[Any]) -> list[Ranked]:
    names = dict(named.order_by().values_list("pk", "name"))
    found = [Ranked(key, names.get(key) or _("Not assigned"), now, then) for key, now, then in sums]
    return sorted(found, key=lambda one: (-one.difference, one.name))


def ends(ranked: list[Ranked], shown: int = SHOWN) -> tuple[list[Ranked], list[Ranked]]:
    """The first and the last of a ranking; nobody stands in both. The last one comes first."""
    half = max(len(ranked) // 2, 1)
    top = ranked[: min(shown, half)]
    rest = ranked[len(top) :]
    return top, rest[::-1][:shown]
