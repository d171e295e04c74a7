"""A company with two counties, lines and customer managers, for hand-overs."""

import datetime as dt
from dataclasses import dataclass

from accounts.models import Company, OrgUnit, User
from accounts.roles import Role
from accounts.services import create_company, ensure_unit
from customers.models import HandOver, Retailer
from customers.services import handover

TODAY = dt.date(2026, 11, 22)
DAY = dt.timedelta(days=1)


@dataclass
class Place:
    """Shops 0–5 are Ann's on line East/One (0–3) and East/Two (4, 5); 6 and 7 are Wu's in West."""

    company: Company
    one: OrgUnit
    two: OrgUnit
    west: OrgUnit
    planner: User
    approver: User
    county: User
    ann: User
    bob: User
    wu: User
    shops: list[Retailer]


def make_place(code: str = "p") -> Place:
    company = create_company(code=code, name=f"Company {code}")
    one = ensure_unit(company=company, names=["East", "Town", "One"])
    two = ensure_unit(company=company, names=["East", "Town", "Two"])
    west = ensure_unit(company=company, names=["West", "Hill", "Three"])
    assert one.parent is not None
    east = one.parent.parent

    def person(name: str, role: str, unit: OrgUnit | None = None) -> User:
        return User.objects.create_user(
            f"{code}-{name}", "x", role=role, company=company, unit=unit, display_name=name.title()
        )

    ann = person("ann", Role.CUSTOMER_MANAGER, east)
    bob = person("bob", Role.CUSTOMER_MANAGER, east)
    wu = person("wu", Role.CUSTOMER_MANAGER)
    place = Place(
        company, one, two, west,
        person("planner", Role.PLANNER), person("approver", Role.APPROVER),
        person("county", Role.COUNTY_MANAGER, east), ann, bob, wu, [],
    )  # fmt: skip
    for number in range(8):
        line = one if number < 4 else two if number < 6 else west
        place.shops.append(shop(place, number, line, wu if number > 5 else ann))
    return place


def shop(place: Place, number: int, line: OrgUnit, manager: User | None) -> Retailer:
    assert line.parent is not None
    return Retailer.objects.create(
        company=place.company, code=f"S{number:03d}", name=f"Shop {number}", line=line,
        department=line.parent, county=line.parent.parent, manager=manager, order_weekday=number % 5 + 1,
        recent_cartons=30 * (number + 1), latitude=30 + number / 100, longitude=113,
    )  # fmt: skip


def ask(place: Place, *shops: int, by: User | None = None, **words: object) -> HandOver:
    """A request for some shops to go to Bob tomorrow."""
    wanted = {
        "company": place.company,
        "retailer_ids": [place.shops[number].pk for number in shops],
        "to_manager": place.bob,
        "effective_on": TODAY + DAY,
        "reason": "Ann goes to another post",
        "today": TODAY,
        "by": by or place.county,
        **words,
    }
    return handover.request_hand_over(**wanted)
