"""Reads of hand-overs: what waits, what was moved, and who looked after a retailer when."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.models import AuditEvent, OrgLevel, OrgUnit, User
from accounts.roles import Role
from accounts.selectors import list_units, policy_as_of
from customers.core.handover import HandOverRules
from customers.models import HandOver, HandOverRetailer, HandOverStatus, Retailer, StandIn
from customers.selectors.stand_ins import in_force

POLICY = "customers.hand_over"
OPEN = (HandOverStatus.REQUESTED, HandOverStatus.APPROVED)


def rules_as_of(company_id: int, day: dt.date) -> HandOverRules:
    """Limits of hand-overs in force on a day; what a company has not set has its default."""
    version = policy_as_of(company_id, POLICY, day)
    given = version.params if version is not None else {}
    known = asdict(HandOverRules())
    return HandOverRules(**{name: int(given.get(name, value)) for name, value in known.items()})


# --- hand-overs ---------------------------------------------------------------------------


def list_hand_overs(user: User) -> QuerySet[HandOver]:
    """Hand-overs this person may see, with the names they show."""
    return HandOver.objects.visible_to(user).select_related(
        "from_manager", "to_manager", "to_line", "requested_by", "decided_by"
    )


def filter_hand_overs(rows: QuerySet[HandOver], wanted: dict[str, Any]) -> QuerySet[HandOver]:
    """Hand-overs by ``status`` and ``manager`` (who gives or gets)."""
    if wanted.get("status"):
        rows = rows.filter(status=wanted["status"])
    if wanted.get("manager"):
        manager = wanted["manager"]
        gives = HandOverRetailer.objects.filter(hand_over=OuterRef("pk"), manager_before=manager)
        rows = rows.filter(Q(to_manager=manager) | Q(from_manager=manager) | Exists(gives))
    return rows


def list_concerned(user: User) -> QuerySet[User]:
    """Who gives or gets retailers in the hand-overs that this person may see."""
    seen = HandOver.objects.visible_to(user)
    gives = HandOverRetailer.objects.filter(
        hand_over__in=seen.values("pk"), manager_before=OuterRef("pk")
    )
    gets = seen.filter(to_manager=OuterRef("pk"))
    return User.objects.filter(Exists(gives) | Exists(gets)).order_by("display_name", "pk")


def overdue(rows: QuerySet[HandOver], today: dt.date) -> QuerySet[HandOver]:
    """Approved hand-overs whose day has come and that nobody has carried out."""
    return rows.filter(status=HandOverStatus.APPROVED, effective_on__lte=today)


def rows_of(user: User, hand_over: HandOver) -> QuerySet[HandOverRetailer]:
    """Retailers of a hand-over, those this person may see, in the order of their codes."""
    return (
        HandOverRetailer.objects.visible_to(user)
        .filter(hand_over=hand_over)
        .select_related("retailer__line", "line_before", "manager_before")
    )


def seen_now(user: User, rows: list[HandOverRetailer]) -> set[int]:
    """Keys of those retailers whose page this person may open today."""
    keys = [row.retailer_id for row in rows]
    return set(Retailer.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))


def open_hand_overs_of(keys: list[int]) -> dict[int, int]:
    """Key of the retailer to key of the open hand-over it stands in."""
    rows = HandOverRetailer.objects.filter(retailer__in=keys, is_open=True)
    return dict(rows.values_list("retailer_id", "hand_over_id"))


# --- who may give and get -----------------------------------------------------------------


def list_sources(user: User) -> list[tuple[User, int]]:
    """Who looks after retailers that this person sees, each with their number; two queries."""
    numbers = _numbers(Retailer.objects.visible_to(user))
    people = User.objects.filter(pk__in=numbers).order_by("display_name", "pk")
    return [(person, numbers[person.pk]) for person in people]


def numbers_of_company(company_id: int) -> dict[int, int]:
    """Number of retailers by the key of the customer manager; one query for everybody."""
    return _numbers(Retailer.objects.filter(company=company_id))


def _numbers(retailers: QuerySet[Retailer]) -> dict[int, int]:
    # Counted once for all: counted for each of some hundred people, it takes ten times as long.
    counted = retailers.exclude(manager=None).order_by().values("manager")
    return dict(counted.annotate(number=Count("*")).values_list("manager", "number"))


def list_absentees(user: User, company_id: int) -> QuerySet[User]:
    """Customer managers of this person's area, also those who have left."""
    people = User.objects.filter(company=company_id, role=Role.CUSTOMER_MANAGER)
    return within(user, people).order_by("display_name", "pk")


def list_takers(user: User, company_id: int) -> QuerySet[User]:
    """Active customer managers to whom this person may give retailers."""
    people = User.objects.filter(company=company_id, role=Role.CUSTOMER_MANAGER, is_active=True)
    return within(user, people).order_by("display_name", "pk")


