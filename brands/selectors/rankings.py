"""Who and what grew or shrank most in the last closed month, for the home page."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import working_company
from brands.models import MonthlySales, ProductMonth, RetailerMonth
from config.common import periods

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
    """Counties of the retailers this person sees, the largest change in cartons first."""
    wanted = user.scope.retailer_filter("retailer__")
    if wanted is None:
        return []
    rows = RetailerMonth.objects.filter(wanted, company=working_company(user))
    return _ranked(rows, "retailer__county", "retailer__county__name", period)


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
    return _ranked(rows, "product", "product__name", period)


def _ranked(rows: QuerySet[Any], key: str, name: str, period: int) -> list[Ranked]:
    before = periods.shift(period, -12)
    sums = (
        rows.filter(period__in=[period, before])
        .values(key, name)
        .annotate(
            now=Sum("cartons", filter=Q(period=period), default=0),
            then=Sum("cartons", filter=Q(period=before), default=0),
        )
    )
    found = [
        Ranked(row[key], row[name] or _("Not assigned"), row["now"], row["then"])
        for row in sums.order_by()
    ]
    return sorted(found, key=lambda one: (-one.difference, one.name))


def ends(ranked: list[Ranked], shown: int = SHOWN) -> tuple[list[Ranked], list[Ranked]]:
    """The first and the last of a ranking; nobody stands in both. The last one comes first."""
    half = max(len(ranked) // 2, 1)
    top = ranked[: min(shown, half)]
    rest = ranked[len(top) :]
    return top, rest[::-1][:shown]
