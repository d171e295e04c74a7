"""What a hand-over would do: which retailers move, the workload before and after, what to think of."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Company, OrgLevel, OrgUnit, User
from config.common.errors import ConflictError, DomainError, NotFoundError
from config.common.periods import first_day, period_of, shift
from customers.core.handover import HandOverRules
from customers.models import Retailer, RetailerStatus, StandIn
from customers.selectors import handover as reads
from customers.selectors import workload
from customers.selectors.stand_ins import not_over
from customers.services.retailers import unit_fields

MOST_AT_ONCE = 2_000
DAYS_AHEAD = 366


@dataclass(frozen=True)
class Terms:
    """To whom, into which line, from when, and how long the one before goes along."""

    to_manager: User
    to_line: OrgUnit | None
    effective_on: dt.date
    accompany_until: dt.date | None


@dataclass(frozen=True)
class Proposal:
    """What a hand-over on these terms would do.

    Attributes:
        moving: The retailers that would change, by code.
        figures: As ``HandOver.figures`` stores them: ``as_of``, ``managers`` (workload of everybody
            concerned before and after, who gets the retailers last), ``work`` (what moves along, by
            kind) and ``warnings`` (code and figures).
    """

    moving: list[Retailer]
    figures: dict[str, Any]


def propose(
    *, company: Company, retailer_ids: Iterable[int], terms: Terms, today: dt.date, by: User
) -> Proposal:
    """What would happen, without writing anything.

    Raises:
        NotFoundError: A retailer that this person does not see.
        ConflictError: A retailer stands in another open hand-over.
        DomainError: The terms are not possible; the message says which and why.
    """
    rules = reads.rules_as_of(company.pk, today)
    _check_terms(company, terms, rules, today, by)
    chosen = _chosen(company, set(retailer_ids), by)
    moving = [retailer for retailer in chosen if _changes(retailer, terms)]
    if not moving:
        raise DomainError(
            _("All these retailers are with %(name)s already.") % {"name": terms.to_manager},
            code="nothing_to_move",
        )
    _refuse_open(moving)
    keys = [retailer.pk for retailer in moving]
    owners = sorted({retailer.manager_id or workload.NOBODY for retailer in moving})
    loads = workload.workloads(keys, owners, terms.to_manager.pk)
    figures = {
        "as_of": today.isoformat(),
        "managers": _managers(moving, loads, terms.to_manager),
        "work": workload.open_work(keys),
        "warnings": _Warnings(moving, terms, rules, today).of(
            loads[terms.to_manager.pk]["after"], left_out=len(chosen) - len(moving)
        ),
    }
    return Proposal(moving, figures)


def _check_terms(
    company: Company, terms: Terms, rules: HandOverRules, today: dt.date, by: User
) -> None:
    if not reads.list_takers(by, company.pk).filter(pk=terms.to_manager.pk).exists():
        raise DomainError(
            _("%(name)s is not an active customer manager of your area.")
            % {"name": terms.to_manager},
            code="not_a_manager",
        )
    lines: QuerySet[OrgUnit] = reads.list_lines(by).filter(company=company)
    if terms.to_line is not None and not lines.filter(pk=terms.to_line.pk).exists():
        raise DomainError(
            _("%(line)s is not a line of your area.") % {"line": terms.to_line}, code="unknown_line"
        )
    if terms.effective_on < today:
        raise DomainError(
            _("A hand-over cannot begin in the past: %(day)s.") % {"day": terms.effective_on},
            code="date_past",
        )
    if terms.effective_on > today + dt.timedelta(days=DAYS_AHEAD):
        raise DomainError(
            _("A hand-over begins within a year: %(day)s is too late.")
            % {"day": terms.effective_on},
            code="date_far",
        )
    _check_proxy(terms, rules)


def _check_proxy(terms: Terms, rules: HandOverRules) -> None:
    until = terms.accompany_until
    if until is None:
        return
    if until < terms.effective_on:
        raise DomainError(
            _("The one before accompanies from the first day on; %(day)s lies before it.")
            % {"day": until},
            code="proxy_before",
        )
    if (until - terms.effective_on).days > rules.accompany_days:
        raise DomainError(
            _("The one before accompanies for at most %(days)d days.")
            % {"days": rules.accompany_days},
            code="proxy_long",
        )


def _chosen(company: Company, keys: set[int], by: User) -> list[Retailer]:
    if not keys:
        raise DomainError(_("No retailer is chosen."), code="no_retailers")
    if len(keys) > MOST_AT_ONCE:
        raise DomainError(
            _("At most %(most)d retailers are handed over at once; make several hand-overs.")
            % {"most": MOST_AT_ONCE},
            code="too_many",
        )
    found = reads.pick_retailers(by, company.pk, sorted(keys))
    if len(found) != len(keys):
        raise NotFoundError(
            _("%(number)d of the chosen retailers do not exist, or are not yours to hand over.")
            % {"number": len(keys) - len(found)},
            code="unknown_retailer",
        )
    return found


def _changes(retailer: Retailer, terms: Terms) -> bool:
    other_line = terms.to_line is not None and retailer.line_id != terms.to_line.pk
    return retailer.manager_id != terms.to_manager.pk or other_line


def _refuse_open(moving: Sequence[Retailer]) -> None:
    open_in = reads.open_hand_overs_of([retailer.pk for retailer in moving])
    if not open_in:
        return
    codes = [retailer.code for retailer in moving if retailer.pk in open_in]
    raise already_open(codes)


def already_open(codes: Sequence[str]) -> ConflictError:
    """The error for retailers that stand in another open hand-over."""
    shown = ", ".join(codes[:5]) + ("…" if len(codes) > 5 else "")
    return ConflictError(
        _(
            "These retailers stand in another open hand-over; decide or withdraw that one first: %(codes)s"
        )
        % {"codes": shown},
        code="in_hand_over",
        extra={"codes": list(codes[:50])},
    )


def _managers(
    moving: Sequence[Retailer], loads: dict[int, dict[str, Any]], to_manager: User
) -> list[dict[str, Any]]:
    names = {retailer.manager_id: str(retailer.manager) for retailer in moving if retailer.manager}
    names.pop(to_manager.pk, None)
    sides = [*((pk, name, "from") for pk, name in names.items())]
    sides.append((to_manager.pk, str(to_manager), "to"))
    return [
        {"id": pk, "name": name, "side": side, **loads[pk]}
        for pk, name, side in sides
        if pk in loads
    ]


class _Warnings:
    """What a person should think of before the hand-over is sent or approved."""

    def __init__(
        self, moving: Sequence[Retailer], terms: Terms, rules: HandOverRules, today: dt.date
    ) -> None:
        self._moving = moving
        self._terms = terms
        self._rules = rules
        self._today = today

    def of(self, after: dict[str, Any], *, left_out: int) -> list[dict[str, Any]]:
        """Codes with their figures, in the order in which they are read."""
        return [
            *self._load(after),
            *self._line_weekday(),
            *self._places(),
            *self._absence(),
            *self._numbers(left_out),
        ]

    def _load(self, after: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        most = self._rules.most_retailers
        if after["retailers"] > most:
            found.append({"code": "many", "retailers": after["retailers"], "most": most})
        moved = {str(retailer.order_weekday) for retailer in self._moving}
        limit = self._rules.most_per_weekday
        found += [
            {"code": "weekday_full", "weekday": int(day), "retailers": number, "most": limit}
            for day, number in sorted(after["weekdays"].items())
            if day in moved and number > limit
        ]
        return found

    def _line_weekday(self) -> list[dict[str, Any]]:
        """A line is one round: its retailers order on one day."""
        line = self._terms.to_line
        if line is None:
            return []
        there = Retailer.objects.filter(line=line, order_weekday__isnull=False)
        days = Counter(there.values_list("order_weekday", flat=True))
        if not days:
            return []
        usual = days.most_common(1)[0][0]
        others = sum(1 for one in self._moving if one.order_weekday not in (None, usual))
        if not others:
            return []
        return [{"code": "line_weekday", "weekday": usual, "retailers": others}]

    def _places(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        unknown = sum(1 for one in self._moving if one.latitude is None)
        if unknown:
            found.append({"code": "not_located", "retailers": unknown, "of": len(self._moving)})
        other = self._in_other_county()
        if other:
            found.append({"code": "other_county", "retailers": other})
        return found

    def _in_other_county(self) -> int:
        """How many would be in another county than the new manager."""
        county = self._county()
        if county is None:
            return 0
        line = self._terms.to_line
        if line is not None:
            into = unit_fields(line)["county"]
            return 0 if into is None or into.pk == county else len(self._moving)
        return sum(1 for one in self._moving if one.county_id not in (None, county))

    def _county(self) -> int | None:
        """Where the new manager belongs: the county of their unit, or of most of their retailers."""
        unit = self._terms.to_manager.unit
        while unit is not None and unit.level != OrgLevel.COUNTY:
            unit = unit.parent
        if unit is not None:
            return unit.pk
        own = Retailer.objects.filter(manager=self._terms.to_manager, county__isnull=False)
        counted = Counter(own.values_list("county_id", flat=True))
        return counted.most_common(1)[0][0] if counted else None

    def _absence(self) -> list[dict[str, Any]]:
        first = self._terms.effective_on
        away = StandIn.objects.filter(
            not_over(first), absent=self._terms.to_manager, hand_over=None, from_on__lte=first
        ).first()
        if away is None:
            return []
        until = away.until_on.isoformat()
        return [{"code": "absent", "name": str(away.stand_in), "until": until}]

    def _numbers(self, left_out: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        months = self._rules.not_back_months
        since = timezone.make_aware(
            dt.datetime.combine(first_day(shift(period_of(self._today), -months)), dt.time())
        )
        keys = [retailer.pk for retailer in self._moving]
        back = reads.gave_away(self._terms.to_manager, keys, since)
        if back:
            found.append({"code": "not_back", "retailers": back, "months": months})
        closed = sum(1 for one in self._moving if one.status == RetailerStatus.CLOSED)
        if closed:
            found.append({"code": "closed", "retailers": closed})
        if left_out:
            found.append({"code": "left_out", "retailers": left_out})
        return found
