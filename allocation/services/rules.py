"""Rules of allocation: defaults of a new company, node factors, agreed supply."""

import datetime as dt
from decimal import Decimal
from typing import Any

import holidays
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Company, PolicyVersion, User
from accounts.selectors import policy_as_of
from accounts.services import record
from allocation.core.defaults import POLICIES
from allocation.core.festivals import FestivalFactor, festival_factor
from allocation.models import NodeFactor, Plan, PlanStatus, SupplyCap
from brands.models import PriceClass, Product
from config.common import locks, periods
from config.common.errors import ConflictError, DomainError

FIRST_DAY = dt.date(2000, 1, 1)
FESTIVAL_NAMES = {
    "spring_festival": "Chinese New Year (Spring Festival)",
    "mid_autumn": "Mid-Autumn Festival",
    "national_day": "National Day",
}


def create_default_policies(company: Company) -> None:
    """The rules that every company starts with; a person changes them by new versions."""
    PolicyVersion.objects.bulk_create(
        PolicyVersion(
            company=company, code=code, version=1, effective_from=FIRST_DAY, params=params
        )
        for code, params in POLICIES.items()
    )


def params_as_of(company_id: int, code: str, day: dt.date) -> tuple[dict[str, Any], int]:
    """Parameters of a rule in force on a day, and their version.

    Raises:
        DomainError: The company has no such rule.
    """
    version = policy_as_of(company_id, code, day)
    if version is None:
        raise DomainError(
            _("The rule %(code)s has no version for %(day)s.") % {"code": code, "day": day},
            code="no_policy",
        )
    return {**POLICIES[code], **version.params}, version.version


def hold_rules(company_id: int) -> None:
    """One at a time: changing a month's rules, reading them for a computation, approving its plan."""
    locks.hold("plan-rules", company_id)


# --- node factors -------------------------------------------------------------------------


def festival_dates(years: range) -> dict[str, list[dt.date]]:
    """First day of each festival in these years, from the library's lunar calendar."""
    calendar = holidays.country_holidays("CN", years=years, language="en_US")
    found: dict[str, list[dt.date]] = {code: [] for code in FESTIVAL_NAMES}
    for code, name in FESTIVAL_NAMES.items():
        by_year: dict[int, dt.date] = {}
        for day, text in calendar.items():
            if name in text and "observed" not in text:
                by_year[day.year] = min(day, by_year.get(day.year, day))
        found[code] = sorted(by_year.values())
    return found


def computed_factor(company_id: int, period: int, price_class: PriceClass) -> FestivalFactor:
    """The node factor that the festival calendar suggests for a month and price class."""
    params, _version = params_as_of(company_id, "demand.festivals", periods.first_day(period))
    year = period // 100
    scale = Decimal(params["class_factor"].get(price_class.code, "1"))
    uplift = {name: Decimal(value) * scale for name, value in params["uplift"].items()}
    return festival_factor(
        period,
        festival_dates(range(year - 2, year + 3)),
        uplift=uplift,
        window_days=int(params["window_days"]),
    )


def ensure_node_factors(company_id: int, period: int) -> dict[int, NodeFactor]:
    """The newest node factor per price class, made from the calendar where there is none yet."""
    found = newest_node_factors(company_id, period)
    for price_class in PriceClass.objects.all():
        if price_class.pk in found:
            continue
        computed = computed_factor(company_id, period, price_class)
        reason = "; ".join(
            f"{reason.name} {reason.day} ({reason.days_in_month}/{reason.window_days})"
            for reason in computed.reasons
        )
        found[price_class.pk] = NodeFactor.objects.create(
            company_id=company_id,
            period=period,
            price_class=price_class,
            factor=computed.factor,
            reason=reason[:200],
        )
    return found


def newest_node_factors(company_id: int, period: int) -> dict[int, NodeFactor]:
    """Price class id to the newest version of its factor for a month."""
    rows = NodeFactor.objects.filter(company_id=company_id, period=period).order_by("version")
    return {row.price_class_id: row for row in rows}


def newest_supply_caps(company_id: int, period: int) -> dict[int, SupplyCap]:
    """Product id to the newest version of its agreed supply for a month."""
    rows = SupplyCap.objects.filter(company_id=company_id, period=period).order_by("version")
    return {row.product_id: row for row in rows}


def set_node_factor(
    *,
    company: Company,
    period: int,
    price_class: PriceClass,
    factor: Decimal,
    reason: str,
    by: User,
) -> NodeFactor:
    """Store a new version of a node factor; the next computation of the draft uses it.

    Raises:
        DomainError: The factor is not between 0.01 and 5, or no reason was given.
        ConflictError: The month has no draft to change.
    """
    if not Decimal("0.01") <= factor <= 5:
        raise DomainError(
            _("A node factor lies between 0.01 and 5 (25 %% more is 1.25); got %(factor)s.")
            % {"factor": factor},
            code="factor_range",
        )
    _require_reason(reason)
    versions = NodeFactor.objects.filter(company=company, period=period, price_class=price_class)
    with transaction.atomic():
        hold_rules(company.pk)
        _require_draft(company, period)
        newest = versions.order_by("-version").first()
        row = NodeFactor.objects.create(
            company=company,
            period=period,
            price_class=price_class,
            version=(newest.version if newest else 0) + 1,
            factor=factor,
            reason=reason.strip(),
            created_by=by,
        )
        record(
            action="node_factor.set",
            company_id=company.pk,
            by=by,
            obj=row,
            object_label=f"{periods.period_text(period)} {price_class.name}",
            changes={"factor": [str(newest.factor) if newest else None, str(factor)]},
            reason=reason,
        )
    return row


def set_supply_cap(
    *, company: Company, period: int, product: Product, cartons: int, reason: str, by: User
) -> SupplyCap:
    """Store a new version of the supply agreed for a product and month.

    Raises:
        DomainError: Negative cartons, or no reason was given.
        ConflictError: The month has no draft to change.
    """
    if cartons < 0:
        raise DomainError(
            _("Agreed supply cannot be negative; got %(cartons)d cartons.") % {"cartons": cartons},
            code="negative",
        )
    _require_reason(reason)
    versions = SupplyCap.objects.filter(company=company, period=period, product=product)
    with transaction.atomic():
        hold_rules(company.pk)
        _require_draft(company, period)
        newest = versions.order_by("-version").first()
        row = SupplyCap.objects.create(
            company=company,
            period=period,
            product=product,
            version=(newest.version if newest else 0) + 1,
            cartons=cartons,
            reason=reason.strip(),
            created_by=by,
        )
        record(
            action="supply_cap.set",
            company_id=company.pk,
            by=by,
            obj=row,
            object_label=f"{periods.period_text(period)} {product}",
            changes={"cartons": [newest.cartons if newest else None, cartons]},
            reason=reason,
        )
    return row


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise DomainError(
            _("Say why; the reason goes into the audit trail."), code="reason_missing"
        )


def _require_draft(company: Company, period: int) -> None:
    if not Plan.objects.filter(company=company, period=period, status=PlanStatus.DRAFT).exists():
        raise ConflictError(
            _("The plan of %(month)s is not a draft; reopen or revise it first.")
            % {"month": periods.period_text(period)},
            code="not_a_draft",
        )
