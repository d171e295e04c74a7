"""A retailer beside the mean of its class: how much, how wide, how often, how dear, how it grows."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from accounts.models import User
from brands.models import RetailerMonth
from config.common import periods
from config.common.remember import remembered, sales_state
from config.common.units import CARTONS_PER_BOX
from customers.models import Retailer
from segmentation.models import Assignment, SchemeKind
from segmentation.selectors.classes import published_schemes

MONTHS = 3
# The class that people speak of first: A, B, C; tiers where there is no such scheme.
ORDER = (SchemeKind.ABC, SchemeKind.TIERS)


@dataclass(frozen=True)
class Profile:
    """Means per month of some closed months.

    Attributes:
        cartons: Net purchases.
        products: Different products bought.
        orders: Orders with at least one sale.
        yuan_per_box: Amount of 250 cartons; None without purchases.
        growth: Change on the same months of the year before; None without purchases then.
    """

    cartons: float
    products: float
    orders: float
    yuan_per_box: float | None
    growth: float | None


@dataclass(frozen=True)
class Beside:
    """A retailer and the mean of the retailers of its class.

    Attributes:
        scheme: Name of the scheme.
        class_code: The class.
        members: Retailers of the class.
        own: The retailer.
        mean: The mean of the class over the whole company, the retailer included.
        first: First month looked at, yyyymm.
        last: Last month looked at, yyyymm.
    """

    scheme: str
    class_code: str
    members: int
    own: Profile
    mean: Profile
    first: int
    last: int


def beside_class(user: User, retailer: Retailer, last: int) -> Beside | None:
    """The retailer beside its published class in the months up to ``last``; None without a class."""
    assignment = _assignment(user, retailer)
    if assignment is None:
        return None
    run, code = assignment.run, assignment.class_code
    members = int(run.sizes.get(code, 0)) or 1
    key = f"class-mean:{sales_state(run.company_id)}:{run.pk}:{run.result_hash[:12]}:{code}:{last}"
    of_class = Assignment.objects.filter(run=run, class_code=code).values("retailer_id")
    months = RetailerMonth.objects.filter(company=run.company_id)
    sums = remembered(key, lambda: _sums(months.filter(retailer__in=of_class), last))
    return Beside(
        run.scheme.label,
        code,
        members,
        _profile(_sums(months.filter(retailer=retailer), last), 1),
        _profile(sums, members),
        periods.shift(last, 1 - MONTHS),
        last,
    )


def _assignment(user: User, retailer: Retailer) -> Assignment | None:
    schemes = [
        scheme for scheme in published_schemes(user) if scheme.company_id == retailer.company_id
    ]
    runs = {scheme.published_run_id: ORDER.index(SchemeKind(scheme.kind)) for scheme in schemes}
    found = list(
        Assignment.objects.filter(run__in=list(runs), retailer=retailer).select_related(
            "run__scheme"
        )
    )
    return min(found, key=lambda one: runs[one.run_id], default=None)


def _sums(rows: QuerySet[RetailerMonth], last: int) -> dict[str, int]:
    now = periods.period_range(periods.shift(last, 1 - MONTHS), last)
    then = [periods.shift(month, -12) for month in now]
    wanted: dict[str, Any] = {
        name: Sum(F(name), filter=Q(period__in=now), default=0)
        for name in ("cartons", "products", "orders", "amount_cents")
    }
    found: dict[str, int] = rows.filter(period__in=[*now, *then]).aggregate(
        **{f"all_{name}": total for name, total in wanted.items()},
        all_then=Sum("cartons", filter=Q(period__in=then), default=0),
    )
    return found


def _profile(sums: dict[str, int], members: int) -> Profile:
    cartons, then = sums["all_cartons"], sums["all_then"]
    whole = members * MONTHS
    return Profile(
        cartons=cartons / whole,
        products=sums["all_products"] / whole,
        orders=sums["all_orders"] / whole,
        yuan_per_box=(
            sums["all_amount_cents"] / 100 / cartons * CARTONS_PER_BOX if cartons > 0 else None
        ),
        growth=cartons / then - 1 if then > 0 else None,
    )