def within(user: User, people: QuerySet[User]) -> QuerySet[User]:
    """Those of some customer managers who belong to the unit that this person sees.

    Whoever has a unit belongs to it; whoever has none, to where their retailers are.
    """
    scope = user.scope
    if not scope.unit_field or user.unit is None:
        return people
    unit = user.unit
    own = Retailer.objects.filter(manager=OuterRef("pk"), **{scope.unit_field: unit.pk})
    inside = Q(unit=unit) | Q(unit__path__startswith=f"{unit.path}/", unit__company=unit.company_id)
    return people.filter(inside | (Q(unit=None) & Exists(own)))


def list_lines(user: User) -> QuerySet[OrgUnit]:
    """Lines of this person's branch."""
    return list_units(user).filter(level=OrgLevel.LINE)


def retailers_to_hand_over(
    user: User, *, manager: int | None = None, line: int | None = None, nobody: bool = False
) -> QuerySet[Retailer]:
    """Retailers of a manager or a line, or without a manager, that this person sees, by code."""
    rows = (
        Retailer.objects.visible_to(user).select_related("line", "manager").order_by("code", "pk")
    )
    if nobody:
        return rows.filter(manager=None)
    wanted: dict[str, int] = {}
    if manager:
        wanted["manager"] = manager
    if line:
        wanted["line"] = line
    return rows.filter(**wanted) if wanted else rows.none()


def pick_retailers(user: User, company_id: int, keys: list[int]) -> list[Retailer]:
    """Retailers with these keys that this person sees, by code."""
    seen = Retailer.objects.visible_to(user).filter(company=company_id, pk__in=keys)
    return list(seen.select_related("line", "manager").order_by("code", "pk"))


def company_of(user: User, keys: list[int]) -> int | None:
    """Whose retailers these are: the company of the first that this person sees."""
    seen = Retailer.objects.visible_to(user).filter(pk__in=keys)
    return seen.values_list("company_id", flat=True).first()


# --- who looked after a retailer ----------------------------------------------------------


@dataclass(frozen=True)
class Ownership:
    """A time during which somebody looked after a retailer.

    Attributes:
        manager: Name; empty for nobody.
        since: From when; None when it began before the records.
        until: Up to when; None when it still holds.
        reason: Why it passed to them.
        by: Who did it.
        hand_over: Key of the hand-over that did it, or None.
    """

    manager: str
    since: dt.datetime | None
    until: dt.datetime | None
    reason: str = ""
    by: str = ""
    hand_over: int | None = None


def ownership_of(retailer: Retailer, *, limit: int = 100) -> list[Ownership]:
    """Who looked after a retailer, from when to when and why; the latest first.

    Read from the audit trail, so that changes by hand and by files are in it, too.
    """
    events = AuditEvent.objects.filter(
        company=retailer.company_id,
        object_type="customers.retailer",
        object_id=str(retailer.pk),
        changes__has_key="manager",
    ).order_by("-at", "-pk")[:limit]
    now = str(retailer.manager or "")
    found: list[Ownership] = []
    until: dt.datetime | None = None
    earlier = now
    for event in events:
        earlier, manager = (str(name or "") for name in event.changes["manager"])
        found.append(
            Ownership(
                manager=manager if found else now,
                since=event.at,
                until=until,
                reason=event.reason,
                by=event.actor_label,
                hand_over=(event.changes.get("hand_over") or [None, None])[1],
            )
        )
        until = event.at
    if not found or earlier:
        found.append(Ownership(manager=earlier, since=None, until=until))
    return found


def stand_ins_of(retailer: Retailer, day: dt.date) -> list[StandIn]:
    """Who stands in for this retailer's customer manager on a day, or accompanies its hand-over."""
    if retailer.manager_id is None:
        return []
    accompanies = HandOverRetailer.objects.filter(
        hand_over=OuterRef("hand_over"),
        retailer=retailer,
        manager_before=OuterRef("stand_in"),
        moved_at__isnull=False,
    )
    rows = StandIn.objects.filter(in_force(day), absent=retailer.manager_id)
    return list(
        rows.filter(Q(hand_over=None) | Exists(accompanies))
        .select_related("stand_in")
        .order_by("from_on", "pk")
    )


def gave_away(manager: User, keys: list[int], since: dt.datetime) -> int:
    """How many of these retailers this manager has given away by a hand-over since a day."""
    rows = HandOverRetailer.objects.filter(
        manager_before=manager, retailer__in=keys, moved_at__gte=since
    )
    return (
        rows.exclude(hand_over__to_manager=F("manager_before"))
        .values("retailer")
        .distinct()
        .count()
    )
