"""A hand-over and a stand-in of the small city, made where a test wants one."""

import datetime as dt

from accounts.models import User
from accounts.roles import Role
from config.common.periods import business_today
from customers.models import HandOver, StandIn
from customers.services.handover import request_hand_over
from tests.factories import City, person


def colleague_of(city: City) -> User:
    """A second customer manager of the county East."""
    name = f"{city.company.code}-second"
    found = User.objects.filter(username=name).first()
    return found or person(city, "second", Role.CUSTOMER_MANAGER, unit=city.east)


def hand_over_of(city: City, **words) -> HandOver:
    """A request of the county's manager for the shop ``eastern``; the open one if there is one."""
    found = HandOver.objects.filter(company=city.company).first()
    if found is not None:
        return found
    today = business_today()
    wanted = {
        "company": city.company,
        "retailer_ids": [city.eastern.pk],
        "to_manager": colleague_of(city),
        "effective_on": today + dt.timedelta(days=1),
        "reason": "New areas from next month on",
        "today": today,
        "by": city.people[Role.COUNTY_MANAGER],
        **words,
    }
    return request_hand_over(**wanted)


def stand_in_of(city: City) -> StandIn:
    """The colleague stands in for the customer manager this week."""
    today = business_today()
    row, _made = StandIn.objects.get_or_create(
        company=city.company,
        absent=city.people[Role.CUSTOMER_MANAGER],
        stand_in=colleague_of(city),
        defaults={
            "from_on": today,
            "until_on": today + dt.timedelta(days=6),
            "reason": "Annual leave",
            "created_by": city.people[Role.COUNTY_MANAGER],
        },
    )
    return row
