"""Who stands in for whom."""

import datetime as dt

from django.db.models import F, Q, QuerySet

from accounts.models import StandsIn, User
from config.common.periods import business_today
from customers.models import HandOverRetailer, StandIn


def what_stands_in_adds(user: User) -> StandsIn:
    """What a customer manager sees besides their own retailers today (``accounts.on_stand_in``).

    The day is today's: a scope is always about who asks now.
    """
    now = StandIn.objects.filter(in_force(business_today()), stand_in=user, company=user.company_id)
    rows: list[tuple[int, int | None]] = list(now.values_list("absent_id", "hand_over_id"))
    colleagues = sorted({absent for absent, hand_over in rows if hand_over is None})
    accompanied = [hand_over for _absent, hand_over in rows if hand_over is not None]
    return StandsIn(tuple(colleagues), _accompanied(user, accompanied) if accompanied else None)


def _accompanied(user: User, hand_overs: list[int]) -> QuerySet[HandOverRetailer, int]:
    """Retailers that this person gave away and that are still with who took them over."""
    return HandOverRetailer.objects.filter(
        hand_over__in=hand_overs,
        manager_before=user,
        moved_at__isnull=False,
        retailer__manager=F("hand_over__to_manager"),
    ).values_list("retailer_id", flat=True)


def list_stand_ins(user: User) -> QuerySet[StandIn]:
    """Stand-ins this person may see, with the names they show."""
    return StandIn.objects.visible_to(user).select_related(
        "absent", "stand_in", "created_by", "hand_over"
    )


def not_over(day: dt.date) -> Q:
    """Stand-ins that hold on this day or will."""
    return Q(ended_at=None, until_on__gte=day)


def in_force(day: dt.date) -> Q:
    """Stand-ins that hold on this day."""
    return not_over(day) & Q(from_on__lte=day)
