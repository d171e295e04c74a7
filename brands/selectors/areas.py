"""Sales by area and month: counties of a company, market departments of a county, lines of a department."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum

from accounts.models import OrgLevel, OrgUnit, User
from accounts.selectors import working_company
from brands.models import RetailerMonth
from config.common import periods
from config.common.remember import remembered, sales_state

SHOWN_MONTHS = 12
COLUMNS = {OrgLevel.COUNTY: "county", OrgLevel.DEPARTMENT: "department", OrgLevel.LINE: "line"}
BELOW = {"": OrgLevel.COUNTY, "county_id": OrgLevel.DEPARTMENT}


@dataclass(frozen=True)
class AreaMonths:
    """Net cartons of areas in consecutive months, and of the same months a year before.

    Attributes:
        level: What the areas are.
        months: yyyymm, oldest first.
        names: Of the areas, in the order of the organisation.
        cartons: A row per area, a figure per month; None where nothing is known of the month.
        year_before: The same, twelve months earlier.
    """

    level: OrgLevel
    months: list[int]
    names: list[str]
    cartons: list[list[int | None]]
    year_before: list[list[int | None]]

    @property
    def growth(self) -> list[list[float | None]]:
        """Change on the same month of the year before, as a fraction; None without a year before."""
        return [
            [_change(now, then) for now, then in zip(row, before, strict=True)]
            for row, before in zip(self.cartons, self.year_before, strict=True)
        ]


def _change(now: int | None, then: int | None) -> float | None:
    return None if now is None or then is None or then <= 0 else round(now / then - 1, 4)


def level_of(user: User) -> OrgLevel:
    """The areas somebody compares: one level below what they look after."""
    scope = user.scope
    if scope.manager_id is not None:
        return OrgLevel.LINE
    return BELOW.get(scope.unit_field, OrgLevel.LINE)


def area_months(user: User, last: int) -> AreaMonths:
    """Twelve months of the areas this person sees, up to and with ``last``, beside the year before.

    A retailer counts where it belongs today. The company's figures are remembered until the sales
    are computed anew.
    """
    company = working_company(user)
    level = level_of(user)
    months = periods.period_range(periods.shift(last, 1 - SHOWN_MONTHS), last)
    if company is None:
        return AreaMonths(level, months, [], [], [])
    state = sales_state(company.pk) if user.scope.whole_company else ""
    sums = (
        remembered(f"areas:{state}:{last}", lambda: _sums(user, company.pk, level, last))
        if state
        else _sums(user, company.pk, level, last)
    )
    names = _names(company.pk, level, set(sums))
    year_before = [periods.shift(month, -SHOWN_MONTHS) for month in months]
    return AreaMonths(
        level,
        months,
        list(names.values()),
        [[sums[area].get(month) for month in months] for area in names],
        [[sums[area].get(month) for month in year_before] for area in names],
    )


def _sums(user: User, company_id: int, level: OrgLevel, last: int) -> dict[int, dict[int, int]]:
    """Area id to month to cartons; id 0 holds retailers without an area."""
    first = periods.shift(last, 1 - 2 * SHOWN_MONTHS)
    column = f"retailer__{COLUMNS[level]}_id"
    rows: Any = (
        _months(user)
        .filter(company=company_id, period__range=(first, last))
        .values(column, "period")
        .annotate(all_cartons=Sum("cartons"))
        .values_list(column, "period", "all_cartons")
    )
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for area, period, cartons in rows:
        found[area or 0][period] = cartons
    return dict(found)


def _months(user: User) -> QuerySet[RetailerMonth]:
    wanted = user.scope.retailer_filter("retailer__")
    return RetailerMonth.objects.none() if wanted is None else RetailerMonth.objects.filter(wanted)


def _names(company_id: int, level: OrgLevel, ids: set[int]) -> dict[int, str]:
    """Names of the areas that have figures; those without one come last."""
    units = OrgUnit.objects.filter(company=company_id, level=level, pk__in=ids).order_by("code")
    found = dict(units.values_list("pk", "name"))
    return {**found, **({0: "–"} if 0 in ids else {})}
