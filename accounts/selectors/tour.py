"""How far somebody is with the tour."""

from accounts.models import Preference, User
from accounts.selectors.tour_steps import steps_for

TOUR_KEY = "help.tour"


def ticked_steps(user: User) -> set[str]:
    """Codes of the steps this person has ticked."""
    value = (
        Preference.objects.filter(user=user, key=TOUR_KEY).values_list("value", flat=True).first()
    )
    return {str(code) for code in value} if isinstance(value, list) else set()


def steps_left(user: User) -> int:
    """How many steps are not ticked yet."""
    ticked = ticked_steps(user)
    return sum(step.code not in ticked for step, _places in steps_for(user))
